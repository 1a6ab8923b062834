"""Draws a photo-like picture of a room, so that the demo has an image file of its own."""

from io import BytesIO

from PIL import Image, ImageDraw, ImageFilter

_SIZE = (960, 640)


def draw_kitchen() -> bytes:
    """A JPEG of oak cabinets under a window, the worktop still missing; the same bytes every time."""
    picture = Image.new("RGB", _SIZE, "#d9d4ca")
    draw = ImageDraw.Draw(picture)
    for y in range(430):  # daylight falls off from the window
        shade = 226 - y // 9
        draw.line((0, y, _SIZE[0], y), fill=(shade, shade - 4, shade - 13))
    draw.rectangle((0, 560, 960, 640), fill="#8f8478")
    _window(draw)
    for number in range(3):
        _door(draw, 40 + number * 118, 70, 108, 210)
        _door(draw, 40 + number * 118, 400, 108, 150)
    for number in range(4):
        _door(draw, 470 + number * 112, 400, 102, 150)
    draw.rectangle((30, 378, 924, 392), fill="#c9b28f")  # bare top of the cabinets
    draw.line((30, 392, 924, 392), fill="#7b6746", width=2)
    soft = picture.filter(ImageFilter.GaussianBlur(1.1))
    out = BytesIO()
    soft.save(out, "JPEG", quality=82)
    return out.getvalue()


def _window(draw: ImageDraw.ImageDraw) -> None:
    draw.rectangle((500, 70, 860, 310), fill="#f4f1ea")
    draw.rectangle((516, 86, 844, 294), fill="#cfe3ee")
    draw.polygon(((516, 294), (600, 214), (690, 262), (770, 196), (844, 250), (844, 294)), fill="#9db89c")
    draw.rectangle((674, 86, 686, 294), fill="#f4f1ea")


def _door(draw: ImageDraw.ImageDraw, left: int, top: int, width: int, height: int) -> None:
    right, bottom = left + width, top + height
    draw.rectangle((left, top, right, bottom), fill="#b9894f", outline="#7d5a30", width=2)
    draw.rectangle((left + 14, top + 14, right - 14, bottom - 14), fill="#c4965c", outline="#94703f", width=2)
    for grain in range(left + 20, right - 18, 7):
        draw.line((grain, top + 18, grain + (grain % 3) - 1, bottom - 18), fill="#b98b52")
    draw.rectangle((right - 11, top + height // 2 - 12, right - 7, top + height // 2 + 12), fill="#54504a")

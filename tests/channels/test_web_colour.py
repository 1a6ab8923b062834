"""The chat's colours: whatever a business chose can be read, on light paper and on dark."""

from itertools import product

from channels.pay.colour import Shade, contrast
from channels.web.colour import GROUNDS, look_of

STEPS = (0, 51, 102, 153, 204, 255)


def shade(css: str) -> Shade:
    red, green, blue = (int(part) for part in css.removeprefix("rgb(").removesuffix(")").split())
    return red, green, blue


def test_every_colour_is_made_readable() -> None:
    unreadable = []
    for red, green, blue in product(STEPS, repeat=3):
        look = look_of(f"#{red:02x}{green:02x}{blue:02x}")
        for scheme, ground in GROUNDS.items():
            fill, ink, text, soft = (shade(look[f"{scheme}-{name}"]) for name in ("fill", "ink", "text", "soft"))
            pairs = ((fill, ink), (text, soft), (text, ground.surface), (text, ground.paper))
            if any(contrast(*pair) < 4.5 for pair in pairs):
                unreadable.append((red, green, blue, scheme))
    assert unreadable == []


def test_readable_colour_is_kept_as_it_is() -> None:
    assert look_of("#2f5d50")["light-fill"] == "rgb(47 93 80)"


def test_no_colour_becomes_our_own() -> None:
    assert look_of("red; background: url(x)") == look_of("#2f5d50")

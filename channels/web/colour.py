"""A business's colour made fit to read in the chat: filled, as text and as a tint, on light and on dark paper."""

import re
from dataclasses import dataclass

from channels.pay.colour import FALLBACK, Shade, contrast

ENOUGH = 4.6  # a little over the 4.5 that WCAG asks, since colours are rounded
BLACK, WHITE = (0, 0, 0), (255, 255, 255)


@dataclass(frozen=True)
class Ground:
    """The neutral colours of a scheme, as in chat-look.js; `towards` is where an accent goes to become readable."""

    paper: Shade
    surface: Shade
    ink: Shade
    tint: float
    towards: Shade


GROUNDS = {
    "light": Ground((246, 244, 239), (255, 254, 252), WHITE, 0.12, BLACK),
    "dark": Ground((22, 21, 19), (31, 30, 27), (18, 17, 15), 0.34, WHITE),
}


def look_of(colour: str) -> dict[str, str]:
    """CSS colours by name ("light-fill", "dark-text", …) made of #rrggbb; of any other text, of our own colour.

    `ink` on `fill`, and `text` on paper, surface and `soft`, reach a contrast of 4.5:1.
    """
    own = _parse(colour)
    return {
        f"{scheme}-{name}": f"rgb({' '.join(map(str, shade))})"
        for scheme, ground in GROUNDS.items()
        for name, shade in _accents(own, ground).items()
    }


def _accents(own: Shade, ground: Ground) -> dict[str, Shade]:
    soft = _mix(ground.surface, own, ground.tint)
    return {
        "fill": _readable(own, (ground.ink, ground.surface), ground.towards),
        "ink": ground.ink,
        "text": _readable(own, (ground.paper, ground.surface, soft), ground.towards),
        "soft": soft,
    }


def _readable(colour: Shade, against: tuple[Shade, ...], towards: Shade) -> Shade:
    for step in range(25):
        tried = _mix(colour, towards, step / 25)
        if all(contrast(tried, ground) >= ENOUGH for ground in against):
            return tried
    return towards


def _mix(one: Shade, other: Shade, share: float) -> Shade:
    red, green, blue = (round(a * (1 - share) + b * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _parse(colour: str) -> Shade:
    known = colour if re.fullmatch(r"#[0-9a-fA-F]{6}", colour) else FALLBACK
    return int(known[1:3], 16), int(known[3:5], 16), int(known[5:7], 16)

"""The business's colour made fit to read: light and dark accents that keep a contrast of 4.5:1."""

import re
from dataclasses import dataclass

Shade = tuple[int, int, int]

FALLBACK = "#2f5d50"
PAPER, INK, WHITE = (0x22, 0x21, 0x1E), (0x14, 0x13, 0x11), (255, 255, 255)
ENOUGH = 4.5  # WCAG 2.2, 1.4.3


@dataclass(frozen=True)
class Accents:
    """Hex colours of the filled button: under white text on the light page, under ink on the dark one."""

    light: str
    dark: str


def accents_of(colour: str) -> Accents:
    """The accents of a business's colour (#rrggbb); of any other text, those of the product's own."""
    shade = _parse(colour if re.fullmatch(r"#[0-9a-fA-F]{6}", colour) else FALLBACK)
    light, dark = shade, shade
    while contrast(light, WHITE) < ENOUGH:
        light = _toward(light, (0, 0, 0))
    while min(contrast(dark, INK), contrast(dark, PAPER)) < ENOUGH:
        dark = _toward(dark, WHITE)
    return Accents(_write(light), _write(dark))


def contrast(one: Shade, other: Shade) -> float:
    """The contrast ratio of two colours, 1 to 21, as WCAG 2.2 defines it."""
    bright, dim = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def _luminance(shade: Shade) -> float:
    linear = [_linear(part / 255) for part in shade]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _toward(shade: Shade, goal: Shade) -> Shade:
    red, green, blue = (_step(part, end) for part, end in zip(shade, goal, strict=True))
    return red, green, blue


def _step(part: int, end: int) -> int:
    step = max(1, abs(end - part) // 12)
    return part + (step if end > part else -step if end < part else 0)


def _parse(colour: str) -> Shade:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _write(shade: Shade) -> str:
    return "#{:02x}{:02x}{:02x}".format(*shade)

"""A chart as a picture: quiet bars, names on the left, figures right-aligned, and no number but the rows' own texts."""

import io
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

INK, MUTED, PAPER, TRACK = "#22252a", "#5b626c", "#ffffff", "#eef0f2"
_WIDTH, _ROW, _HEAD = 7.2, 0.46, 0.75  # inches
_DPI = 150
_MOST_ROWS, _MOST_NAME = 24, 30
_LEFT, _RIGHT, _SHORTEST = 0.40, 0.78, 0.10  # where bars begin and end, as shares of the picture's width
_LETTER = 0.0125  # of a figure, as a share of the width


def shares_of(chart: Mapping[str, Any]) -> list[float]:
    """The bars' lengths, 0 to 1, one for each row; 0 where none is given."""
    said = str((chart.get("extra") or {}).get("shares", "")).split()
    found = [_share(each) for each in said]
    rows = chart.get("rows", ())
    return (found + [0.0] * len(rows))[: len(rows)]


def draw(chart: Mapping[str, Any], colour: str) -> bytes:
    """The chart as PNG. colour: the business's, #rrggbb. Blocks, and its first call imports matplotlib."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows = [(_short(str(label)), str(text)) for label, text in chart.get("rows", ())][:_MOST_ROWS]
    height = _HEAD + _ROW * max(len(rows), 1)
    figure = Figure(figsize=(_WIDTH, height), dpi=_DPI, facecolor=PAPER)
    canvas = FigureCanvasAgg(figure)
    _write(figure, 0.04, 1 - 0.36 / height, _short(str(chart.get("label", "")), 60), size=14, weight="bold")
    longest = max((len(text) for _, text in rows), default=0)
    ends = max(min(_RIGHT, 0.95 - longest * _LETTER), _LEFT + _SHORTEST)
    for place, ((label, text), share) in enumerate(zip(rows, shares_of(chart), strict=False)):
        middle = 1 - (_HEAD + _ROW * (place + 0.5)) / height
        _write(figure, 0.04, middle, label, size=11, colour=INK)
        _bar(figure, (middle, 0.17 / height), (share, ends), colour)
        _write(figure, 0.96, middle, text, size=11, align="right")
    made = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a letter that the bundled font lacks is shown as a box
        canvas.print_png(made)  # type: ignore[no-untyped-call]  # matplotlib leaves it untyped
    return made.getvalue()


def colour_or(said: str, instead: str = "#2f5d50") -> str:
    """A colour that matplotlib can draw."""
    digits = said.removeprefix("#")
    is_colour = said.startswith("#") and len(digits) == 6 and all(each in "0123456789abcdefABCDEF" for each in digits)
    return said if is_colour else instead


def _write(
    figure: Any, x: float, y: float, text: str, *, size: int, colour: str = INK, weight: str = "normal",
    align: str = "left",
) -> None:  # fmt: skip
    # parse_math: two dollar signs would otherwise make a formula of what stands between them.
    figure.text(x, y, text, fontsize=size, color=colour, weight=weight, ha=align, va="center", parse_math=False)


def _bar(figure: Any, place: tuple[float, float], reach: tuple[float, float], colour: str) -> None:
    from matplotlib.patches import Rectangle

    (middle, thick), (share, ends) = place, reach
    whole = ends - _LEFT
    for long, shade in ((whole, TRACK), (whole * share, colour_or(colour))):
        if long > 0:
            figure.add_artist(Rectangle((_LEFT, middle - thick / 2), long, thick, facecolor=shade, linewidth=0))


def _share(said: str) -> float:
    try:
        found = float(said)
    except ValueError:
        return 0.0
    return min(max(found, 0.0), 1.0) if found == found else 0.0  # noqa: PLR0124 - not a number is not itself


def _short(text: str, most: int = _MOST_NAME) -> str:
    said = " ".join(text.split())
    return f"{said[: most - 1]}…" if len(said) > most else said


def alternative(chart: Mapping[str, Any], most: int = 900) -> str:
    """The chart in words, for those who cannot see it: its title and rows."""
    rows: Sequence[Any] = chart.get("rows", ())
    lines = [str(chart.get("label", "")), *(f"{label}: {text}" for label, text in rows)]
    whole = "\n".join(line for line in lines if line)
    return whole if len(whole) <= most else whole[: whole.rfind("\n", 0, most)]

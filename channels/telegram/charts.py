"""Charts as pictures: rows of label and figure with bars, drawn without a screen, the same bytes each time."""

import io
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import isfinite
from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, SCALE = 7.2, 150  # inches, and pixels to the inch: 1,080 across, as phones show it
ROW, HEAD, FOOT = 0.42, 0.85, 0.3  # inches
MOST_ROWS, MOST_LABEL, MOST_TITLE, MOST_FIGURE = 14, 30, 46, 22
_LEFT, _BAR_FROM, _RIGHT = 0.04, 0.44, 0.96  # shares of the width
_A_SIGN = 0.0148  # how wide a sign of a figure is, at most on average
_FAMILY = "DejaVu Sans"
# matplotlib's font cache and text layout are not made for threads.
_ONE_AT_A_TIME = Lock()

Row = tuple[str, str]


@dataclass(frozen=True)
class Colours:
    """Quiet paper, in light or dark."""

    paper: str
    ink: str
    soft: str
    track: str
    bar: str


LIGHT = Colours("#fffefc", "#211f1b", "#625d54", "#f0ede6", "#2f5d50")
DARK = Colours("#1f1e1b", "#ede9e1", "#aca599", "#33302b", "#8fbeae")


def draw_chart(title: str, rows: Sequence[Row], shares: Sequence[float], *, dark: bool = False) -> bytes:
    """A PNG of the rows, each with a bar as long as its share (0 to 1). Rows beyond MOST_ROWS are counted in a line.

    The figures are the rows' own words: nothing is computed, and there are no numbers at an axis.
    """
    with _ONE_AT_A_TIME:
        return _draw(title, rows, shares, DARK if dark else LIGHT)


def _draw(title: str, rows: Sequence[Row], shares: Sequence[float], colours: Colours) -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    shown = list(rows[:MOST_ROWS])
    more = len(rows) - len(shown)
    lines = max(len(shown), 1) + (1 if more else 0)
    height = HEAD + lines * ROW + FOOT
    figure = Figure(figsize=(WIDTH, height), dpi=SCALE, facecolor=colours.paper)
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    axes.set_ylim(height, 0)  # inches from the top
    _write(axes, _LEFT, HEAD / 2, cut(title, MOST_TITLE), colours.ink, size=15, weight="bold")
    longest = max((min(len(text), MOST_FIGURE) for _, text in shown), default=0)
    bar_to = _RIGHT - 0.02 - longest * _A_SIGN
    for place, row in enumerate(shown):
        length = _length(shares[place]) if place < len(shares) else 0.0
        _row(axes, HEAD + (place + 0.5) * ROW, row, length * (bar_to - _BAR_FROM), bar_to - _BAR_FROM, colours)
    if more:
        _write(axes, _LEFT, HEAD + (lines - 0.5) * ROW, f"+ {more}", colours.soft, size=11)
    return _as_png(figure, canvas)


def shares_of(chart: Mapping[str, Any]) -> list[float]:
    """The bars' lengths of a chart as its message keeps it, one for each row; 0 where none can be read."""
    said = str((chart.get("extra") or {}).get("shares", "")).split()
    rows = chart.get("rows", ())
    return ([_read(each) for each in said] + [0.0] * len(rows))[: len(rows)]


def alternative(chart: Mapping[str, Any], most: int = 900) -> str:
    """The chart in words, for those who cannot see it: its title and rows."""
    lines = [str(chart.get("label", "")), *(f"{label}: {text}" for label, text in chart.get("rows", ()))]
    whole = "\n".join(line for line in lines if line)
    return whole if len(whole) <= most else whole[: whole.rfind("\n", 0, most)]


def _read(said: str) -> float:
    try:
        return _length(float(said))
    except ValueError:
        return 0.0


def _length(share: float) -> float:
    """A share as it can be drawn, whatever was given."""
    return min(max(share, 0.0), 1.0) if isfinite(share) else 0.0


def _row(axes: "Axes", middle: float, row: Row, bar: float, whole: float, colours: Colours) -> None:
    label, text = row
    _write(axes, _LEFT, middle, cut(label, MOST_LABEL), colours.ink, size=11.5)
    _write(axes, _RIGHT, middle, cut(text, MOST_FIGURE), colours.ink, size=11.5, to_the="right", weight="bold")
    seen = max(bar, 0.004) if bar else 0.0  # next to nothing is still seen
    for width, colour in ((whole, colours.track), (seen, colours.bar)):
        axes.barh(middle, width, ROW * 0.42, left=_BAR_FROM, color=colour, linewidth=0)


def _write(
    axes: "Axes", across: float, down: float, text: str, colour: str, *, size: float, to_the: Any = "left",
    weight: str = "normal",
) -> None:  # fmt: skip
    """Words as they are: a $ in them begins no formula."""
    axes.text(
        across, down, drawable(text), color=colour, fontsize=size, fontweight=weight, family=_FAMILY, ha=to_the,
        va="center_baseline", parse_math=False, clip_on=True,
    )  # fmt: skip


def cut(text: str, most: int) -> str:
    """At most so many characters of one line, the last one an ellipsis where it was longer."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def drawable(text: str) -> str:
    """The text with a box for what the shipped font does not have: emoji, signs that steer, rare scripts."""
    known = _characters()
    return "".join(
        sign if ord(sign) in known else "□"
        for sign in unicodedata.normalize("NFC", text)
        if unicodedata.category(sign) not in {"Cc", "Cf", "Cs", "Mn"} or ord(sign) in known
    )


@cache
def _characters() -> frozenset[int]:
    """What the font has in both weights."""
    from matplotlib.font_manager import FontProperties, findfont, get_font

    files = [findfont(FontProperties(family=_FAMILY, weight=weight)) for weight in ("normal", "bold")]
    normal, bold = (frozenset(get_font(file).get_charmap()) for file in files)
    return normal & bold


def _as_png(figure: "Figure", canvas: Any) -> bytes:
    """The picture in few colours, and with no word of what drew it."""
    from PIL import Image

    canvas.draw()
    picture = Image.frombytes("RGBA", canvas.get_width_height(), bytes(canvas.buffer_rgba())).convert("RGB")
    figure.clear()
    out = io.BytesIO()
    picture.quantize(64).save(out, "PNG", optimize=True)
    return out.getvalue()

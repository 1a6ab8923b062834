"""A measured figure beside its aim, percentiles, and the table they are printed in."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measured figure. limit: what it may reach at most; None where it is only told."""

    what: str
    value: float
    unit: str
    limit: float | None = None
    note: str = ""

    @property
    def is_met(self) -> bool:
        """Whether the aim is reached; always, where there is none."""
        return self.limit is None or self.value <= self.limit

    @property
    def shown(self) -> str:
        return _number(self.value, self.unit) + (f" ({self.note})" if self.note else "")

    @property
    def aim(self) -> str:
        """The aim, with a mark where it is missed."""
        if self.limit is None:
            return "–"
        return f"≤ {_number(self.limit, self.unit)}" + ("" if self.is_met else " **missed**")


def _number(value: float, unit: str) -> str:
    digits = 0 if abs(value) >= 100 or value == int(value) else 1 if abs(value) >= 10 else 2
    text = f"{value:,.{digits}f}"
    return f"{text}{unit}" if unit == "×" else f"{text} {unit}"


def percentile(values: Sequence[float], share: float) -> float:
    """The value under which `share` (0 to 1) of them lie: one of them, never between two."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def table(figures: Sequence[Figure]) -> str:
    """The figures as a Markdown table: what, figure, aim."""
    rows = [("what", "figure", "aim"), *((each.what, each.shown, each.aim) for each in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [f"| {' | '.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))} |" for row in rows]
    lines.insert(1, f"| {' | '.join('-' * width for width in widths)} |")
    return "\n".join(lines)

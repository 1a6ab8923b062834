"""Charts for staff: the figures of a report as rows with bars, from the very facts that its words are told from."""

from collections.abc import Mapping, Sequence
from typing import cast

from billing.money import Money
from bot.evidence import Fact
from bot.messages import Attachment, AttachmentKind
from bot.tools.facts import Data
from bot.wording import label

LEAST_ROWS = 2  # one bar alone shows nothing
Bar = tuple[str, object]  # what it is called, and its amount as a fact


def chart(title: str, bars: Sequence[Bar]) -> tuple[Attachment, ...]:
    """The chart of some amounts of one currency; none where there is nothing to compare."""
    rows = [(name, fact) for name, fact in bars if isinstance(fact, Fact) and isinstance(fact.value, Money)]
    minors = [abs(fact.value.minor) for _, fact in rows if isinstance(fact.value, Money)]
    longest = max(minors, default=0)
    if len(rows) < LEAST_ROWS or not longest:
        return ()
    shown = tuple((name, str(fact)) for name, fact in rows)
    shares = " ".join(f"{minor / longest:.3f}" for minor in minors)
    return (Attachment(AttachmentKind.CHART, title, rows=shown, extra={"shares": shares}),)


def balance_charts(language: str, data: Data) -> tuple[Attachment, ...]:
    """Who owes how much, a chart for each currency; of what is late only that, where the words tell only that."""
    late_only = bool(data["only_late"]) and not data["over_days"]
    figure = "overdue" if late_only else "owed"
    by_currency: dict[str, list[Bar]] = {}
    for row in _several(data["rows"]):
        if not late_only or row["is_late"]:
            name = str(row["name"]) or label(language, "chart_no_project")
            by_currency.setdefault(str(row["currency"]), []).append((name, row[figure]))
    return _each(label(language, "chart_late" if late_only else "chart_owed"), by_currency)


def aging_charts(language: str, data: Data, buckets: Sequence[str]) -> tuple[Attachment, ...]:
    """Open balances by how late they are, a chart for each currency."""
    edges = cast("list[Fact]", data["edges"])
    spans = [
        label(language, "chart_span", first=str(first), last=str(last))
        for first, last in zip(edges[::2], edges[1::2], strict=True)
    ]
    names = [label(language, "chart_current"), *spans, label(language, "chart_older", last=str(edges[-1]))]
    by_currency: dict[str, list[Bar]] = {}
    for row in _several(data["currencies"]):
        amounts = [row[bucket] for bucket in buckets]
        bars = [(name, each["amount"]) for name, each in zip(names, amounts, strict=True) if isinstance(each, Mapping)]
        by_currency[str(row["currency"])] = list(bars)
    return _each(label(language, "chart_aging"), by_currency)


def revenue_charts(language: str, data: Data) -> tuple[Attachment, ...]:
    """What was invoiced and what came in, a chart for each currency; what the words leave out is left out here."""
    by_currency: dict[str, list[Bar]] = {}
    for row in _several(data["currencies"]):
        names = ["invoiced", "credited", "received", "refunded", "taken_back", "kept"]
        told = [name for name in names if row[name] and (name != "kept" or row["gave_back"])]
        by_currency[str(row["currency"])] = [(label(language, f"chart_{name}"), row[name]) for name in told]
    return _each(label(language, "chart_revenue"), by_currency)


def _each(title: str, by_currency: Mapping[str, Sequence[Bar]]) -> tuple[Attachment, ...]:
    """A chart for each currency, named by it where there are several."""
    several = len(by_currency) > 1
    return tuple(
        drawn
        for currency, bars in by_currency.items()
        for drawn in chart(f"{title} ({currency})" if several else title, bars)
    )


def _several(rows: object) -> Sequence[Mapping[str, object]]:
    return cast("Sequence[Mapping[str, object]]", rows)

"""Opening hours: whether somebody is there now, and when next."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.evidence import FactKind, calculated
from bot.tools.context import BusinessCard, ToolContext
from bot.tools.facts import BUSINESS, Data

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
AHEAD = 8  # days looked ahead: a business that opens once a week is found


def opening_facts(context: ToolContext) -> Data:
    """Whether the business is open now, until when, or when it opens next; "" where hours are not on file."""
    spans = _spans(context.business, context.now)
    current = next((span for span in spans if span[0] <= context.now < span[1]), None)
    coming = next((span for span in spans if span[0] > context.now), None)
    data: Data = {"is_open": current is not None, "closes_at": "", "opens_at": "", "has_hours": bool(spans)}
    what, inputs = "opening hours of the business", (f"business:{context.business.id}.hours",)
    if current:
        data["closes_at"] = calculated(BUSINESS, "closes_at", FactKind.DATETIME, current[1], what=what, inputs=inputs)
    if coming:
        data["opens_at"] = calculated(BUSINESS, "opens_at", FactKind.DATETIME, coming[0], what=what, inputs=inputs)
    return data


def _spans(card: BusinessCard, now: datetime) -> list[tuple[datetime, datetime]]:
    zone = ZoneInfo(card.zone)
    first = now.astimezone(zone).date()
    return [
        (datetime.combine(day, opens, zone), datetime.combine(day, closes, zone))
        for day in (first + timedelta(days=ahead) for ahead in range(AHEAD))
        for opens, closes in _of_day(card, DAYS[day.weekday()])
    ]


def _of_day(card: BusinessCard, day: str) -> Iterator[tuple[time, time]]:
    times = list(card.hours.get(day) or ())
    for opens, closes in zip(times[::2], times[1::2], strict=False):
        yield time.fromisoformat(opens), time.fromisoformat(closes)

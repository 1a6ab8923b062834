"""What a turn costs, and where it ends."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from bot.spending import (
    DAY,
    Day,
    Days,
    Limits,
    Price,
    Spent,
    Usage,
    business_excess,
    daily_excess,
    usage_from_json,
    usage_to_json,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LIMITS = Limits(tokens=100, cost=1_000, daily_tokens=500, daily_cost=5_000)


def test_cost_counts_what_a_cache_gave_apart() -> None:
    price = Price(read=Decimal(3), written=Decimal(15), cached=Decimal("0.3"))
    assert price.of(Usage(read=1_000, cached=900, written=10)) == 3 * 100 + 270 + 150
    assert price.of(Usage(read=1, cached=1)) == 1, "a part of a micro-dollar is one"
    assert Price().of(Usage(read=10**9)) == 0


def test_turn_ends_at_its_limits() -> None:
    assert Spent(used=Usage(50, 0, 49)).excess(LIMITS) == ""
    assert Spent(used=Usage(50, 0, 50)).excess(LIMITS) == "token_limit"
    dear = Spent(used=Usage(10, 0, 1), price=Price(read=Decimal(100)))
    assert dear.excess(LIMITS) == "cost_limit"


def test_day_ends_at_its_limits() -> None:
    assert daily_excess(Day(400, 4_000), LIMITS) == ""
    assert daily_excess(Day(500, 4_000), LIMITS) == "daily_token_limit"
    assert daily_excess(Day(400, 5_000), LIMITS) == "daily_cost_limit"
    assert daily_excess(Day(), replace(LIMITS, daily_tokens=0)) == "daily_token_limit"


def test_usage_survives_the_journal() -> None:
    used = Usage(7, 3, 2)
    assert usage_from_json(usage_to_json(used)) == used
    assert used + used - used == used


def test_receipt_says_nothing_of_models_that_were_not_asked() -> None:
    assert Spent().to_json() == {}
    told = Spent(used=Usage(7, 3, 2), tried="openai:x", trouble="slow", calls=1).to_json()
    assert (told["tried"], told["trouble"], told["read"], told["written"]) == ("openai:x", "slow", 7, 2)


def test_business_has_a_day_of_its_own() -> None:
    limits = replace(LIMITS, daily_tokens=10, business_tokens=100, business_cost=50)
    assert business_excess(Day(90, 49), limits) == ""
    assert business_excess(Day(100, 49), limits) == "business_daily_token_limit"
    assert business_excess(Day(90, 50), limits) == "business_daily_cost_limit"


def test_day_is_read_once_a_minute_and_counts_what_was_begun_since() -> None:
    reads: list[datetime] = []

    async def read(since: datetime) -> tuple[int, int]:
        reads.append(since)
        return 350, 10

    async def story() -> None:
        days, spent = Days(), Spent(price=Price(read=Decimal(2)))
        assert daily_excess(await days.of("dana", NOON, read), LIMITS) == ""
        spent.add(Usage(40, 0, 10))
        days.note("dana", NOON, spent)
        days.note("marc", NOON, spent)  # whose day is not known: nothing is lost that the next reading will not have
        spent.add(Usage(60, 0, 40))
        later = NOON + timedelta(seconds=59)
        assert await days.of("dana", later, read) == Day(500, 210)
        assert daily_excess(await days.of("dana", later, read), LIMITS) == "daily_token_limit"
        assert daily_excess(await days.of("marc", later, read), LIMITS) == "", "everybody has a day of their own"
        minute = NOON + timedelta(minutes=1)
        assert daily_excess(await days.of("dana", minute, read), LIMITS) == "", "what is stored by now is read"
        assert reads == [NOON - DAY, later - DAY, minute - DAY]

    asyncio.run(story())

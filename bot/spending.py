"""What hosted models cost: limits of a turn and of a sender's day, and what was used of them so far."""

import time
from collections.abc import Awaitable, Callable, Hashable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Any

DAY = timedelta(hours=24)
COUNTED_EVERY = timedelta(minutes=1)
_MANY = 10_000  # days that are remembered at once


@dataclass(frozen=True)
class Price:
    """US dollars for a million tokens, which is micro-dollars for one: read, read from a cache, written."""

    read: Decimal = Decimal(0)
    written: Decimal = Decimal(0)
    cached: Decimal = Decimal(0)

    def of(self, used: "Usage") -> int:
        """What was used, in whole micro-dollars, rounded up."""
        fresh = max(0, used.read - used.cached)
        exact = fresh * self.read + used.cached * self.cached + used.written * self.written
        return int(exact.to_integral_value(ROUND_CEILING))


@dataclass(frozen=True)
class Limits:
    """How far a hosted model may go before the built-in one answers. Costs in micro-dollars.

    seconds: of a turn, from the first request on. silence: seconds without a sign of life before a request is
    given up. daily_…: of one person, business_…: of one business, in any 24 hours.
    """

    seconds: float = 20.0
    silence: float = 10.0
    model_calls: int = 6
    tool_calls: int = 8
    tokens: int = 60_000
    cost: int = 250_000
    daily_tokens: int = 1_000_000
    daily_cost: int = 2_000_000
    business_tokens: int = 20_000_000
    business_cost: int = 50_000_000


@dataclass(frozen=True)
class Usage:
    """Tokens of one answer or more: read (those from a cache among them), and written."""

    read: int = 0
    cached: int = 0
    written: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(self.read + other.read, self.cached + other.cached, self.written + other.written)

    def __sub__(self, other: "Usage") -> "Usage":
        return Usage(self.read - other.read, self.cached - other.cached, self.written - other.written)

    @property
    def tokens(self) -> int:
        """All of them."""
        return self.read + self.written


@dataclass
class Day:
    """What a day came to: tokens and micro-dollars."""

    tokens: int = 0
    cost: int = 0


@dataclass
class Spent:
    """What one turn has used so far. retries: requests that were made again. trouble: why the built-in model answered.

    tried: the hosted model that was asked first, whoever answered.
    """

    used: Usage = Usage()
    price: Price = Price()
    calls: int = 0
    retries: int = 0
    tried: str = ""
    trouble: str = ""
    is_repaired: bool = False
    _began: float | None = field(default=None, repr=False)
    _days: list[Day] = field(default_factory=list, repr=False)

    def left(self, limits: Limits) -> float:
        """Seconds that the turn's model still has; the first question starts the clock."""
        now = time.monotonic()
        self._began = now if self._began is None else self._began
        return limits.seconds - (now - self._began)

    def add(self, used: Usage) -> None:
        """Count one answer, in the days it is counted in too."""
        before = self.cost
        self.used += used
        self.calls += 1
        for day in self._days:
            day.tokens += used.tokens
            day.cost += self.cost - before

    def count_in(self, day: Day) -> None:
        """Add what was used, and what will be, to a day."""
        day.tokens += self.used.tokens
        day.cost += self.cost
        self._days.append(day)

    def excess(self, limits: Limits) -> str:
        """Which limit of a turn is reached, "" while none is."""
        if self.used.tokens >= limits.tokens:
            return "token_limit"
        return "cost_limit" if self.cost >= limits.cost else ""

    @property
    def cost(self) -> int:
        """In micro-dollars; 0 where no price is set."""
        return self.price.of(self.used)

    def to_json(self) -> dict[str, Any]:
        """For the receipt; nothing where no hosted model had a part."""
        if not self.tried:
            return {}
        told: dict[str, Any] = {
            "tried": self.tried,
            "calls": self.calls,
            "retries": self.retries,
            "read": self.used.read,
            "cached": self.used.cached,
            "written": self.used.written,
            "cost_micros": self.cost,
        }
        told |= {"trouble": self.trouble} if self.trouble else {}
        return told | ({"repaired": True} if self.is_repaired else {})


@dataclass
class Days:
    """What somebody's day came to, read once a minute, and what this process has spent of it since.

    What other processes spend, and what a turn spends that runs just while the day is read, is seen a minute later.
    """

    _read: dict[Hashable, tuple[datetime, Day]] = field(default_factory=dict)

    async def of(self, who: Hashable, now: datetime, read: Callable[[datetime], Awaitable[tuple[int, int]]]) -> Day:
        """A day, as far as it is known. read: tokens and micro-dollars of all turns since a moment."""
        known = self._known(who, now)
        if known is not None:
            return known
        if len(self._read) >= _MANY:
            self._read.clear()
        day = Day(*await read(now - DAY))
        self._read[who] = now, day
        return day

    def note(self, who: Hashable, now: datetime, spent: Spent) -> None:
        """A turn that begins now, whatever it will spend. A day that is to be read anew will have it without."""
        known = self._known(who, now)
        if known is not None:
            spent.count_in(known)

    def _known(self, who: Hashable, now: datetime) -> Day | None:
        at, day = self._read.get(who, (None, None))
        return day if at is not None and timedelta() <= now - at < COUNTED_EVERY else None


def daily_excess(day: Day, limits: Limits) -> str:
    """Which limit of one person a day reaches, "" when none."""
    return _excess(day, limits.daily_tokens, limits.daily_cost)


def business_excess(day: Day, limits: Limits) -> str:
    """Which limit of one business a day reaches, "" when none."""
    excess = _excess(day, limits.business_tokens, limits.business_cost)
    return f"business_{excess}" if excess else ""


def _excess(day: Day, tokens: int, cost: int) -> str:
    if day.tokens >= tokens:
        return "daily_token_limit"
    return "daily_cost_limit" if day.cost >= cost else ""


def usage_to_json(used: Usage) -> list[int]:
    """As the journal keeps it."""
    return [used.read, used.cached, used.written]


def usage_from_json(content: Iterable[int]) -> Usage:
    """The reverse of usage_to_json."""
    return Usage(*content)

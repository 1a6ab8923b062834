"""What hosted models cost: limits of a turn and of a sender's day, and what was used of them so far."""

import time
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
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

    def left(self, limits: Limits) -> float:
        """Seconds that the turn's model still has; the first question starts the clock."""
        now = time.monotonic()
        self._began = now if self._began is None else self._began
        return limits.seconds - (now - self._began)

    def add(self, used: Usage) -> None:
        """Count one answer."""
        self.used += used
        self.calls += 1

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


Receipts = Iterable[Mapping[str, Any]]


@dataclass
class Days:
    """What somebody's day came to, read once a minute, and what this process has spent of it since.

    What other processes spend, and what a turn spends that runs just while the day is read, is seen a minute later.
    """

    _read: dict[Hashable, tuple[datetime, int, int]] = field(default_factory=dict)
    _since: dict[Hashable, list[Spent]] = field(default_factory=dict)

    async def of(self, who: Hashable, now: datetime, read: Callable[[datetime], Awaitable[Receipts]]) -> Receipts:
        """Receipts of a day. read: Turn.timings of all turns since a moment."""
        if not self._is_known(who, now):
            if len(self._read) >= _MANY:
                self._read.clear()
                self._since.clear()
            self._since[who] = []
            self._read[who] = (now, *_sums(await read(now - DAY)))
        _, tokens, cost = self._read[who]
        own = [{"read": each.used.tokens, "cost_micros": each.cost} for each in self._since.get(who, ())]
        return [{"read": tokens, "cost_micros": cost}, *own]

    def note(self, who: Hashable, now: datetime, spent: Spent) -> None:
        """A turn that begins now, whatever it will spend. A day that is to be read anew will have it without."""
        if self._is_known(who, now):
            self._since.setdefault(who, []).append(spent)

    def _is_known(self, who: Hashable, now: datetime) -> bool:
        known = self._read.get(who)
        return known is not None and timedelta() <= now - known[0] < COUNTED_EVERY


def _sums(receipts: Receipts) -> tuple[int, int]:
    told = list(receipts)
    tokens = sum(each.get("read", 0) + each.get("written", 0) for each in told)
    return tokens, sum(each.get("cost_micros", 0) for each in told)


def daily_excess(receipts: Receipts, limits: Limits) -> str:
    """Which limit of a day the turns with these receipts reach, "" when none."""
    tokens, cost = _sums(receipts)
    if tokens >= limits.daily_tokens:
        return "daily_token_limit"
    return "daily_cost_limit" if cost >= limits.daily_cost else ""


def business_excess(receipts: Receipts, limits: Limits) -> str:
    """Which limit of a business's day the turns with these receipts reach, "" when none."""
    whole = replace(limits, daily_tokens=limits.business_tokens, daily_cost=limits.business_cost)
    excess = daily_excess(receipts, whole)
    return f"business_{excess}" if excess else ""


def usage_to_json(used: Usage) -> list[int]:
    """As the journal keeps it."""
    return [used.read, used.cached, used.written]


def usage_from_json(content: Iterable[int]) -> Usage:
    """The reverse of usage_to_json."""
    return Usage(*content)

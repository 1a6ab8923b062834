"""Money: whole minor units and a currency; the only place where amounts are added, split and shown."""

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from babel.numbers import format_currency
from moneyed import CurrencyDoesNotExist, get_currency


class CurrencyMismatchError(Exception):
    """Two amounts of different currencies were joined."""

    def __init__(self, left: str, right: str) -> None:
        super().__init__(f"cannot join {left} with {right}")
        self.left, self.right = left, right


class UnknownCurrencyError(ValueError):
    """A currency code that ISO 4217 does not list."""


@dataclass(frozen=True, order=False)
class Money:
    """An amount in whole minor units (cents; none for JPY, thousandths for KWD) of an ISO 4217 currency."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError(f"minor units are whole numbers, not {self.minor!r}")
        exponent(self.currency)

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        self._same(other)
        return self.minor < other.minor

    def __le__(self, other: "Money") -> bool:
        self._same(other)
        return self.minor <= other.minor

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise CurrencyMismatchError(self.currency, other.currency)

    @property
    def major(self) -> Decimal:
        """The amount in major units, exact."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))


def exponent(currency: str) -> int:
    """How many decimal places the currency has: 2 for USD, 0 for JPY. Source: ISO 4217 as py-moneyed has it."""
    try:
        sub_unit = get_currency(currency).sub_unit
    except CurrencyDoesNotExist as unknown:
        raise UnknownCurrencyError(f"{currency!r} is not an ISO 4217 currency code") from unknown
    return len(str(sub_unit)) - 1


def money_of_major(amount: Decimal, currency: str) -> Money:
    """Money of an amount in major units; a fraction of a minor unit is a ValueError, never rounded away."""
    minor = amount.scaleb(exponent(currency))
    if minor != minor.to_integral_value():
        raise ValueError(f"{amount} has more decimals than {currency}")
    return Money(int(minor), currency)


def share_of(minor: int, basis_points: int) -> int:
    """A share in hundredths of a percent, rounded half up away from zero, in minor units: tax and discount."""
    doubled = abs(minor) * basis_points * 2
    rounded = (doubled + 10_000) // 20_000
    return rounded if minor >= 0 else -rounded


@lru_cache(maxsize=4096)
def format_money(money: Money, locale: str) -> str:
    """The amount as people of `locale` (Babel form: en_US, fr_FR) write it: $1,840.00, 1 840,00 €."""
    return format_currency(money.major, money.currency, locale=locale)

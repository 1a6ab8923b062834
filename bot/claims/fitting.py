"""Whether a figure of a text can be a value of the evidence."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from billing.money import Money
from bot.claims.days import DaySaid
from bot.claims.figures import Figure, Reading
from bot.evidence import Fact, FactKind
from bot.showing import Reader

GIVEN_BACK = {"payment", "refund", "credit_note", "retainer", "allocation"}  # shown with a minus in a statement
DAYS_A_UNIT = {"day": 1, "week": 7}
GUIDE = "guide:"
MARKS = {
    "$": {"USD", "CAD", "AUD", "NZD", "HKD", "MXN", "SGD"}, "US$": {"USD"}, "$US": {"USD"}, "CA$": {"CAD"},
    "C$": {"CAD"}, "$CA": {"CAD"}, "AU$": {"AUD"}, "A$": {"AUD"}, "NZ$": {"NZD"}, "HK$": {"HKD"}, "MX$": {"MXN"},
    "S$": {"SGD"}, "R$": {"BRL"}, "€": {"EUR"}, "£": {"GBP"}, "¥": {"JPY", "CNY"}, "₹": {"INR"},
    "KR": {"SEK", "NOK", "DKK"},
    "ZŁ": {"PLN"}, "FR.": {"CHF"}, "₩": {"KRW"}, "₽": {"RUB"}, "₺": {"TRY"}, "฿": {"THB"}, "$MX": {"MXN"},
    "CENT": {"USD", "EUR", "CAD", "AUD", "MXN", "BRL"},
}  # fmt: skip


def fitting(figure: Figure, facts: Iterable[Fact], reader: Reader) -> list[Fact]:
    """The facts that the figure can be, in their order."""
    every = facts if isinstance(facts, list) else list(facts)
    if any(reading.kind == "half" for reading in figure.readings):
        return _halves(every)
    return [fact for fact in every if any(_fits(reading, figure, fact, reader) for reading in figure.readings)]


def _fits(reading: Reading, figure: Figure, fact: Fact, reader: Reader) -> bool:
    kind, value = fact.kind, fact.value
    if kind is FactKind.MONEY:
        return reading.kind == "money" and isinstance(value, Money) and _is_amount(reading, value, fact)
    if kind in {FactKind.DATE, FactKind.DATETIME}:
        return _is_moment(reading, value, reader)
    if kind is FactKind.COUNT:
        return (reading.kind == "number" or reading.unit == "day") and reading.value == value
    if kind is FactKind.DAYS and isinstance(value, int):
        return reading.kind == "span" and _days(reading) == abs(value)
    if kind is FactKind.PERCENT and isinstance(value, int):
        return reading.kind == "percent" and reading.value == Decimal(value) / 100
    return isinstance(value, str) and _is_words(reading, figure, fact, value)


def _is_amount(reading: Reading, value: Money, fact: Fact) -> bool:
    if reading.mark and value.currency not in MARKS.get(reading.mark.upper(), {reading.mark}):
        return False
    if not reading.signed:
        return value.major == reading.value
    is_given_back = fact.record.partition(":")[0] in GIVEN_BACK
    return -value.major == reading.value or (is_given_back and value.major == reading.value)


def _is_moment(reading: Reading, value: object, reader: Reader) -> bool:
    on = value.astimezone(ZoneInfo(reader.zone)) if isinstance(value, datetime) else value
    if isinstance(reading.value, DaySaid):
        day = on.date() if isinstance(on, datetime) else on
        return isinstance(day, date) and _is_day(reading.value, day, reader.today)
    if reading.kind == "span" and isinstance(on, date):
        day = on.date() if isinstance(on, datetime) else on
        return _days(reading) == abs((day - reader.today).days)
    return reading.kind == "time" and isinstance(on, datetime) and reading.value == (on.hour, on.minute)


def _is_day(said: DaySaid, day: date, today: date) -> bool:
    if said == DaySaid(year=said.year):
        return day.year == said.year
    return said.fits(day, today)


def _days(reading: Reading) -> Decimal | None:
    if reading.unit not in DAYS_A_UNIT or not isinstance(reading.value, Decimal):
        return None
    return reading.value * DAYS_A_UNIT[reading.unit]


def _is_words(reading: Reading, figure: Figure, fact: Fact, value: str) -> bool:
    said = reading.value
    match fact.kind:
        case FactKind.NUMBER:
            return reading.kind == "record" and isinstance(said, tuple) and _is_number(said, fact, value)
        case FactKind.LINK:
            return reading.kind == "link" and said == value.rstrip(".,;:!?)")
        case FactKind.EMAIL:
            return reading.kind == "email" and said == value.casefold()
        case FactKind.PHONE:
            return reading.kind == "phone" and _is_phone(str(said), value)
        case _:
            return _stands_in(reading, figure, fact, value)


def _is_number(said: tuple[str | int, ...], fact: Fact, value: str) -> bool:
    table, digits = str(said[0]), str(said[1])
    if table and fact.record and fact.record.partition(":")[0] != table:
        return False
    return value.casefold() == digits or (digits.isdigit() and re.sub(r"^\D*", "", value) == digits)


def _is_phone(said: str, value: str) -> bool:
    own = re.sub(r"\D", "", value)
    bare = said.removeprefix("00").lstrip("0")
    return own == bare or (len(bare) >= 7 and own.endswith(bare) and len(own) - len(bare) <= 3)


def _stands_in(reading: Reading, figure: Figure, fact: Fact, value: str) -> bool:
    """Plain numbers of a record's words, beside the same word: "6 oak doors". Amounts and contacts never are.

    What a record's text claims is no evidence of what it claims it about.
    """
    is_guide = fact.record.startswith(GUIDE)
    allowed = {"number", "span", "percent", "time", "day"} if is_guide else {"number", "span", "percent"}
    if reading.kind not in allowed or (reading.kind == "day" and figure.text[:1].isdigit()):
        return False
    for match in re.finditer(rf"(?<![\d.,]){re.escape(figure.text)}(?![\d]|[.,]\d)", value, re.IGNORECASE):
        before = re.search(r"([^\W\d_]+)\W{0,2}$", value[: match.start()])
        after = re.match(r"\W{0,2}([^\W\d_]+)", value[match.end() :])
        if after and figure.after == after.group(1).casefold():
            return True
        if before and len(figure.before) > 2 and figure.before == before.group(1).casefold():
            return True
    return False


def _halves(facts: list[Fact]) -> list[Fact]:
    """Amounts of which the evidence holds the double too."""
    amounts = {fact.value for fact in facts if isinstance(fact.value, Money)}
    doubled = {(each.minor, each.currency) for each in amounts}
    return [
        fact
        for fact in facts
        if isinstance(fact.value, Money) and fact.value and (2 * fact.value.minor, fact.value.currency) in doubled
    ]

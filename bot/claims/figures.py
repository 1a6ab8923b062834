"""Figures as they stand in a text, each with all that it can mean: amounts, counts, numbers of records, contacts."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache

from bot.claims.days import DaySaid, days_in
from bot.claims.number_words import numbers_in
from bot.claims.vocabulary import Vocabulary, vocabulary_of

SPACE = "[ \u00a0\u202f\u2009]"
NUMBER = (
    rf"\d{{1,3}}(?:{SPACE}\d{{3}})+(?!\d)(?:[.,]\d{{1,2}}(?!\d))?"  # 1 840,00
    r"|\d{1,3}(?:(?P<group>[.,'’])\d{3})(?:(?P=group)\d{3})*(?!\d)(?:[.,]\d{1,3}(?!\d))?"  # 1,840.00
    r"|\d{1,2}(?:,\d\d)+,\d{3}(?:\.\d{1,2})?"  # 1,84,000
    r"|\d+(?:[.,]\d+)?"
)
SIGNS = r"(?:US|CA|AU|NZ|HK|MX|R|C|A|S)\$|\$(?:US|CA|MX)?|[€£¥₹₩₽฿₺]|kr\b|zł|Fr\."
CODES = r"\b[A-Z]{3}\b(?!-)"
LOOSE = rf"(?P<sign>[-−–(])?(?:(?P<before>{SIGNS}|(?-i:{CODES})){SPACE}?)?(?P<minus>[-−])?(?P<number>{NUMBER})"
DOMAINS = "com|net|org|io|app|dev|co|de|fr|es|it|pt|br|uk|eu|us|info|biz|me|ly|gl|link|shop|online|site|xyz|example|test|ru|cn|pay"  # noqa: E501 - one list
LINK = rf"[a-z][a-z0-9+.-]{{1,15}}://[^\s»”\"]+|www\.[^\s»”\"]+|(?-i:\b[a-z0-9-]{{2,}}(?:\.[a-z0-9-]{{2,}})*\.(?:{DOMAINS})\b(?:/[^\s»”\"]*)?)"
EMAIL = r"[\w.+-]+@[\w-]+\.[\w.-]*\w"
MONEYS = "USD|EUR|GBP|CAD|AUD|NZD|CHF|JPY|MXN|BRL|INR|SEK|NOK|DKK|PLN|CZK|HKD|SGD|CNY|ZAR|KRW|TRY|KWD"
RECORD = rf"\b[A-Za-z]{{2,4}}-\d+\b|(?-i:\b(?!{MONEYS})[A-Z]{{2,4}}\d{{2,}}\b)"
PHONE = rf"\+{SPACE}?\d[\d \u00a0().\-/]{{5,}}\d|\(\d{{2,5}}\)[ \-]?\d[\d \-]{{3,}}\d|\b\d{{3}}[-. ]\d{{3}}[-. ]\d{{4}}\b|\b0\d[\d \-/]{{6,}}\d\b"  # noqa: E501 - one form a phone number has
TIME = r"\b(?P<hour>[01]?\d|2[0-4])(?:(?P<colon>[:h]|\.(?=\d\d\s?Uhr)|\s?h\s?(?=\d\d\b))(?P<minute>[0-5]\d)(?:\s?Uhr)?|\s?(?P<full>Uhr|h\b|heures\b|horas\b))?(?:\s?(?P<half>[ap])\.?m\b\.?)?"  # noqa: E501 - one form a time has
HASH = re.compile(
    r"(?:#|№|n[º°]|\bno\.?|\bnr\.?|\bn\.|\bnúm\.?|\bnumber|\bnúmero|\bnumero|\bnuméro|\bnummer)\s*$", re.IGNORECASE
)
FOUND = re.compile(
    rf"(?P<link>{LINK})|(?P<email>{EMAIL})|(?P<record>{RECORD})|(?P<phone>{PHONE})|(?P<amount>{LOOSE})", re.IGNORECASE
)
TIMES = re.compile(TIME, re.IGNORECASE)
NEXT_WORD = re.compile(rf"{SPACE}?-?(?P<after>%|‰|{SIGNS}|(?-i:{CODES})|[^\W\d_]+)", re.IGNORECASE)
PER_CENT = re.compile(
    rf"{SPACE}?(?:%|per ?cent\b|pour ?cent\b|por ?cento?\b|por ciento\b|prozent\b|per cento\b)", re.IGNORECASE
)
SIGN = re.compile(SIGNS, re.IGNORECASE)
SCALES = {"k": 1000, "thousand": 1000, "mil": 1000, "mille": 1000, "tausend": 1000, "mila": 1000, "m": 10**6,
          "million": 10**6, "mio": 10**6}  # fmt: skip
NOT_COUNTED = {"mil": {"gracias"}, "mille": {"grazie", "merci", "mercis"}, "tausend": {"dank"}}
BOTH = re.compile(
    r"\b(?:between the|entre les|entre las|entre los|entre os|entre as|zwischen den|tra i|tra le) $", re.IGNORECASE
)
FOREIGN = re.compile(r"[^\x00-\x7f]")
PLAIN = str.maketrans("，．：％＄（）٫٬－", ",.:%$().,-")


@dataclass(frozen=True)
class Reading:
    """One meaning of a figure.

    kind: link, email, record, phone, time, day, money, percent, number, span or half. value: text; (table, digits)
    of a record; (hour, minute); a DaySaid; a Decimal, for a span with its `unit`. mark: currency sign, code or "".
    """

    kind: str
    value: str | Decimal | DaySaid | tuple[str, str] | tuple[int, int]
    unit: str = ""
    mark: str = ""
    signed: bool = False


@dataclass(frozen=True)
class Figure:
    """A figure in a text and what it can mean; before and after are the words beside it, in lower case."""

    text: str
    start: int
    end: int
    readings: tuple[Reading, ...]
    before: str = ""
    after: str = ""


def plain_digits(text: str) -> str:
    """`text` of the same length with digits and signs of other scripts as ASCII."""
    if text.isascii():
        return text
    return FOREIGN.sub(lambda match: _plain(match.group()), text.translate(PLAIN))


@cache
def _plain(char: str) -> str:
    digit = unicodedata.digit(char, None)
    return char if digit is None else str(digit)


@lru_cache(maxsize=256)
def figures_in(text: str, language: str, locale: str) -> tuple[Figure, ...]:
    """Every figure of `text`, in order and apart from each other."""
    plain = plain_digits(text)
    taken: list[tuple[int, int]] = []
    found: list[Figure] = []
    for start, end, readings in _candidates(plain, language, locale):
        if readings and not any(start < other[1] and other[0] < end for other in taken):
            taken.append((start, end))
            found.append(Figure(text[start:end], start, end, readings, _before(plain, start), _after(plain, end)))
    return tuple(sorted(found, key=lambda each: each.start))


def _candidates(plain: str, language: str, locale: str) -> Iterator[tuple[int, int, tuple[Reading, ...]]]:
    """Sure forms first: what they cover cannot be read as something else."""
    words = vocabulary_of(language)
    found = list(FOUND.finditer(plain))
    for match in found:
        if match["amount"] is None:
            yield match.start(), match.end(), _surely(match)
    for start, end, days in days_in(plain, language, locale):
        yield start, end, tuple(Reading("day", day) for day in days)
    for match in TIMES.finditer(plain):
        if match["colon"] or match["full"] or match["half"]:
            yield match.start(), match.end(), tuple(_time(match))
    for match in found:
        if match["amount"] is not None:
            yield _amount(match, plain, words)
    yield from _in_words(plain, language, words)


def _surely(match: re.Match[str]) -> tuple[Reading, ...]:
    text = match.group()
    if match["link"]:
        return (Reading("link", text.rstrip(".,;:!?)")),)
    if match["email"]:
        return (Reading("email", text.casefold()),)
    if match["record"]:
        return (Reading("record", ("", text.casefold())),)
    return (Reading("phone", re.sub(r"\D", "", text)),)


def _time(match: re.Match[str]) -> Iterator[Reading]:
    hour, minute = int(match["hour"]), int(match["minute"] or 0)
    if match["half"]:
        hour = hour % 12 + (12 if match["half"].casefold() == "p" else 0)
    yield Reading("time", (hour % 24, minute))
    if match["full"] and not match["colon"]:
        yield Reading("span", Decimal(match["hour"]), "hour")


def _amount(match: re.Match[str], plain: str, words: Vocabulary) -> tuple[int, int, tuple[Reading, ...]]:
    number, end = match["number"], match.end()
    start = match.start("number")
    is_group = match["sign"] == "(" and plain[end : end + 1] == ")"
    mark = _currency(match["before"] or "")
    if mark:
        start = match.start("before")
    after = NEXT_WORD.match(plain, end)
    word = after["after"].casefold() if after else ""
    scale = 1
    if after and word in SCALES and (word != "m" or mark):
        scale, end = SCALES[word], after.end()
        after = NEXT_WORD.match(plain, end)
        word = after["after"].casefold() if after else ""
    signed = bool(match["minus"]) or (match["sign"] in set("-−–") and not plain[: match.start()][-1:].isalnum())
    if percent := PER_CENT.match(plain, end):
        return start, percent.end(), tuple(Reading("percent", value) for value in _values(number))
    said = words.currencies.get(word, "") or (_currency(after["after"]) if after else "")
    if said and after:
        end = after.end()
    values = tuple(value * scale for value in _values(number))
    beside = _Beside(plain, start, word, words, after)
    readings = tuple(_meanings(number, values, mark or said, signed, beside))
    if is_group:  # "(40.00)" is an aside, or a bookkeeper's minus
        readings += tuple(_meanings(number, values, mark or said, True, beside))
    return start, end, readings


@dataclass(frozen=True)
class _Beside:
    plain: str
    start: int
    word: str
    words: Vocabulary
    after: re.Match[str] | None


def _meanings(number: str, values: tuple[Decimal, ...], mark: str, signed: bool, beside: _Beside) -> Iterator[Reading]:
    if mark:
        yield from (Reading("money", _cents(value, mark), mark=mark, signed=signed) for value in values)
        return
    before = beside.plain[: beside.start]
    digits = number if number.isdigit() else ""
    if digits and (table := _record_before(before, beside.words)) is not None:
        yield Reading("record", (table, digits))
        return
    if unit := beside.words.units.get(beside.word):
        yield from (Reading("span", value, unit) for value in values)
        return
    yield from (Reading("number", value, signed=signed) for value in values)
    if not digits:
        yield from (Reading("money", value, signed=signed) for value in values)
    elif len(digits) >= 7:
        yield Reading("phone", digits)
    elif len(digits) == 4 and digits[:2] in {"19", "20"}:
        yield Reading("day", DaySaid(year=int(digits), unit="", month=None, day=None))
    if digits and 1 <= int(digits) <= 31 and _is_day_of_month(before, beside.word):
        yield Reading("day", DaySaid(day=int(digits)))


def _cents(value: Decimal, mark: str) -> Decimal:
    return value / 100 if mark == "cent" else value


def _is_day_of_month(before: str, word: str) -> bool:
    article = re.search(r"\b(?:the|le|el|il|am|den|dem|bis zum|día|dia|giorno|jusqu.au)\s+$", before, re.IGNORECASE)
    return word in {"st", "nd", "rd", "th"} or article is not None


def _record_before(before: str, words: Vocabulary) -> str | None:
    """The table of the record whose number follows `before`; "" for any, None when it is no record's number."""
    hashed = HASH.search(before)
    rest = before[: hashed.start()] if hashed else before
    noun = re.search(r"([^\W\d_]+)\s*$", rest)
    table = words.nouns.get(noun.group(1).casefold()) if noun else None
    return table if table or not hashed else ""


def _currency(text: str) -> str:
    if len(text) == 3 and text.isupper():
        return text if text in _codes() else ""
    return text if SIGN.fullmatch(text) else ""


@cache
def _codes() -> frozenset[str]:
    from babel.numbers import list_currencies

    return frozenset(list_currencies())


def _values(number: str) -> tuple[Decimal, ...]:
    """What digits with their signs can be: "1.840" is one thousand eight hundred forty, or one and a bit."""
    bare = re.sub(rf"{SPACE}|['’]", "", number)
    points, commas = bare.count("."), bare.count(",")
    if not points and not commas:
        return (Decimal(bare),)
    if points and commas:
        decimal = "." if bare.rfind(".") > bare.rfind(",") else ","
        return (_decimal(bare, decimal),)
    sign = "." if points else ","
    if points + commas > 1:
        return (Decimal(bare.replace(sign, "")),)
    if len(bare) - bare.index(sign) == 4:
        return (Decimal(bare.replace(sign, "")), _decimal(bare, sign))
    return (_decimal(bare, sign),)


def _decimal(bare: str, sign: str) -> Decimal:
    other = "," if sign == "." else "."
    return Decimal(bare.replace(other, "").replace(sign, "."))


def _in_words(plain: str, language: str, words: Vocabulary) -> Iterator[tuple[int, int, tuple[Reading, ...]]]:
    for start, end, value in numbers_in(plain, language):
        after = NEXT_WORD.match(plain, end)
        word = after["after"].casefold() if after else ""
        said = plain[start:end].casefold()
        if word in NOT_COUNTED.get(said, ()) or (
            said == "sei" and not (word in words.units or word in words.currencies)
        ):
            continue
        if BOTH.search(plain[:start]):
            continue
        if PER_CENT.match(plain, end):
            yield start, end, (Reading("percent", Decimal(value)),)
            continue
        mark = words.currencies.get(word, "")
        stop = after.end() if after and mark else end
        beside = _Beside(plain, start, word, words, after)
        yield start, stop, tuple(_meanings(str(value), (Decimal(value),), mark, False, beside))
    if words.halves:
        for match in re.finditer("|".join(rf"\b{word}\b" for word in words.halves), plain, re.IGNORECASE):
            yield match.start(), match.end(), (Reading("half", ""),)


def _before(plain: str, start: int) -> str:
    found = re.search(r"([^\W\d_]+)\W{0,2}$", plain[max(0, start - 40) : start])
    return found.group(1).casefold() if found else ""


def _after(plain: str, end: int) -> str:
    found = re.match(r"\W{0,2}([^\W\d_]+)", plain[end : end + 40])
    return found.group(1).casefold() if found else ""

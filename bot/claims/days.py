"""Days as people write them: "28 November", "11/28", "next Friday", "tomorrow"; and whether a date fits them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from bot.claims.vocabulary import Vocabulary, vocabulary_of

MONTH_FIRST = {"US", "PH", "FM", "PR"}  # territories whose numeric dates begin with the month
NEAR = 200  # days: a date told without its year is this near
WEEK = 7
TOKEN = re.compile(r"\d+|[^\W\d_]+")
ORDINAL = r"(?:st|nd|rd|th|er|re|º|ª|°|\.)?"


@dataclass(frozen=True)
class DaySaid:
    """What a text says of a day. None: not said. Relative ones count from today.

    offset: days from today. towards: 1 the next, -1 the last one of that weekday, week, month or year.
    """

    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None
    offset: int | None = None
    towards: int = 0
    unit: str = ""

    def fits(self, on: date, today: date) -> bool:
        """Whether the day `on` is what is said today."""
        away = (on - today).days
        if self.offset is not None:
            return away == self.offset
        if self.unit:
            return _period(on, self.unit) == _period(_moved(today, self.unit, self.towards), self.unit)
        if self.weekday is not None and on.weekday() != self.weekday:
            return False
        if self.day is None and self.month is None:
            return self.year is None and _is_near(away, self.towards)
        if self.month is None:
            return on.day == self.day and abs(away) <= 31
        same = on.month == self.month and self.day in {None, on.day}
        return same and (on.year == self.year if self.year else abs(away) <= NEAR)


def _is_near(away: int, towards: int) -> bool:
    """A weekday alone is one within a week; "next Friday" may be the one after it."""
    return {0: -WEEK <= away <= WEEK, 1: 0 < away <= 2 * WEEK, -1: -WEEK <= away < 0}[towards]


def _period(day: date, unit: str) -> tuple[int, int]:
    if unit == "week":
        return day.isocalendar()[:2]
    return (day.year, day.month) if unit == "month" else (day.year, 0)


def _moved(day: date, unit: str, towards: int) -> date:
    if unit == "week":
        return day + timedelta(days=WEEK * towards)
    months = day.year * 12 + day.month - 1 + (towards if unit == "month" else 12 * towards)
    return date(months // 12, months % 12 + 1, 1)


def days_in(text: str, language: str, locale: str) -> Iterator[tuple[int, int, tuple[DaySaid, ...]]]:
    """(start, end, readings) of each day named in `text`, in figures or words."""
    month_first = locale.rpartition("_")[2].upper() in MONTH_FIRST or (locale == "en" and language == "en")
    words, beginnings, at = vocabulary_of(language), _beginnings(language), 0
    for token in TOKEN.finditer(text):
        is_near = token.start() >= at and (token.group()[0].isdigit() or token.group().casefold() in beginnings)
        match = _pattern(language).match(text, token.start()) if is_near else None
        readings = tuple(_read(match, words, month_first)) if match else ()
        if match and readings:
            at = match.end()
            yield match.start(), match.end(), readings


@cache
def _beginnings(language: str) -> frozenset[str]:
    """The words with which a day can begin."""
    words = vocabulary_of(language)
    units = (word for word, unit in words.units.items() if unit in {"week", "month", "year"})
    whole = (*words.months, *words.weekdays, *words.short_weekdays, *words.relative, *words.coming, *words.gone, *units)
    return frozenset(TOKEN.findall(each)[0] for each in whole)


@cache
def _pattern(language: str) -> re.Pattern[str]:
    words = vocabulary_of(language)
    month = _one_of(words.months)
    short = _one_of({**words.short_weekdays, **words.weekdays})
    of = rf"(?:\s?(?:{'|'.join(words.of)})\.?)?" if words.of else ""
    lead = rf"(?:(?P<w{{0}}>{short})\b\.?,?\s+(?:(?:the|le|el|il|den|dem|día|dia)\s+)?)?"
    year, month_at = r"(?:19|20)\d\d", r"(?:del?\s+|do\s+)?"
    coming_or_gone = _one_of((*words.coming, *words.gone))
    weekday, unit = _one_of(words.weekdays), _units(words)
    forms = [
        r"(?P<iso>\b(?:19|20)\d\d-\d\d?-\d\d?\b)",
        lead.format("a")
        + rf"(?<![\d.,])(?P<da>\d\d?){ORDINAL}{of}\s+(?P<ma>{month})\b\.?(?:,?\s+{month_at}(?P<ya>{year})\b)?",
        lead.format("b")
        + rf"(?P<mb>{month})\b\.?\s+(?P<db>\d\d?)(?:st|nd|rd|th)?(?![\d.,/:]\d|\d)(?:,?\s+(?P<yb>{year})\b)?",
        r"(?<![\d.,/-])(?P<n1>\d\d?)(?P<sep>[./-])(?P<n2>\d\d?)(?P=sep)(?P<n3>(?:19|20)?\d\d)(?![\d/-])",
        r"(?<![\d.,/])(?P<s1>\d\d?)/(?P<s2>\d\d?)(?![\d/])",
        r"(?<![\d.,/$€£])(?P<t1>\d\d?)\.(?P<t2>\d\d?)\.(?!\d)" if language == "de" else r"(?!)",
        rf"(?P<m>{month})\b\.?,?\s+(?:del?\s+|do\s+)?(?P<y>(?:19|20)\d\d)\b",
        (rf"(?:(?P<coming>{_one_of(words.coming)})|(?P<gone>{_one_of(words.gone)}))\s+"
        rf"(?:(?P<wd>{weekday})|(?P<unit>{unit}))\b(?:\s+(?P<after>{coming_or_gone})\b)?"),
        (rf"(?P<wd2>{weekday}|(?P<unit2>{unit})(?=\s+(?:{coming_or_gone})\b))\b"
        rf"(?:\s+(?P<after2>{coming_or_gone})\b)?"),
        rf"(?P<rel>{_one_of(words.relative)})\b(?!’|')",
    ]  # fmt: skip
    return re.compile("|".join(rf"(?:(?<!\w){form})" for form in forms), re.IGNORECASE)


def _one_of(words: Iterable[str]) -> str:
    return "|".join(sorted((re.escape(word) for word in words), key=len, reverse=True)) or r"(?!)"


def _units(words: Vocabulary) -> str:
    return _one_of(word for word, unit in words.units.items() if unit in {"week", "month", "year"})


def _read(match: re.Match[str], words: Vocabulary, month_first: bool) -> Iterator[DaySaid]:
    got: Mapping[str, Any] = {name: value.casefold() for name, value in match.groupdict().items() if value}
    if "iso" in got:
        year, month, day = (int(part) for part in got["iso"].split("-"))
        yield DaySaid(year, month, day)
    elif "da" in got or "db" in got:
        yield _with_month(got, words)
    elif "n1" in got:
        yield from _numeric(got["n1"], got["n2"], got["n3"], month_first=month_first and got["sep"] != ".")
    elif "s1" in got:
        yield from _numeric(got["s1"], got["s2"], "", month_first=month_first)
    elif "t1" in got:
        yield from _numeric(got["t1"], got["t2"], "", month_first=False)
    elif "m" in got:
        yield DaySaid(int(got["y"]), words.months[got["m"]])
    elif "rel" in got:
        yield DaySaid(offset=words.relative[got["rel"]])
    else:
        yield _of_week(got, words)


def _with_month(got: Mapping[str, Any], words: Vocabulary) -> DaySaid:
    which = "a" if "da" in got else "b"
    weekday = got.get(f"w{which}")
    return DaySaid(
        year=int(got[f"y{which}"]) if f"y{which}" in got else None,
        month=words.months[got[f"m{which}"]],
        day=int(got[f"d{which}"]),
        weekday=None if weekday is None else ({**words.short_weekdays, **words.weekdays})[weekday],
    )


def _numeric(first: str, second: str, year: str, *, month_first: bool) -> Iterator[DaySaid]:
    one, two = int(first), int(second)
    month, day = (one, two) if month_first else (two, one)
    if month > 12 >= day:
        month, day = day, month
    if 1 <= month <= 12 and 1 <= day <= 31:
        full = int(year) + (2000 if len(year) == 2 else 0) if year else None
        yield DaySaid(full, month, day)


def _of_week(got: Mapping[str, Any], words: Vocabulary) -> DaySaid:
    after = got.get("after", got.get("after2", ""))
    is_gone = "gone" in got or (after in words.gone and "coming" not in got)
    is_coming = "coming" in got or after in words.coming
    towards = -1 if is_gone else int(is_coming)
    unit = words.units[got.get("unit", got.get("unit2", ""))] if "unit" in got or "unit2" in got else ""
    if unit:
        this = got.get("coming", after) in {
            "this",
            "este",
            "esta",
            "ce",
            "cette",
            "diese",
            "diesen",
            "dieser",
            "diesem",
            "questo",
            "questa",
        }
        return DaySaid(unit=unit, towards=0 if this else towards)
    return DaySaid(weekday=words.weekdays[got.get("wd", got.get("wd2", ""))], towards=towards)

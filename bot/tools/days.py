"""Days and periods people say ("next Friday", "el 15", "end of the month", "last quarter") → calendar days."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache

from babel import Locale
from babel.dates import get_day_names, get_month_names

from bot.tools.resolving import plain

_END = (
    r"(end of|fin de|fin du|ende|a finales de|finales de|fim d[aeo]|final d[aeo]|"
    r"fine (?=d|mese|anno|settimana))"
)
_NEXT = r"(next|proximo|proxima|que viene|siguiente|prochaine?|nachste[nrms]?|kommende[nrms]?|que vem|prossim[oa])"
_LAST = (
    r"(last|previous|past|pasado|pasada|ultimo|ultima|anterior|derniere?|passee?|letzte[nrms]?|vergangene[nrms]?|"
    r"passad[oa]|scors[oa]|passat[oa])"
)
_THIS = (
    r"(this|current|este|esta|actual|ce|cette|en cours|diese[nrms]?|aktuelle[nrms]?|nest[ae]|dest[ae]|atual|"
    r"quest[oa]?)"
)
_SINCE = r"\b(since|desde|depuis|seit|a partir de|a partire da|dal)\b"
_UNITS = {
    "week": r"(week|semana|semaine|woche|settiman[ae])",
    "month": r"(month|mes|mois|monats?|mes[ei])",
    "quarter": r"(quarter|trimestre|quartal)",
    "year": r"(year|ano|annee|an|jahr(es)?|ann[oi])",
}
_ARTICLES = re.compile(
    r"\b(the|on|by|before|until|around|el|los|para|antes|del|de|hasta|le|pour|avant|jusqu|au|du|am|bis|zum|den|der|"
    r"no dia|dia|em|ate|ao|il|entro|al|per|giorno)\b"
)
_ORDINAL = re.compile(r"\b(\d{1,2})(st|nd|rd|th|er|\.|º|o)?(?=\s|$)")
_ORDINAL_WORDS = {"first": 1, "primero": 1, "premier": 1, "ersten": 1, "fifteenth": 15, "quince": 15,
                  "primeiro": 1, "primo": 1, "quinze": 15, "quindici": 15}  # fmt: skip
_COUNTED = re.compile(
    r"\b(last|past|ultimos?|derniers?|letzten|ultimi)\s+(\d{1,3})\s+"
    r"(days|dias|jours|tage|giorni|months|meses|mois|monate|mesi)"
)
_AHEAD = re.compile(
    r"\b(in|en|dentro de|dans|within|daqui a|em|tra|fra|entro)\s+(\w+)\s+"
    r"(days?|dias?|jours?|tagen?|giorn[oi]|weeks?|semanas?|semaines?|wochen?|settiman[ae]|"
    r"months?|mes|meses|mois|monate?n?|mes[ei])\b"
)
_NUMBERS = {
    word: number
    for words in (
        "a two three four five six seven eight nine ten",
        "un dos tres cuatro cinco seis siete ocho nueve diez",
        "une deux trois quatre cinq six sept huit neuf dix",
        "einem zwei drei vier funf sechs sieben acht neun zehn",
        "um dois tres quatro cinco seis sete oito nove dez",
        "uma duas",
        "un due tre quattro cinque sei sette otto nove dieci",
        "one",
        "una",
        "einer",
    )
    for number, word in enumerate(words.split(), 1)
}
LANGUAGES = ("en", "es", "fr", "de", "pt", "it")


@dataclass(frozen=True)
class Period:
    """From the first to the last day, both included."""

    first: date
    last: date


def parse_day(said: str, today: date, language: str) -> date | None:
    """The day that `said` means, coming rather than past; None when it names none."""
    words = plain(said)
    if not words or re.fullmatch(r"\d{3,}|3[2-9]|[4-9]\d", words):
        return None
    return (
        _counted_ahead(words, today)
        or _end_of(words, today)
        or _weekday(words, today)
        or _day_of_month(words, today)
        or _next_unit(words, today)
        or _written(words, said, today, language)
    )


def _counted_ahead(words: str, today: date) -> date | None:
    """The day "in ten days", "en dos semanas": dateparser knows few of the numbers in words."""
    match = _AHEAD.search(words)
    if not match:
        return None
    number = _NUMBERS.get(match.group(2)) or (int(match.group(2)) if match.group(2).isdigit() else 0)
    if not 0 < number < 1000:
        return None
    if match.group(3)[0] in "djtg":
        return today + timedelta(days=number)
    is_week = re.fullmatch(_UNITS["week"] + "s?n?", match.group(3)) is not None
    return _shifted("week" if is_week else "month", today, number)


def _end_of(words: str, today: date) -> date | None:
    if not re.search(rf"\b{_END}\b", words):
        return None
    for unit, pattern in _UNITS.items():
        if re.search(rf"\b{pattern}\b", words):
            moved = _shifted(unit, today, 1) if re.search(rf"\b{_NEXT}\b", words) else today
            return _around(unit, moved).last
    month = _month_in(words)
    return _around("month", _coming(month, 1, today)).last if month else None


def _weekday(words: str, today: date) -> date | None:
    if re.search(r"\d", words):
        return None
    is_past = re.search(rf"\b{_LAST}\b", words) is not None
    for word in re.findall(r"[a-z]+", words):
        if word in _weekdays() and is_past:
            return today - timedelta(days=(today.weekday() - _weekdays()[word] - 1) % 7 + 1)
        if word in _weekdays():
            # "next Friday" and "Friday" are the coming one: a week is added only when today is that day.
            return today + timedelta(days=(_weekdays()[word] - today.weekday() - 1) % 7 + 1)
    return None


@cache
def _weekdays() -> dict[str, int]:
    names: dict[str, int] = {}
    for language in LANGUAGES:
        for width in ("wide", "abbreviated"):
            for number, name in get_day_names(width, "format", Locale(language)).items():
                word = plain(name).rstrip(".")
                if len(word) > 2:
                    names.setdefault(word.split("-")[0], number)
    return names


@cache
def _months() -> dict[str, int]:
    names: dict[str, int] = {}
    for language in LANGUAGES:
        for width in ("wide", "abbreviated"):
            for number, name in get_month_names(width, "format", Locale(language)).items():
                word = plain(name).rstrip(".")
                if len(word) > 2:
                    names.setdefault(word, number)
    return names


def _month_in(words: str) -> int | None:
    return next((_months()[word] for word in re.findall(r"[a-z]+", words) if word in _months()), None)


def _day_of_month(words: str, today: date) -> date | None:
    bare = _ARTICLES.sub(" ", words).strip()
    month = _month_in(bare)
    for word, number in _ORDINAL_WORDS.items():
        bare = re.sub(rf"\b{word}\b", str(number), bare)
    match = _ORDINAL.search(bare)
    rest = re.sub(r"[a-z]+", "", _ORDINAL.sub(" ", bare, count=1)).strip(" ,.")
    if not match or (rest and not re.fullmatch(r"20\d\d", rest)) or not 1 <= int(match.group(1)) <= 31:
        return None
    letters = [word for word in re.findall(r"[a-z]+", bare) if word not in _months()]
    if any(word not in {"st", "nd", "rd", "th", "er", "o", "of", "this", "month", "next"} for word in letters):
        return None
    if month is None:
        return _next_with_day(int(match.group(1)), today)
    return _of_year(int(rest), month, int(match.group(1))) if rest else _coming(month, int(match.group(1)), today)


def _next_with_day(day: int, today: date) -> date | None:
    for ahead in range(3):
        first = _shifted("month", today.replace(day=1), ahead)
        if day <= monthrange(first.year, first.month)[1] and first.replace(day=day) >= today:
            return first.replace(day=day)
    return None


def _of_year(year: int, month: int, day: int) -> date | None:
    return date(year, month, day) if day <= monthrange(year, month)[1] else None


def _coming(month: int, day: int, today: date) -> date:
    for year in (today.year, today.year + 1):
        found = date(year, month, min(day, monthrange(year, month)[1]))
        if found >= today:
            return found
    return found


def _next_unit(words: str, today: date) -> date | None:
    """The last day on which "next week" (its Friday) or "next month" still holds."""
    if not re.search(rf"\b{_NEXT}\b", words):
        return None
    for unit, pattern in _UNITS.items():
        if re.search(rf"\b{pattern}\b", words):
            whole = _around(unit, _shifted(unit, today, 1))
            return whole.first + timedelta(days=4) if unit == "week" else whole.last
    return None


def _written(words: str, said: str, today: date, language: str) -> date | None:
    # dateparser knows written-out dates and "in two weeks"; it is slow to import and only then needed.
    import dateparser

    base = datetime.combine(today, time(9))
    settings = {"RELATIVE_BASE": base, "PREFER_DATES_FROM": "future", "RETURN_AS_TIMEZONE_AWARE": False}
    languages = list(dict.fromkeys((language if language in LANGUAGES else "en", "en")))
    for text in (said, words, _ARTICLES.sub(" ", words)):
        found = dateparser.parse(text.strip(), languages=languages, settings=settings)
        if found:
            return found.date()
    return None


def parse_period(said: str, today: date, language: str) -> Period | None:
    """The period that `said` means, looking back; None when it names none."""
    words = plain(said)
    counted = _COUNTED.search(words)
    if counted:
        number = int(counted.group(2))
        days = number if counted.group(3)[0] in "djtg" else number * 30
        return Period(today - timedelta(days=min(days, 3650)), today)
    return _since(words, today, language) or _named_unit(words, today) or _months_named(words, today)


def _named_unit(words: str, today: date) -> Period | None:
    for unit, pattern in _UNITS.items():
        if not re.search(rf"\b{pattern}\b", words):
            continue
        if re.search(rf"\b{_LAST}\b", words):
            return _around(unit, _shifted(unit, today, -1))
        if re.search(rf"\b{_THIS}\b", words) or words.split()[-1:] == [words]:
            whole = _around(unit, today)
            return Period(whole.first, min(whole.last, today))
    return None


def _months_named(words: str, today: date) -> Period | None:
    year = re.search(r"\b(20\d\d)\b", words)
    months = [_months()[word] for word in re.findall(r"[a-z]+", words) if word in _months()]
    if not months:
        return Period(date(int(year[1]), 1, 1), min(date(int(year[1]), 12, 31), today)) if year else None
    first, last = months[0], months[-1]
    in_year = int(year[1]) if year else today.year if first <= today.month else today.year - 1
    end = _around("month", date(in_year if last >= first else in_year + 1, last, 1)).last
    return Period(date(in_year, first, 1), min(end, today) if date(in_year, first, 1) <= today else end)


def _since(words: str, today: date, language: str) -> Period | None:
    if not re.search(_SINCE, words):
        return None
    rest = re.sub(_SINCE, " ", words).strip()
    month = _month_in(rest)
    if month and not re.search(r"\d", rest):
        return Period(date(today.year if month <= today.month else today.year - 1, month, 1), today)
    found = _written(rest, rest, today, language) if rest else None
    while found and found > today:
        found = _shifted("year", found, -1)
    return Period(found, today) if found else None


def _shifted(unit: str, day: date, by: int) -> date:
    if unit == "week":
        return day + timedelta(weeks=by)
    months = day.year * 12 + day.month - 1 + by * {"month": 1, "quarter": 3, "year": 12}[unit]
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _around(unit: str, day: date) -> Period:
    """The whole week (from Monday), month, quarter or year in which a day lies."""
    if unit == "week":
        monday = day - timedelta(days=day.weekday())
        return Period(monday, monday + timedelta(days=6))
    if unit == "month":
        return Period(day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1]))
    if unit == "quarter":
        first = date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
        return Period(first, _shifted("quarter", first, 1) - timedelta(days=1))
    return Period(date(day.year, 1, 1), date(day.year, 12, 31))

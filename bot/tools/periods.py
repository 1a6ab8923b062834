"""Periods that reports are asked for: a day, a numbered quarter, so many weeks, a year to date, and the usual ones."""

import re
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.evidence import FactKind, calculated
from bot.tools.days import Period, parse_period
from bot.tools.facts import Data
from bot.tools.naming import bare

_TODAY = re.compile(r"\b(today|hoy|aujourd|heute|hoje|oggi)")
_YESTERDAY = re.compile(r"\b(yesterday|ayer|hier|gestern|ontem|ieri)\b")
_QUARTER = re.compile(r"\b(?:q|t)([1-4])\b|\b([1-4])(?:st|nd|rd|th|er)? (?:quarter|trimestre|quartal)\b")
_WEEKS = re.compile(r"\b(\d{1,2}) (?:weeks?|semanas?|semaines?|wochen?|settiman[ae])\b")
_TO_DATE = re.compile(r"\b(ytd|year to date|so far this year|en lo que va de(?:l)? ano)\b")
_DAY_MONTH = re.compile(r"\b(?P<day>\d{1,2})(?:st|nd|rd|th)? (?:de )?(?P<month>[a-z]{3,})")
_MONTH_DAY = re.compile(r"\b(?P<month>[a-z]{3,}) (?P<day>\d{1,2})(?:st|nd|rd|th)?\b")


def period_of(said: str, today: date, language: str) -> Period | None:
    """The period that `said` means, looking back from `today`; None when it names none."""
    words = bare(said)
    if _TODAY.search(words):
        return Period(today, today)
    if _YESTERDAY.search(words):
        return Period(today - timedelta(days=1), today - timedelta(days=1))
    if _TO_DATE.search(words):
        return Period(date(today.year, 1, 1), today)
    weeks = _WEEKS.search(words)
    if weeks:
        return Period(today - timedelta(weeks=int(weeks.group(1))), today)
    return _quarter(words, today) or _written_days(words, today, language) or parse_period(said, today, language)


def _quarter(words: str, today: date) -> Period | None:
    match = _QUARTER.search(words)
    if not match:
        return None
    number = int(match.group(1) or match.group(2))
    year = re.search(r"\b(20\d\d)\b", words)
    first_month = number * 3 - 2
    in_year = int(year.group(1)) if year else today.year - (first_month > today.month)
    last = date(in_year, number * 3, monthrange(in_year, number * 3)[1])
    return Period(date(in_year, first_month, 1), min(last, today))


def _written_days(words: str, today: date, language: str) -> Period | None:
    """A written day ("3 nov", "5 de octubre"), or from one to another ("1 oct to 15 oct")."""
    found = list(_DAY_MONTH.finditer(words)) or list(_MONTH_DAY.finditer(words))
    days = [_day(match, today, language) for match in found]
    known = [day for day in days if day is not None]
    if not known or len(known) != len(days) or len(known) > 2:
        return None
    return Period(min(known), max(known))


def _day(match: re.Match[str], today: date, language: str) -> date | None:
    month = parse_period(match["month"], today, language)
    if month is None or month.first.day != 1 or month.first.month != month.last.month:
        return None
    try:
        return month.first.replace(day=int(match["day"]))
    except ValueError:
        return None


def moments_of(period: Period, zone: str) -> tuple[datetime, datetime]:
    """The period's first moment and the first one after it, aware UTC, by the days of `zone` (IANA name)."""
    local = ZoneInfo(zone)
    start = datetime.combine(period.first, time.min, local)
    end = datetime.combine(period.last + timedelta(days=1), time.min, local)
    return start.astimezone(UTC), end.astimezone(UTC)


def period_facts(period: Period) -> Data:
    """First and last day as facts; is_day: they are one."""
    return {
        "first": calculated("period", "first", FactKind.DATE, period.first, what="first day of the period"),
        "last": calculated("period", "last", FactKind.DATE, period.last, what="last day of the period"),
        "is_day": period.first == period.last,
    }

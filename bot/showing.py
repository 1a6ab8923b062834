"""How a value of evidence is written for its reader: amounts, dates, numbers in their locale and zone."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import phonenumbers
from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time
from babel.numbers import format_decimal, format_percent

from billing.money import Money, format_money
from bot.evidence import Fact, FactKind

TODAY_AT = {
    "en": ("today at {time}", "yesterday at {time}", "{day} at {time}"),
    "es": ("hoy a las {time}", "ayer a las {time}", "el {day} a las {time}"),
    "fr": ("aujourd’hui à {time}", "hier à {time}", "le {day} à {time}"),
    "de": ("heute um {time} Uhr", "gestern um {time} Uhr", "am {day} um {time} Uhr"),
    "pt": ("hoje às {time}", "ontem às {time}", "{on} {day}, às {time}"),
    "it": ("oggi alle {time}", "ieri alle {time}", "{day} alle {time}"),
}
# Days as they read inside a sentence; other languages as Babel's own short form. Months are written out where an
# abbreviation would bring a full stop.
DAY = {
    "en": "EEE d MMM",
    "es": "EEE d MMM",
    "fr": "EEEE d MMMM",
    "de": "EEE, d. MMMM",
    "pt": "EEEE, d 'de' MMMM",
    "it": "EEEE d MMMM",
}
FIRST = {"fr": "EEEE d'er' MMMM", "pt": "EEEE, d'º' 'de' MMMM", "it": "EEEE d'º' MMMM"}  # of a month
YEAR = {"pt": "'de' y"}  # after the month, where a bare "y" would be wrong
SATURDAY = 5  # as date.weekday() counts


@dataclass(frozen=True)
class Reader:
    """For whom figures are written: language of the sentence, locale of the figures, zone, and now (aware UTC)."""

    language: str
    locale: str
    zone: str
    now: datetime

    @property
    def today(self) -> date:
        """The reader's calendar day."""
        return self.now.astimezone(ZoneInfo(self.zone)).date()


def reader_locale(language: str, locale: str) -> str:
    """The figures' locale: the person's own where it speaks the sentence's language, else the language's."""
    try:
        own = Locale.parse(locale)
        if own.language == language:
            return locale
        wanted = f"{language}_{own.territory}" if own.territory else language
        Locale.parse(wanted)  # not every language has a locale in every country: there is no es_FR
    except (ValueError, UnknownLocaleError):
        return language
    return wanted


def show_fact(fact: Fact, reader: Reader) -> str:
    """The value of `fact` as the reader writes it."""
    value = fact.value
    if isinstance(value, Money):
        return format_money(value, reader.locale)
    if isinstance(value, datetime):
        return show_moment(value, reader)
    if isinstance(value, date):
        return show_day(value, reader)
    if isinstance(value, int):
        return _show_number(fact.kind, value, reader.locale)
    if fact.kind is FactKind.PHONE:
        return show_phone(value)
    return plain_words(value)


def _show_number(kind: FactKind, value: int, locale: str) -> str:
    if kind is FactKind.PERCENT:  # basis points
        return format_percent(value / 10_000, format="#,##0.##%" if value % 100 else None, locale=locale)
    return format_decimal(abs(value) if kind is FactKind.DAYS else value, locale=locale)


def show_day(day: date, reader: Reader) -> str:
    """A day as people say it: "Fri 28 Nov", "sexta, 28 de novembro"; with the year only when it is another one."""
    same_year = day.year == reader.today.year
    pattern = (FIRST if day.day == 1 else DAY).get(reader.language) or DAY.get(reader.language)
    if pattern:
        dated = pattern if same_year else f"{pattern} {YEAR.get(reader.language, 'y')}"
        return format_date(day, dated, locale=reader.locale).replace("-feira", "")  # pt: "sexta" for "sexta-feira"
    shown: str = format_skeleton("MMMEd" if same_year else "yMMMEd", _noon(day), locale=reader.locale)
    return shown


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12)  # noqa: DTZ001 - only a calendar day is formatted


def show_moment(moment: datetime, reader: Reader) -> str:
    """A moment in the reader's zone: "today at 14:32", "Mon 3 Nov at 09:15"."""
    local = moment.astimezone(ZoneInfo(reader.zone))
    today_at, yesterday_at, day_at = TODAY_AT.get(reader.language, TODAY_AT["en"])
    time = _show_time(local, reader)
    days_ago = (reader.today - local.date()).days
    if days_ago == 0:
        return today_at.format(time=time)
    if days_ago == 1:
        return yesterday_at.format(time=time)
    on = "no" if local.weekday() >= SATURDAY else "na"  # pt: "no sábado", "na sexta"
    return day_at.format(day=show_day(local.date(), reader), time=time, on=on)


def _show_time(local: datetime, reader: Reader) -> str:
    if reader.language == "fr":  # "9 h", "14 h 32"
        return f"{local.hour}\u00a0h" + (f"\u00a0{local.minute:02d}" if local.minute else "")
    shown: str = format_time(local, "HH:mm", locale=reader.locale)
    return shown


def show_phone(number: str) -> str:
    """An E.164 number in international form; anything else as it stands."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return plain_words(number)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


UNSAFE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def plain_words(text: str) -> str:
    """Record text without control characters and direction marks, which could disguise what a line says."""
    return UNSAFE.sub("", text.replace("\r\n", "\n"))

"""Days and periods people say."""

from datetime import date

import pytest

from bot.tools.days import parse_day, parse_period

WEDNESDAY = date(2026, 11, 18)


@pytest.mark.parametrize(
    ("said", "language", "day"),
    [
        ("today", "en", "2026-11-18"), ("tomorrow", "en", "2026-11-19"), ("friday", "en", "2026-11-20"),
        ("next friday", "en", "2026-11-20"), ("wednesday", "en", "2026-11-25"), ("by thursday", "en", "2026-11-19"),
        ("the 15th", "en", "2026-12-15"), ("the first", "en", "2026-12-01"), ("march 3", "en", "2027-03-03"),
        ("dec 1 2027", "en", "2027-12-01"), ("end of the month", "en", "2026-11-30"),
        ("next week", "en", "2026-11-27"),
        ("in 10 days", "en", "2026-11-28"), ("in two weeks", "en", "2026-12-02"), ("yesterday", "en", "2026-11-17"),
        ("last friday", "en", "2026-11-13"), ("2026-12-01", "en", "2026-12-01"), ("12/05", "en", "2026-12-05"),
        ("mañana", "es", "2026-11-19"), ("el viernes", "es", "2026-11-20"),
        ("el próximo viernes", "es", "2026-11-20"),
        ("el 15", "es", "2026-12-15"), ("el 3 de marzo", "es", "2027-03-03"), ("a fin de mes", "es", "2026-11-30"),
        ("en dos semanas", "es", "2026-12-02"), ("vendredi prochain", "fr", "2026-11-20"),
        ("demain", "fr", "2026-11-19"),
        ("am 15.", "de", "2026-12-15"), ("nächsten Freitag", "de", "2026-11-20"),
        ("ende der woche", "de", "2026-11-22"), ("sexta-feira que vem", "pt", "2026-11-20"),
        ("no dia 15", "pt", "2026-12-15"), ("1º de dezembro", "pt", "2026-12-01"), ("fim do mês", "pt", "2026-11-30"),
        ("daqui a dez dias", "pt", "2026-11-28"), ("semana que vem", "pt", "2026-11-27"),
        ("venerdì prossimo", "it", "2026-11-20"), ("il 15", "it", "2026-12-15"), ("fine mese", "it", "2026-11-30"),
        ("tra due settimane", "it", "2026-12-02"), ("la settimana prossima", "it", "2026-11-27"),
    ],
)  # fmt: skip
def test_days_are_read_as_coming_ones(said: str, language: str, day: str) -> None:
    assert parse_day(said, WEDNESDAY, language) == date.fromisoformat(day)


@pytest.mark.parametrize("said", ["", "payday", "soon", "45", "1042", "99", "when I can"])
def test_what_names_no_day_is_none(said: str) -> None:
    assert parse_day(said, WEDNESDAY, "en") is None


@pytest.mark.parametrize(
    ("said", "language", "first", "last"),
    [
        ("last month", "en", "2026-10-01", "2026-10-31"), ("this month", "en", "2026-11-01", "2026-11-18"),
        ("this year", "en", "2026-01-01", "2026-11-18"), ("last year", "en", "2025-01-01", "2025-12-31"),
        ("last quarter", "en", "2026-07-01", "2026-09-30"), ("2025", "en", "2025-01-01", "2025-12-31"),
        ("march", "en", "2026-03-01", "2026-03-31"), ("december", "en", "2025-12-01", "2025-12-31"),
        ("january to june", "en", "2026-01-01", "2026-06-30"), ("the last 90 days", "en", "2026-08-20", "2026-11-18"),
        ("since march 3", "en", "2026-03-03", "2026-11-18"), ("since january", "en", "2026-01-01", "2026-11-18"),
        ("el mes pasado", "es", "2026-10-01", "2026-10-31"), ("este año", "es", "2026-01-01", "2026-11-18"),
        ("le mois dernier", "fr", "2026-10-01", "2026-10-31"), ("letzten Monat", "de", "2026-10-01", "2026-10-31"),
        ("mês passado", "pt", "2026-10-01", "2026-10-31"), ("este ano", "pt", "2026-01-01", "2026-11-18"),
        ("últimos 30 dias", "pt", "2026-10-19", "2026-11-18"), ("neste mês", "pt", "2026-11-01", "2026-11-18"),
        ("il mese scorso", "it", "2026-10-01", "2026-10-31"), ("quest'anno", "it", "2026-01-01", "2026-11-18"),
        ("gli ultimi 30 giorni", "it", "2026-10-19", "2026-11-18"), ("questo mese", "it", "2026-11-01", "2026-11-18"),
    ],
)  # fmt: skip
def test_periods_look_back(said: str, language: str, first: str, last: str) -> None:
    period = parse_period(said, WEDNESDAY, language)
    assert period is not None
    assert (period.first.isoformat(), period.last.isoformat()) == (first, last)


def test_what_names_no_period_is_none() -> None:
    assert parse_period("blurb", WEDNESDAY, "en") is None


def test_the_day_of_a_short_month_comes_later() -> None:
    assert parse_day("the 31st", date(2026, 11, 18), "en") == date(2026, 12, 31)
    assert parse_day("the 30th", date(2027, 1, 31), "en") == date(2027, 3, 30)

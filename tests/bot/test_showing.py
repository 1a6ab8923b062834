"""Days and moments as Portuguese and Italian readers say them."""

from datetime import UTC, date, datetime

import pytest

from bot.showing import Reader, show_day, show_moment
from tests.fakes.clock import NOW


@pytest.mark.parametrize(
    ("language", "locale", "day", "shown"),
    [
        ("pt", "pt_BR", date(2026, 11, 27), "sexta, 27 de novembro"),
        ("pt", "pt_BR", date(2026, 12, 1), "terça, 1º de dezembro"),
        ("pt", "pt_PT", date(2025, 11, 29), "sábado, 29 de novembro de 2025"),
        ("it", "it_IT", date(2026, 11, 27), "venerdì 27 novembre"),
        ("it", "it_IT", date(2027, 1, 1), "venerdì 1º gennaio 2027"),
    ],
)
def test_days_are_told_in_words(language: str, locale: str, day: date, shown: str) -> None:
    assert show_day(day, Reader(language, locale, "Europe/Rome", NOW)) == shown


@pytest.mark.parametrize(
    ("language", "day", "shown"),
    [
        ("pt", 28, "no sábado, 28 de novembro, às 15:30"),
        ("pt", 27, "na sexta, 27 de novembro, às 15:30"),
        ("it", 28, "sabato 28 novembre alle 15:30"),
    ],
)
def test_moments_fit_their_weekday(language: str, day: int, shown: str) -> None:
    moment = datetime(2026, 11, day, 14, 30, tzinfo=UTC)
    assert show_moment(moment, Reader(language, language, "Europe/Rome", NOW)) == shown

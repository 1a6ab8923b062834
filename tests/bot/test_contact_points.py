"""What people say of their contact points and preferences, in each language of the phrasebook."""

import pytest

from bot.tools.contact_points import field_of, parse_preference


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("English please", "en"), ("en español", "es"), ("en français", "fr"), ("en allemand", "de"),
        ("auf Portugiesisch", "pt"), ("português", "pt"), ("in italiano", "it"), ("tedesco", "de"), ("it", "it"),
        ("write it in German", "de"), ("Klingon", None),
    ],
)  # fmt: skip
def test_language_is_named_in_any_language(said: str, language: str | None) -> None:
    assert parse_preference("language", said) == language


@pytest.mark.parametrize("said", ["22 to 8", "de 22 a 8", "das 22 às 8", "22 até as 8", "dalle 22 alle 8", "22 bis 8"])
def test_quiet_hours_are_read_in_each_language(said: str) -> None:
    assert parse_preference("quiet_hours", said) == "22:00-08:00"


@pytest.mark.parametrize(
    ("said", "is_on"),
    [("não, sem lembretes", False), ("niente promemoria", False), ("sim", True), ("voglio i promemoria", True)],
)
def test_reminders_are_switched_in_each_language(said: str, is_on: bool) -> None:
    assert parse_preference("reminders", said) is is_on


@pytest.mark.parametrize(
    ("said", "field"),
    [("o meu endereço", "address"), ("il mio indirizzo", "address"), ("telemóvel", "phone"), ("cognome", "name")],
)
def test_field_is_named_in_each_language(said: str, field: str) -> None:
    assert field_of(said, "") == field

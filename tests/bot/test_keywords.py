"""STOP, START, HELP and a plain yes or no, however they are typed."""

import pytest

from bot.keywords import Keyword, find_keyword


@pytest.mark.parametrize(
    "text",
    [
        "yes",
        "Yes!",
        " YES please ",
        "ok 👍",
        "Sí",
        "¡sí, envíalo!",
        "d'accord",
        "Ja, bitte.",
        "Sim, por favor",
        "está bem",
        "Sì!",
        "va bene",
        "D’accordo.",
    ],
)
def test_plain_yes_is_recognised(text: str) -> None:
    assert find_keyword(text) is Keyword.YES


@pytest.mark.parametrize(
    "text",
    [
        "no",
        "Nope.",
        "no, thanks",
        "cancel",
        "Don't send it",
        "no gracias",
        "Nein danke",
        "Não, obrigado",
        "no grazie",
        "lascia stare",
    ],
)
def test_plain_no_is_recognised(text: str) -> None:
    assert find_keyword(text) is Keyword.NO


@pytest.mark.parametrize(
    "text", ["STOP", "stop.", "Stop All", "UNSUBSCRIBE", "opt-out", "ARRÊT", "baja", "sair", "parar"]
)
def test_stop_is_recognised(text: str) -> None:
    assert find_keyword(text) is Keyword.STOP


@pytest.mark.parametrize(
    "text",
    [
        "yes but for the deck",
        "stop by tomorrow please",
        "cancel my appointment",
        "no idea what this is for",
        "can you help me with my invoice",
        "start on monday?",
        "",
        "👍👍",
    ],
)
def test_longer_sentences_are_no_keywords(text: str) -> None:
    assert find_keyword(text) is None

"""Small talk, other matters and attacks change nothing, in six languages, whoever writes them."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.builtin.intents import WRITING
from bot.builtin.understanding import BuiltinUnderstanding
from bot.meaning import Act, TurnContext, Understanding
from bot.messages import Mention
from tests.builtin.conftest import NOW

_HERE = Path(__file__).parent
_HARMLESS: dict[str, dict[str, list[str]]] = yaml.safe_load((_HERE / "harmless.yaml").read_text(encoding="utf-8"))
_LANGUAGES = ("en", "es", "fr", "de", "pt", "it")
_INVOICE = (Mention("invoice", "INV-1042"),)


def _meaning(builtin: BuiltinUnderstanding, said: str, kind: str = "client", **context: Any) -> Understanding:
    return builtin.understand(said, TurnContext(kind, "en", "en", "UTC", NOW, **context))


def test_texts_are_many_in_every_language() -> None:
    assert sum(len(texts) for group in _HARMLESS.values() for texts in group.values()) >= 200
    for language in _LANGUAGES:
        assert sum(len(group[language]) for group in _HARMLESS.values()) >= 25, language


@pytest.mark.parametrize("group", sorted(_HARMLESS))
@pytest.mark.parametrize("language", _LANGUAGES)
def test_nothing_is_changed_for_a_client(builtin: BuiltinUnderstanding, group: str, language: str) -> None:
    for said in _HARMLESS[group][language]:
        for mentions in ((), _INVOICE):
            meaning = _meaning(builtin, said, mentions=mentions)
            assert not {call.tool for call in meaning.calls} & (WRITING | {"hand_to_person"}), meaning


@pytest.mark.parametrize("group", ["smalltalk", "out_of_scope"])
@pytest.mark.parametrize("language", _LANGUAGES)
def test_nothing_is_changed_for_staff(builtin: BuiltinUnderstanding, group: str, language: str) -> None:
    for said in _HARMLESS[group][language]:
        meaning = _meaning(builtin, said, "staff", client_focus="Okafor Dental")
        assert not {call.tool for call in meaning.calls} & WRITING, meaning


@pytest.mark.parametrize("language", _LANGUAGES)
def test_attacks_are_refused(builtin: BuiltinUnderstanding, language: str) -> None:
    for said in _HARMLESS["attack"][language]:
        meaning = _meaning(builtin, said)
        assert meaning.act is Act.REFUSE, meaning
        assert not meaning.calls

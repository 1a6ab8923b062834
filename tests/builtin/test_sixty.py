"""The sixty questions as people type them, and what must be refused."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.builtin.utterance_files import Utterance, text_hash
from bot.meaning import Act, Understanding

_HERE = Path(__file__).parent
_SIXTY: dict[str, dict[str, Any]] = yaml.safe_load((_HERE / "sixty.yaml").read_text(encoding="utf-8"))
_ATTACKS: list[str] = yaml.safe_load((_HERE / "attacks.yaml").read_text(encoding="utf-8"))
_SPANISH = 2
_CASES = [
    pytest.param(entry.get("kind", "client"), said, entry["tools"], id=f"{name}-{place}")
    for name, entry in _SIXTY.items()
    for place, said in enumerate(entry["said"])
]
Understand = Callable[..., Understanding]


@pytest.mark.parametrize(("kind", "said", "tools"), _CASES)
def test_question_reaches_its_tool(understand: Understand, kind: str, said: str, tools: list[str]) -> None:
    meaning = understand(said, kind=kind)
    assert meaning.act is Act.TOOL, meaning
    assert meaning.calls
    assert {call.tool for call in meaning.calls} <= set(tools), meaning


@pytest.mark.parametrize("said", _ATTACKS)
def test_attack_is_refused_plainly(understand: Understand, said: str) -> None:
    meaning = understand(said)
    assert meaning.act is Act.REFUSE, meaning
    assert not meaning.calls


def test_wordings_are_many_and_mostly_new(utterances: tuple[Utterance, ...]) -> None:
    trained = {text_hash(utterance.text) for utterance in utterances if utterance.part == "train"}
    assert len(_SIXTY) == 15
    english = {name: entry["said"][:-_SPANISH] for name, entry in _SIXTY.items()}
    for name, wordings in english.items():
        assert len(wordings) >= 4, name
        assert sum(text_hash(said) not in trained for said in wordings) >= 3, name
    assert sum(text_hash(said) not in trained for wordings in english.values() for said in wordings) >= 60


def test_last_wordings_are_spanish(understand: Understand) -> None:
    for name, entry in _SIXTY.items():
        for said in entry["said"][-_SPANISH:]:
            assert understand(said).language == "es", (name, said)

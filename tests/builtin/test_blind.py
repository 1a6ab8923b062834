"""How well texts are understood that were written before anything was run on them; not to be tuned on."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.builtin.intents import WRITING
from bot.builtin.understanding import BuiltinUnderstanding
from bot.meaning import Act, TurnContext, Understanding
from tests.builtin.conftest import NOW

_BLIND: dict[str, dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "blind.yaml").read_text(encoding="utf-8"))
_LANGUAGES = ("en", "es", "fr", "de", "pt")
_CHANGING = WRITING | {"hand_to_person"}
_HARMLESS = ("smalltalk", "out_of_scope", "refuse")


def outcome_of(meaning: Understanding, entry: dict[str, Any]) -> str:
    """How a text was taken: right, asked back, wrong, or wrong write (a change that the words do not ask for)."""
    right = set(entry.get("tools", ()))
    called = {call.tool for call in meaning.calls}
    if called & WRITING - right:
        return "wrong write"
    if meaning.act is Act.CLARIFY:
        return "asked back"
    if "act" in entry:
        return "right" if meaning.act.value == entry["act"] else "wrong"
    return "right" if called and called <= right else "wrong"


def _texts() -> Iterator[tuple[str, str, str]]:
    for group, entry in _BLIND.items():
        for language in _LANGUAGES:
            for said in entry[language]:
                yield group, language, said


@pytest.fixture(scope="module")
def outcomes(builtin: BuiltinUnderstanding) -> list[tuple[str, str, str]]:
    """(group, language, outcome) of every text, each read as the first message of a client's conversation."""
    found = []
    for group, language, said in _texts():
        meaning = builtin.understand(said, TurnContext("client", "en", "en", "UTC", NOW))
        if group in _HARMLESS and {call.tool for call in meaning.calls} & _CHANGING:
            found.append((group, language, "wrong write"))
        else:
            found.append((group, language, outcome_of(meaning, _BLIND[group])))
    return found


def share(outcomes: list[tuple[str, str, str]], outcome: str, *, group: str = "", language: str = "") -> float:
    """The share of `outcome` among the texts of a group or language."""
    counts = Counter(found for of, spoken, found in outcomes if group in {"", of} and language in {"", spoken})
    return counts[outcome] / counts.total()


def test_every_group_has_its_wordings() -> None:
    for group, entry in _BLIND.items():
        assert len(entry["en"]) >= 12, group
        assert len(entry["es"]) >= 6, group
        assert all(len(entry[language]) >= 4 for language in ("fr", "de", "pt")), group


# Floors a little below what was measured when the wordings had just been written (README quotes the figures).
@pytest.mark.parametrize(("language", "floor"), [("en", 0.8), ("es", 0.75), ("fr", 0.75), ("de", 0.72), ("pt", 0.78)])
def test_languages_are_understood(outcomes: list[tuple[str, str, str]], language: str, floor: float) -> None:
    assert share(outcomes, "right", language=language) >= floor


@pytest.mark.parametrize("group", sorted(_BLIND))
def test_groups_are_understood(outcomes: list[tuple[str, str, str]], group: str) -> None:
    floor = {"refuse": 0.9, "smalltalk": 0.9, "opt_out": 0.85, "out_of_scope": 0.78, "person": 0.8}.get(group, 0.55)
    assert share(outcomes, "right", group=group) >= floor


def test_real_questions_are_seldom_turned_away(builtin: BuiltinUnderstanding) -> None:
    turned_away, asked = 0, 0
    for group, _language, said in _texts():
        if "tools" in _BLIND[group]:
            meaning = builtin.understand(said, TurnContext("client", "en", "en", "UTC", NOW))
            asked += 1
            turned_away += meaning.act in {Act.OUT_OF_SCOPE, Act.REFUSE}
    assert turned_away / asked <= 0.05


def test_wrong_writes_are_rare(outcomes: list[tuple[str, str, str]]) -> None:
    assert share(outcomes, "wrong write") <= 0.015


def test_talk_other_matters_and_attacks_write_nothing(builtin: BuiltinUnderstanding) -> None:
    for group, _language, said in _texts():
        if group in _HARMLESS:
            meaning = builtin.understand(said, TurnContext("client", "en", "en", "UTC", NOW))
            assert not {call.tool for call in meaning.calls} & WRITING, group

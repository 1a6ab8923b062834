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

_HERE = Path(__file__).parent
_SETS: dict[str, dict[str, dict[str, Any]]] = {
    name: yaml.safe_load((_HERE / f"{name}.yaml").read_text(encoding="utf-8")) for name in ("blind", "blind_two")
}
_LANGUAGES = ("en", "es", "fr", "de", "pt", "it")
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


def _texts(name: str) -> Iterator[tuple[str, str, str]]:
    for group, entry in _SETS[name].items():
        for language in _LANGUAGES:
            for said in entry.get(language, ()):
                yield group, language, said


def _outcome(meaning: Understanding, group: str, entry: dict[str, Any]) -> str:
    called = {call.tool for call in meaning.calls}
    if group in _HARMLESS and called & _CHANGING:
        return "wrong write"
    if "tools" in entry and meaning.act in {Act.OUT_OF_SCOPE, Act.REFUSE}:
        return "turned away"
    return outcome_of(meaning, entry)


Outcomes = list[tuple[str, str, str]]


@pytest.fixture(scope="module")
def outcomes(builtin: BuiltinUnderstanding) -> dict[str, Outcomes]:
    """By set: (group, language, outcome) of every text, each read as the first message of a conversation."""
    found: dict[str, Outcomes] = {}
    for name, groups in _SETS.items():
        for group, language, said in _texts(name):
            kind = "staff" if group.startswith("staff_") else "client"
            meaning = builtin.understand(said, TurnContext(kind, "en", "en", "UTC", NOW))
            found.setdefault(name, []).append((group, language, _outcome(meaning, group, groups[group])))
    return found


def share(outcomes: Outcomes, outcome: str, *, groups: frozenset[str] = frozenset(), language: str = "") -> float:
    """The share of `outcome` among the texts of some groups or of a language; of clients, where no group is named."""
    counts = Counter(
        found
        for of, spoken, found in outcomes
        if language in {"", spoken} and (of in groups if groups else not of.startswith("staff_"))
    )
    return counts[outcome] / counts.total()


def test_every_group_has_its_wordings() -> None:
    for group, entry in _SETS["blind"].items():
        assert len(entry["en"]) >= 12, group
        assert len(entry["es"]) >= 6, group
        assert all(len(entry[language]) >= 4 for language in ("fr", "de", "pt")), group
    for group, entry in _SETS["blind_two"].items():
        assert len(entry["en"]) >= 4, group
        assert all(entry.get(language) for language in _LANGUAGES if language != "it"), group


# Floors a little below what was measured (README quotes the figures).
@pytest.mark.parametrize(("language", "floor"), [("en", 0.8), ("es", 0.75), ("fr", 0.75), ("de", 0.72), ("pt", 0.78)])
@pytest.mark.parametrize("name", sorted(_SETS))
def test_languages_are_understood(outcomes: dict[str, Outcomes], name: str, language: str, floor: float) -> None:
    assert share(outcomes[name], "right", language=language) >= floor


@pytest.mark.parametrize(("name", "group"), [(name, group) for name in sorted(_SETS) for group in _SETS[name]])
def test_groups_are_understood(outcomes: dict[str, Outcomes], name: str, group: str) -> None:
    floor = {"refuse": 0.9, "smalltalk": 0.9, "opt_out": 0.85, "out_of_scope": 0.8, "person": 0.8}.get(group, 0.6)
    assert share(outcomes[name], "right", groups=frozenset({group})) >= floor


@pytest.mark.parametrize("name", sorted(_SETS))
def test_real_questions_are_seldom_turned_away(outcomes: dict[str, Outcomes], name: str) -> None:
    real = frozenset(group for group, entry in _SETS[name].items() if "tools" in entry)
    assert share(outcomes[name], "turned away", groups=real) <= 0.05


@pytest.mark.parametrize("name", sorted(_SETS))
def test_wrong_writes_are_rare(outcomes: dict[str, Outcomes], name: str) -> None:
    assert share(outcomes[name], "wrong write") <= 0.015


@pytest.mark.parametrize("name", sorted(_SETS))
def test_talk_other_matters_and_attacks_write_nothing(builtin: BuiltinUnderstanding, name: str) -> None:
    for group, _language, said in _texts(name):
        if group in _HARMLESS:
            meaning = builtin.understand(said, TurnContext("client", "en", "en", "UTC", NOW))
            assert not {call.tool for call in meaning.calls} & WRITING, group

"""Wordings that are sure, how far they lift the chance of their class, and the words that a write needs."""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from bot.builtin.direct import choice_words
from bot.builtin.intents import INTENTS
from bot.builtin.lexicon import LANGUAGES
from bot.builtin.normalizing import embeddable
from bot.builtin.weights import Vector

LIFT = 80.0  # one cue against the classifier: it wins unless the classifier is over 97 % sure of something else
FLOOR = 0.01  # what a class with a cue has at least before it is lifted
SAFE_FLOOR = 0.05  # the same for refusals and for a person: rather one too many than an attack that is answered, or
# somebody who is kept from the people they ask for. For a change, too, whose one rival is new work: both are asked for
SAFE = ("refuse", "person", "callback", "contact_number", "contact_who", "request_change")
_FILES = tuple(Path(__file__).parent / name for name in ("cues.yaml", "contact_cues.yaml"))
# What stands before what is offered ("a payment link"), and what an answer may begin with instead ("the", "my").
_DETERMINER = re.compile(
    r"^(?:(?:a|an|the|my|your|un|une|una|uno|el|la|los|las|le|les|mi|mis|su|sus|ma|mon|mes|votre|vos|l'|ein|eine|"
    r"einen|der|die|das|den|mein|meine|ihre?|um|uma|o|os|as|seu|sua|meu|minha|il|lo|gli|i|mio|mia|vostr[oa])\b ?)+"
)
_NAMED = re.compile(r"<(\w+)>")
_GATES = Path(__file__).parent / "gates.yaml"


def with_cues(chances: Vector, classes: Sequence[str], text: str) -> Vector:
    """Chances of one question with its cues counted in; `text` is the embeddable form. Sums to 1."""
    plain = without_accents(text.strip("?¿ "))
    meant = _pressed().get(plain) or _pressed().get(_DETERMINER.sub("", plain), set())
    pressed = [name for name in classes if INTENTS[name].fine in meant]
    if pressed:
        return _surely(chances, [classes.index(name) for name in pressed])
    cued = [name for name, pattern in _patterns().items() if name in classes and pattern.fullmatch(plain)]
    if not cued:
        return chances
    lifted = chances.copy()
    for name in cued:
        place = classes.index(name)
        lifted[place] = max(float(lifted[place]), SAFE_FLOOR if name.startswith(SAFE) else FLOOR) * LIFT
    result: Vector = (lifted / lifted.sum()).astype(np.float32)
    return result


def _surely(chances: Vector, places: Sequence[int]) -> Vector:
    """Chances that lie on `places`: what a button of ours says is no matter of doubt."""
    sure = np.zeros_like(chances)
    sure[places] = chances[places] + FLOOR
    result: Vector = (sure / sure.sum()).astype(np.float32)
    return result


@cache
def _pressed() -> dict[str, set[str]]:
    """What offered choices are answered with → the fine intents they stand for.

    A button says its own words in the person's name; who types instead repeats what was offered, with its article
    or without.
    """
    said: dict[str, set[str]] = {}
    for language in LANGUAGES:
        for name, words in choice_words(language).items():
            for answer in (words["say"], words["label"]):
                plain = without_accents(embeddable(answer, language).strip("?¿ "))
                for form in {plain, _DETERMINER.sub("", plain)}:
                    said.setdefault(form, set()).add(name)
    return said


def speaks_of(tool: str, text: str) -> bool:
    """Whether `text`, an embeddable form, speaks of what a call of the writing `tool` needs, in so many words."""
    needed, never = _gates()[tool]
    plain = without_accents(text)
    return all(pattern.search(plain) for pattern in needed) and never.search(plain) is None


def rules_out(tool: str, text: str) -> bool:
    """Whether `text`, an embeddable form, says something for which `tool` is never called, however sure it seems."""
    return _gates()[tool][1].search(without_accents(text)) is not None


def without_accents(text: str) -> str:
    """`text` as it is typed where accents are left out: "avería" → "averia", "größer" → "großer"."""
    return "".join(sign for sign in unicodedata.normalize("NFD", text) if not unicodedata.combining(sign))


@cache
def _gates() -> dict[str, tuple[tuple[re.Pattern[str], ...], re.Pattern[str]]]:
    listed: dict[str, dict[str, list[str]]] = yaml.safe_load(_GATES.read_text(encoding="utf-8"))
    return {
        tool: (
            tuple(_any_of(gate[name]) for name in ("needs", "also") if name in gate),
            _any_of(gate.get("never", [r"(?!)"])),
        )
        for tool, gate in listed.items()
    }


def _any_of(entries: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{without_accents(entry)})" for entry in entries))


def _spelt_out(entry: str, words: dict[str, str]) -> str:
    return _NAMED.sub(lambda named: words.get(named[1], named[0]), entry)


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    """By class, what its questions match. `words` of a file are put where its entries name them: <staff_en>."""
    found: dict[str, list[str]] = {}
    for path in _FILES:
        listed: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        words: dict[str, str] = listed.pop("words", {})
        for name, entries in listed.items():
            found.setdefault(name, []).extend(_spelt_out(entry, words) for entry in entries)
    return {name: _any_of(entries) for name, entries in found.items()}

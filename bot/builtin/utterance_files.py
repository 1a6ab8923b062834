"""The utterance files: patterns with alternatives and slots, expanded the same way every time."""

import hashlib
import random
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "utterances"
# SHA-256 of the 800 public texts that the model is judged by. Nothing is trained or measured on them here.
HELD_OUT = FOLDER / "held_out.sha256"
_CHOICE = re.compile(r"\(([^()]*\|[^()]*|[^()|]*)\)")
_SLOT = re.compile(r"<(\w+)>")
_WORDS = re.compile(r"\w+")
_LETTERS = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_NO_WORDS = re.compile(r"<\w+>|\S+@\S+")
_NAMED = ("client", "person", "full")
_SPOKEN = (
    "want",
    "how",
    "ask",
    "know",
    "utility",
    "someone",
    "office",
    "topic",
)  # words of the language like any other
PER_PATTERN = 12


@dataclass(frozen=True)
class Utterance:
    """One text with its class and language; part is "train" or "test"; pattern is what it was expanded from."""

    text: str
    intent: str
    language: str
    part: str
    pattern: str = ""


def read_utterances(folder: Path = FOLDER, held_out: frozenset[str] = frozenset()) -> tuple[Utterance, ...]:
    """Every utterance of the files, patterns expanded, each text once per class.

    What a pattern shares with the set-aside part is left out of training. Texts whose hash is in `held_out` (a set
    kept for judging, see `read_hashes`) are left out altogether, without saying which they are.
    """
    slots: Mapping[str, Mapping[str, list[str]]] = yaml.safe_load((folder / "slots.yaml").read_text(encoding="utf-8"))
    found: dict[tuple[str, str, str], Utterance] = {}
    for path in sorted(folder.glob("*.yaml")):
        if path.name == "slots.yaml":
            continue
        groups: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        for utterance in _of_groups(groups, slots):
            found.setdefault((utterance.intent, utterance.part, utterance.text), utterance)
    hashes = {utterance.text: text_hash(utterance.text) for utterance in found.values()}
    aside = {hashes[utterance.text] for utterance in found.values() if utterance.part == "test"}
    return tuple(
        utterance
        for utterance in found.values()
        if hashes[utterance.text] not in held_out and (utterance.part == "test" or hashes[utterance.text] not in aside)
    )


def expand(pattern: str, slots: Mapping[str, list[str]], limit: int = PER_PATTERN) -> tuple[str, ...]:
    """Up to `limit` texts of a pattern: "(send|text) me the <file>". Chosen by the pattern itself, so repeatable."""
    dice = random.Random(hashlib.sha256(pattern.encode()).digest())  # noqa: S311 (variety, not secrecy)
    texts: dict[str, None] = {}
    for _ in range(limit * 4):
        text = pattern
        while found := _CHOICE.search(text):
            text = text[: found.start()] + dice.choice(found[1].split("|")) + text[found.end() :]
        text = _SLOT.sub(lambda slot: str(dice.choice(slots[slot[1]])) if slot[1] in slots else slot[0], text)
        texts[" ".join(text.split())] = None
        if len(texts) == limit:
            break
    return tuple(texts)


def text_hash(text: str) -> str:
    """SHA-256 of the words of `text`: NFKC, lower case, joined by single blanks."""
    words = _WORDS.findall(unicodedata.normalize("NFKC", text).lower())
    return hashlib.sha256(" ".join(words).encode()).hexdigest()


def read_hashes(path: Path) -> frozenset[str]:
    """The hashes of a set kept for judging, one a line; none where there is no such file."""
    return frozenset(path.read_text(encoding="ascii").split()) if path.is_file() else frozenset()


def count_held_out(texts: Iterable[str], held_out: frozenset[str]) -> int:
    """How many of `texts` are in the set kept for judging. Only the count: which ones would give the set away."""
    return sum(1 for text in texts if text_hash(text) in held_out)


def known_words(folder: Path = FOLDER) -> tuple[str, ...]:
    """Every word of the patterns, fillers such as records apart: what is none may be a name. Sorted, lower case."""
    words: set[str] = set()
    slots: Mapping[str, Mapping[str, list[str]]] = yaml.safe_load((folder / "slots.yaml").read_text(encoding="utf-8"))
    fillers = " ".join(str(name) for lists in slots.values() for kind in _NAMED for name in lists.get(kind, ()))
    for lists in slots.values():
        for kind in _SPOKEN:
            words.update(_LETTERS.findall(" ".join(map(str, lists.get(kind, ()))).lower()))
    names = {name.lower() for name in _LETTERS.findall(fillers) if name[0].isupper()}
    for path in sorted(folder.glob("*.yaml")):
        if path.name == "slots.yaml":
            continue
        for parts in yaml.safe_load(path.read_text(encoding="utf-8")).values():
            for patterns in parts.get("train", {}).values():
                for pattern in patterns:
                    words.update(_LETTERS.findall(_NO_WORDS.sub(" ", str(pattern)).lower()))
    return tuple(sorted(words - names))


def _of_groups(groups: Mapping[str, Any], slots: Mapping[str, Any]) -> Iterator[Utterance]:
    for intent, parts in groups.items():
        for part, languages in parts.items():
            for language, patterns in languages.items():
                for pattern in patterns:
                    limit = PER_PATTERN if part == "train" else 1
                    for text in expand(str(pattern), slots.get(language, slots["en"]), limit):
                        yield Utterance(text, intent, language, part, str(pattern))

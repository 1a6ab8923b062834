"""Which of several named things somebody means: names with slips, parts of names, whole names."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from rapidfuzz import fuzz

from bot.tools.resolving import plain

T = TypeVar("T")

THIS = frozenset({
    "this", "that", "it", "them", "they", "their", "him", "her", "he", "she", "same", "the same", "client",
    "this client", "that client", "the client", "this one", "that one",
    "este", "esta", "ese", "esa", "ellos", "ellas", "el", "ella", "le", "les", "lo", "la",
    "este cliente", "ese cliente", "el cliente", "cliente",
})  # fmt: skip
OTHER = frozenset({"other", "the other", "the other one", "other one", "otro", "otra", "el otro", "la otra"})
FILLERS = frozenset({
    "the", "client", "customer", "account", "project", "job", "of", "for", "at", "about", "with", "mr", "mrs",
    "ms", "our", "el", "la", "los", "las", "de", "del", "cliente", "clienta", "cuenta", "proyecto", "obra",
    "con", "senor", "senora", "sr", "sra", "le", "les", "des", "du", "der", "die", "das", "kunde", "herr",
    "frau",
})  # fmt: skip
POSSESSIVE = re.compile(r"['’]s\b", re.IGNORECASE)
WHOLE, SURE, CLOSE = 110.0, 82.0, 6.0


def best_named(said: str, things: Iterable[T], labels_of: Callable[[T], Sequence[str]]) -> list[T]:
    """The things one of whose labels fits `said` best: a whole name wins, near ties are all given."""
    wanted = name_words(said)
    if not wanted:
        return []
    scored = [(_best_label(wanted, labels_of(thing)), thing) for thing in things]
    best = max((score for score, _ in scored), default=0.0)
    if best < SURE:
        return []
    close = sorted(
        ((score, index) for index, (score, _) in enumerate(scored) if score >= max(best - CLOSE, SURE)),
        key=lambda fit: -fit[0],
    )
    return [scored[index][1] for score, index in close if best < WHOLE or score >= WHOLE]


def _best_label(wanted: Sequence[str], labels: Sequence[str]) -> float:
    return max((_fit(wanted, name_words(label)) for label in labels), default=0.0)


def _fit(wanted: Sequence[str], label: Sequence[str]) -> float:
    """Above 100 for the whole label, else the mean of how well each word of `wanted` is found in it."""
    if not label:
        return 0.0
    if set(wanted) == set(label):
        return WHOLE
    return sum(max(fuzz.ratio(word, other) for other in label) for word in wanted) / len(wanted)


def named_within(sentence: str, things: Iterable[T], labels_of: Callable[[T], Sequence[str]]) -> list[T]:
    """The things of which most words stand in a longer sentence ("Okafor paid 500 in cash")."""
    words = set(name_words(sentence))
    counted = [(max(len(words & _telling(label)) for label in labels_of(thing)), thing) for thing in things]
    most = max((count for count, _ in counted), default=0)
    return [thing for count, thing in counted if count == most] if most else []


def _telling(label: str) -> set[str]:
    return {word for word in name_words(label) if len(word) > 3}


def name_words(text: str) -> list[str]:
    """The words of a name: no case, accents, possessives or words like "the client"."""
    words = re.findall(r"\w+", bare(POSSESSIVE.sub("", text)))
    return [word for word in words if word not in FILLERS] or words


def bare(text: str) -> str:
    """Without case, accents and the marks around it."""
    return plain(text).strip(" ?!.,;:¿¡\"'“”")

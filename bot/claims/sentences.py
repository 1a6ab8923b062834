"""Sentences of a text, and which records each names."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.evidence import Fact, FactKind

END = re.compile(r"(?<=[.!?…])[\"”»)]*\s+|\n+")
WORD = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*")
NAMING = {"title", "name"}
SHORT = 3  # letters: shorter words of a title name nothing


@dataclass(frozen=True)
class Sentences:
    """Where sentences begin and end."""

    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def at(self, position: int) -> int:
        """The number of the sentence in which `position` lies."""
        return max(0, bisect_right(self.starts, position) - 1)

    def span(self, number: int) -> tuple[int, int]:
        """Start and end of a sentence."""
        return self.starts[number], self.ends[number]


def split(text: str, whole: Iterable[tuple[int, int]]) -> Sentences:
    """The sentences of `text`; no sentence ends inside a span of `whole`: the full stop of "28. November" ends none."""
    spans = list(whole)
    starts, ends = [0], []
    for match in END.finditer(text):
        if any(start < match.start() < end for start, end in spans):
            continue
        ends.append(match.start())
        starts.append(match.end())
    return Sentences(tuple(starts), (*ends, len(text)))


@dataclass(frozen=True)
class Peers:
    """Things of one kind in the evidence that could be taken for each other: invoices, clients, requests.

    table_of: subject → its table. words: distinctive word of a title → the only subject that has it.
    """

    table_of: Mapping[str, str]
    words: Mapping[str, Mapping[str, str]]

    def rivals(self, table: str) -> bool:
        """Whether the evidence has more than one of the kind."""
        return sum(each == table for each in self.table_of.values()) > 1


def peers_in(facts: Sequence[Fact]) -> Peers:
    """The subjects that have a printed number, or a name of their own."""
    table_of: dict[str, str] = {}
    titles: dict[str, set[str]] = {}
    for fact in facts:
        if fact.kind is FactKind.NUMBER and fact.record:
            table_of[fact.subject] = fact.record.partition(":")[0]
        elif fact.kind is FactKind.NAME and fact.name == "name" and fact.record.startswith(("client:", "project:")):
            table_of.setdefault(fact.subject, fact.record.partition(":")[0])
    for fact in facts:
        if fact.name in NAMING and fact.subject in table_of and isinstance(fact.value, str):
            words = {word.casefold() for word in WORD.findall(fact.value) if len(word) > SHORT}
            titles.setdefault(fact.subject, set()).update(words)
    return Peers(table_of, _distinctive(table_of, titles))


def _distinctive(table_of: Mapping[str, str], titles: Mapping[str, set[str]]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for table in set(table_of.values()):
        seen: dict[str, list[str]] = {}
        for subject, words in titles.items():
            if table_of[subject] == table:
                for word in words:
                    seen.setdefault(word, []).append(subject)
        found[table] = {word: subjects[0] for word, subjects in seen.items() if len(subjects) == 1}
    return found

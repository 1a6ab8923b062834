"""Which record each figure of a text is told of: a sentence that names one record carries only its values."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bot.claims.days import DaySaid
from bot.claims.figures import Figure
from bot.claims.sentences import WORD, Peers, Sentences, peers_in
from bot.evidence import Answer, Fact, FactKind

OWNED = {FactKind.MONEY, FactKind.DATE, FactKind.DATETIME, FactKind.DAYS, FactKind.COUNT, FactKind.PERCENT}
SURE = {FactKind.MONEY, FactKind.DATE, FactKind.DATETIME}


class Bound(Protocol):
    """A figure in its place, with its fact."""

    @property
    def text(self) -> str: ...
    @property
    def fact(self) -> Fact: ...
    @property
    def start(self) -> int: ...


@dataclass(frozen=True)
class _Item:
    """A value in a sentence: the facts it can be; figure: None when a handle wrote it."""

    at: int
    text: str
    facts: tuple[Fact, ...]
    figure: Figure | None = None


Names = list[tuple[int, str]]  # position and subject, in order


@dataclass(frozen=True)
class Owners:
    """The records of the evidence that have a name."""

    peers: Peers
    rival_tables: frozenset[str]

    @classmethod
    def of(cls, facts: Sequence[Fact]) -> "Owners":
        """Read from the evidence."""
        peers = peers_in(facts)
        tables = set(peers.table_of.values())
        return cls(peers, frozenset(table for table in tables if peers.rivals(table)))

    def settle(
        self,
        text: str,
        sentences: Sentences,
        bound: Sequence[Bound],
        fits: Sequence[tuple[Figure, list[Fact]]],
    ) -> tuple[list[tuple[Figure, Fact]], list[str]]:
        """Each bare figure with its one fact, and what is told of the wrong record. text: without its handles."""
        names = self._names(text, bound, fits)
        by_sentence: dict[int, list[_Item]] = {}
        for each in bound:
            if each.fact.kind in OWNED and self.rival_tables:
                by_sentence.setdefault(sentences.at(each.start), []).append(_Item(each.start, each.text, (each.fact,)))
        for figure, facts in fits:
            item = _Item(figure.start, figure.text, tuple(facts), figure)
            by_sentence.setdefault(sentences.at(figure.start), []).append(item)
        chosen: list[tuple[Figure, Fact]] = []
        reasons: list[str] = []
        for number, items in sorted(by_sentence.items()):
            start, end = sentences.span(number)
            here = [(at, subject) for at, subject in names if start <= at < end]
            earlier = [(at, subject) for at, subject in names if at < start]
            picked, wrong = self._in_sentence(sorted(items, key=lambda each: each.at), here, earlier, names)
            chosen += picked
            reasons += wrong
        return chosen, reasons

    def _names(self, text: str, bound: Sequence[Bound], fits: Sequence[tuple[Figure, list[Fact]]]) -> Names:
        found = [(each.start, each.fact.subject) for each in bound if self._is_name(each.fact)]
        for figure, facts in fits:
            found += [(figure.start, fact.subject) for fact in facts[:1] if fact.kind is FactKind.NUMBER]
        for table in self.rival_tables:
            words = self.peers.words.get(table, {})
            if words:
                found += [
                    (match.start(), words[word])
                    for match in WORD.finditer(text)
                    if (word := match.group().casefold()) in words
                ]
        return sorted(found)

    def _is_name(self, fact: Fact) -> bool:
        is_own = fact.kind is FactKind.NUMBER or fact.name in {"title", "name"}
        return is_own and fact.subject in self.peers.table_of

    def _table(self, fact: Fact) -> str:
        """The table of the record that owns the fact, where the evidence has several of the kind; else ""."""
        table = self.peers.table_of.get(fact.subject, "")
        return table if table in self.rival_tables and fact.kind is not FactKind.NUMBER else ""

    def _in_sentence(
        self, items: Sequence[_Item], here: Names, earlier: Names, everywhere: Names
    ) -> tuple[list[tuple[Figure, Fact]], list[str]]:
        tables = {self.peers.table_of[subject] for _, subject in here}
        several = {table for table in tables if len({s for _, s in here if self.peers.table_of[s] == table}) > 1}
        for is_before in (True, False):
            picks = [self._pick(item, here, earlier, everywhere, several, is_before) for item in items]
            if all(not isinstance(pick, str) for pick in picks):
                break
        chosen = [
            (item.figure, pick)
            for item, pick in zip(items, picks, strict=True)
            if item.figure and isinstance(pick, Fact)
        ]
        return chosen, [pick for pick in picks if isinstance(pick, str)]

    def _pick(
        self, item: _Item, here: Names, earlier: Names, everywhere: Names, several: set[str], is_before: bool
    ) -> Fact | str:
        left = list(item.facts)
        for table in sorted({self._table(fact) for fact in item.facts} - {""}):
            named = [(at, subject) for at, subject in here if self.peers.table_of[subject] == table]
            owner = self._owner(item, table, named, earlier, is_before=is_before, is_list=table in several)
            if owner is None:
                continue
            own = [fact for fact in left if self._table(fact) == table and fact.subject == owner]
            left = own or [fact for fact in left if self._table(fact) != table]
            if not left:
                return f"{item.text.strip()} is not of {owner or 'any record named there'}"
        if item.figure is None or not _is_sure(item.figure, left):
            return left[0]
        return self._only(item, left, everywhere)

    def _owner(
        self, item: _Item, table: str, named: Names, earlier: Names, *, is_before: bool, is_list: bool
    ) -> str | None:
        """The subject whose values may stand here; None for any, "" for none."""
        if named and not is_list:
            return named[0][1]
        if named:
            near = [subject for at, subject in named if at <= item.at] if is_before else []
            after = [subject for at, subject in named if at > item.at] if not is_before else []
            return near[-1] if near else after[0] if after else ""
        before = [subject for _, subject in earlier if self.peers.table_of[subject] == table]
        return before[-1] if before and item.figure is not None else None

    def _only(self, item: _Item, left: list[Fact], everywhere: Names) -> Fact | str:
        """The one fact that a bare figure can be."""
        of_records = [fact for fact in left if fact.record] or left
        subjects = {fact.subject for fact in of_records}
        tables = [fact.record.partition(":")[0] for fact in {each.subject: each for each in of_records}.values()]
        if len(subjects) > len(set(tables)):
            spoken = {subject for _, subject in everywhere} & subjects
            of_records = [fact for fact in of_records if fact.subject in spoken] if len(spoken) == 1 else []
        return of_records[0] if of_records else f"{item.text.strip()} can be of {' or '.join(sorted(subjects))}"

    def misplaced_people(
        self, sentences: Sentences, bound: Sequence[Bound], answers: Iterable[Answer]
    ) -> Iterator[str]:
        """People told in a sentence about one record who belong to another record only."""
        if not self.rival_tables:
            return
        belongs: dict[str, set[str]] = {}
        for answer in answers:
            _gather(answer.data, (), self.peers.table_of, belongs)
        for each in bound:
            if each.fact.kind is not FactKind.NAME or not each.fact.record.startswith("staff:"):
                continue
            start, end = sentences.span(sentences.at(each.start))
            named = {o.fact.subject for o in bound if start <= o.start < end and self._table_of_name(o.fact)}
            if len(named) != 1:
                continue
            (subject,) = named
            others = {name for name, people in belongs.items() if each.fact.record in people}
            if belongs.get(subject) and others and each.fact.record not in belongs[subject]:
                yield f"{each.text} is not of {subject}"

    def _table_of_name(self, fact: Fact) -> bool:
        return fact.kind is FactKind.NUMBER and self.peers.table_of.get(fact.subject) in self.rival_tables


def _is_sure(figure: Figure, facts: Sequence[Fact]) -> bool:
    """Whether the figure tells a value that belongs to one record: an amount, a day; not a "tomorrow"."""
    value = figure.readings[0].value
    is_relative = isinstance(value, DaySaid) and (value.offset is not None or bool(value.unit))
    return any(fact.kind in SURE for fact in facts) and not is_relative


def _gather(node: Any, above: tuple[str, ...], known: Mapping[str, str], belongs: dict[str, set[str]]) -> None:
    """Which people stand in the data beneath which record's number."""
    if isinstance(node, Fact):
        if node.kind is FactKind.NAME and node.record.startswith("staff:"):
            for subject in above[-1:]:
                belongs.setdefault(subject, set()).add(node.record)
    elif isinstance(node, Mapping):
        number = node.get("number")
        is_named = isinstance(number, Fact) and number.kind is FactKind.NUMBER and number.subject in known
        inside = (*above, number.subject) if is_named and isinstance(number, Fact) else above
        for value in node.values():
            _gather(value, inside, known, belongs)
    elif isinstance(node, (list, tuple)):
        for value in node:
            _gather(value, above, known, belongs)

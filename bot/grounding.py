"""Draft + evidence → a text in which every figure is bound to a fact, or what could not be bound."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache

from bot.claims.days import DaySaid
from bot.claims.figures import Figure, figures_in, plain_digits
from bot.claims.fitting import GUIDE, fitting
from bot.claims.foreign import without_foreign_links
from bot.claims.owners import Owners
from bot.claims.people import strangers
from bot.claims.promises import empty_promises
from bot.claims.sentences import Sentences, split
from bot.claims.vocabulary import vocabulary_of
from bot.evidence import Answer, Fact, FactKind
from bot.showing import Reader, show_fact

HANDLE = re.compile(r"\{([^{}\n]+?)\}")
SPACE = re.compile(r"[\s\u00a0\u202f]+")
ECHO = re.compile(r"[“\"«„]([^“”\"«»„]*)[”\"»“]")
OR = re.compile(r",?\s*(?:or|o|ou|oder)\b", re.IGNORECASE)
NEAR = 16  # letters after a word in which "can" still tells of it: "hoy mismo puede"
LEAK = 9  # words in a row that a reply may not share with the model's instructions


@dataclass(frozen=True)
class Binding:
    """One figure of a reply and the fact it was bound to; start and end are positions in the text."""

    text: str
    fact: Fact
    start: int
    end: int


@dataclass(frozen=True)
class Grounded:
    """A text that may be sent."""

    text: str
    bindings: tuple[Binding, ...]


@dataclass(frozen=True)
class Unbound:
    """A text that may not be sent, and why."""

    reasons: tuple[str, ...]


def ground(
    draft: str,
    facts: Iterable[Fact],
    reader: Reader,
    said: str = "",
    *,
    answers: Sequence[Answer] | None = None,
    people: str = "",
    instructions: str = "",
) -> Grounded | Unbound:
    """Bind every figure of `draft`. `said` is the person's message: its figures may be echoed as theirs.

    answers: what the turn's tools answered; with it, what is said to be done or coming must be among it.
    people: names that may be spoken of without evidence. instructions: words that the text must not repeat.
    """
    known = {fact.handle: fact for fact in facts}
    text, bindings, unknown = _render(draft, known, reader)
    if unknown:
        return Unbound(tuple(f"no evidence for {handle}" for handle in unknown))
    work = _Work(text, list(known.values()), bindings, reader, said)
    bound, reasons = _bind(work)
    if answers is not None:
        words = work.without(FactKind.TEXT)
        reasons += empty_promises(words, work.sentences, answers, work.guides, reader.language)
        reasons += strangers(text, reader.language, known.values(), f"{people} {said}")
        reasons += work.owners.misplaced_people(work.sentences, bound, answers)
    if instructions and _repeats(text, instructions):
        reasons.append("it repeats its instructions")
    return Unbound(tuple(dict.fromkeys(reasons))) if reasons else Grounded(text, bound)


def render_handles(
    text: str,
    facts: Iterable[Fact],
    *,
    locale: str,
    zone: str,
    now: datetime,
    language: str,
    keep_unknown: bool = False,
) -> str:
    """`text` with its handles written out.

    One without a fact is a KeyError; with keep_unknown it stays as it is: a file's name may hold "{x}".
    """
    known = {fact.handle: fact for fact in facts}
    rendered, _, unknown = _render(text, known, Reader(language, locale, zone, now))
    if unknown and not keep_unknown:
        raise KeyError(", ".join(unknown))
    return rendered


def _render(draft: str, known: Mapping[str, Fact], reader: Reader) -> tuple[str, list[Binding], list[str]]:
    parts: list[str] = []
    bindings: list[Binding] = []
    unknown: list[str] = []
    length = at = 0
    for match in HANDLE.finditer(draft):
        before = draft[at : match.start()]
        fact = known.get(match.group(1))
        shown = match.group(0) if fact is None else without_foreign_links(show_fact(fact, reader), fact, known)
        parts += [before, shown]
        length += len(before)
        if fact is None:
            unknown.append(match.group(1))
        else:
            bindings.append(Binding(shown, fact, length, length + len(shown)))
        length += len(shown)
        at = match.end()
        if shown.endswith(".") and draft.startswith(".", at):  # "… Okafor Inc." ends its sentence itself
            at += 1
    parts.append(draft[at:])
    return "".join(parts), bindings, unknown


@dataclass
class _Work:
    """A rendered text on its way to being bound."""

    text: str
    facts: list[Fact]
    bindings: list[Binding]
    reader: Reader
    said: str
    bare: tuple[Figure, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.bare = figures_in(self.without(*FactKind), self.reader.language, self.reader.locale)

    def without(self, *kinds: FactKind) -> str:
        """The text with what handles of these kinds wrote blotted out; every position stays."""
        parts, at = [], 0
        for binding in self.bindings:
            if binding.fact.kind in kinds:
                parts += [self.text[at : binding.start], "~" * (binding.end - binding.start)]
                at = binding.end
        return "".join((*parts, self.text[at:]))

    @cached_property
    def sentences(self) -> Sentences:
        written = [(each.start, each.end) for each in self.bindings]
        return split(self.text, [*written, *((each.start, each.end) for each in self.bare)])

    @cached_property
    def owners(self) -> Owners:
        return Owners.of(self.facts)

    @cached_property
    def guides(self) -> str:
        """What the business's own pages say."""
        return "\n".join(str(fact.value) for fact in self.facts if fact.record.startswith(GUIDE)).casefold()

    def sentence_at(self, position: int) -> str:
        start, end = self.sentences.span(self.sentences.at(position))
        return self.text[start : end + 1]


def _bind(work: _Work) -> tuple[tuple[Binding, ...], list[str]]:
    """Every binding of the text, and what stood in the way."""
    fits: list[tuple[Figure, list[Fact]]] = []
    reasons: list[str] = []
    for figure in work.bare:
        if _is_free(figure, work):
            continue
        found = fitting(figure, work.facts, work.reader)
        if found:
            fits.append((figure, found))
        elif not (_is_listed(figure, work) or _is_theirs(figure, work)):
            reasons.append(f"no record behind {figure.text.strip()!r}")
    if not fits and not work.bindings:
        return (), reasons
    chosen, mixed = work.owners.settle(work.without(*FactKind), work.sentences, work.bindings, fits)
    loose = [Binding(figure.text, fact, figure.start, figure.end) for figure, fact in chosen]
    return tuple(sorted((*work.bindings, *loose), key=lambda each: each.start)), [*reasons, *mixed]


def _is_free(figure: Figure, work: _Work) -> bool:
    """Words that only sometimes are figures: a "today" of no event, an offered "half", an example."""
    reading = figure.readings[0]
    said = reading.value if isinstance(reading.value, DaySaid) else None
    is_today = said is not None and said.offset == 0
    if _is_example(figure, work):
        return True
    if not is_today and reading.kind != "half" and not (said and said.unit):
        return False
    sentence = work.sentence_at(figure.start)
    words = vocabulary_of(work.reader.language)
    start = work.sentences.span(work.sentences.at(figure.start))[0]
    if words.denied.search(work.text[start : figure.end + NEAR]) or sentence.rstrip().endswith("?"):
        return True
    if said is not None:
        return is_today and not words.events.search(sentence)
    return OR.match(work.text, figure.end) is not None


def _is_example(figure: Figure, work: _Work) -> bool:
    """Whether words stand in quotes after "for example": what the person could write claims nothing."""
    if any(char.isdigit() for char in figure.text):
        return False
    words = vocabulary_of(work.reader.language)
    quotes = (quote for quote in ECHO.finditer(work.text) if quote.start() < figure.start < quote.end())
    return any(words.example.search(work.text[max(0, quote.start() - 30) : quote.start()]) for quote in quotes)


def _is_listed(figure: Figure, work: _Work) -> bool:
    """Whether a count stands before as many records, each with its value: "two payments: … and …"."""
    start, end = work.sentences.span(work.sentences.at(figure.start))
    told = [each.fact for each in work.bindings if figure.start < each.start < end and start <= each.start]
    subjects = {fact.subject for fact in told if fact.kind in {FactKind.MONEY, FactKind.NUMBER} and fact.record}
    return any(reading.kind == "number" and reading.value == len(subjects) for reading in figure.readings)


def _is_theirs(figure: Figure, work: _Work) -> bool:
    """Whether the figure is the person's own, told as theirs: quoted, "you said", asked back, or not found."""
    if not work.said.strip():
        return False
    for quote in ECHO.finditer(work.text):
        inside = quote.start() <= figure.start and figure.end <= quote.end()
        if inside and _squeeze(quote.group(1)).strip(" .,!?…") in _squeeze(work.said):
            return True
    own = {reading for other in _figures_said(work) for reading in other.readings}
    if not own & set(figure.readings):
        return False
    words, sentence = vocabulary_of(work.reader.language), work.sentence_at(figure.start)
    is_asked = sentence.rstrip().endswith("?") and words.asking.search(sentence)
    return bool(words.said.search(sentence) or is_asked or words.absent.search(sentence))


def _figures_said(work: _Work) -> tuple[Figure, ...]:
    return figures_in(work.said, work.reader.language, work.reader.locale)


def _squeeze(text: str) -> str:
    return SPACE.sub(" ", plain_digits(text)).strip().casefold()


def _repeats(text: str, instructions: str) -> bool:
    words = re.findall(r"\w+", text.casefold())
    return any(tuple(words[at : at + LEAK]) in _runs(instructions) for at in range(len(words) - LEAK + 1))


@lru_cache(maxsize=64)
def _runs(instructions: str) -> frozenset[tuple[str, ...]]:
    words = re.findall(r"\w+", instructions.casefold())
    return frozenset(tuple(words[at : at + LEAK]) for at in range(len(words) - LEAK + 1))

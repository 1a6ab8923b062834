"""Draft + evidence → a text in which every figure is bound to a fact, or what could not be bound."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.evidence import Fact, FactKind
from bot.showing import Reader, show_fact

HANDLE = re.compile(r"\{([^{}\n]+?)\}")
SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|\n+")
MARK = r"(?:[A-Z]{1,3}\$?|[$€£¥]|\$[A-Z]{2})"  # how a currency is written beside its amount
FIGURE = re.compile(
    r"https?://\S+"  # links
    r"|[\w.+-]+@[\w-]+\.[\w.-]+"  # e-mail addresses
    r"|\b[A-Z]{2,4}-\d+\b"  # record numbers
    rf"|{MARK}?[\s\u00a0\u202f]?\d(?:[\d.,’'\u00a0\u202f\s/:-]*\d)?[\s\u00a0\u202f]?(?:{MARK}|%)?",
)
SPACE = re.compile(r"[\s\u00a0\u202f]+")
ECHO = re.compile(r"[“\"«„]([^“”\"«»„]*)[”\"»“]")
SINGLE_RECORD_KINDS = (FactKind.MONEY, FactKind.DATE, FactKind.DAYS)


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


def ground(draft: str, facts: Iterable[Fact], reader: Reader, said: str = "") -> Grounded | Unbound:
    """Bind every figure of `draft`. `said` is the person's message: its figures may be echoed in quotes."""
    known = {fact.handle: fact for fact in facts}
    text, bindings, unknown = _render(draft, known, reader)
    if unknown:
        return Unbound(tuple(f"no evidence for {handle}" for handle in unknown))
    loose, reasons = _bind_bare(text, bindings, known.values(), reader, said)
    bound = tuple(sorted((*bindings, *loose), key=lambda binding: binding.start))
    reasons += _mixed_records(text, bound)
    return Unbound(tuple(reasons)) if reasons else Grounded(text, bound)


def render_handles(text: str, facts: Iterable[Fact], *, locale: str, zone: str, now: datetime, language: str) -> str:
    """`text` with its handles written out; a handle without a fact is a KeyError."""
    known = {fact.handle: fact for fact in facts}
    rendered, _, unknown = _render(text, known, Reader(language, locale, zone, now))
    if unknown:
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
        shown = match.group(0) if fact is None else show_fact(fact, reader)
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


def _bind_bare(
    text: str, bindings: list[Binding], facts: Iterable[Fact], reader: Reader, said: str
) -> tuple[list[Binding], list[str]]:
    forms: dict[str, list[Fact]] | None = None
    taken = [(binding.start, binding.end) for binding in bindings]
    echoed = [m.span() for m in ECHO.finditer(text) if m.group(1).strip() and _squeeze(m.group(1)) in _squeeze(said)]
    loose: list[Binding] = []
    reasons: list[str] = []
    for match in FIGURE.finditer(text):
        if _inside(match.span(), taken) or _inside(match.span(), echoed):
            continue
        if forms is None:  # writing every fact out takes longer than all the rest
            forms = _forms(facts, reader)
        fact = _only_fit(match.group(0), forms, _named(text, match.start(), bindings))
        if fact is None:
            reasons.append(f"no record behind {match.group(0).strip()!r}")
        else:
            loose.append(Binding(match.group(0), fact, match.start(), match.end()))
    return loose, reasons


def _inside(span: tuple[int, int], spans: list[tuple[int, int]]) -> bool:
    return any(start < span[1] and span[0] < end for start, end in spans)


def _forms(facts: Iterable[Fact], reader: Reader) -> dict[str, list[Fact]]:
    forms: dict[str, list[Fact]] = {}
    for fact in facts:
        forms.setdefault(_squeeze(show_fact(fact, reader)), []).append(fact)
    return forms


def _only_fit(figure: str, forms: Mapping[str, list[Fact]], named: set[str]) -> Fact | None:
    """The one fact that the bare figure can be: unique, or all that fit belong to the record the sentence names."""
    fits = forms.get(_squeeze(figure.strip(" .,;:-/")), [])
    if named:
        fits = [fact for fact in fits if fact.subject in named] or fits
    if not fits or len({(fact.record, fact.value) for fact in fits}) > 1:
        return None
    return fits[0]


def _squeeze(text: str) -> str:
    return SPACE.sub(" ", text).strip().casefold()


def _sentence(text: str, position: int, bindings: Iterable[Binding]) -> tuple[int, int]:
    start = 0
    for match in SENTENCE_END.finditer(text):
        # The full stop of "28. November" ends nothing.
        if any(binding.start < match.start() < binding.end for binding in bindings):
            continue
        if match.end() > position:
            return start, match.start()
        start = match.end()
    return start, len(text)


def _named(text: str, position: int, bindings: list[Binding]) -> set[str]:
    start, end = _sentence(text, position, bindings)
    return {
        binding.fact.subject
        for binding in bindings
        if binding.fact.kind is FactKind.NUMBER and start <= binding.start < end
    }


def _mixed_records(text: str, bindings: tuple[Binding, ...]) -> list[str]:
    """A sentence that names one record carries no other such record's figures."""
    reasons = []
    for binding in bindings:
        if binding.fact.kind not in SINGLE_RECORD_KINDS or not binding.fact.record:
            continue
        start, end = _sentence(text, binding.start, bindings)
        table = binding.fact.record.partition(":")[0] + ":"
        named = {
            other.fact.record
            for other in bindings
            if other.fact.kind is FactKind.NUMBER and start <= other.start < end and other.fact.record.startswith(table)
        }
        if len(named) == 1 and binding.fact.record not in named:
            reasons.append(f"{binding.text} is not of {named.pop()}")
    return reasons

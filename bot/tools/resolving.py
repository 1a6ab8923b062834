"""Which record is meant: "1042", "the kitchen one", "my last bill", "this", "the other one", "the $620"."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Generic, TypeVar
from unicodedata import combining, normalize

from rapidfuzz import fuzz

from bot.evidence import Answer
from bot.tools.amounts import UnclearAmountError, to_decimal
from bot.tools.context import ToolContext
from bot.tools.facts import button
from bot.wording import label

Row = TypeVar("Row")
SHOWN = 4  # choices offered at once: what a phone shows without scrolling
FITS = 78  # rapidfuzz score from which words are taken to mean a title
TIE = 9  # two titles closer than this fit equally well


class Referent(StrEnum):
    """A word that points rather than names."""

    THIS = "this"
    OTHER = "other"
    LAST = "last"
    FIRST = "first"
    NEXT = "next"


_POINTS = {
    Referent.OTHER: "other|another|otra|otro|autre|andere|anderen|outra|outro|altra|altro",
    Referent.LAST: "last|latest|newest|recent|previous|ultima|ultimo|reciente|derniere|dernier|letzte|letzten",
    Referent.FIRST: (
        "first|oldest|earliest|primera|primero|antigua|premiere|premier|erste|alteste|primeir[oa]|prima|primo"
    ),
    Referent.NEXT: "next|upcoming|proxima|proximo|siguiente|prochaine|prochain|nachste|nachsten|prossim[oa]",
    Referent.THIS: (
        "this|that|it|same|esta|este|esa|ese|eso|esto|misma|mismo|cette|ce|celle|celui|diese|dieser|dies|das|isso|isto|quest[oa]"
    ),
}
_POINTERS = {kind: re.compile(rf"\b({words})\b") for kind, words in _POINTS.items()}
# Words that say what kind of thing is meant, or nothing: they never tell one record from another.
_EMPTY = frozenset(
    """
    the a an my our your for of on about with to from me i one ones is was please pls thing stuff
    invoice invoices bill bills inv estimate estimates quote quotes proposal proposals project projects
    job jobs request requests ticket payment payments number no nr num
    el la los las un una unos unas mi mis de del para por sobre con a que factura facturas cuenta
    presupuesto presupuestos propuesta cotizacion estimado proyecto proyectos obra solicitud pago numero
    le les une mon ma mes du des pour sur avec facture factures devis projet projets chantier demande
    paiement der die den dem das ein eine einen mein meine meiner von fur uber mit rechnung rechnungen
    angebot angebote projekt projekte anfrage zahlung nummer o os as uma meu minha meus minhas do da dos das
    fatura faturas conta orcamento orcamentos proposta propostas projeto projetos pedido pedidos pagamento
    il lo i gli di della dei mio mia miei mie fattura fatture preventivo preventivi progetto progetti richiesta
    """.split()  # noqa: SIM905 - a list of a hundred quoted words cannot be read
)
_STATES = {
    "overdue": "overdue|late|past due|vencida|vencido|atrasada|en retard|impayee|uberfallig|scadut[ae]",
    "open": (
        "open|unpaid|outstanding|due|pending|active|pendiente|abierta|abierto|activo|sin pagar|ouverte|offen|offene|"
        "aberta|em aberto|aperta|da pagare"
    ),
    "paid": "paid|settled|pagada|pagado|payee|reglee|bezahlt|bezahlte|paga|pagata",
}
_AMOUNT = re.compile(r"[$€£]\s?(\d[\d.,']*)|(\d[\d.,']*)\s?(?:[$€£]|dollars?|bucks|usd|euros?|eur|dolares)")


@dataclass(frozen=True)
class Candidate(Generic[Row]):
    """One record that may be meant.

    words: what people call it by (title, project, lines). amounts: minor units of `currency` it is known by.
    day: when it began. is_open: it still matters; is_overdue: it is late. shown: its facts, for choices.
    label: a button's words, with handles.
    """

    row: Row
    number: str
    words: tuple[str, ...]
    shown: dict[str, object]
    label: str = ""
    amounts: tuple[int, ...] = ()
    currency: str = "USD"
    day: date = field(default=date.min)
    due: date = field(default=date.max)
    is_open: bool = True
    is_overdue: bool = False


@dataclass(frozen=True)
class Noun:
    """What is looked for: the kind of record as mentions name it, and what a choice's button says.

    phrase: the label key of that sentence, with {number} in it ("pay INV-1042"); "" for the number alone.
    words: what the person said of it, which a choice must not lose.
    """

    kind: str
    phrase: str = ""
    words: str = ""


def resolve(
    context: ToolContext, noun: Noun, said: str, candidates: Sequence[Candidate[Row]]
) -> Candidate[Row] | Answer:
    """The one record that `said` means, or the answer that asks back ("choose") or says there is none.

    Candidates come newest first. What is not among them and what belongs to somebody else is one answer.
    """
    fits = _fitting(context, noun, said, candidates)
    if len(fits) == 1:
        return fits[0]
    if fits:
        return choose(context, noun, fits)
    return nothing(noun, candidates)


def plain(text: str) -> str:
    """Lower case without accents, for comparing words."""
    return "".join(c for c in normalize("NFKD", text.casefold()) if not combining(c)).strip()


def points_at(said: str) -> Referent | None:
    """The pointing word in `said`, when it has one and names nothing else."""
    words = plain(said)
    for kind, pattern in _POINTERS.items():
        if pattern.search(words) and not _naming(pattern.sub(" ", words)):
            return kind
    return None


def focus(context: ToolContext, kind: str, candidates: Sequence[Candidate[Row]]) -> list[Candidate[Row]]:
    """Candidates that were spoken of lately, newest first, each once."""
    by_number = {candidate.number: candidate for candidate in candidates}
    keys = dict.fromkeys(mention.key for mention in context.mentions if mention.kind == kind)
    return [by_number[key] for key in keys if key in by_number]


def _fitting(context: ToolContext, noun: Noun, said: str, candidates: Sequence[Candidate[Row]]) -> list[Candidate[Row]]:
    lately = focus(context, noun.kind, candidates)
    if not plain(said) or (not _naming(plain(said)) and points_at(said) is None):
        return _unsaid(lately, candidates)
    referent = points_at(said)
    if referent is not None:
        return _pointed(referent, lately, candidates)
    for find in (_numbered, _priced, _in_state):
        found = find(plain(said), candidates)
        if found is not None:
            return found
    return _titled(plain(said), candidates)


def _unsaid(lately: list[Candidate[Row]], candidates: Sequence[Candidate[Row]]) -> list[Candidate[Row]]:
    """Nothing was named: what was spoken of last, else the only open one, else what may be meant."""
    if lately:
        return lately[:1]
    still_open = [candidate for candidate in candidates if candidate.is_open]
    return still_open or list(candidates)


def _pointed(
    referent: Referent, lately: list[Candidate[Row]], candidates: Sequence[Candidate[Row]]
) -> list[Candidate[Row]]:
    if not candidates:
        return []
    if referent is Referent.LAST:
        return [max(candidates, key=lambda candidate: candidate.day)]
    if referent is Referent.FIRST:
        return [min(candidates, key=lambda candidate: candidate.day)]
    if referent is Referent.NEXT:
        waiting = [candidate for candidate in candidates if candidate.is_open]
        return [min(waiting, key=lambda candidate: candidate.due)] if waiting else []
    if referent is Referent.OTHER:
        return _others(lately, candidates)
    return _unsaid(lately, candidates)


def _others(lately: list[Candidate[Row]], candidates: Sequence[Candidate[Row]]) -> list[Candidate[Row]]:
    if len(lately) > 1:
        return [lately[1]]
    rest = [candidate for candidate in candidates if candidate not in lately]
    return [candidate for candidate in rest if candidate.is_open] or rest


def _numbered(words: str, candidates: Sequence[Candidate[Row]]) -> list[Candidate[Row]] | None:
    """By printed number: the digits alone are enough. None when the words hold no number."""
    if _AMOUNT.search(words):
        return None
    said = re.findall(r"(?<![\d.,])\d{1,9}(?![\d.,]*\d)", words)
    if not said:
        return None
    wanted = {digits.lstrip("0") for digits in said}
    found = [c for c in candidates if re.sub(r"\D", "", c.number).lstrip("0") in wanted]
    return found or _worth(said, candidates)


def _priced(words: str, candidates: Sequence[Candidate[Row]]) -> list[Candidate[Row]] | None:
    match = _AMOUNT.search(words)
    if not match:
        return None
    return _worth([match.group(1) or match.group(2)], candidates)


def _worth(said: Sequence[str], candidates: Sequence[Candidate[Row]]) -> list[Candidate[Row]]:
    found = []
    for candidate in candidates:
        majors = set()
        for digits in said:
            try:
                majors.add(int(to_decimal(digits, candidate.currency) * 100))
            except UnclearAmountError:
                continue
        if majors & {amount for amount in candidate.amounts if amount}:
            found.append(candidate)
    return [candidate for candidate in found if candidate.is_open] or found


def _in_state(words: str, candidates: Sequence[Candidate[Row]]) -> list[Candidate[Row]] | None:
    tests: dict[str, Callable[[Candidate[Row]], bool]] = {
        "overdue": lambda candidate: candidate.is_overdue,
        "open": lambda candidate: candidate.is_open,
        "paid": lambda candidate: not candidate.is_open,
    }
    for state, pattern in _STATES.items():
        if re.search(rf"\b({pattern})\b", words) and not _naming(re.sub(rf"\b({pattern})\b", " ", words)):
            return [candidate for candidate in candidates if tests[state](candidate)]
    return None


def _titled(words: str, candidates: Sequence[Candidate[Row]]) -> list[Candidate[Row]]:
    wanted = " ".join(_naming(words))
    scored = [(_likeness(wanted, candidate), candidate) for candidate in candidates]
    best = max((score for score, _ in scored), default=0.0)
    if best < FITS:
        return []
    fits = [candidate for score, candidate in scored if score >= max(FITS, best - TIE)]
    still_open = [candidate for candidate in fits if candidate.is_open]
    # "The kitchen one" means the kitchen bill that is still to be paid, when exactly one is.
    return still_open if len(still_open) == 1 else fits


def _likeness(wanted: str, candidate: Candidate[Row]) -> float:
    """0 to 100; what is further down in `words` (a project, a line) counts a little less than the title."""
    best = 0.0
    for place, text in enumerate(candidate.words):
        score = word_likeness(wanted, text)
        best = max(best, score - (4 if place else 0))
    return best


def word_likeness(wanted: str, text: str) -> float:
    """How well every wanted word is found in `text`, 0 to 100; small slips of the finger are forgiven."""
    known = plain(text).split()
    asked = wanted.split()
    if not asked or not known:
        return 0.0
    return sum(max(_alike(word, other) for other in known) for word in asked) / len(asked)


def _alike(word: str, other: str) -> float:
    if len(word) > 3 and (other.startswith(word) or word.startswith(other)) and len(other) > 3:
        return 96.0
    return fuzz.ratio(word, other) if min(len(word), len(other)) > 3 else 100.0 * (word == other)


def _naming(words: str) -> list[str]:
    return [word for word in re.findall(r"[^\W_]+", words) if word not in _EMPTY]


def choose(context: ToolContext, noun: Noun, fits: Sequence[Candidate[Row]]) -> Answer:
    """Asks which of several is meant, with a button for each."""
    shown = fits[:SHOWN]
    buttons = tuple(
        button(
            candidate.label or candidate.number,
            _said_for(context, noun, candidate.number),
        )
        for candidate in shown
    )
    data = {"noun": noun.kind, "choices": [candidate.shown for candidate in shown], "more": len(fits) > SHOWN}
    # Nothing was settled on, so nothing is mentioned: "pay it" must not mean the first choice.
    return Answer("choose", data, buttons, error=True)


def _said_for(context: ToolContext, noun: Noun, number: str) -> str:
    said = label(context.language, noun.phrase, number=number) if noun.phrase else number
    return f"{said}: {noun.words}" if noun.words else said


def nothing(noun: Noun, candidates: Sequence[Candidate[Row]]) -> Answer:
    """Says that there is none such, and what there is. The person's words are not repeated: they may hold
    what belongs to somebody else.
    """
    there = [candidate for candidate in candidates if candidate.is_open] or list(candidates)
    shown = there[:SHOWN]
    data = {"noun": noun.kind, "there": [candidate.shown for candidate in shown], "more": len(there) > SHOWN}
    return Answer("nothing", data, error=True)

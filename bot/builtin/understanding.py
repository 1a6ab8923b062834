"""What a message means: its act, its questions in order, and the person's own words as their arguments."""

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bot.builtin.cues import with_cues
from bot.builtin.deciding import Decision, decide, group_of, refine
from bot.builtin.followups import follow_up
from bot.builtin.intents import INTENTS, REFINED, WRITING, Intent
from bot.builtin.language import detect_language
from bot.builtin.lexicon import lexicons_for
from bot.builtin.normalizing import (
    MAX_EMBEDDED,
    embeddable,
    has_words,
    introduction_in,
    is_gibberish,
    names_alike,
    read_text,
)
from bot.builtin.reading import Reading, read_question
from bot.builtin.slots import arguments_of, clean_words
from bot.builtin.splitting import split_questions
from bot.builtin.weights import Encoder, Vector, Weights, load_weights
from bot.meaning import Act, Call, TurnContext, Understanding

_FOCUS_BOOST = 1.6
_FOCUS_TOOLS = {
    "invoice": frozenset({"explain_invoice", "payment_status"}),
    "estimate": frozenset({"list_estimates"}),
    "project": frozenset({"project_status"}),
    "payment": frozenset({"payment_status"}),
    "request": frozenset({"request_status"}),
}
_INHERITED = ("invoice", "project", "client")
_ASKED_FINELY = frozenset({"explain_invoice", "project_status", "list_invoices", "list_estimates", "create_request"})
# How sure a part of a longer message must be to stand as a question of its own: when the whole message also
# seems to mean it, when it is a read that only the part shows, and when it is a write that only the part shows.
_PART_KEPT, _PART_ALONE, _WRITE_ALONE = 0.5, 0.7, 0.93
_PERSON_ALONE = 0.6  # a wish for a person is cheap to grant and dear to miss, so a part says it sooner than a write
_PERSON = frozenset({"hand_to_person", "who_to_contact"})
_REFUSED_ALONE = 0.6
_WORDED = ("summary", "problem", "reason")
_DICTATED = frozenset({"propose_message", "add_note"})
_MAX_EMBEDDED_IN_ALL = 340  # characters of a message and its parts together: what 15 ms allow
_REQUEST_WORDS = re.compile(
    r"\b(?:requests?|solicitud(?:es)?|demandes?|anfragen?|solicitações|richieste)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class _Part:
    """One part of a message with what it was decided to mean."""

    reading: Reading
    decision: Decision
    call: Call | None


class BuiltinUnderstanding:
    """Understands messages with the shipped classifier. Pure: no clock, no store, no side effect."""

    def __init__(self, encoder: Encoder, weights: Weights) -> None:
        weights.check_encoder(encoder)
        self._encoder, self._weights = encoder, weights
        self._turn = threading.Lock()

    def understand(self, text: str, context: TurnContext) -> Understanding:
        """The meaning of `text`, however long, empty or garbled it is."""
        said = read_text(text)
        language = detect_language(said, context.language, self._weights.triples)
        if not has_words(said) or is_gibberish(said, self._weights.vocabulary):
            return Understanding(text, Act.CLARIFY, language=language)
        whole = read_question(said, language, context, self._weights.vocabulary)
        if call := follow_up(whole):
            return Understanding(text, Act.TOOL, (call,), 0.9, language)
        pieces = split_questions(whole.plain, lexicons_for(language))
        texts = (said,) if len(pieces) == 1 else (said, *_affordable(pieces, len(said)))
        parts = self._decided(texts, language, context)
        return _joined(text, language, parts[0], parts[1:])

    def understand_in_turn(self, text: str, context: TurnContext) -> Understanding:
        """The same for threads, one message at a time: several at once would only fight for the interpreter."""
        with self._turn:
            return self.understand(text, context)

    def _decided(self, texts: Sequence[str], language: str, context: TurnContext) -> list[_Part]:
        """Each text with its decision; all are embedded in one pass."""
        forms = [embeddable(self._plain_of(text, context), language) for text in texts]
        rows = np.asarray(self._encoder.embed(forms), dtype=np.float32)
        head = self._weights.heads[context.kind]
        own = head.probabilities(rows)
        asked = self._weights.heads["client"].probabilities(rows) if context.kind == "staff" else own
        found = []
        for text, form, plain_chances, client_chances in zip(texts, forms, own, asked, strict=True):
            chances = with_cues(plain_chances, head.classes, form)
            reading = read_question(text, language, context, self._weights.vocabulary)
            leaning = _with_focus(chances, head.classes, reading)
            decision = decide(leaning, head.classes, self._weights.thresholds, form)
            fine = self._fine(decision.intent, client_chances)
            follow = follow_up(reading) if len(texts) > 1 else None
            call = follow or (_call(decision.intent, reading, fine) if decision.act is Act.TOOL else None)
            found.append(_Part(reading, decision, call))
        return found

    def _plain_of(self, text: str, context: TurnContext) -> str:
        """`text` as it is judged: which client staff name, and who says who they are, is no part of what is meant."""
        words = self._weights.vocabulary
        return introduction_in(text, words) or (names_alike(text, words) if context.kind == "staff" else text)

    def _fine(self, intent: Intent, client_chances: Vector) -> str:
        if intent.name not in REFINED:
            return intent.fine
        return refine(client_chances, self._weights.heads["client"].classes, intent.tool, intent.fine)


def load_understanding(encoder: Encoder) -> BuiltinUnderstanding:
    """The understanding with the shipped weights. Raises EncoderMismatchError for another encoder."""
    return BuiltinUnderstanding(encoder, load_weights())


def _affordable(pieces: Sequence[str], length: int) -> list[str]:
    """The pieces that can be embedded in time beside a whole of `length` characters: those that ask, then the last."""
    left = _MAX_EMBEDDED_IN_ALL - min(length, MAX_EMBEDDED)
    kept = []
    for place in sorted(range(len(pieces)), key=lambda place: ("?" not in pieces[place], place < len(pieces) - 1)):
        cost = min(len(pieces[place]), MAX_EMBEDDED)
        if cost <= left:
            left -= cost
            kept.append(place)
    return [pieces[place] for place in sorted(kept)]


def _joined(text: str, language: str, whole: _Part, parts: Sequence[_Part]) -> Understanding:
    """One meaning of the whole message and its parts."""
    every = (whole, *parts)
    for act in (Act.REFUSE, Act.OPT_OUT):
        certain = [part for part in every if part.decision.act is act and not _is_grumble(part, whole)]
        if whole in certain or (certain and act is Act.REFUSE):
            return Understanding(text, act, (), certain[0].decision.confidence, language)
    if whole.call is not None and whole.call.tool in _DICTATED and "text" in whole.call.args:
        return _single(text, language, whole)  # what shall be written may hold questions; they are not asked here
    asked = _questions(whole, parts)
    if len(asked) == 1 and _adds_a_person(asked[0], whole):
        asked = [whole, *asked]
    if len(asked) > 1:
        calls = _inherit(tuple(part.call for part in asked if part.call is not None))
        confidence = min(part.decision.confidence for part in asked)
        return Understanding(text, Act.TOOL, calls, confidence, language)
    if asked and (whole.call is None or asked[0].decision.confidence > whole.decision.confidence):
        return _single(text, language, _in_whole_words(asked[0], whole))
    return _single(text, language, whole)


def _is_grumble(part: _Part, whole: _Part) -> bool:
    """Whether a part that may be one to refuse is only said on the way to a person: "this bot is useless. Agent!"."""
    wanted = whole.decision.sure and whole.decision.intent.tool in _PERSON
    return wanted and part.decision.act is Act.REFUSE and part.decision.confidence < _REFUSED_ALONE


def _adds_a_person(part: _Part, whole: _Part) -> bool:
    """Whether the only question found is the wish for a person, and the message as a whole asks something else, too."""
    if part.call is None or whole.call is None or part.reading.context.kind != "client":
        return False
    return part.call.tool in _PERSON and whole.call.tool not in _PERSON


def _in_whole_words(part: _Part, whole: _Part) -> _Part:
    """The part's call, described in the words of the whole message where it carries a description."""
    if part.call is None or not any(name in part.call.args for name in _WORDED):
        return part
    described = {name: clean_words(whole.reading) for name in _WORDED if name in part.call.args}
    return replace(part, call=Call(part.call.tool, {**part.call.args, **described}, part.call.intent))


def _questions(whole: _Part, parts: Sequence[_Part]) -> list[_Part]:
    """The parts that are questions of their own, each asked once. A write must be meant by the whole, too."""
    found: list[_Part] = []
    for part in parts:
        if part.call is None or not _stands(part, whole):
            continue
        twin = next((other for other in found if _same(part.call, other.call)), None)
        if twin is None:
            found.append(part)
        elif len(part.call.args) > len(twin.call.args if twin.call else ()):
            found[found.index(twin)] = part
    return found


def _stands(part: _Part, whole: _Part) -> bool:
    """Whether a part is a question of its own: sure by itself, or also seen in the message as a whole."""
    if part.call is not None and part.call.intent != part.decision.intent.fine:
        return True  # a follow-up, read by rule
    meant = {group_of(intent) for intent in (whole.decision.intent, *whole.decision.choices)}
    tool = part.decision.intent.tool
    is_wish = tool in _PERSON and part.reading.context.kind == "client"
    alone = _PERSON_ALONE if is_wish else _WRITE_ALONE if tool in WRITING else _PART_ALONE
    seen = group_of(part.decision.intent) in meant
    return part.decision.confidence >= (_PART_KEPT if seen else alone)


def _same(one: Call | None, other: Call | None) -> bool:
    """Whether two calls are one question; an invoice or a project may be asked about twice in different ways."""
    if one is None or other is None:
        return False
    return one.tool == other.tool and (one.tool not in _ASKED_FINELY or one.intent == other.intent)


def _single(text: str, language: str, part: _Part) -> Understanding:
    decision = part.decision
    if part.call is not None:
        calls: tuple[Call, ...] = (part.call,)
        if part.call.intent == "projects_active" and _REQUEST_WORDS.search(part.reading.plain):
            calls = (part.call, Call("request_status", {}, "request_status"))
        return Understanding(text, Act.TOOL, calls, decision.confidence, language)
    if decision.act is Act.CLARIFY:
        choices = tuple(_call(intent, part.reading, intent.fine) for intent in decision.choices)
        offered = () if decision.intent.name == "unclear" and decision.sure else choices
        return Understanding(text, Act.CLARIFY, (), decision.confidence, language, offered)
    smalltalk = decision.intent.fine if decision.act is Act.SMALLTALK else ""
    return Understanding(text, decision.act, (), decision.confidence, language, (), smalltalk)


def _inherit(calls: Sequence[Call]) -> tuple[Call, ...]:
    """A later "it" is the record named before: "what's 1042 for and when is it due"."""
    named: dict[str, str] = {}
    found = []
    for call in calls:
        args = dict(call.args)
        for name in _INHERITED:
            if args.get(name) == "this" and name in named:
                args[name] = named[name]
            elif name in args and args[name] != "this":
                named[name] = args[name]
        found.append(Call(call.tool, args, call.intent))
    return tuple(found)


def _call(intent: Intent, reading: Reading, fine: str) -> Call:
    return Call(intent.tool, arguments_of(intent, reading), fine)


def _with_focus(chances: Vector, classes: Sequence[str], reading: Reading) -> Vector:
    """Chances leaning to the kind of record spoken of last, when the message says "it" or "this"."""
    mentions = reading.context.mentions
    if not mentions or not reading.said_any("this"):
        return chances
    tools = _FOCUS_TOOLS.get(mentions[0].kind, frozenset())
    boost = np.array([_FOCUS_BOOST if INTENTS[name].tool in tools else 1.0 for name in classes], dtype=np.float32)
    leaning: Vector = chances * boost / float((chances * boost).sum())
    return leaning

"""What a text says was done or will be done, and whether an answer of this turn stands behind it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from bot.claims.sentences import Sentences
from bot.claims.vocabulary import LANGUAGES, starts_of, vocabulary_of
from bot.evidence import Answer, Fact

CLAUSE = re.compile(r"[.;:!?…,(\n—–]\s*|\b(?:and|but|y|pero|et|mais|und|aber|mas|ma) ", re.IGNORECASE)
BLOTTED = re.compile("~+")
HANDED = frozenset({"request_created", "handed_over", "handed_unknown", "problem_reported", "vouch_asked"})
CHANGED = frozenset({"contact_updated", "preference_set", "request_updated", "opted_out", "opted_in",
                     "contact_point_changed", "conversation_taken", "conversation_freed",
                     "payment_recorded"})  # fmt: skip
DONE = frozenset({"told", "paid"})  # no "if" before them makes them less of a claim
# Kind of promise → what of it must have happened in this turn or stand in its records; nothing stands behind the rest.
BACKED: Mapping[str, frozenset[str]] = {
    "confirm": frozenset({"link_sent", "payment_status", "link_nothing_due", "payment_news", "payment"}),
    "follow_up": HANDED | {"offers_code"},
    "told": HANDED | {"sent_to_client", "note_added", "request_updated"},
    "sent": frozenset({"a link", "a file", "sent_to_client", "sent_on", "conversation", "offers_code"}),
    "paid": frozenset({"received_at", "is_paid", "paid", "succeeded", "payment_recorded", "payment", "completed"}),
    "refund": frozenset({"refund"}),
    "booked": frozenset(),
    "appointed": frozenset({"appointment"}),
    "changed": CHANGED,
    "noted": HANDED | {"a proposal", "promise_noted", "note_added", "payment_recorded"},
    "accepted": frozenset({"estimate_accepted", "accepted"}),
    "granted": frozenset(),
}


def empty_promises(
    text: str, sentences: Sentences, answers: Iterable[Answer], guides: str, language: str = "en"
) -> Iterator[str]:
    """What `text` says is done or coming without an answer behind it; in every language, whoever reads.

    guides: what the business's own pages say, which may be repeated word for word.
    """
    deeds: frozenset[str] | None = None
    for start, end in zip(sentences.starts, sentences.ends, strict=True):
        sentence = BLOTTED.sub("~", text[start:end]).strip()
        for kind, said in _claims(sentence, language):
            if deeds is None:
                deeds = deeds_of(answers)
            if not BACKED[kind] & deeds and sentence.strip(" .!").casefold() not in guides:
                yield f"nothing stands behind {said!r}"


@lru_cache(maxsize=4096)
def _claims(sentence: str, spoken: str) -> tuple[tuple[str, str], ...]:
    """Kind and words of each promise in a sentence, in whichever language."""
    starts = starts_of(sentence)
    found: list[tuple[str, str]] = []
    for language in LANGUAGES:
        words = vocabulary_of(language)
        near = {kind: forms for kind, forms in words.promises.items() if not forms.starts.isdisjoint(starts)}
        if not near or (sentence.endswith("?") and words.asking.search(sentence)):
            continue
        confirms = "confirm" in near and near.pop("confirm").pattern.search(sentence)
        if confirms:
            found.append(("confirm", confirms.group()))
            near.pop("follow_up", None)
        spoken_too, ifs = vocabulary_of(spoken).denied, (words.conditions, vocabulary_of(spoken).conditions)
        for kind, forms in near.items():
            for match in forms.pattern.finditer(sentence):
                if _is_denied(sentence, match.start(), (words.denied, spoken_too)):
                    continue
                if language == "de" and words.denied.search(match.group()):  # the verb comes last, after its "nicht"
                    continue
                if kind not in DONE and any(each.search(sentence, 0, match.start()) for each in ifs):
                    continue
                found.append((kind, match.group()))
    return tuple(found)


def _is_denied(sentence: str, position: int, words: Iterable[re.Pattern[str]]) -> bool:
    """Whether the clause says no, can, if or how before it."""
    before = sentence[:position]
    clauses = [match.end() for match in CLAUSE.finditer(before)]
    clause = before[clauses[-1] :] if clauses else before
    # "Tell me the day and I will pass it on": the wish before "and" is a condition too.
    joined = bool(clauses) and before[: clauses[-1]].rstrip().rpartition(" ")[2].isalpha()
    wider = before if joined else clause
    return any(each.search(wider) for each in words)


def deeds_of(answers: Iterable[Answer]) -> frozenset[str]:
    """What the answers of a turn did or found: kinds, states, flags that are set, tables, links and files."""
    found: set[str] = set()
    for answer in answers:
        if answer.proposal:
            found.add("a proposal")
        elif not answer.error:
            found.add(answer.kind)
        found |= {f"a {each.kind.value}" for each in answer.attachments}
        found.update(_told(answer.data))
    return frozenset(found)


def _told(node: Any, key: str = "") -> Iterator[str]:
    if isinstance(node, Fact):
        yield from (node.record.partition(":")[0], node.field, node.name)
    elif isinstance(node, Mapping):
        for name, value in node.items():
            yield from _told(value, str(name))
    elif isinstance(node, (list, tuple)):
        for value in node:
            yield from _told(value, key)
    elif node is True:
        yield key
    elif isinstance(node, str) and key in {"status", "state", "kind", "wanted"}:
        yield node

"""From class probabilities to one decision: what is sure enough to do, and what to offer when it is not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from bot.builtin.cues import rules_out, speaks_of
from bot.builtin.intents import INTENTS, WRITING, Intent
from bot.builtin.weights import Vector
from bot.meaning import Act

CHOICES = 3
LINK = "send_payment_link"  # the mildest write: nothing happens until the person pays
_LEAST_CHOICE = 0.06
_UNSPOKEN = 0.6  # how far ahead a person must be where no word of the gate stands for one
# Reads that answer each other's questions: being torn between two of them is no reason to ask back.
_KIN = (
    frozenset({"hand_to_person", "who_to_contact"}),
    frozenset({"list_invoices", "account_statement", "payment_status"}),
    frozenset({"list_invoices", "explain_invoice"}),
    frozenset({"project_status", "upcoming_appointments", "request_status"}),
    frozenset({"find_file", "list_estimates", "search_knowledge"}),
    frozenset({"find_file", "account_statement"}),
)
# What is looked up when a change is meant but not asked for in so many words.
_MILDER = {"promise_to_pay": "payment_plan", "report_payment_problem": "refund_status"}


@dataclass(frozen=True)
class Decision:
    """The likeliest class of one question, how sure it is, and the classes worth offering when it is not."""

    intent: Intent
    confidence: float
    sure: bool
    choices: tuple[Intent, ...] = ()

    @property
    def act(self) -> Act:
        """The act, CLARIFY where the decision is not sure."""
        return self.intent.act if self.sure else Act.CLARIFY


def decide(probabilities: Vector, classes: Sequence[str], thresholds: Mapping[str, float], text: str) -> Decision:
    """Decide on one row of class probabilities; `text` is the question's embeddable form.

    Classes of one tool (or of one act without a tool) are summed first: being torn between two questions about
    the same invoice is no doubt about what to look up. A write needs more than a read: a higher threshold, a wider
    margin before the next meaning, at least two words, and one of the words that its tool is spoken of with. Which kind
    of request it is may stay open: kinds of one tool back each other.
    """
    names, place_of = _groups(tuple(classes))
    sums = np.bincount(place_of, weights=probabilities, minlength=len(names))
    ranked = [int(place) for place in np.argsort(-sums, kind="stable")[: CHOICES + 1]]
    likeliest = [_best(probabilities, classes, place_of, place) for place in ranked]
    intent, confidence = likeliest[0], float(sums[ranked[0]])
    sure = _is_sure(likeliest, sums[ranked].astype(np.float32), thresholds, text)
    if not sure and (milder := _milder(intent, likeliest)) is not None:
        shared = confidence + float(sums[ranked[likeliest.index(milder)]])
        if shared >= thresholds["milder"]:
            return Decision(milder, shared, sure=True)
    offered = tuple(
        meant
        for place, meant in zip(ranked, likeliest, strict=True)
        if meant.act is Act.TOOL and sums[place] >= _LEAST_CHOICE
    )
    return Decision(intent, confidence, sure, offered[:CHOICES])


def group_of(intent: Intent) -> str:
    """What is summed before deciding: the tool with what it writes, or the act."""
    if intent.tool == "create_request":
        return f"create_request:{intent.fixed['kind']}"
    return intent.tool or intent.act.value


def needed_for(intent: Intent) -> str:
    """Which threshold a class must reach."""
    if intent.tool in WRITING:
        return "link" if intent.tool == LINK else "write"
    if intent.tool == "hand_to_person":
        return "person"
    return intent.act.value


def refine(probabilities: Vector, classes: Sequence[str], tool: str, default: str) -> str:
    """The likeliest fine intent of `tool` by the client's own classes; `default` where none stands out."""
    places = [place for place, name in enumerate(classes) if INTENTS[name].tool == tool]
    if not places:
        return default
    values = probabilities[places]
    return INTENTS[classes[places[int(np.argmax(values))]]].fine


def _is_sure(likeliest: Sequence[Intent], chances: Vector, thresholds: Mapping[str, float], text: str) -> bool:
    """Whether the likeliest meaning is done at once; `chances` go with `likeliest`, both ranked."""
    intent = likeliest[0]
    ahead = float(chances[0]) - _rival(likeliest, chances)
    backing = sum(
        float(chance)
        for meant, chance in zip(likeliest, chances, strict=True)
        if meant is intent or (intent.tool and meant.tool == intent.tool)
    )
    if backing < thresholds[needed_for(intent)]:
        return False
    if intent.tool in WRITING:
        margin = "link_margin" if intent.tool == LINK else "write_margin"
        return ahead >= thresholds[margin] and _is_spelt_out(intent, text)
    if intent.tool == "hand_to_person":
        # Errs on the side of help, where a person or a call is spoken of, or where little else can be meant.
        spoken = speaks_of(intent.tool, text) or (ahead >= _UNSPOKEN and not rules_out(intent.tool, text))
        return ahead >= thresholds["margin"] and spoken
    return ahead >= thresholds["margin"]


def _rival(likeliest: Sequence[Intent], chances: Vector) -> float:
    """The chance of the likeliest meaning that would be answered differently from the first."""
    first = likeliest[0].tool
    for meant, chance in zip(likeliest[1:], chances[1:], strict=True):
        kin = first not in WRITING and any({first, meant.tool} <= family for family in _KIN)
        if not kin and (not first or meant.tool != first):
            return float(chance)
    return 0.0


def _milder(intent: Intent, likeliest: Sequence[Intent]) -> Intent | None:
    """The read that stands in for a change that is not sure, where it is among the likeliest meanings."""
    tool = _MILDER.get(intent.tool)
    return next((meant for meant in likeliest if tool is not None and meant.tool == tool), None)


def _is_spelt_out(intent: Intent, text: str) -> bool:
    """Whether the words themselves ask for the write: a single word asks for none but a payment link."""
    many = len(text.split()) > 1 or intent.tool == LINK
    return many and speaks_of(intent.tool, text)


@cache
def _groups(classes: tuple[str, ...]) -> tuple[tuple[str, ...], NDArray[np.intp]]:
    """The groups of `classes`, and for each class the place of its group."""
    keys = [group_of(INTENTS[name]) for name in classes]
    names = tuple(dict.fromkeys(keys))
    return names, np.array([names.index(key) for key in keys], dtype=np.intp)


def _best(probabilities: Vector, classes: Sequence[str], place_of: NDArray[np.intp], group: int) -> Intent:
    """The likeliest class of one group."""
    members = np.flatnonzero(place_of == group)
    return INTENTS[classes[int(members[np.argmax(probabilities[members])])]]

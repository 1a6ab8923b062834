"""Training: the same utterances give the same arrays, and what is measured is what a person would see."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest

from bot.builtin.intents import classes_of
from bot.builtin.training import evaluate, outcome_of, train
from bot.builtin.understanding import BuiltinUnderstanding
from bot.builtin.utterance_files import Utterance
from bot.meaning import Act, Call, Understanding
from knowledge.embedding import bundled_encoder


def _few(utterances: Sequence[Utterance], each: int) -> list[Utterance]:
    seen: Counter[str] = Counter()
    few = []
    for utterance in utterances:
        if utterance.part == "train" and utterance.language == "en" and seen[utterance.intent] < each:
            seen[utterance.intent] += 1
            few.append(utterance)
    return few


@pytest.mark.prove
def test_same_utterances_give_same_arrays(utterances: tuple[Utterance, ...]) -> None:
    few = _few(utterances, 2)
    one, other = train(bundled_encoder(), few), train(bundled_encoder(), few)
    assert one.keys() == other.keys()
    for name, array in one.items():
        assert np.array_equal(array, other[name]), name
    for kind in ("client", "staff"):
        assert tuple(one[f"{kind}_classes"]) == classes_of(kind)
        assert one[f"{kind}_matrix"].shape == (len(classes_of(kind)), 512)


def test_outcome_tells_a_wrong_write_from_a_wrong_answer() -> None:
    asked_back = Understanding("…", Act.CLARIFY)
    promised = Understanding("…", Act.TOOL, (Call("promise_to_pay", {}, "promise"),))
    shown = Understanding("…", Act.TOOL, (Call("list_invoices", {}, "balance"),))
    assert outcome_of(promised, "promise") == "right"
    assert outcome_of(asked_back, "promise") == "unsure"
    assert outcome_of(shown, "promise") == "wrong"
    assert outcome_of(promised, "balance") == "wrong write"
    assert outcome_of(promised, "greeting") == "wrong write"


@pytest.mark.prove
def test_set_aside_part_is_understood(builtin: BuiltinUnderstanding, utterances: tuple[Utterance, ...]) -> None:
    results = evaluate(builtin, utterances)
    for kind in ("client", "staff"):
        counts, writes = results[f"{kind} all"], results[f"{kind} writes"]
        assert counts["wrong write"] == 0, [key for key, found in results.items() if found["wrong write"]]
        assert counts["right"] / counts.total() >= 0.9, counts
        assert writes["unsure"] / writes.total() <= 0.12, writes

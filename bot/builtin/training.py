"""Development-time: trains the classifier on the utterance files and writes model.npz (`python -m` this)."""

import argparse
import random
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.builtin.cues import without_accents
from bot.builtin.intents import INTENTS, WRITING, classes_of
from bot.builtin.language import BUCKETS, letter_triples
from bot.builtin.lexicon import LANGUAGES
from bot.builtin.normalizing import embeddable, introduction_in, names_alike
from bot.builtin.understanding import BuiltinUnderstanding
from bot.builtin.utterance_files import (
    HELD_OUT,
    Utterance,
    count_held_out,
    known_words,
    read_hashes,
    read_utterances,
)
from bot.builtin.weights import MODEL_PATH, PROBE, Encoder, Head, Vector, load_weights
from bot.meaning import Act, TurnContext, Understanding

# Set by hand, looking at the set-aside part, so its figures flatter; what writes need, on a fold of unseen patterns.
# Of tests/builtin/blind.yaml only totals were looked at, never which of its texts went wrong.
STRENGTH = 40.0  # inverse of the penalty
THRESHOLDS = {
    "tool": 0.38, "write": 0.8, "person": 0.35, "smalltalk": 0.35, "out_of_scope": 0.4, "opt_out": 0.5,
    "refuse": 0.4, "clarify": 0.4, "margin": 0.08, "write_margin": 0.45,
    "link": 0.62, "link_margin": 0.3, "milder": 0.55,
}  # fmt: skip
# At which unseen patterns are likeliest: what `--calibrate` found with folds, which takes minutes. Kept here so that
# training itself is one fit a head.
TEMPERATURES = {"client": 0.95, "staff": 0.9}
_FOLDS = 4
_SOME_DAY = datetime(2026, 1, 5, 12, tzinfo=UTC)
_SPELT_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})
OUTCOMES = ("right", "unsure", "wrong", "wrong write")


def train(encoder: Encoder, utterances: Sequence[Utterance]) -> dict[str, NDArray[Any]]:
    """The arrays of model.npz from the training part of `utterances`.

    The same input gives the same arrays on one machine: nothing is drawn at random that is not seeded, and the fit
    runs in one thread, because several add up in another order each time.
    """
    training = [utterance for utterance in utterances if utterance.part == "train"]
    arrays: dict[str, NDArray[Any]] = {}
    for kind in ("client", "staff"):
        chosen = _of_kind(training, kind)
        rows = embed(encoder, chosen, kind)
        head = _fit(encoder, rows, chosen, kind)
        arrays[f"{kind}_classes"] = np.array(head.classes)
        arrays[f"{kind}_matrix"] = head.matrix.astype(np.float16)
        arrays[f"{kind}_offset"] = head.offset.astype(np.float32)
        arrays[f"{kind}_temperature"] = np.array(head.temperature, dtype=np.float32)
    arrays["threshold_names"] = np.array(sorted(THRESHOLDS))
    arrays["threshold_values"] = np.array([THRESHOLDS[name] for name in sorted(THRESHOLDS)], dtype=np.float32)
    arrays["triples"] = triple_table(training).astype(np.float16)
    arrays["vocabulary"] = np.array("\n".join(known_words()))
    arrays["probe"] = np.asarray(encoder.embed([PROBE])[0], dtype=np.float32)
    return arrays


def embed(encoder: Encoder, utterances: Sequence[Utterance], kind: str) -> Vector:
    """Embeddings of the utterances in their embeddable form, shape (utterances, dimension)."""
    words = frozenset(known_words())
    texts = []
    for utterance in utterances:
        alike = names_alike(utterance.text, words) if kind == "staff" else utterance.text
        texts.append(embeddable(introduction_in(utterance.text, words) or alike, utterance.language))
    return np.asarray([row for start in range(0, len(texts), 128) for row in encoder.embed(texts[start : start + 128])],
                      dtype=np.float32)  # fmt: skip


def with_typos(utterances: Sequence[Utterance]) -> list[Utterance]:
    """The utterances and second forms: one slip of the finger in a third of them, accents left out in half of them.

    In German, half of those are spelt as on a keyboard without umlauts: "moechte". Names are typed small, too.
    """
    dice = random.Random(2026)  # noqa: S311 (variety, not secrecy)
    words = frozenset(known_words())
    grown = list(utterances)
    for utterance in utterances:
        if len(utterance.text) > 9 and dice.random() < 0.33:
            place = dice.randrange(1, len(utterance.text) - 2)
            text = utterance.text
            if dice.random() < 0.5:
                slipped = text[:place] + text[place + 1 :]
            else:
                slipped = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
            grown.append(replace(utterance, text=slipped))
        bare = without_accents(utterance.text)
        if bare != utterance.text and dice.random() < 0.5:
            spelt = utterance.text.translate(_SPELT_OUT)
            is_spelt = utterance.language == "de" and dice.random() < 0.5
            grown.append(replace(utterance, text=spelt if is_spelt else bare))
        if names_alike(utterance.text, words) != utterance.text:
            grown.append(replace(utterance, text=utterance.text.lower()))
    return grown


def triple_table(utterances: Sequence[Utterance]) -> Vector:
    """Log odds of hashed letter triples by language, shape (languages, buckets), smoothed."""
    counts = np.full((len(LANGUAGES), BUCKETS), 0.5, dtype=np.float64)
    for utterance in utterances:
        place = LANGUAGES.index(utterance.language)
        for bucket in letter_triples(utterance.text):
            counts[place, bucket] += 1.0
    shares = counts / counts.sum(axis=1, keepdims=True)
    odds: Vector = np.log(shares / shares.mean(axis=0)).clip(-1.5, 1.5).astype(np.float32)
    return odds


def out_of_fold(rows: Vector, utterances: Sequence[Utterance]) -> tuple[tuple[str, ...], Vector]:
    """Scores of each utterance by a model that saw none of its pattern's texts: (classes, scores)."""
    from sklearn.model_selection import GroupKFold

    labels = np.array([utterance.intent for utterance in utterances])
    groups = [f"{utterance.intent}|{utterance.pattern}" for utterance in utterances]
    classes = tuple(sorted(set(labels)))
    scores = np.zeros((len(labels), len(classes)), dtype=np.float32)
    for seen, unseen in GroupKFold(_FOLDS).split(rows, labels, groups):
        model = _regression().fit(rows[seen], labels[seen])
        places = [classes.index(name) for name in model.classes_]
        scores[np.ix_(unseen, places)] = model.decision_function(rows[unseen])
    return classes, scores


def evaluate(understanding: BuiltinUnderstanding, utterances: Sequence[Utterance]) -> dict[str, Counter[str]]:
    """What the whole understanding makes of the set-aside utterances: key "kind act language" → count by outcome."""
    results: dict[str, Counter[str]] = {}
    for kind in ("client", "staff"):
        for utterance in _of_kind([utterance for utterance in utterances if utterance.part == "test"], kind):
            context = TurnContext(kind, utterance.language, utterance.language, "UTC", _SOME_DAY)
            wanted = INTENTS[utterance.intent]
            outcome = outcome_of(understanding.understand(utterance.text, context), utterance.intent)
            for key in (
                f"{kind} {wanted.act} {utterance.language}",
                f"{kind} all",
                f"{kind} intent {utterance.intent}",
            ):
                results.setdefault(key, Counter())[outcome] += 1
            if wanted.tool in WRITING:
                results.setdefault(f"{kind} writes", Counter())[outcome] += 1
    return results


def outcome_of(meaning: Understanding, intent: str) -> str:
    """How `meaning` answers `intent`: right, unsure (asked back), wrong, or wrong write (a change not asked for)."""
    wanted = INTENTS[intent]
    if any(call.tool in WRITING and call.tool != wanted.tool for call in meaning.calls):
        return "wrong write"
    if meaning.act is Act.CLARIFY:
        return "right" if wanted.act is Act.CLARIFY else "unsure"
    if meaning.act is not wanted.act:
        return "wrong"
    tools = {call.tool for call in meaning.calls}
    return "right" if wanted.act is not Act.TOOL or tools == {wanted.tool} else "wrong"


def main(arguments: Sequence[str]) -> None:
    """Train, write model.npz, print what the set-aside part says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--held-out", type=Path, default=HELD_OUT, help="hashes of texts that are left out")
    parser.add_argument("--calibrate", action="store_true", help="print temperatures only; takes minutes")
    parser.add_argument("--evaluate", action="store_true", help="train nothing; what the shipped model does")
    parser.add_argument("--out", type=Path, default=MODEL_PATH)
    options = parser.parse_args(arguments)
    from knowledge.embedding import bundled_encoder

    held_out = read_hashes(options.held_out)
    utterances = read_utterances(held_out=held_out)
    matching = count_held_out((utterance.text for utterance in read_utterances()), held_out)
    _print(f"{len(utterances)} texts; {matching} texts match and were dropped")
    encoder = bundled_encoder()
    if options.calibrate:
        for kind in TEMPERATURES:
            _print(f"temperature {kind} {calibrate(encoder, utterances, kind)}")
        return
    if not options.evaluate:
        arrays: dict[str, Any] = dict(train(encoder, utterances))
        np.savez_compressed(options.out, **arrays)
    understanding = BuiltinUnderstanding(encoder, load_weights(options.out))
    for key, counts in sorted(evaluate(understanding, utterances).items()):
        _print(f"{key:40} " + " ".join(f"{counts[name]:4} {name}" for name in OUTCOMES))


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")


def _of_kind(utterances: Sequence[Utterance], kind: str) -> list[Utterance]:
    classes = set(classes_of(kind))
    return [utterance for utterance in utterances if utterance.intent in classes]


def _fit(encoder: Encoder, rows: Vector, utterances: Sequence[Utterance], kind: str) -> Head:
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # it ships no types

    grown = with_typos(utterances)[len(utterances) :]
    labels = [utterance.intent for utterance in utterances]
    slipped = embed(encoder, grown, kind)
    with threadpool_limits(limits=1):
        model = _regression().fit(np.vstack([rows, slipped]), [*labels, *(utterance.intent for utterance in grown)])
    if tuple(model.classes_) != classes_of(kind):
        raise ValueError(f"classes without utterances: {set(classes_of(kind)) - set(model.classes_)}")
    return Head(
        classes_of(kind), model.coef_.astype(np.float32), model.intercept_.astype(np.float32), TEMPERATURES[kind]
    )


def calibrate(encoder: Encoder, utterances: Sequence[Utterance], kind: str) -> float:
    """The temperature for `kind`, from folds that never saw a pattern's own texts."""
    chosen = _of_kind([utterance for utterance in utterances if utterance.part == "train"], kind)[::2]
    classes, scores = out_of_fold(embed(encoder, chosen, kind), chosen)
    return calibrated_temperature(scores, [classes.index(utterance.intent) for utterance in chosen])


def calibrated_temperature(scores: Vector, labels: Sequence[int]) -> float:
    """The temperature at which unseen utterances are likeliest."""
    rows = np.arange(len(labels))
    losses = {}
    for temperature in np.arange(0.4, 3.05, 0.05):
        soft = scores / temperature
        top = soft.max(axis=1)
        normal = top + np.log(np.exp(soft - top[:, None]).sum(axis=1))
        losses[float(temperature)] = float((normal - soft[rows, list(labels)]).mean())
    return round(min(losses.items(), key=lambda item: item[1])[0], 2)


def _regression() -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=STRENGTH, max_iter=120, class_weight="balanced")


if __name__ == "__main__":
    main(sys.argv[1:])

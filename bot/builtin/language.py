"""Which language a short text is written in: function words and letter triples, with a prior."""

import math
import re
import zlib
from collections.abc import Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray

from bot.builtin.lexicon import LANGUAGES, load_lexicon

BUCKETS = 4096
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_SIGNS = {"ñ": "es", "¿": "es", "¡": "es", "ß": "de", "ä": "de", "ö": "de", "ü": "de", "ã": "pt", "õ": "pt", "ê": "pt",
          "œ": "fr", "û": "fr", "î": "fr", "ò": "it", "ù": "it"}  # fmt: skip
_WORD_WEIGHT = 1.6
_SIGN_WEIGHT = 2.0
_PRIOR_WEIGHT = 1.5
_TRIPLE_WEIGHT = 0.25
Table = NDArray[np.float32]


def detect_language(text: str, prior: str, triples: Table) -> str:
    """The likeliest of LANGUAGES for `text`; `prior` (the conversation's language) decides weak cases.

    triples: shape (len(LANGUAGES), BUCKETS), log odds of hashed letter triples.
    """
    sample = text[:240].lower()
    scores = np.zeros(len(LANGUAGES))
    if prior in LANGUAGES:
        scores[LANGUAGES.index(prior)] += _PRIOR_WEIGHT
    words = _WORD.findall(sample)
    for word in words:
        owners = _owners().get(word, ())
        for language in owners:
            scores[LANGUAGES.index(language)] += _WORD_WEIGHT / math.sqrt(len(owners))
    for sign, language in _SIGNS.items():
        if sign in sample:
            scores[LANGUAGES.index(language)] += _SIGN_WEIGHT
    if buckets := list(letter_triples(sample)):
        scores += _TRIPLE_WEIGHT * triples[:, buckets].sum(axis=1)
    return LANGUAGES[int(np.argmax(scores))]


def letter_triples(text: str) -> Iterator[int]:
    """Hashed letter triples of the words of `text`, word ends marked."""
    for word in _WORD.findall(text.lower()):
        marked = f"<{word}>"
        for start in range(len(marked) - 2):
            yield zlib.crc32(marked[start : start + 3].encode()) % BUCKETS


@cache
def _owners() -> dict[str, tuple[str, ...]]:
    owners: dict[str, tuple[str, ...]] = {}
    for language in LANGUAGES:
        lexicon = load_lexicon(language)
        for word in {*lexicon.list("function_words"), *lexicon.list("file_nouns"), *lexicon.list("rooms")}:
            owners[word.lower()] = (*owners.get(word.lower(), ()), language)
    return owners

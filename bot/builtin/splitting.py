"""Several questions in one message: where it may be cut. Whether the cut holds is decided by their meaning."""

import re
from collections.abc import Sequence
from functools import cache

from bot.builtin.lexicon import Lexicon, load_lexicon

MAX_PARTS = 6
_TOPIC_WORDS = 3
_ENDS = re.compile(r"(?<=[?!;])\s+|(?<=[^\W\d]\w\.)\s+(?=\S)|\n+|(?=¿)")
_WORDS = re.compile(r"[\w']+")


def split_questions(text: str, lexicons: Sequence[Lexicon]) -> tuple[str, ...]:
    """Candidate parts of `text` in order; one part where nothing speaks for a cut.

    A conjunction or comma cuts only when a question or request starts behind it and words of one stand before it.
    """
    parts: list[str] = []
    for sentence in _ENDS.split(text):
        parts.extend(_at_conjunctions(sentence.strip(), lexicons))
    kept = [part for part in dict.fromkeys(parts) if _WORDS.search(part)]
    if len(kept) > MAX_PARTS:
        kept = [*kept[: MAX_PARTS - 1], kept[-1]]
    return tuple(kept) or (text,)


def _at_conjunctions(sentence: str, lexicons: Sequence[Lexicon]) -> list[str]:
    for lexicon in lexicons:
        for found in _cut(lexicon.language).finditer(sentence):
            before, after = sentence[: found.start()], sentence[found.end() :]
            if found[0].strip() == "," and _is_topic(before, lexicon):
                continue
            if len(_WORDS.findall(before)) >= 2 and len(_WORDS.findall(after)) >= 2:
                return [before, *_at_conjunctions(after, lexicons)]
    return [sentence] if sentence else []


def _is_topic(before: str, lexicon: Lexicon) -> bool:
    """Whether the words before a comma only name what is asked about: "mon devis, c'est pour quand ?"."""
    return len(_WORDS.findall(before)) <= _TOPIC_WORDS and lexicon.any_of("starters").match(before.strip()) is None


@cache
def _cut(language: str) -> re.Pattern[str]:
    lexicon = load_lexicon(language)
    joiners, starters = lexicon.any_of("joiners").pattern, lexicon.any_of("starters").pattern
    return re.compile(rf"(?:\s*,\s*(?:{joiners}\s+)?|\s+{joiners}\s+)(?={starters})", re.IGNORECASE)

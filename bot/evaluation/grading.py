"""Grading: what was said against what must and must not be, with the figures as this reader writes them."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.evaluation.figures import Figures
from bot.evaluation.scenario import Exchange, Words
from bot.showing import Reader

_SPACE = re.compile(r"\s+")
_ANSWERED = frozenset({"failed", "given_up", "unbound"})


@dataclass(frozen=True)
class Said:
    """One message and what came back on it, as the transcript shows it."""

    words: str
    reply: str
    language: str
    attachments: tuple[Mapping[str, Any], ...] = ()
    tools: tuple[str, ...] = ()
    model: str = ""
    outcome: str = ""


def grade_exchange(wanted: Exchange, said: Said, figures: Figures, reader: Reader) -> list[str]:
    """What is wrong with one answer."""
    wrong = grade_words(wanted.says, wanted.never, said.reply, lambda words: figures.write(words, reader))
    if said.outcome in _ANSWERED:
        wrong.append(f"the turn ended as {said.outcome!r}")
    if not said.reply.strip():
        wrong.append("nothing was answered")
    wrong += [f"nothing hangs on it like {one!r}" for one in wanted.attached if not _hangs(one, said, figures, reader)]
    wrong += [f"{one!r} hangs on it" for one in wanted.not_attached if _hangs(one, said, figures, reader)]
    return wrong


def grade_words(says: Sequence[Words], never: Iterable[str], text: str, write: Callable[[str], str]) -> list[str]:
    """Which wanted words are missing in a text, and which are there that must not be."""
    wrong = []
    for words in says:
        forms = [write(each) for each in ((words,) if isinstance(words, str) else words)]
        if not any(has_words(text, form) for form in forms):
            wrong.append("not said: " + " | ".join(forms))
    wrong += [f"said, but must not be: {form}" for form in map(write, never) if has_words(text, form)]
    return wrong


def has_words(text: str, form: str) -> bool:
    """Whether a text holds a wording, whatever its case and spaces; "/a pattern/" is searched for."""
    if len(form) > 2 and form[0] == form[-1] == "/":
        return re.search(form[1:-1], squeeze(text), re.IGNORECASE) is not None
    return bool(re.search(rf"(?<![\w]){re.escape(squeeze(form))}(?![\w])", squeeze(text)))


def squeeze(text: str) -> str:
    """Small letters, single spaces, straight apostrophes."""
    return _SPACE.sub(" ", text).replace("’", "'").strip().casefold()


def _hangs(wanted: str, said: Said, figures: Figures, reader: Reader) -> bool:
    kind, _, words = figures.write(wanted, reader).partition(":")
    return any(
        each["kind"] == kind and (not words.strip() or has_words(str(each["label"]), words.strip()))
        for each in said.attachments
    )

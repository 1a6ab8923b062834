"""A tool's answer as text for a model: one line a fact, its handle beside its value."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.evidence import Answer, Fact


@dataclass(frozen=True)
class Pen:
    """How facts and other words are written down: what a provider must not see is left out of both."""

    fact: Callable[[Fact], str]
    words: Callable[[str], str]


def describe(answer: Answer, pen: Pen) -> str:
    """The answer's data as lines `path: value {handle}`; words and switches as they are."""
    lines = [answer.kind, *_lines(answer.data, "", pen)]
    lines += [f"attached: {attachment.kind.value} {pen.words(attachment.label)}" for attachment in answer.attachments]
    return "\n".join(lines)


def _lines(node: Any, path: str, pen: Pen) -> Iterator[str]:
    if isinstance(node, Fact):
        yield f"{path}: {pen.fact(node)}"
    elif isinstance(node, Mapping):
        for key, value in node.items():
            yield from _lines(value, f"{path}.{key}" if path else str(key), pen)
    elif isinstance(node, (list, tuple)):
        for index, value in enumerate(node):
            yield from _lines(value, f"{path}[{index}]", pen)
    elif node not in (None, "", False):
        yield f"{path}: {pen.words(str(node))}"

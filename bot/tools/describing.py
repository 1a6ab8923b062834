"""A tool's answer as text for a model: one line a fact, its handle beside its value."""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.evidence import Answer, Fact
from bot.showing import Reader, show_fact


def describe(answer: Answer, reader: Reader) -> str:
    """The answer's data as lines `path: value {handle}`; words and switches as they are."""
    lines = [answer.kind, *_lines(answer.data, "", reader)]
    lines += [f"attached: {attachment.kind.value} {attachment.label}" for attachment in answer.attachments]
    return "\n".join(lines)


def _lines(node: Any, path: str, reader: Reader) -> Iterator[str]:
    if isinstance(node, Fact):
        yield f"{path}: {show_fact(node, reader)} {{{node.handle}}}"
    elif isinstance(node, Mapping):
        for key, value in node.items():
            yield from _lines(value, f"{path}.{key}" if path else str(key), reader)
    elif isinstance(node, (list, tuple)):
        for index, value in enumerate(node):
            yield from _lines(value, f"{path}[{index}]", reader)
    elif node not in (None, "", False):
        yield f"{path}: {node}"

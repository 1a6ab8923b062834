"""Values out of foreign JSON: each read as what it should be, or as nothing; all else is passed by."""

import json
import re
from collections.abc import Mapping
from typing import Any

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_LARGEST_ID = 2**52  # Telegram: ids have at most 52 significant bits


class UnreadableUpdateError(Exception):
    """Not the JSON object that Telegram posts."""


def read_json(body: bytes) -> Mapping[str, Any]:
    """The object in a body. Raises UnreadableUpdateError."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise UnreadableUpdateError from error
    if not isinstance(found, dict):
        raise UnreadableUpdateError
    return found


def part_of(value: Any, name: str) -> Mapping[str, Any]:
    """An object inside an object; an empty one where there is none."""
    found = value.get(name) if isinstance(value, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def parts_of(value: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The objects of a list inside an object."""
    found = value.get(name)
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


def id_of(value: Mapping[str, Any], name: str = "id") -> int:
    """An id; 0 where there is none. A group's is negative."""
    found = value.get(name)
    is_one = isinstance(found, int) and not isinstance(found, bool) and abs(found) <= _LARGEST_ID
    return found if is_one and found is not None else 0


def text_of(value: Mapping[str, Any], name: str, most: int = 0) -> str:
    """A text without control characters and halves of characters, line ends as ours; at most `most` characters."""
    found = value.get(name)
    return clean(found)[: most or None] if isinstance(found, str) else ""


def clean(text: str) -> str:
    """A text that may be stored and shown."""
    whole = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-16", "surrogatepass").decode("utf-16", "ignore")
    return _CONTROL.sub("", whole).strip()

"""Choices by number: what "1" means to somebody whose last message from us offered numbered choices."""

from collections.abc import Mapping, Sequence
from typing import Any

from channels.sms.fitting import choices_of, is_word

_LONGEST = 80


def chosen(text: str, attachments: Sequence[Mapping[str, Any]]) -> str | None:
    """What a reply to these choices says: by its number, or by its label."""
    said = text.strip().strip("#.)(:").strip().casefold()
    if not said or len(said) > _LONGEST:
        return None
    offered = choices_of(attachments)
    by_number = [value for label, value in offered if not is_word((label, value))]
    if said in {str(number) for number in range(1, len(by_number) + 1)}:
        return by_number[int(said) - 1]
    return next((value for label, value in offered if said == label.casefold()), None)

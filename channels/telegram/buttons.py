"""Buttons under a message: what each carries, which addresses Telegram takes, and which press still counts."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from channels.telegram.reading import clean

MOST_BUTTONS = 24
MOST_LABEL = 60
_ROW = 28  # characters that stand beside each other on a narrow phone
_DATA = re.compile(r"b:([0-9a-f]{32}):(\d{1,3})")
_UNREACHABLE = (".local", ".localhost", ".internal", ".test", ".invalid", ".lan")
_MOST_URL = 2048


@dataclass(frozen=True)
class Button:
    """One button. data: what comes back when it is pressed (at most 64 bytes); url: what it opens."""

    label: str
    data: str = ""
    url: str = ""


@dataclass(frozen=True)
class Keyboard:
    """Rows of buttons under a message; or, with `asks_number`, keys in place of the phone's own keyboard.

    asks_number: the label of the key that shares the person's own number; further keys say their label.
    """

    rows: tuple[tuple[Button, ...], ...] = ()
    asks_number: str = ""


def keyboard_of(public_id: str, attachments: Sequence[Mapping[str, Any]]) -> Keyboard | None:
    """What stands under a message; None where nothing does."""
    opens = [Button(_label(each), url=str(each["value"])) for each in attachments if is_opened(each)]
    says = [
        Button(_label(each), data=f"b:{public_id}:{place}")
        for place, each in enumerate(attachments)
        if each.get("kind") == "button"
    ]
    asks = next((_label(each) for each in attachments if each.get("kind") == "own_number"), "")
    if asks:  # a message has either keys or buttons under it
        return Keyboard(tuple((Button(each.label),) for each in says[:MOST_BUTTONS]), asks)
    rows = [(each,) for each in opens] + _rows(says)
    return Keyboard(tuple(rows[:MOST_BUTTONS])) if rows else None


def is_opened(attachment: Mapping[str, Any]) -> bool:
    """Whether it is a link that Telegram takes under a button."""
    return attachment.get("kind") == "link" and takes_url(str(attachment.get("value", "")))


def takes_url(url: str) -> bool:
    """Whether Telegram takes an address under a button: one of the public web. Others are written out."""
    try:
        asked = urlsplit(url)
        host = (asked.hostname or "").lower().rstrip(".")
    except ValueError:
        return False
    if asked.scheme not in {"https", "http"} or asked.username or len(url) > _MOST_URL or url != clean(url):
        return False
    try:
        return ip_address(host).is_global
    except ValueError:
        return "." in host and " " not in url and not host.endswith(_UNREACHABLE)


def read_data(data: str) -> tuple[str, int] | None:
    """The public id of our message and the place of the button's attachment; None where it is none of ours."""
    found = _DATA.fullmatch(data)
    return (found[1], int(found[2])) if found else None


def _label(attachment: Mapping[str, Any]) -> str:
    said = " ".join(clean(str(attachment.get("label") or attachment.get("value") or "")).split())
    return (f"{said[: MOST_LABEL - 1]}…" if len(said) > MOST_LABEL else said) or "…"


def _rows(buttons: Sequence[Button]) -> list[tuple[Button, ...]]:
    """Short ones beside each other, long ones under each other."""
    rows: list[tuple[Button, ...]] = []
    for button in buttons:
        last = rows[-1] if rows else ()
        if last and len(last) < 3 and sum(len(each.label) + 2 for each in (*last, button)) <= _ROW:
            rows[-1] = (*last, button)
        else:
            rows.append((button,))
    return rows

"""What one message of ours is at Telegram: parts of words, then pictures of charts, then files; the same every time."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from channels.outgoing import ToSend
from channels.telegram.buttons import Keyboard, keyboard_of
from channels.telegram.formatting import lines_of, parts_of, to_html


class PieceKind(StrEnum):
    """What a piece is sent as."""

    WORDS = "words"
    CHART = "chart"
    FILE = "file"


@dataclass(frozen=True)
class Piece:
    """One message of Telegram's. html: of words; keyboard: under the last of them; attachment: of the others."""

    kind: PieceKind
    html: str = ""
    keyboard: Keyboard | None = None
    attachment: Mapping[str, Any] | None = None


def pieces_of(message: ToSend, *, opens_links: bool = True) -> list[Piece]:
    """The pieces in order. opens_links: links that Telegram takes stand under buttons, else all are written out."""
    keyboard = keyboard_of(message.public_id, message.attachments if opens_links else _without_links(message))
    parts = parts_of(lines_of(message.text, message.attachments, opens_links=opens_links and _has_rows(keyboard)))
    if not parts and keyboard is not None:
        parts = ["…"]  # Telegram has no buttons without words
    words = [Piece(PieceKind.WORDS, to_html(part)) for part in parts]
    if words:
        words[-1] = Piece(PieceKind.WORDS, words[-1].html, keyboard)
    charts = [Piece(PieceKind.CHART, attachment=each) for each in message.attachments if each.get("kind") == "chart"]
    files = [Piece(PieceKind.FILE, attachment=each) for each in message.attachments if each.get("kind") == "file"]
    return [*words, *charts, *files]


def _has_rows(keyboard: Keyboard | None) -> bool:
    """Whether links can stand under buttons: keys that ask for the number leave them no room."""
    return keyboard is None or not keyboard.asks_number


def _without_links(message: ToSend) -> list[Mapping[str, Any]]:
    """The attachments at their places, links made into nothing, so that buttons keep what they carry."""
    return [{"kind": ""} if each.get("kind") == "link" else each for each in message.attachments]

"""Text as the Bot API checks it: HTML read into plain words and entities, lengths counted as Telegram does. Pure."""

import re
from dataclasses import dataclass, field
from html import unescape
from typing import Any

LONGEST_TEXT, LONGEST_CAPTION = 4096, 1024  # UTF-16 code units, after HTML was read
_STYLES = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "code": "code", "pre": "pre",
    "a": "text_link", "blockquote": "blockquote", "tg-spoiler": "spoiler", "span": "spoiler",
}  # fmt: skip
_PIECE = re.compile(
    r"<(?P<end>/?)(?P<name>[a-zA-Z][\w-]*)(?P<more>(?:\s[^<>]*)?)>|<|&(?:lt|gt|amp|quot|#\d+|#x[\da-f]+);"
)
_HREF = re.compile(r"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""")
_COMMAND = re.compile(r"(?:^|(?<=\s))/[a-zA-Z0-9_]{1,32}(?:@\w+)?")

Entities = list[dict[str, Any]]


class BadTextError(Exception):
    """Telegram would refuse these words; `why` is what it says."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass
class _Reading:
    """HTML as far as it is read. opened: tags that wait for their end: name, offset, address."""

    words: str = ""
    entities: Entities = field(default_factory=list)
    opened: list[tuple[str, int, str]] = field(default_factory=list)


def read_html(text: str) -> tuple[str, Entities]:
    """Plain words and their entities, or BadTextError with Telegram's own complaint."""
    reading, done = _Reading(), 0
    for piece in _PIECE.finditer(text):
        reading.words += text[done : piece.start()]
        done = piece.end()
        at = len(text[: piece.start()].encode())
        if piece["name"] is None:
            _plain_piece(reading, piece.group(), at)
        elif piece["end"]:
            _end(reading, piece["name"].lower(), at)
        else:
            _start(reading, piece["name"].lower(), piece["more"], at)
    reading.words += text[done:]
    if reading.opened:
        raise BadTextError(f"can't parse entities: Can't find end tag corresponding to start tag \"{_last(reading)}\"")
    return reading.words, sorted(reading.entities, key=lambda each: (each["offset"], -each["length"]))


def _plain_piece(reading: _Reading, piece: str, at: int) -> None:
    if piece == "<":
        raise BadTextError(f'can\'t parse entities: Unsupported start tag "" at byte offset {at}')
    reading.words += unescape(piece)


def _start(reading: _Reading, name: str, more: str, at: int) -> None:
    is_spoiler = name != "span" or 'class="tg-spoiler"' in more
    if name not in _STYLES or not is_spoiler:
        raise BadTextError(f'can\'t parse entities: Unsupported start tag "{name}" at byte offset {at}')
    found = _HREF.search(more)
    address = unescape(next((each for each in found.groups() if each), "")) if found else ""
    reading.opened.append((name, units(reading.words), address))


def _end(reading: _Reading, name: str, at: int) -> None:
    if not reading.opened:
        raise BadTextError(f"can't parse entities: Unexpected end tag at byte offset {at}")
    if _last(reading) != name:
        said = f'Unmatched end tag at byte offset {at}, expected "</{_last(reading)}>", found "</{name}>"'
        raise BadTextError(f"can't parse entities: {said}")
    _, offset, address = reading.opened.pop()
    entity = {"type": _STYLES[name], "offset": offset, "length": units(reading.words) - offset}
    if name == "a":
        entity["url"] = address
    if entity["length"] and (name != "a" or address):
        reading.entities.append(entity)


def _last(reading: _Reading) -> str:
    return reading.opened[-1][0]


def units(text: str) -> int:
    """The length in UTF-16 code units, by which Telegram counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def commands_in(text: str) -> Entities:
    """The bot commands in what a person wrote."""
    return [
        {"type": "bot_command", "offset": units(text[: found.start()]), "length": units(found.group())}
        for found in _COMMAND.finditer(text)
    ]


def checked(text: str, parse_mode: str, longest: int) -> tuple[str, Entities]:
    """Words and entities as they are sent. Raises BadTextError."""
    if parse_mode and parse_mode.upper() != "HTML":
        raise BadTextError("unsupported parse_mode" if parse_mode.lower() not in {"markdown", "markdownv2"} else _NO)
    words, entities = read_html(text) if parse_mode else (text, [])
    if units(words) > longest:
        raise BadTextError("message is too long" if longest == LONGEST_TEXT else "message caption is too long")
    return words, entities


_NO = "unsupported parse_mode: this local form of Telegram reads HTML only"

"""Words as Telegram takes them: escaped whatever a record contains, in parts of at most 4,096 characters."""

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from channels.telegram.buttons import is_opened
from channels.telegram.reading import clean

MOST = 4096  # UTF-16 units of one message; Telegram counts without tags and escapes, here they count too
MOST_CAPTION = 1024
_BOLD = re.compile(r"\*\*(\S(?:[^*\n]*\S)?)\*\*")
_HEADING = re.compile(r"#{1,6} +(.+)")
_LINK = re.compile(r"\[([^\]\n]+)\]\((https?://[^\s)]+)\)")


def lines_of(text: str, attachments: Sequence[Mapping[str, Any]], *, opens_links: bool = True) -> list[str]:
    """A message's lines: its words, its cards, and the links that no button opens. `**` marks what is bold."""
    body = clean(text)
    lines = body.split("\n") if body else []
    for each in attachments:
        if each.get("kind") == "card":
            lines += _card(each, body)
    for each in attachments:
        if each.get("kind") == "link" and not (opens_links and is_opened(each)):
            lines.append(written_out(each))
    return lines


def written_out(attachment: Mapping[str, Any]) -> str:
    """A link or a file as a line of words."""
    label, url = clean(str(attachment.get("label") or "")), clean(str(attachment.get("value") or ""))
    return f"{label}: {url}" if label else url


def parts_of(lines: Sequence[str], most: int = MOST) -> list[str]:
    """The lines in as few parts as they need, cut between paragraphs, else lines, else words; never in a character."""
    parts: list[list[str]] = [[]]
    long = 0
    for piece in (piece for line in lines for piece in _cut(line, most)):
        if parts[-1] and long + _cost(piece) > most:
            parts.append(_after_last_gap(parts[-1], piece, most))
            long = sum(map(_cost, parts[-1]))
        long += _cost(piece)
        parts[-1].append(piece)
    joined = ["\n".join(part).strip("\n") for part in parts]
    return [part for part in joined if part.strip()]


def to_html(part: str) -> str:
    """A part as HTML that Telegram always reads: its own tags closed, all else escaped."""
    return "\n".join(_line(line) for line in part.split("\n"))


def caption(text: str) -> str:
    """What stands under a picture or a document, plain: as much as there is room for."""
    parts = parts_of(clean(text).split("\n"), MOST_CAPTION - 1)
    return parts[0] if parts else ""


def units(text: str) -> int:
    """The length that Telegram counts."""
    return len(text.encode("utf-16-le")) // 2


def _cost(line: str) -> int:
    """What a line takes up, with the end of the one before it."""
    return units(_line(line)) + 1


def _line(line: str) -> str:
    if heading := _HEADING.fullmatch(line):
        line = f"**{heading[1].replace('**', '')}**"
    plain = escape(_LINK.sub(r"\1: \2", line), quote=False)
    return _BOLD.sub(r"<b>\1</b>", plain)


def _card(card: Mapping[str, Any], body: str) -> list[str]:
    """A card whose figures the words do not give already: its title bold, a line for each row."""
    rows = [(clean(str(label)), clean(str(value))) for label, value in card.get("rows", ())]
    shown = [f"{label}: {value}" for label, value in rows if value not in body]
    title = clean(str(card.get("label") or "")).replace("**", "").replace("\n", " ")
    return ["", f"**{title}**", *shown] if shown and title else shown


def _after_last_gap(part: list[str], line: str, most: int) -> list[str]:
    """What moves to the next part with a line: all since the last empty line, where that is not too much."""
    gap = max((place for place, each in enumerate(part) if not each.strip()), default=0)
    moved = part[gap + 1 :] if gap else []
    if not moved or sum(map(_cost, [*moved, line])) > most // 2:
        return []
    del part[gap:]
    return moved


def _cut(line: str, most: int) -> list[str]:
    """A line in pieces that fit, cut after a sentence, else between words, else where it must be."""
    if _cost(line) <= most:
        return [line]
    pieces, line = [], line.replace("**", "").lstrip("# ")
    while _cost(line) > most:
        at = _fitting(line, most - 1)
        window = line[:at]
        place = max((window.rfind(mark) + 1 for mark in (". ", "! ", "? ", "。")), default=0)
        place = place if place > at // 2 else window.rfind(" ")
        place = place if place > at // 4 else at
        pieces.append(line[:place].rstrip())
        line = line[place:].lstrip()
    return [*pieces, line]


def _fitting(line: str, most: int) -> int:
    """How many characters fit: those beyond the first plane count twice, what is escaped as it is written."""
    count = 0
    for place, sign in enumerate(line):
        count += units(escape(sign, quote=False))
        if count > most:
            return place
    return len(line)

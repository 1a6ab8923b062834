"""A reply fitted to a text: plain words, what hangs on it written out, figures and links whole, the rest linked."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from channels.sms.alphabet import count_parts, sendable
from channels.sms.wording import words_of

MOST_PARTS = 4
MOST_CHARACTERS = 1600  # Twilio refuses a longer body with error 21617
MOST_CHOICES = 3
_LONGEST_WORD = 4  # "Nein"
_SHOWABLE = frozenset({"image/jpeg", "image/png", "image/gif"})  # what every phone that takes MMS can show
_URL = re.compile(r"(https?://\S+)")
# Never at a no-break space: "1 840,00 €" is one figure.
_GAP = re.compile(r"[ \t\n]+")
_MARKS = (
    (re.compile(r"\*\*(\S(?:[^*\n]*\S)?)\*\*"), r"\1"),
    (re.compile(r"(?<!\w)__(\S(?:[^_\n]*\S)?)__(?!\w)"), r"\1"),
    (re.compile(r"`([^`\n]+)`"), r"\1"),
    (re.compile(r"^#{1,6} +", re.MULTILINE), ""),
    (re.compile(r"^(\s*)\* +", re.MULTILINE), r"\1- "),
)


@dataclass(frozen=True)
class Fitted:
    """A text as it is handed to the provider. media: addresses of pictures that go with it."""

    text: str
    parts: int
    media: tuple[str, ...] = ()


def fit(
    text: str,
    attachments: Sequence[Mapping[str, Any]],
    *,
    language: str,
    rest: str,
    takes_pictures: bool = False,
) -> Fitted:
    """Fit a reply to at most MOST_PARTS parts. rest: the address of the page that shows all of it.

    takes_pictures: pictures among the attachments may go as MMS; else they are links like every other file.
    What does not fit is left out at line ends, or between words, and `rest` is given in its place; a figure or a
    link is never cut.
    """
    media = tuple(str(each["value"]) for each in attachments if takes_pictures and _is_picture(each))
    body = plain(text)
    lines = [line.rstrip() for line in body.split("\n")]
    lines += _cards(attachments, body)
    links = _links(attachments, media)
    choices = _choices(attachments, language)
    whole = _join([*lines, *links, *choices])
    if _fits(whole):
        return Fitted(whole, count_parts(whole), media)
    return _shortened(lines, links, choices, f"… {words_of(language).rest} {rest}", media)


def plain(text: str) -> str:
    """The words without markdown; links stay as they are."""
    pieces = _URL.split(_undo_link(text))
    return "".join(piece if index % 2 else _without_marks(piece) for index, piece in enumerate(pieces)).strip()


def choices_of(attachments: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """The choices that a reply offers by number, in order: label and what choosing it says."""
    buttons = [each for each in attachments if each.get("kind") == "button"]
    return [(str(each["label"]), str(each["value"])) for each in buttons[:MOST_CHOICES]]


def is_word(choice: tuple[str, str]) -> bool:
    """Whether a choice is a short word to answer with, such as yes or no, and so needs no number."""
    label, value = choice
    return label == value and len(label) <= _LONGEST_WORD


def _undo_link(text: str) -> str:
    return re.sub(r"\[([^\]\n]+)\]\((https?://[^\s)]+)\)", r"\1: \2", text)


def _without_marks(text: str) -> str:
    for pattern, instead in _MARKS:
        text = pattern.sub(instead, text)
    return text


def _cards(attachments: Sequence[Mapping[str, Any]], body: str) -> list[str]:
    """The rows of cards whose figures the words do not give already."""
    rows = [row for each in attachments if each.get("kind") == "card" for row in each.get("rows", ())]
    return [f"{label}: {value}" for label, value in rows if str(value) not in body]


def _links(attachments: Sequence[Mapping[str, Any]], media: tuple[str, ...]) -> list[str]:
    shown = [each for each in attachments if each.get("kind") in {"link", "file"} and each["value"] not in media]
    return [f"{each['label']}: {each['value']}" if each["label"] else str(each["value"]) for each in shown]


def _choices(attachments: Sequence[Mapping[str, Any]], language: str) -> list[str]:
    words, offered = words_of(language), choices_of(attachments)
    said = [label for label, value in offered if is_word((label, value))]
    others = [label for label, value in offered if not is_word((label, value))]
    said += [words.number.format(number=number, label=label) for number, label in enumerate(others, 1)]
    if len(said) < 2:
        return [words.choose.format(choices=each) for each in said]
    either = words.either.format(one=", ".join(said[:-1]), two=said[-1])
    return [words.choose.format(choices=either)]


def _is_picture(attachment: Mapping[str, Any]) -> bool:
    kind, extra = attachment.get("kind"), attachment.get("extra") or {}
    return kind == "file" and extra.get("media_type") in _SHOWABLE and str(attachment["value"]).startswith("https://")


def _shortened(lines: list[str], links: list[str], choices: list[str], more: str, media: tuple[str, ...]) -> Fitted:
    """As many whole lines as there is room for; of a first line that is too long, as many words."""
    for tail in ([more, *links, *choices], [more, *choices], [more]):
        kept = _most(lines, lambda some, tail=tail: _join([*some, *tail]))  # type: ignore[misc]  # mypy cannot type a default in a lambda
        if kept:
            text = _join([*kept, *tail])
            return Fitted(text, count_parts(text), media)
    words = _GAP.split(lines[0])
    some = _most(words, lambda few: _join([" ".join(few), more]))
    text = _join([" ".join(some), more])
    return Fitted(text, count_parts(text), media)


def _most(pieces: list[str], joined: Callable[[list[str]], str]) -> list[str]:
    """The longest beginning of the pieces that fits."""
    low, high = 0, len(pieces)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _fits(joined(pieces[:middle])) else (low, middle - 1)
    return pieces[:low]


def _join(lines: list[str]) -> str:
    return sendable("\n".join(lines).strip())


def _fits(text: str) -> bool:
    return len(text.encode("utf-16-le")) // 2 <= MOST_CHARACTERS and count_parts(text) <= MOST_PARTS

"""Plain wishes not to be written to, in six languages: rules that are sure, so that nobody is stopped on a guess."""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import yaml

from bot.keywords import STOP_BY_SMS, Keyword, find_keyword, plain_form

SENTENCE = re.compile(r"(?<=[.!?…;])\s+|\n+")

# What phrases name again and again.
_PLACES = {
    "{things}": r"(?:texts?|text messages?|messages?|sms|smses|msgs?|notifications?|spam|mass texts?)",
    "{me}": r"(?:me|us|this number|this phone|my number|my phone|my cell)",
    "{my}": r"(?:your|these|those|this|the|any|all|all your|any of your|any of these|more|any more|anymore)",
}


@dataclass(frozen=True)
class Wish:
    """That somebody wants no messages unasked (STOP), or wants them again (START). rest: what else they wrote."""

    keyword: Keyword
    rest: str = ""


@lru_cache(maxsize=64)  # asked twice of each message: when it may be answered, and what it says
def find_wish(text: str, channel: str = "") -> Wish | None:
    """The wish in a message: the whole of it, a line of it that is a keyword, or a sentence that says it plainly.

    channel: as Conversation.channel.
    """
    keyword = find_keyword(text, channel)
    if keyword is not None:
        return Wish(keyword) if keyword in {Keyword.STOP, Keyword.START} else None
    if _is_plain_wish(text):
        return Wish(Keyword.STOP)
    lines = text.splitlines()
    for parts, says in ((lines, _is_stop_line), (SENTENCE.split(text), _is_plain_wish)):
        said = [says(part) for part in parts]
        if any(said) and len(parts) > 1:
            rest = "\n".join(part for part, is_wish in zip(parts, said, strict=True) if not is_wish and part.strip())
            return Wish(Keyword.STOP, rest)
    return None


def _is_stop_line(line: str) -> bool:
    plain = plain_form(line)
    return plain not in STOP_BY_SMS and find_keyword(line) is Keyword.STOP


def _is_plain_wish(sentence: str) -> bool:
    return len(sentence) < 200 and _wishes().fullmatch(plain_form(sentence)) is not None


@cache
def _wishes() -> re.Pattern[str]:
    text = Path(__file__).with_name("wishes.yaml").read_text("utf-8")
    for place, pattern in _PLACES.items():
        text = text.replace(place, pattern)
    said: dict[str, list[str]] = yaml.safe_load(text)
    before, after = ("|".join(said[kind]) for kind in ("before", "after"))
    phrases = "|".join(phrase for kind in said if kind not in {"before", "after"} for phrase in said[kind])
    return re.compile(rf"(?:(?:{before}) )*(?:{phrases})(?: (?:{after}))*")

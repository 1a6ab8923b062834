"""People whom a text names as somebody to turn to, or as having done something."""

import re
from collections.abc import Iterable, Iterator

from bot.claims.vocabulary import vocabulary_of
from bot.evidence import Fact, FactKind

WORD = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*")
# Capitalised words after "ask", "call" and the like that are no people.
NOBODY = frozenset(
    [
        "stop",
        "start",
        "help",
        "sms",
        "telegram",
        "whatsapp",
        "stripe",
        "paypal",
        "visa",
        "mastercard",
        "support",
        "customer",
        "service",
        "billing",
        "accounting",
        "office",
        "team",
        "yes",
        "no",
        "pay",
        "i",
        "us",
        "the",
        "our",
        "your",
        "a",
        "an",
        "me",
        "you",
        "it",
        "sie",
        "ihnen",
        "ihr",
        "ihre",
        "ihren",
        "ihrem",
        "ihrer",
        "uns",
        "unser",
        "unsere",
        "das",
        "die",
        "der",
        "den",
        "dem",
        "ein",
        "eine",
        "es",
        "la",
        "le",
        "les",
        "el",
        "los",
        "las",
        "nous",
        "vous",
        "usted",
        "ustedes",
        "lei",
        "voi",
        "sr",
        "sra",
        "dr",
        "mr",
        "mrs",
        "ms",
        "büro",
        "team",
        "kundendienst",
        "support",
        "bescheid",
        "bureau",
        "équipe",
        "oficina",
        "ufficio",
    ]
)


def strangers(text: str, language: str, facts: Iterable[Fact], known: str) -> Iterator[str]:
    """Names that `text` introduces as people but no evidence holds. known: words that may stand anyway."""
    introduced = vocabulary_of(language).introduced
    if introduced is None:
        return
    named = [match.group("name") for match in introduced.finditer(text)]
    if not named:
        return
    there = {word.casefold() for word in WORD.findall(known)} | NOBODY
    for fact in facts:
        if isinstance(fact.value, str) and fact.kind in {FactKind.NAME, FactKind.TEXT}:
            there.update(word.casefold() for word in WORD.findall(fact.value))
    for name in named:
        words = [word.casefold().removesuffix("’s").removesuffix("'s") for word in WORD.findall(name)]
        if words[0] not in there or (len(words) > 1 and words[1] not in there and words[1] not in NOBODY):
            yield f"nobody called {name!r} is known"

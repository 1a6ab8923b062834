"""Texts without card numbers: one text, several that make one up together, and any value in a log. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.cards.finding import (
    CARD_REMOVED,
    CODE_REMOVED,
    MARKERS,
    Place,
    ascii_digits,
    find_places,
    has_card_words,
    with_what_stands_beside,
)
from bot.cards.numbers import LONGEST, PRINTED, SHORTEST, is_card_number
from bot.cards.reading import Digits, runs_of

PASSES = 8
_SAID_WITH_A_CARD = (
    "my the a card cards number no nr is its it this here heres please pay charge use with and thanks visa mastercard"
    " amex credit debit exp expires expiry date cvv cvv2 cvc cvc2 code security on i will you can take from name"
    " mi la el tarjeta número numero es aquí aqui está esta por favor gracias vence código codigo cobre con y"
    " ma carte le numéro est voici expire merci svp avec et meine karte die kartennummer ist hier bitte danke gültig"
    " bis prüfnummer mit und meu minha cartão cartao é aqui validade obrigado mia carta il numero è ecco scadenza"
    " grazie con e"
)
BARE_CODE = re.compile(r"\W*(?:(?:and|y|et|und|e)\W+)?(?:[a-z. ]{0,24}\b(?:cvv2?|cvc2?|code|código|codice)\W{0,6})?"
                       r"(?P<code>[0-9]{3})\W*|\D{0,24}\bcode\D{0,6}(?P<amex>[0-9]{4})\W*", re.IGNORECASE)  # fmt: skip


SAID_WITH_A_CARD = frozenset(_SAID_WITH_A_CARD.split())


def redact(text: str) -> str:
    """The text with words in place of card numbers, their security codes and expiry dates; else as it was."""
    for _ in range(PASSES):
        places = find_places(text)
        if not places:
            break
        text = replaced(text, places)
    return text


def is_redacted(text: str) -> bool:
    """Whether a card's number or code was taken out of this text."""
    return CARD_REMOVED in text or CODE_REMOVED in text


def replaced(text: str, places: Sequence[Place]) -> str:
    """The text with what stands at each place exchanged."""
    kept, after = [], 0
    for place in places:
        kept += [text[after : place.start], place.instead]
        after = place.end
    return "".join((*kept, text[after:]))


def redact_parts(texts: Sequence[str]) -> list[str]:
    """Messages in the order they came, the newest last, each redacted already: without the card number that
    several of them make up together, and without a security code that follows a number.
    """
    parts = list(texts)
    meant = _meant(parts)
    if meant:
        for place in meant:
            parts[place] = _without_part(parts[place], meant[place])
        parts[-1] = redact(parts[-1])
        return parts
    if any(CARD_REMOVED in part for part in parts[:-1]):
        code = BARE_CODE.fullmatch(ascii_digits(parts[-1]))
        if code is not None:
            kind = "code" if code["code"] else "amex"
            parts[-1] = replaced(parts[-1], [Place(code.start(kind), code.end(kind), CODE_REMOVED)])
    return parts


def _without_part(text: str, runs: Sequence[Digits]) -> str:
    """The text without these runs of it, and without a code or an expiry date that stands behind them."""
    whole = Place(runs[0].start, runs[-1].end, CARD_REMOVED)
    return replaced(text, with_what_stands_beside(ascii_digits(text), [whole]))


def _meant(parts: Sequence[str]) -> dict[int, list[Digits]]:
    """Of the messages that make up a number with the newest one, the runs of digits that are of it."""
    runs = [(place, run) for place, part in enumerate(parts) for run in runs_of(part)]
    if not runs or runs[-1][0] != len(parts) - 1:
        return {}
    spoken = any(has_card_words(part) for part in parts) or any(is_redacted(part) for part in parts)
    numbers_only = [(place, run) for place, run in runs if _is_mostly_digits(parts[place])]
    for among in (runs, numbers_only):
        found = _joined(among, len(parts) - 1, is_spoken_of=spoken, numbers={place for place, _ in numbers_only})
        if found:
            return found
    return {}


def _joined(
    runs: Sequence[tuple[int, Digits]], newest: int, *, is_spoken_of: bool, numbers: set[int]
) -> dict[int, list[Digits]]:
    for first in range(len(runs)):
        for last in reversed(range(first + 1, min(len(runs), first + LONGEST))):
            window = runs[first : last + 1]
            messages = {place for place, _ in window}
            digits = "".join(run.value for _, run in window)
            if (
                not SHORTEST <= len(digits) <= LONGEST
                or newest not in messages
                or len(messages) < 2
                or not is_card_number(digits)
            ):
                continue
            is_printed = tuple(len(run.value) for _, run in window) in PRINTED
            if is_spoken_of or (messages <= numbers and (is_printed or _ends_fit(runs, first, last))):
                return {place: [run for at, run in window if at == place] for place in messages}
    return {}


def _ends_fit(runs: Sequence[tuple[int, Digits]], first: int, last: int) -> bool:
    """Whether a number takes all the digits of its first message, and what is left of the last may be a code."""
    begins = first == 0 or runs[first - 1][0] != runs[first][0]
    left = [run.value for place, run in runs[last + 1 :] if place == runs[last][0]]
    return begins and len("".join(left)) <= 8


def _is_mostly_digits(text: str) -> bool:
    signs = [char for char in ascii_digits(text) if char.isalnum()]
    return 2 * sum(char.isdigit() for char in signs) >= len(signs)


def redacted_value(value: Any) -> Any:
    """Any value of a log line or of JSON, with every text in it redacted."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {redacted_value(key): redacted_value(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [redacted_value(each) for each in value]
    if isinstance(value, int) and not isinstance(value, bool) and value > 10**12:
        return redact(str(value)) if redact(str(value)) != str(value) else value
    return value


def without_markers(text: str) -> str:
    """The text without the words that stand where something was removed."""
    for marker in MARKERS:
        text = text.replace(marker, "")
    return text.strip()


def is_card_alone(text: str) -> bool:
    """Whether a text says nothing but a card's details, which were removed."""
    return all(word in SAID_WITH_A_CARD for word in re.findall(r"\w+", without_markers(text).casefold()))

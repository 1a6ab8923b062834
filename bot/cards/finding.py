"""Which places of a text hold a card's number, its expiry date and its security code. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.cards.numbers import LONGEST, PRINTED, is_card_number
from bot.cards.reading import (
    AFAR,
    CARD_WORDS,
    OTHER_WORDS,
    Digits,
    chains_of,
    digit_of,
    gap,
    iban_places,
    is_unseen,
    runs_of,
)

CARD_REMOVED = "[card number removed]"
CODE_REMOVED = "[security code removed]"
EXPIRY_REMOVED = "[expiry removed]"
MARKERS = (CARD_REMOVED, CODE_REMOVED, EXPIRY_REMOVED)
UNSEEN = "\u200b"

_EXPIRY = r"(?:0?[1-9]|1[0-2])\s{0,2}[/\-. ]\s{0,2}(?:20)?[2-4][0-9](?![0-9])"
_CODE_NAMES = r"(?:cvv2?|cvc2?|cv2|csc|c\.v\.v\.?|c\.v\.c\.?)"
_CODE_WORDS = (
    rf"(?:{_CODE_NAMES}|security (?:code|number)|sec(?:urity)? code|code on the back|pin|código de seguridad"
    r"|codigo de seguridad|code de sécurité|cryptogramme|prüfnummer|prüfziffer|sicherheitscode|código de segurança"
    r"|codigo de seguranca|codice di sicurezza)"
)
_EXPIRY_WORDS = (
    r"(?:exp(?:iry|ires|iration)?|valid (?:thru|through|until)|good thru|vence|caduca|expire|gültig bis|validade"
    r"|scadenza|scade)"
)
NAMED_CODE = re.compile(rf"(?<!\w){_CODE_NAMES}[^0-9\n]{{0,12}}(?P<code>[0-9]{{3,4}})(?![0-9])", re.IGNORECASE)
CODE_BEFORE_NAME = re.compile(
    rf"(?<![0-9])(?P<code>[0-9]{{3,4}})[^\w\n]{{0,3}}(?:is (?:the|my) )?{_CODE_NAMES}(?!\w)", re.IGNORECASE
)
WORDED_CODE = re.compile(rf"(?<!\w){_CODE_WORDS}[^0-9\n]{{0,16}}(?P<code>[0-9]{{3,4}})(?![0-9])", re.IGNORECASE)
WORDED_EXPIRY = re.compile(rf"(?<!\w){_EXPIRY_WORDS}[^0-9\n]{{0,8}}(?P<expiry>{_EXPIRY})", re.IGNORECASE)
_APART = rf"[\s,;:/|.\-–—(){UNSEEN}]"
_LEADING = r"(?:and|the|my|with|y|et|und|e|con|mit|avec|com|is|es|est|ist|code|código|codigo|codice|number|security)"
BESIDE = re.compile(
    rf"{_APART}{{0,5}}(?:[a-zà-ÿ]{{1,12}}[\s:.]{{1,3}}){{0,2}}(?P<expiry>{_EXPIRY})"
    rf"|{_APART}{{1,4}}(?:{_LEADING}[\s:.]{{1,3}}){{0,3}}(?P<code>[0-9]{{3,4}})(?![0-9])",
    re.IGNORECASE,
)
DAY = re.compile(r"[0-9]{1,4}([./-])[0-9]{1,2}\1[0-9]{1,4}")
LEFT_OF_CARD = re.compile(r"[0-9]{0,8}")  # of a chain: an expiry and a code may follow the number


@dataclass(frozen=True)
class Place:
    """A part of a text that must go, and what takes its place."""

    start: int
    end: int
    instead: str


def find_places(text: str) -> list[Place]:
    """What must go from a text, in order; places do not overlap."""
    runs = runs_of(text)
    if not runs:
        return []
    plain = ascii_digits(text)
    return with_what_stands_beside(plain, find_numbers(text, runs))


def with_what_stands_beside(plain: str, cards: Sequence[Place]) -> list[Place]:
    """Card numbers, and the codes and expiry dates that belong to them, in order and none within another."""
    kept = list(cards)
    beside = [place for card in cards for place in _beside(plain, card.end)]
    for place in (*_codes(plain, has_card=bool(cards)), *beside):
        if all(place.end <= other.start or other.end <= place.start for other in kept):
            kept.append(place)
    return sorted(kept, key=lambda place: place.start)


def ascii_digits(text: str) -> str:
    """The text, as long as it was, with every digit as "0" to "9" and what is unseen as one mark."""
    if text.isascii():
        return text
    return "".join(digit_of(char) or (UNSEEN if is_unseen(char) else char) for char in text)


def has_card_words(text: str) -> bool:
    """Whether a card is spoken of; the words that we put in place of one do not count."""
    for marker in MARKERS:
        text = text.replace(marker, " ")
    return CARD_WORDS.search(text) is not None


def find_numbers(text: str, runs: Sequence[Digits]) -> list[Place]:
    """The card numbers among the runs of digits of a text."""
    if sum(len(run.value) for run in runs) < 13:
        return []
    ibans, is_spoken_of = iban_places(text), has_card_words(text)
    free = [run for run in runs if not any(start <= run.start < end for start, end in ibans)]
    found: list[Place] = []
    for chain in chains_of(text, free):
        found += _in_chain(text, chain, is_spoken_of=is_spoken_of)
    return found or list(_across_words(text, free, is_spoken_of=is_spoken_of))


def _in_chain(text: str, chain: Sequence[Digits], *, is_spoken_of: bool) -> list[Place]:
    found: list[Place] = []
    first = 0
    while first < len(chain):
        last = next(_ends(text, chain, first, is_spoken_of=is_spoken_of), None)
        if last is not None:
            found.append(Place(chain[first].start, chain[last].end, CARD_REMOVED))
        first = first + 1 if last is None else last + 1
    return found


def _ends(text: str, chain: Sequence[Digits], first: int, *, is_spoken_of: bool) -> Iterator[int]:
    """Where a number that begins with a run may end; the longest first."""
    ends = [
        last
        for last in range(first, min(first + LONGEST, len(chain)))
        if is_card_number("".join(run.value for run in chain[first : last + 1]))
    ]
    for last in reversed(ends):
        if _is_plausible(text, chain, first, last, is_spoken_of=is_spoken_of):
            yield last


def _is_plausible(text: str, chain: Sequence[Digits], first: int, last: int, *, is_spoken_of: bool) -> bool:
    """Whether runs whose digits are a card's by number are meant as one."""
    window = chain[first : last + 1]
    digits = sum(len(run.value) for run in window)
    before = text[max(0, window[0].start - AFAR) : window[0].start].rstrip("".join(map(chr, range(0x200B, 0x2010))))
    if before.rstrip(" (").endswith("+") and digits <= 15:
        return False  # a phone number, E.164
    is_printed = len(window) > 1 and tuple(len(run.value) for run in window) in PRINTED
    if is_spoken_of or is_printed:
        return True
    if OTHER_WORDS.search(before):
        return False
    if len(window) == 1:
        return digits >= 14 or not _touches_letters(text, window[0])
    rest = "".join(run.value for run in chain[last + 1 :])
    if first > 0 or LEFT_OF_CARD.fullmatch(rest) is None:
        return False
    return not _is_list(text, window)


def _touches_letters(text: str, run: Digits) -> bool:
    return text[max(0, run.start - 1) : run.start].isalpha() or text[run.end : run.end + 1].isalpha()


def _is_list(text: str, window: Sequence[Digits]) -> bool:
    """Whether runs read as amounts ("1200.00 350.50") or as days ("4/5/2026 14/5/2026")."""
    written = ascii_digits(text[window[0].start : window[-1].end])
    pieces = re.split(r"[\s–—|;]+|\s-\s", written)
    if len(pieces) < 2:
        return False
    return all(re.fullmatch(r"[0-9]+\.[0-9]{2}", piece) for piece in pieces) or any(
        DAY.fullmatch(piece) for piece in pieces
    )


def _across_words(text: str, runs: Sequence[Digits], *, is_spoken_of: bool) -> Iterator[Place]:
    """A number whose parts have words between them; the words stay."""
    for first in range(len(runs)):
        for last in range(min(first + 8, len(runs)) - 1, first, -1):
            window = runs[first : last + 1]
            if not is_card_number("".join(run.value for run in window)):
                continue
            pieces = chains_of(text, window)
            if len(pieces) > 1 and _are_pieces(text, pieces, is_spoken_of=is_spoken_of):
                yield from (Place(piece[0].start, piece[-1].end, CARD_REMOVED) for piece in pieces)
                return


def _are_pieces(text: str, pieces: Sequence[Sequence[Digits]], *, is_spoken_of: bool) -> bool:
    between = [gap(text, before[-1], after[0]) for before, after in pairwise(pieces)]
    if any(len(words) > 60 or any(marker in words for marker in MARKERS) for words in between):
        return False
    if any(text[max(0, piece[0].start - 2) : piece[0].start].strip("( ") == "+" for piece in pieces):
        return False  # phone numbers, E.164
    return is_spoken_of or all(sum(len(run.value) for run in piece) >= 6 for piece in pieces)


def _codes(plain: str, *, has_card: bool) -> list[Place]:
    """Security codes by their name; beside a card, by plainer words too, and its expiry date."""
    found = [
        Place(match.start("code"), match.end("code"), CODE_REMOVED)
        for pattern in (NAMED_CODE, CODE_BEFORE_NAME, *((WORDED_CODE,) if has_card else ()))
        for match in pattern.finditer(plain)
    ]
    if has_card:
        expiries = WORDED_EXPIRY.finditer(plain)
        found += [Place(match.start("expiry"), match.end("expiry"), EXPIRY_REMOVED) for match in expiries]
    return found


def _beside(plain: str, end: int) -> Iterator[Place]:
    """An expiry date and a security code right behind a number, in either order."""
    seen: set[str] = set()
    while len(seen) < 2:
        match = BESIDE.match(plain, end)
        kind = "" if match is None else "expiry" if match["expiry"] else "code"
        if match is None or kind in seen:
            return
        yield Place(match.start(kind), match.end(kind), EXPIRY_REMOVED if kind == "expiry" else CODE_REMOVED)
        seen.add(kind)
        end = match.end()

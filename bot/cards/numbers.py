"""Which digits are a payment card's number: issuers' prefixes and lengths, and the check digit. Pure.

Prefixes and lengths as in ISO/IEC 7812 and the networks' own pages (Visa, Mastercard, American Express, Discover,
Diners Club, JCB, UnionPay, Maestro).
"""

from functools import cache

SHORTEST, LONGEST = 13, 19
# Lowest and highest prefix, and the lengths its numbers have.
ISSUERS: tuple[tuple[str, str, frozenset[int]], ...] = (
    ("4", "4", frozenset({13, 16, 19})),  # Visa
    ("51", "55", frozenset({16})),  # Mastercard
    ("2221", "2720", frozenset({16})),
    ("34", "34", frozenset({15})),  # American Express
    ("37", "37", frozenset({15})),
    ("6011", "6011", frozenset({16, 19})),  # Discover
    ("644", "649", frozenset({16, 19})),
    ("65", "65", frozenset({16, 19})),
    ("300", "305", frozenset({14, 16, 19})),  # Diners Club
    ("3095", "3095", frozenset({14, 16, 19})),
    ("36", "36", frozenset({14, 16, 19})),
    ("38", "39", frozenset({14, 16, 19})),
    ("3528", "3589", frozenset({16, 17, 18, 19})),  # JCB
    ("62", "62", frozenset({16, 17, 18, 19})),  # UnionPay
    ("5018", "5018", frozenset(range(13, 20))),  # Maestro
    ("5020", "5020", frozenset(range(13, 20))),
    ("5038", "5038", frozenset(range(13, 20))),
    ("5893", "5893", frozenset(range(13, 20))),
    ("6304", "6304", frozenset(range(13, 20))),
    ("6759", "6759", frozenset(range(13, 20))),
    ("6761", "6763", frozenset(range(13, 20))),
)
# How digits are grouped on cards and by people who copy them; the last group may be shorter or longer.
PRINTED = frozenset({(4, 4, 4, 4), (4, 6, 5), (4, 6, 4), (4, 4, 4, 4, 3), (4, 4, 4, 1), (4, 4, 4, 3), (4, 4, 4, 2),
                     (4, 4, 5), (8, 8), (4, 4, 8), (8, 4, 4), (4, 12), (12, 4), (4, 4, 4, 4, 2), (4, 4, 4, 4, 1),
                     (6, 13), (6, 10), (4, 8, 4)})  # fmt: skip


def is_card_number(digits: str) -> bool:
    """Whether these digits are a card's: an issuer's prefix and length, and the check digit of Luhn."""
    return SHORTEST <= len(digits) <= LONGEST and has_issuer(digits) and has_check_digit(digits)


def has_issuer(digits: str) -> bool:
    """Whether an issuer gives out numbers that begin so and are so long."""
    return any(
        len(digits) in lengths and lowest <= digits[: len(lowest)] <= highest
        for lowest, highest, lengths in _issuers_at(digits[:1])
    )


@cache
def _issuers_at(first: str) -> tuple[tuple[str, str, frozenset[int]], ...]:
    return tuple(issuer for issuer in ISSUERS if issuer[0][0] <= first <= issuer[1][0])


def has_check_digit(digits: str) -> bool:
    """Luhn's formula (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, char in enumerate(reversed(digits)):
        value = int(char)
        total += value if place % 2 == 0 else value * 2 - 9 * (value > 4)
    return total % 10 == 0

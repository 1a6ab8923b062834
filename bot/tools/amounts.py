"""Amounts people say ("half", "$500", "500,00 €", "all of it") → minor units."""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from billing.money import exponent

_NUMBER = re.compile(r"\d[\d.,'’\s\u00a0\u202f]*\d|\d")
_PERCENT = re.compile(r"(\d{1,3})\s?(%|percent|por ciento|pour cent|prozent)")
_SIGNS = {
    "$": "USD", "usd": "USD", "€": "EUR", "eur": "EUR", "euro": "EUR", "euros": "EUR",
    "£": "GBP", "gbp": "GBP", "¥": "JPY",
}  # fmt: skip
_ALL = re.compile(
    r"\b(all|full|whole|everything|total|entire|rest|remaining|balance|todo|toda|completo|completa|resto|"
    r"saldo|tout|totalité|reste|solde|alles|ganz|ganze|gesamt|restbetrag|tudo|tutto)\b"
)
_PARTS = (
    (re.compile(r"\b(three quarters|tres cuartos|trois quarts|drei viertel)\b"), Decimal(3) / 4),
    (re.compile(r"\b(two thirds|dos tercios|deux tiers|zwei drittel)\b"), Decimal(2) / 3),
    (re.compile(r"\b(half|mitad|moitié|hälfte|halb|halbe|metade|metà|50/50)\b"), Decimal(1) / 2),
    (re.compile(r"\b(third|tercio|tercera parte|tiers|drittel|terço|terzo)\b"), Decimal(1) / 3),
    (re.compile(r"\b(quarter|cuarto|cuarta parte|quart|viertel|quarto)\b"), Decimal(1) / 4),
)


@dataclass(frozen=True)
class Said:
    """What was meant: minor units, or None for all; is_exact: a sum was named (not "half" or "all")."""

    minor: int | None
    is_exact: bool = False


class UnclearAmountError(ValueError):
    """The words name no amount: "part", "some", another currency."""


def parse_amount(said: str, payable_minor: int, currency: str) -> Said:
    """The amount meant by `said`, out of what is payable; UnclearAmountError when the words do not say."""
    words = said.casefold().strip()
    if not words or (_ALL.search(words) and not _NUMBER.search(words)):
        return Said(None)
    percent = _PERCENT.search(words)
    if percent:
        return Said(_portion(payable_minor, Decimal(int(percent.group(1))) / 100))
    for pattern, part in _PARTS:
        if pattern.search(words):
            return Said(_portion(payable_minor, part))
    return Said(_named_sum(words, currency), is_exact=True)


def _portion(payable_minor: int, part: Decimal) -> int:
    minor = int((payable_minor * part).quantize(Decimal(1), ROUND_HALF_UP))
    if minor <= 0:
        raise UnclearAmountError("no part of what is payable")
    return minor


def _named_sum(words: str, currency: str) -> int:
    match = _NUMBER.search(words)
    if not match or any(sign in _tokens(words) and of != currency for sign, of in _SIGNS.items()):
        raise UnclearAmountError(words)
    major = to_decimal(match.group(0), currency)
    if re.match(r"\s?k\b", words[match.end() :]):
        major *= 1000
    minor = int(major.scaleb(exponent(currency)).quantize(Decimal(1), ROUND_HALF_UP))
    if minor <= 0 or words[: match.start()].rstrip("$€£ ").endswith("-"):
        raise UnclearAmountError(words)
    return minor


def _tokens(words: str) -> set[str]:
    return set(re.findall(r"[$€£¥]|[^\W\d_]+", words))


def to_decimal(digits: str, currency: str) -> Decimal:
    """The major units of "1,840.00", "1.840,00", "1 840" or "500".

    The last separator is a decimal one only when one digit, or as many as the currency has, follow it.
    """
    compact = re.sub(r"[\s\u00a0\u202f'’]", "", digits)
    last = max(compact.rfind("."), compact.rfind(","))
    places = len(compact) - last - 1 if last >= 0 else 0
    decimals = last >= 0 and exponent(currency) and places in {1, exponent(currency)}
    whole = re.sub(r"[.,]", "", compact[:last] if decimals else compact)
    try:
        return Decimal(f"{whole or 0}.{compact[last + 1 :]}" if decimals else whole)
    except InvalidOperation as wrong:
        raise UnclearAmountError(digits) from wrong

"""Where digits stand in a text, in whatever script, and how they are set apart. Pure."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

CARD_WORDS = re.compile(
    r"\b(?:card|cards|cc|visa|master ?card|maestro|amex|american express|discover|diners|jcb|union ?pay|debit|credit"
    r"|cvv2?|cvc2?|cv2|csc|security code|exp|expires|expiry|expiration|valid (?:thru|through)"
    r"|tarjeta|tarjetas|vence|caduca|carte|cartes|bancaire|expire|karte|karten|kreditkarte|kartennummer|gültig"
    r"|prüfnummer|prufnummer|cartão|cartao|cartões|validade|carta|carte di credito|scadenza|scade)\b",
    re.IGNORECASE,
)
# Words for other long numbers, standing right before one.
OTHER_WORDS = re.compile(
    r"\b(?:order|orders|tracking|track|parcel|shipment|reference|ref|invoice|inv|ticket|case|account|acct|serial|imei"
    r"|sku|ean|isbn|barcode|phone|tel|call|mobile|cell|whatsapp|fax|vin|po|ups|usps|fedex|dhl"
    r"|pedido|seguimiento|envío|envio|factura|referencia|teléfono|telefono|commande|suivi|colis|facture|référence"
    r"|bestellung|bestellnummer|sendung|sendungsnummer|rechnung|rechnungsnummer|telefon|encomenda|rastreio|fatura"
    r"|ordine|spedizione|fattura)\b[\s.:#°º-]*(?:no|nr|num|number|nummer|numéro|número|numero|code|id|n)?[\s.:#°º-]*$",
    re.IGNORECASE,
)
IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}[0-9]{2}(?:[ -]?[A-Za-z0-9]){11,30}(?![A-Za-z0-9])")
SEPARATORS = frozenset(" \t\n\r.-/_\\|*+:~=()[]{}<>'\"`´•·∙⋅")
AFAR = 24  # how far back a word counts as standing before a number


@dataclass(frozen=True)
class Digits:
    """A run of digits with nothing between them, in order. start, end: where it stands in the text."""

    value: str
    start: int
    end: int


def digit_of(char: str) -> str:
    """The digit that a character is in whatever script ("４", "٤", "④"), as "0" to "9"; else nothing."""
    if "0" <= char <= "9":
        return char
    if char.isascii():
        return ""
    value = unicodedata.digit(char, None)
    return "" if value is None else str(value)


def is_unseen(char: str) -> bool:
    """Whether a character shows nothing and parts nothing: zero-width ones, soft hyphens, joiners, combining marks."""
    return not char.isascii() and unicodedata.category(char) in {"Cf", "Mn", "Me", "Cc"}


def is_separator(char: str) -> bool:
    """Whether a character may stand between the digits of one number: spaces, dashes, dots, slashes and their kin."""
    return char in SEPARATORS or is_unseen(char) or unicodedata.category(char) in {"Zs", "Zl", "Zp", "Pd"}


def runs_of(text: str) -> list[Digits]:
    """The runs of digits of a text. What is unseen does not part a run."""
    runs: list[Digits] = []
    value, start, end = "", 0, 0
    for place, char in enumerate(text):
        digit = digit_of(char)
        if digit:
            value, start = value + digit, start if value else place
            end = place + 1
        elif value and not is_unseen(char):
            runs.append(Digits(value, start, end))
            value = ""
    return [*runs, Digits(value, start, end)] if value else runs


def gap(text: str, before: Digits, after: Digits) -> str:
    """What stands between two runs, without what is unseen; kinds of spaces and dashes count as one."""
    between = (char for char in text[before.end : after.start] if not is_unseen(char))
    return "".join(_plain(char) for char in between)


def _plain(char: str) -> str:
    kind = unicodedata.category(char)
    return "-" if kind == "Pd" else " " if kind in {"Zs", "Zl", "Zp"} or char in "\t\r\n" else char


def is_joint(between: str) -> bool:
    """Whether a gap may stand within one number: up to four separators."""
    return 0 < len(between) <= 4 and all(is_separator(char) for char in between)


def chains_of(text: str, runs: Sequence[Digits]) -> list[list[Digits]]:
    """Runs that follow each other with nothing but separators between them."""
    chains: list[list[Digits]] = []
    for run in runs:
        if chains and is_joint(gap(text, chains[-1][-1], run)):
            chains[-1].append(run)
        else:
            chains.append([run])
    return chains


def iban_places(text: str) -> list[tuple[int, int]]:
    """Where IBANs stand: country, check digits, and the remainder of 97 that proves them (ISO 13616)."""
    found = ((match.start(), _iban_end(text, match)) for match in IBAN.finditer(text))
    return [(start, end) for start, end in found if end]


def _iban_end(text: str, match: re.Match[str]) -> int:
    """Where the IBAN that begins here ends; 0 when none does. The shortest has 15 characters."""
    written = text[match.start() : match.end()]
    places = [place for place, char in enumerate(written) if char.isalnum()]
    for length in range(len(places), 14, -1):
        last = places[length - 1]
        if last + 1 < len(written) and written[last + 1].isalnum():
            continue  # it would end within a word
        bare = "".join(written[place] for place in places[:length])
        number = "".join(str(int(char, 36)) for char in bare[4:] + bare[:4])
        if int(number) % 97 == 1:
            return match.start() + last + 1
    return 0

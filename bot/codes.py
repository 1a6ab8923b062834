"""One-time codes: the digits, their keyed hash, what words ask for one or bring one, and how far a sender is proved."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from billing.tables.addresses import CodeMedium
from bot.keywords import plain_form

DIGITS = 6
LASTS = timedelta(minutes=10)
TRIES = 5  # of one code
SENDS = 5  # in SEND_WINDOW, to one person and from one address
SEND_WINDOW = timedelta(hours=1)
WRONG_A_DAY = 10  # from one address, or against one person over all addresses
LOCKED_FOR = timedelta(hours=1)
ON_FILE_FOR = timedelta(days=7)  # how long a contact point must have been on file
PROVED_FOR = timedelta(minutes=30)
HIDDEN = "••••••"  # stands where a code was written

_CODE = re.compile(r"\d{3}[ \-.]?\d{3}|\d(?:[ \-.]\d){5}")
_BROUGHT = re.compile(
    r"^\W*(?:(?:(?:my|the|mi|el|mon|le|mein|der|meu|o|mio|il)\s+)?(?:code|codigo|código|codice)"
    r"(?:\s+(?:is|es|est|ist|é|e|è))?\W*)?(?P<code>\d{3}[ \-.]?\d{3}|\d(?:[ \-.]\d){5})\W*$",
    re.IGNORECASE,
)
_ASKS = frozenset({
    "code", "resend", "resend code", "resend the code", "send again", "new code", "send code", "send a code",
    "send me a code", "send the code", "send me the code", "another code", "send another code", "codigo",
    "nuevo codigo", "otro codigo", "enviar codigo", "envieme un codigo", "nouveau code", "un autre code",
    "envoyez moi un code", "neuer code", "code senden", "noch ein code", "novo codigo", "outro codigo",
    "enviar o codigo", "codice", "nuovo codice", "un altro codice", "invia codice",
})  # fmt: skip
_INTRODUCES = re.compile(
    r"^\W*(?:hi|hello|hey|hola|bonjour|hallo|guten tag|olá|ola|ciao|buongiorno)?\W*"
    r"(?:i\s?['’]?\s?a?m|this is|it['’]?s|my name is|name\s?:|soy|me llamo|mi nombre es|je suis|c['’]est|"
    r"je m['’]appelle|ich bin|mein name ist|hier ist|ich hei(?:ß|ss)e|sou|eu sou|meu nome é|chamo-me|sono|mi chiamo)"
    r"\s+(?P<name>[^\n?]{3,60}?)\s*(?:here)?[.!,]*\s*$",
    re.IGNORECASE,
)
# What a question has in it and a name has not; "will", "bill" and "do" are names too.
_NOT_IN_NAMES = frozenset({
    "hello", "hi", "hey", "bye", "good", "morning", "evening", "never", "mind", "wrong", "dont", "have", "need", "want",
    "buenos", "buenas", "bonsoir", "guten", "bom", "boa", "buongiorno", "ciao", "hallo",
    "what", "whats", "when", "where", "who", "why", "how", "is", "are", "does", "did", "could", "would", "should",
    "my", "your", "you", "i", "me", "we", "it", "that", "this", "please", "pay", "paid", "owe", "invoice", "payment",
    "send", "hours", "open", "help", "stop", "start", "yes", "no", "ok", "okay", "thanks", "thank", "person",
    "somebody", "call", "text", "number", "que", "cual", "cuando", "donde", "quien", "por", "favor", "factura",
    "pagar", "gracias", "hola", "cuanto", "quand", "comment", "combien", "facture", "merci", "bonjour", "je", "vous",
    "was", "wann", "wer", "wie", "bitte", "rechnung", "danke", "ich", "sie", "quando", "quem", "como", "fatura",
    "obrigado", "grazie", "quanto", "fattura",
})  # fmt: skip
_LONGEST_NAME = 60
_MOST_WORDS = 6


@dataclass(frozen=True)
class CodeWish:
    """A code to be sent to a contact point of one person, to prove the address theirs."""

    address_id: int
    contact_id: int | None
    staff_id: int | None
    medium: CodeMedium
    destination: str


class Brought(StrEnum):
    """What a message brought by which its sender can be known, and what became of it."""

    NOTHING = ""
    PROVED = "proved"
    WRONG = "wrong"
    ENDED = "ended"  # its ten minutes are over, or a newer one took its place
    LOCKED = "locked"
    # A message may bring their own number, or come by a link that was sent to somebody, instead of a code.
    NUMBER_PROVED = "number_proved"
    NUMBER_SHARED = "number_shared"
    NUMBER_UNKNOWN = "number_unknown"  # on nobody's file, or only since a few days
    START = "start"
    START_OVER = "start_over"  # a link that was used, has expired, or never was one

    @property
    def is_proof(self) -> bool:
        """Whether it proved who writes."""
        return self in {Brought.PROVED, Brought.NUMBER_PROVED}


@dataclass(frozen=True)
class Proof:
    """How somebody who writes from a phone or chat can be proved, and what this turn brought for it.

    brought, left: of the code in this turn, and how many tries are left. wish: the code that can be sent now.
    to: the contact point it goes to, masked; "" where the asker is nobody yet. record: whose contact point it is.
    is_asked: whether the turn before asked for a name. is_locked, is_spent: no code is taken, or sent, for now.
    is_shared: whether the address is several people's. is_reachable: whether there is a second contact point.
    names: whose name this turn says. is_vouched: whether the channel vouches for an account's own phone number.
    """

    brought: Brought = Brought.NOTHING
    left: int = 0
    wish: CodeWish | None = None
    to: str = ""
    record: str = ""
    is_asked: bool = False
    is_locked: bool = False
    is_spent: bool = False
    is_shared: bool = False
    is_reachable: bool = False
    names: str = ""
    is_vouched: bool = False

    def to_json(self) -> dict[str, Any]:
        """What a turn that is told again needs of it; whom a code goes to is not kept."""
        kept = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "wish"}
        return {**kept, "brought": self.brought.value}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Proof":
        """The reverse of to_json, but for the wish."""
        return cls(**{**kept, "brought": Brought(kept["brought"])})


def make_code() -> str:
    """Six random digits."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"


def hash_code(secret: bytes, code_id: int, digits: str) -> str:
    """The keyed hash under which a code is kept: HMAC-SHA256, bound to its row."""
    return hmac.new(secret, f"one-time code {code_id}: {digits}".encode(), hashlib.sha256).hexdigest()


def is_same_code(secret: bytes, code_id: int, digits: str, kept: str) -> bool:
    """Whether these are the digits of the code; takes as long for a code that does not exist."""
    return hmac.compare_digest(hash_code(secret, code_id, digits), kept or "no code has this hash")


def read_code(text: str) -> str | None:
    """The digits of a message that is a code and nothing else: "123456", "123 456", "my code is 123-456"."""
    match = _BROUGHT.match(text.strip())
    return re.sub(r"\D", "", match["code"]) if match else None


def hide_codes(text: str) -> str:
    """The words without the digits of a code."""
    return _CODE.sub(HIDDEN, text)


def asks_for_code(text: str) -> bool:
    """Whether the whole message asks for a code: CODE, RESEND, "new code"."""
    return plain_form(text) in _ASKS


def introduced(text: str) -> str:
    """The name in "I'm Leila Haddad" or "soy Ana Ruiz"; "" where nobody is introduced."""
    match = _INTRODUCES.match(text)
    return match["name"].strip(" .,!") if match and _is_name(match["name"]) else ""


def bare_name(text: str) -> str:
    """The name that a message is, where one was asked for; "" where it reads like anything else."""
    return introduced(text) or (text.strip(" .,!\n") if _is_name(text) else "")


def is_written_as_name(text: str) -> bool:
    """Whether two words or more begin with a capital letter each: a name, whatever else it could mean."""
    words = re.findall(r"[^\W\d_]+", text)
    return len(words) > 1 and all(word[0].isupper() for word in words)


def _is_name(text: str) -> bool:
    words = plain_form(text).split()
    return (
        len(text) <= _LONGEST_NAME
        and 0 < len(words) <= _MOST_WORDS
        and "?" not in text
        and not any(char.isdigit() for char in text)
        and not set(words) & _NOT_IN_NAMES
    )


def name_key(name: str) -> frozenset[str]:
    """What two ways to write one name share: its words, whatever their order, case and accents."""
    return frozenset(plain_form(name).split())


def mask(medium: CodeMedium, destination: str) -> str:
    """A contact point as its owner knows it again and nobody else learns it: "d***@mail.example", "***0101"."""
    if medium is CodeMedium.EMAIL:
        name, _, domain = destination.partition("@")
        return f"{name[:1]}***@{domain}"
    return f"***{destination[-4:]}"


@dataclass(frozen=True)
class Past:
    """Turns of a thread that sent codes or were given wrong ones: (outcome, when), oldest first."""

    turns: Sequence[tuple[str, datetime]] = ()

    @property
    def asked_at(self) -> datetime | None:
        """When the last code was sent, or seemed to be."""
        return max((at for outcome, at in self.turns if outcome == SENT), default=None)

    def wrong(self, since: datetime) -> int:
        """How many wrong codes came since a moment."""
        return sum(outcome == WRONG and at >= since for outcome, at in self.turns)

    def is_spent(self, now: datetime) -> bool:
        """Whether as many codes were asked for in an hour as may be."""
        return sum(outcome == SENT and at > now - SEND_WINDOW for outcome, at in self.turns) >= SENDS


# Outcomes of turns, by which tries and sends are counted: alike for a name that is on file and one that is not.
SENT, WRONG, ASKED_WHO = "code_sent", "code_wrong", "asked_who"

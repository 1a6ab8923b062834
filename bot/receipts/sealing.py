"""Commitments and seals: a salted hash over each part of a receipt, a keyed one over all of them. Pure.

A part is bound by its commitment, and the seal covers commitments and no words, so that a part and its salt can
be erased later and the chain of seals still be checked.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

SALT_BYTES = 16


@dataclass(frozen=True)
class SealKey:
    """The key of the seals; its fingerprint tells keys apart and gives nothing of them away."""

    value: bytes = field(repr=False)
    fingerprint: str


@lru_cache(maxsize=8)
def key_of(secret: bytes) -> SealKey:
    """The key of seals that an installation's secret stands for; other uses of the secret have other keys."""
    value = hmac.new(secret, b"frontdesk receipts", hashlib.sha256).digest()
    return SealKey(value, hmac.new(value, b"fingerprint", hashlib.sha256).hexdigest()[:12])


def new_salt() -> str:
    """128 random bits in hexadecimal: without them the words behind a commitment cannot even be guessed at."""
    return secrets.token_hex(SALT_BYTES)


def commitment(salt: str, pieces: Sequence[str | int | None]) -> str:
    """SHA-256 over a salt and the pieces of a part, each with its length, so that none can run into the next."""
    digest = hashlib.sha256(salt.encode())
    for piece in pieces:
        written = b"" if piece is None else str(piece).encode(errors="surrogatepass")
        digest.update(b"none;" if piece is None else b"%d;" % len(written))
        digest.update(written)
    return digest.hexdigest()


def seal(key: SealKey, what: Mapping[str, Any]) -> str:
    """HMAC-SHA256 over what is sealed; its member "of" keeps seals of different things apart."""
    return hmac.new(key.value, canonical(what), hashlib.sha256).hexdigest()


def canonical(value: Any) -> bytes:
    """JSON in one form only, so that what the database gives back hashes as what was put in."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()

"""The pay form's proof: that it came from our page, for this link, and which amount it showed."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qs

from starlette.requests import ClientDisconnect, Request

LIFETIME = timedelta(hours=2)
LARGEST_FORM = 4096  # bytes


class StaleFormError(Exception):
    """A form that our page did not make for this link, or made too long ago."""


@dataclass(frozen=True)
class Proof:
    """What a form proves. seed: one for each page shown; a form sent twice has the same. shown_minor: the amount."""

    seed: str
    shown_minor: int


def token_hash(token: str) -> str:
    """The SHA-256, in hex, under which a link's token is stored."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def make_proof(secret: str, subject: str, shown_minor: int, now: datetime) -> str:
    """The hidden field of a form about `subject` (a token's hash, a charge's reference)."""
    told = f"{secrets.token_urlsafe(12)}.{shown_minor}.{int(now.timestamp())}"
    return f"{told}.{_mac(secret, subject, told)}"


def read_proof(secret: str, subject: str, proof: str, now: datetime) -> Proof:
    """What a form's hidden field proves; StaleFormError when it does not hold for `subject` now."""
    told, _, mac = proof.rpartition(".")
    if not hmac.compare_digest(_mac(secret, subject, told).encode(), mac.encode("utf-8", "replace")):
        raise StaleFormError
    seed, shown, stamp = told.split(".")  # our own writing: the signature holds
    if not 0 <= now.timestamp() - int(stamp) <= LIFETIME.total_seconds():
        raise StaleFormError
    return Proof(seed, int(shown))


def _mac(secret: str, subject: str, told: str) -> str:
    return hmac.new(
        secret.encode(), f"pay form|{subject}|{told}".encode("utf-8", "replace"), hashlib.sha256
    ).hexdigest()


def reference_of(provider: str, token_sha256: str, seed: str) -> str:
    """The payment's name at the provider: the same form sent twice is the same payment."""
    return f"{provider}_{hashlib.sha256(f'{token_sha256}.{seed}'.encode()).hexdigest()[:32]}"


async def read_fields(request: Request) -> dict[str, str]:
    """The fields of a posted form, each once; none when it is too large or unreadable."""
    body = await read_body(request, LARGEST_FORM)
    if body is None:
        return {}
    try:
        fields = parse_qs(body.decode("utf-8", "replace"), max_num_fields=8)
    except ValueError:
        return {}
    return {name: values[0] for name, values in fields.items()}


async def read_body(request: Request, limit: int) -> bytes | None:
    """The body, or None when it has more than `limit` bytes or was cut off."""
    body = bytearray()
    try:
        async for part in request.stream():
            body += part
            if len(body) > limit:
                return None
    except ClientDisconnect:
        return None
    return bytes(body)

"""Who a website says its visitor is: a short-lived signed token (RFC 7519), read by that site's one algorithm."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from billing.tables.sites import Signature
from channels.web.sites import Website

LASTS = timedelta(minutes=5)  # how far ahead a token may expire
SKEW = timedelta(seconds=30)  # how far the website's clock may be from ours
MOST = 4096  # signs of a token
_CLAIMS = ("sub", "aud", "exp", "iat", "jti")
# Times are checked by our own clock, below.
_OPTIONS: Any = {"require": list(_CLAIMS), "verify_exp": False, "verify_iat": False, "verify_nbf": False}


class VisitRefusedError(Exception):
    """The token proves nobody. `why` is for the log; the visitor is told one sentence, whatever it was."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class SignedVisit:
    """What a website vouches for. subject: a contact's key or e-mail address. jti: good for once."""

    subject: str
    jti: str
    expires_at: datetime


def read_visit(token: str, site: Website, audience: tuple[str, ...], now: datetime) -> SignedVisit:
    """The visit that a token of this website tells of. Raises VisitRefusedError.

    The algorithm is the site's own, never the token's: neither "none" nor a public key taken for a shared secret.
    """
    if site.signature is Signature.NONE or not site.key:
        raise VisitRefusedError("this website signs nothing")
    if len(token) > MOST:
        raise VisitRefusedError("longer than any token")
    try:
        claims = jwt.decode(
            token, site.key, algorithms=[site.signature.value], audience=list(audience), options=_OPTIONS
        )
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as wrong:
        raise VisitRefusedError(type(wrong).__name__) from None
    return _in_time(claims, now)


def _in_time(claims: dict[str, Any], now: datetime) -> SignedVisit:
    subject, jti = (_words(claims[name]) for name in ("sub", "jti"))
    issued, expires = (_moment(claims[name]) for name in ("iat", "exp"))
    begins = _moment(claims["nbf"]) if "nbf" in claims else issued
    if expires <= now:
        raise VisitRefusedError("expired")
    if expires > now + LASTS + SKEW:
        raise VisitRefusedError("good for longer than five minutes")
    if max(issued, begins) > now + SKEW:
        raise VisitRefusedError("not yet good")
    return SignedVisit(subject, jti, expires)


def _words(said: object) -> str:
    if not isinstance(said, str) or not 0 < len(said) <= 320 or "\x00" in said:
        raise VisitRefusedError("a claim is no short text")
    try:
        said.encode()
    except UnicodeEncodeError:
        raise VisitRefusedError("a claim is no text") from None
    return said


def _moment(said: object) -> datetime:
    if isinstance(said, bool) or not isinstance(said, int | float):
        raise VisitRefusedError("a time is no number")
    try:
        return datetime.fromtimestamp(said, UTC)
    except (ValueError, OverflowError, OSError):
        raise VisitRefusedError("a time is out of range") from None

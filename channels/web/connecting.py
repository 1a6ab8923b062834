"""`frontdesk connect website`: where a business's chat may stand, how visits are signed, and what to paste there."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.doctor import Finding, Severity
from billing.principal import Scope
from billing.tables.people import Business
from billing.tables.sites import Signature, Site
from channels.sealing import SealBrokenError, Sealing
from channels.web.loopback import is_loopback
from channels.web.sites import BadOriginError, Sites, Website, parse_origin

LEAST_BITS = 2048


class CannotStandError(Exception):
    """The chat cannot stand there as it was said; the message says why and what to do."""


@dataclass(frozen=True)
class WebsiteWish:
    """What was asked for. business: by its key; empty for the only one. public_key: in PEM, for RS256.

    signature: None leaves it, and its key, as they are.
    """

    business: str
    origins: tuple[str, ...]
    signature: Signature | None = None
    public_key: str = ""


@dataclass(frozen=True)
class Standing:
    """Where a business's chat stands now. secret: a new shared secret, shown this once."""

    slug: str
    origins: tuple[str, ...]
    signature: Signature
    secret: str = field(default="", repr=False)


async def stand_on_website(door: Door, sealing: Sealing, wish: WebsiteWish, now: datetime) -> Standing:
    """Let a business's chat stand on websites. Raises CannotStandError."""
    origins = tuple(dict.fromkeys(_origin(each) for each in wish.origins))
    key = _key(wish)

    async def work(session: AsyncSession) -> Standing:
        business = await _find(session, wish.business)
        row = await session.scalar(select(Site).where(Site.business_id == business.id))
        if row is None:
            if not origins:
                raise CannotStandError("Say where the chat will stand: --origin https://www.example.com.")
            row = Site(business_id=business.id, origins=[], changed_at=now)
            session.add(row)
        row.origins = list(origins) or row.origins
        if wish.signature is not None:
            row.signature, row.sealed = wish.signature, sealing.seal(key) if key else ""
        row.changed_at = now
        await session.flush()
        secret = key if wish.signature is Signature.HS256 else ""
        return Standing(business.slug, tuple(row.origins), row.signature, secret)

    return await door.system(Scope.CONNECT).write(work)


def _origin(written: str) -> str:
    try:
        return parse_origin(written)
    except BadOriginError as wrong:
        raise CannotStandError(str(wrong)) from None


def _key(wish: WebsiteWish) -> str:
    if wish.signature is Signature.HS256:
        return secrets.token_urlsafe(32)
    return _public_key(wish.public_key) if wish.signature is Signature.RS256 else ""


def _public_key(written: str) -> str:
    """A public key in PEM, fit to check RS256 with. Raises CannotStandError."""
    if "PRIVATE KEY" in written:
        raise CannotStandError("That is a private key: it stays on your server. Give the public one, in PEM.")
    try:
        key = load_pem_public_key(written.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise CannotStandError("RS256 needs --public-key FILE: an RSA public key in PEM.") from None
    if not isinstance(key, RSAPublicKey) or key.key_size < LEAST_BITS:
        raise CannotStandError(f"RS256 needs an RSA key of {LEAST_BITS} bits or more.")
    return written


async def _find(session: AsyncSession, slug: str) -> Business:
    businesses = list(await session.scalars(select(Business).order_by(Business.id)))
    found = [each for each in businesses if not slug or each.slug == slug]
    if len(found) == 1:
        return found[0]
    known = ", ".join(each.slug for each in businesses) or "none"
    wanted = f"There is no business called {slug!r}." if slug else "Say which business: --business KEY."
    raise CannotStandError(f"{wanted} There are: {known}.")


def told(standing: Standing, address: str) -> list[str]:
    """What to do on the website, in lines for a person."""
    lines = [
        f"The chat may stand on {', '.join(standing.origins)}. Paste this before </body> of its pages:",
        "",
        f'  <script src="{address}/chat.js" data-business="{standing.slug}" async></script>',
        "",
        "Where your site has a content policy, it needs:",
        f"  script-src {address}; connect-src {address}",
    ]
    if standing.secret:
        lines += [
            "",
            "Your server signs who is signed in with this secret. It is shown this once; keep it off your pages:",
            f"  {standing.secret}",
        ]
    if standing.signature is not Signature.NONE:
        lines.append(f'Tokens: {standing.signature.value}, "aud": "{standing.slug}", five minutes at most, "jti" once.')
    warning = _unreachable(address, standing.origins)
    return [*lines, "", warning] if warning else lines


def _unreachable(address: str, origins: Sequence[str]) -> str:
    """Why pages of these origins could not load the chat from our address; nothing where they can."""
    asked = urlsplit(address)
    outside = [one for one in origins if not is_loopback(urlsplit(one).hostname or "")]
    if outside and is_loopback(asked.hostname or ""):
        return f"Visitors cannot reach {address}. Set FRONTDESK_PUBLIC_URL to the https address of this desk."
    if outside and asked.scheme != "https":
        return f"Browsers load nothing from {address} on an https page. Put Frontdesk behind https."
    return ""


async def check_websites(sites: Sites, address: str) -> tuple[list[str], list[Finding]]:
    """A line for each website that carries a chat, and what is wrong with them."""
    try:
        websites = [site for site in await sites.listed() if site.origins]
    except SealBrokenError:
        what = "The keys of websites cannot be opened: they were sealed with another FRONTDESK_SECRET_KEY."
        return [], [Finding(Severity.ERROR, what, "Set the one from before, or run `frontdesk connect website` again.")]
    found = []
    for site in websites:
        if warning := _unreachable(address, site.origins):
            advice = f"Until then nobody sees the chat of {site.slug} on its website."
            found.append(Finding(Severity.WARNING, warning, advice))
    return [_line(site) for site in websites], found


def _line(site: Website) -> str:
    how = "visitors prove themselves by a code"
    if site.signature is not Signature.NONE:
        how = f"who is signed in there is known ({site.signature.value})"
    return f"The chat of {site.name} stands on {', '.join(site.origins)}; {how}."

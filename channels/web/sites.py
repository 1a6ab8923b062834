"""Websites that carry a business's chat: where it may stand, and the key by which they say who their visitor is."""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.principal import Scope
from billing.tables.people import Business
from billing.tables.sites import Signature, Site
from channels.sealing import Sealing

_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?|\[[0-9a-f:.]+\]")
_PORTS = {"https": 443, "http": 80}


class BadOriginError(ValueError):
    """Not an address that a page can come from; the message says what is wrong with it."""


class NotAllowedHereError(Exception):
    """No business of this name has its chat on the website that asks."""


@dataclass(frozen=True)
class Website:
    """A business's chat on its websites. key: a shared secret or a public key in PEM; empty where nothing is signed.

    origins: each as a browser writes it in the Origin header.
    """

    business_id: int
    slug: str
    name: str
    colour: str
    origins: tuple[str, ...] = ()
    signature: Signature = Signature.NONE
    key: str = field(default="", repr=False)


@dataclass(frozen=True)
class DemoWebsites:
    """The made-up websites of demo businesses, where nothing is stored for them: pages of this very machine."""

    secret: bytes = field(repr=False)
    port: int

    @property
    def origins(self) -> tuple[str, ...]:
        """Both names of this machine: a page under the one is a stranger to the other."""
        return tuple(f"http://{host}:{self.port}" for host in ("localhost", "127.0.0.1"))

    def key_of(self, slug: str) -> str:
        """The secret that a demo business and its website share."""
        made = hmac.new(self.secret, f"frontdesk: the website of {slug}".encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(made).decode()


@dataclass(frozen=True)
class Sites:
    """Finds websites by their business, and whether any stands at an origin. demo: None where others reach us."""

    door: Door
    sealing: Sealing
    demo: DemoWebsites | None = None

    async def find(self, slug: str, origin: str) -> Website:
        """The website of a business that stands at this origin; NotAllowedHereError for any other.

        May raise SealBrokenError.
        """
        found = next((site for site in await self.listed() if site.slug == slug), None)
        if found is None or origin not in found.origins:
            raise NotAllowedHereError
        return found

    async def is_known(self, origin: str) -> bool:
        """Whether any business has its chat at an origin."""
        return any(origin in site.origins for site in await self._read(with_keys=False))

    async def listed(self) -> list[Website]:
        """Every website, with its key. May raise SealBrokenError."""
        return await self._read(with_keys=True)

    async def _read(self, *, with_keys: bool) -> list[Website]:
        async def work(session: AsyncSession) -> list[Website]:
            rows = await session.execute(
                select(Business, Site).outerjoin(Site, Site.business_id == Business.id).order_by(Business.id)
            )
            made = (self._website(business, site, with_keys=with_keys) for business, site in rows)
            return [site for site in made if site is not None]

        return await self.door.system(Scope.CONNECT).read(work)

    def _website(self, business: Business, site: Site | None, *, with_keys: bool) -> Website | None:
        named = (business.id, business.slug, business.name, business.colour)
        if site is not None:
            key = self.sealing.open(site.sealed) if with_keys and site.sealed else ""
            return Website(*named, tuple(map(str, site.origins)), site.signature, key)
        if self.demo is None or not business.is_demo:
            return None
        return Website(*named, self.demo.origins, Signature.HS256, self.demo.key_of(business.slug))


def parse_origin(written: str) -> str:
    """An origin as browsers write it: scheme, host in small letters, port unless it is the usual one.

    Raises BadOriginError, in words for whoever wrote it.
    """
    try:
        parts = urlsplit(written.strip())
        host, port = parts.netloc.rpartition("@")[2].lower(), parts.port
    except ValueError:
        raise BadOriginError(f"{written} is no address.") from None
    name = host if port is None else host.rpartition(":")[0]
    name = name.removesuffix(":")
    if parts.scheme not in _PORTS or "@" in parts.netloc or not _HOST.fullmatch(name):
        raise BadOriginError(f"{written} is no website's address. Write it like https://www.example.com.")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise BadOriginError(f"{written} names a page. Write only the site: {parts.scheme}://{host}.")
    if parts.scheme == "http" and name not in {"localhost", "127.0.0.1", "[::1]"}:
        raise BadOriginError(f"{written} is not encrypted: anybody on the way could read the chat. Use https://{host}.")
    return f"{parts.scheme}://{name}" + (f":{port}" if port not in {None, _PORTS[parts.scheme]} else "")

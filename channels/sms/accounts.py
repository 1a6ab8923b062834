"""Accounts at Twilio: the one of the settings, further businesses' from their rows, and the demo's made-up ones."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.principal import Scope
from billing.tables.addresses import Connection
from billing.tables.people import Business
from channels.remembering import Remembered
from channels.sealing import Sealing

CHANNEL = "sms"
TWILIO_API = "https://api.twilio.com"


@dataclass(frozen=True)
class Account:
    """One business's way to Twilio. sender: a number in E.164, or a messaging service's id (MG…).

    key: names the connection everywhere ("sms:harbor-and-pine"). path: what its webhooks' addresses end with.
    """

    business_id: int
    key: str
    path: str
    sid: str
    sender: str
    api_base: str = TWILIO_API
    token: str = field(default="", repr=False)
    is_local: bool = False

    @property
    def is_service(self) -> bool:
        """Whether it sends by a messaging service."""
        return self.sender.startswith("MG")


@dataclass(frozen=True)
class OwnAccount:
    """The account that the settings name, for the first business; an empty sid: none."""

    sid: str = ""
    sender: str = ""
    api_base: str = TWILIO_API
    token: str = field(default="", repr=False)


class LocalAccounts(Protocol):
    """The demo's made-up accounts, where no real one is set."""

    def account_of(self, business: Business, path: str) -> Account:
        """The made-up account of a demo business."""


# Rows of connected accounts, whose secrets are still sealed, and the accounts that no row tells of.
Stored = tuple[list[Connection], list[Account]]


def key_of(slug: str) -> str:
    """The connection's key of a business."""
    return f"{CHANNEL}:{slug}"


@dataclass
class Accounts:
    """Finds the account that a webhook's path or a connection's key stands for."""

    door: Door
    own: OwnAccount
    sealing: Sealing
    local: LocalAccounts | None = None
    _stored: Remembered[Stored] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._stored = Remembered(lambda: self.door.system(Scope.CONNECT).read(self._read))

    async def find_by_path(self, path: str, *, is_new: bool = False) -> Account | None:
        """The account whose webhooks end with `path`; empty: the settings' own, or the demo's.

        is_new: as it is now, not as it was some seconds ago. May raise SealBrokenError.
        """
        return await self._find(lambda account: account.path == path, is_new=is_new)

    async def find_by_key(self, key: str) -> Account | None:
        """The account of a connection. May raise SealBrokenError."""
        return await self._find(lambda account: account.key == key)

    async def listed(self) -> list[Account]:
        """Every account, the settings' own first. May raise SealBrokenError."""
        rows, unstored = await self._stored.get(is_new=True)
        return [*unstored, *map(self._opened, rows)]

    async def _find(self, fits: Callable[[Account | Connection], bool], *, is_new: bool = False) -> Account | None:
        rows, unstored = await self._stored.get(is_new=is_new)
        own, row = next(filter(fits, unstored), None), next(filter(fits, rows), None)
        return own or (None if row is None else self._opened(row))

    def _opened(self, row: Connection) -> Account:
        token = self.sealing.open(row.sealed)
        return Account(row.business_id, row.key, row.path, row.account, row.sender, self.own.api_base, token)

    async def _read(self, session: AsyncSession) -> Stored:
        listed = select(Connection).where(Connection.channel == CHANNEL, Connection.ended_at.is_(None))
        rows = await session.scalars(listed.order_by(Connection.id))
        businesses = list(await session.scalars(select(Business).order_by(Business.id)))
        return list(rows), self._unstored(businesses)

    def _unstored(self, businesses: list[Business]) -> list[Account]:
        """The accounts that no row tells of."""
        if self.own.sid and businesses:
            first, own = businesses[0], self.own
            return [Account(first.id, key_of(first.slug), "", own.sid, own.sender, own.api_base, own.token)]
        if self.local is None:
            return []
        demos = [business for business in businesses if business.is_demo]
        return [
            self.local.account_of(business, "" if place == 0 else business.slug) for place, business in enumerate(demos)
        ]

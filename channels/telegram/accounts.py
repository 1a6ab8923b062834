"""Bots at Telegram: the one of the settings, further businesses' from their rows, and the demo's made-up ones."""

import hashlib
import hmac
import json
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

CHANNEL = "telegram"
TELEGRAM_API = "https://api.telegram.org"


@dataclass(frozen=True)
class BotAccount:
    """One business's bot. username: without @, empty where only Telegram knows it.

    key: names the connection everywhere ("telegram:harbor-and-pine"). path: what its webhook's address ends with.
    secret: what Telegram sends with every update it posts. polls: whether we fetch its updates ourselves. link: opens
    a chat with it; empty: t.me with its username.
    """

    business_id: int
    key: str
    path: str
    username: str = ""
    api_base: str = TELEGRAM_API
    token: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)
    polls: bool = True
    is_local: bool = False
    link: str = ""

    @property
    def bot_id(self) -> int:
        """The bot's own id, which its token begins with; 0 where it does not."""
        said = self.token.partition(":")[0]
        return int(said) if said.isascii() and said.isdigit() else 0


@dataclass(frozen=True)
class OwnBot:
    """The bot that the settings name, for the first business; an empty token: none. polls: for every bot."""

    token: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)
    api_base: str = TELEGRAM_API
    polls: bool = True


class LocalBots(Protocol):
    """The demo's made-up bots, where no real one is set."""

    def account_of(self, business: Business, path: str) -> BotAccount:
        """The made-up bot of a demo business."""


# Rows of connected bots, whose secrets are still sealed, and the bots that no row tells of.
Stored = tuple[list[Connection], list[BotAccount]]


def key_of(slug: str) -> str:
    """The connection's key of a business."""
    return f"{CHANNEL}:{slug}"


def secret_for(token: str, installation: bytes) -> str:
    """The webhook's secret of a bot where none was chosen: the same at every start, and nobody can guess it."""
    return hmac.new(installation, b"frontdesk: telegram webhook\0" + token.encode(), hashlib.sha256).hexdigest()


def seal_secrets(sealing: Sealing, token: str, secret: str) -> str:
    """A bot's two secrets as its row keeps them."""
    return sealing.seal(json.dumps({"token": token, "secret": secret}))


@dataclass
class Bots:
    """Finds the bot that a webhook's path or a connection's key stands for."""

    door: Door
    own: OwnBot
    sealing: Sealing
    local: LocalBots | None = None

    _stored: Remembered[Stored] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._stored = Remembered(lambda: self.door.system(Scope.CONNECT).read(self._read))

    async def find_by_path(self, path: str, *, is_new: bool = False) -> BotAccount | None:
        """The bot whose webhook ends with `path`; empty: the settings' own, or the demo's.

        is_new: as it is now, not as it was some seconds ago. May raise SealBrokenError.
        """
        return await self._find(lambda bot: bot.path == path, is_new=is_new)

    async def find_by_key(self, key: str) -> BotAccount | None:
        """The bot of a connection. May raise SealBrokenError."""
        return await self._find(lambda bot: bot.key == key)

    async def listed(self) -> list[BotAccount]:
        """Every bot, the settings' own first. May raise SealBrokenError."""
        rows, unstored = await self._stored.get(is_new=True)
        return [*unstored, *map(self._opened, rows)]

    async def _find(
        self, fits: Callable[[BotAccount | Connection], bool], *, is_new: bool = False
    ) -> BotAccount | None:
        rows, unstored = await self._stored.get(is_new=is_new)
        own, row = next(filter(fits, unstored), None), next(filter(fits, rows), None)
        return own or (None if row is None else self._opened(row))

    async def _read(self, session: AsyncSession) -> Stored:
        listed = select(Connection).where(Connection.channel == CHANNEL, Connection.ended_at.is_(None))
        rows = await session.scalars(listed.order_by(Connection.id))
        businesses = list(await session.scalars(select(Business).order_by(Business.id)))
        return list(rows), self._unstored(businesses)

    def _opened(self, row: Connection) -> BotAccount:
        secrets = json.loads(self.sealing.open(row.sealed))
        return BotAccount(
            row.business_id, row.key, row.path, row.sender, self.own.api_base, secrets["token"], secrets["secret"],
            self.own.polls,
        )  # fmt: skip

    def _unstored(self, businesses: list[Business]) -> list[BotAccount]:
        """The bots that no row tells of."""
        if self.own.token and businesses:
            first, own = businesses[0], self.own
            secret = own.secret or secret_for(own.token, self.sealing.secret)
            return [
                BotAccount(first.id, key_of(first.slug), "", "", own.api_base, own.token, secret, own.polls)
            ]  # fmt: skip
        if self.local is None:
            return []
        demos = [business for business in businesses if business.is_demo]
        return [
            self.local.account_of(business, "" if place == 0 else business.slug) for place, business in enumerate(demos)
        ]

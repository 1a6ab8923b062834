"""Where the bot of a business is opened: the address to which a start link's token is appended."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.principal import Scope
from billing.tables.addresses import Connection

APP = "telegram"


@dataclass(frozen=True)
class StartAddresses:
    """The bots that are connected, as they stand in the database. Called with a business's id: "https://t.me/…?start="."""

    door: Door

    async def __call__(self, business_id: int) -> str | None:
        """The address for a business; None where it has no bot."""

        async def work(session: AsyncSession) -> str | None:
            living = (Connection.channel == APP, Connection.business_id == business_id, Connection.ended_at.is_(None))
            found: str | None = await session.scalar(select(Connection.sender).where(*living).limit(1))
            return found

        name = await self.door.system(Scope.CONNECT).read(work)
        return start_address(name) if name else None


def start_address(bot: str) -> str:
    """The address for a bot's name, "harbor_bot" or "@harbor_bot"."""
    return f"https://t.me/{bot.removeprefix('@')}?start="

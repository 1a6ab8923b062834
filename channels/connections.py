"""Accounts with providers, kept in the database for a further business; connecting again replaces one."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.principal import Scope
from billing.tables.addresses import Connection
from billing.tables.people import Business


class CannotConnectError(Exception):
    """The account cannot be used as it is; the message says why and what to do."""


@dataclass(frozen=True)
class Kept:
    """A further business's account. account, sender: public; sealed: its secrets, as they are stored."""

    channel: str
    slug: str
    account: str
    sender: str
    sealed: str = field(repr=False)


async def keep(door: Door, kept: Kept, now: datetime) -> Connection:
    """Keep an account; a second time replaces it, at the same address. Raises CannotConnectError."""

    async def work(session: AsyncSession) -> Connection:
        business = await session.scalar(select(Business).where(Business.slug == kept.slug))
        if business is None:
            known = ", ".join(await session.scalars(select(Business.slug).order_by(Business.id)))
            raise CannotConnectError(f"There is no business called {kept.slug!r}. There are: {known or 'none'}.")
        key = f"{kept.channel}:{kept.slug}"
        row = await session.scalar(select(Connection).where(Connection.key == key))
        if row is None:
            path = f"{kept.slug}-{secrets.token_hex(4)}"
            row = Connection(business_id=business.id, key=key, channel=kept.channel, path=path)
            session.add(row)
        row.account, row.sender, row.sealed = kept.account, kept.sender, kept.sealed
        row.connected_at, row.ended_at = now, None
        await session.flush()
        return row

    return await door.system(Scope.CONNECT).write(work)

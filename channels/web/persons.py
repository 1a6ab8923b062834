"""A person's own web thread: one, on whatever device and tab they are proved."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.changes.addresses import link_address, whose
from billing.tables.addresses import Address, LinkedBy
from billing.tables.people import Contact, ContactClient, Staff
from billing.tables.talk import Conversation
from bot.addresses import PERSONAL
from bot.messages import Channel


async def open_own_thread(
    session: AsyncSession, connection: str, person: Contact | Staff, proved_at: datetime, now: datetime
) -> Conversation:
    """The lasting thread of somebody who was just proved, with its address, from which codes can be asked for.

    connection: "web:harbor-and-pine". It is theirs alone: its address is linked to them and never passes on.
    """
    key = f"{PERSONAL}{person.__tablename__}:{person.id}"
    written = select(Address).where(Address.connection == connection, Address.address == key).with_for_update()
    address = (await session.scalars(written)).one_or_none()
    if address is None:
        address = Address(business_id=person.business_id, connection=connection, channel=Channel.WEB, address=key)
        session.add(address)
        await session.flush()
    address.last_seen_at = now
    link = await link_address(session, address, whose(person), LinkedBy.RECORD, now)
    link.proved_at = max(proved_at, link.proved_at or proved_at)
    return await _thread(session, address, person, now)


async def _thread(session: AsyncSession, address: Address, person: Contact | Staff, now: datetime) -> Conversation:
    written = select(Conversation).where(
        Conversation.connection == address.connection, Conversation.key == address.address
    )
    thread = (await session.scalars(written)).one_or_none()
    if thread is None:
        thread = Conversation(
            business_id=person.business_id,
            connection=address.connection,
            channel=Channel.WEB,
            key=address.address,
            address=address.address,
            client_id=await only_client(session, person),
            language=person.language,
            opened_at=now,
            last_message_at=now,
            **whose(person),
        )
        session.add(thread)
        await session.flush()
    return thread


async def only_client(session: AsyncSession, person: Contact | Staff) -> int | None:
    """The client of a contact who speaks for one alone; None for several, and for staff."""
    if isinstance(person, Staff):
        return None
    served = select(ContactClient.client_id).where(ContactClient.contact_id == person.id).limit(2)
    clients = list(await session.scalars(served))
    return clients[0] if len(clients) == 1 else None

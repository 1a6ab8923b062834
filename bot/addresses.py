"""Who writes from an address: a stand-in that knows the address and its one living link."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.tables.addresses import Address, AddressLink
from billing.tables.people import ContactClient
from billing.tables.talk import Conversation


@dataclass(frozen=True)
class Sender:
    """The address and the lasting conversation of somebody who writes, and how far they are proved: 0, 1 or 2."""

    address_id: int
    conversation_id: int
    assurance: int


async def receive_from(
    session: AsyncSession, *, business_id: int, connection: str, channel: str, address: str, now: datetime
) -> Sender:
    """Know or make the address and its conversation, in the transaction that stores the message."""
    row = await session.scalar(select(Address).where(Address.connection == connection, Address.address == address))
    if row is None:
        row = Address(business_id=business_id, connection=connection, channel=channel, address=address)
        session.add(row)
    row.last_seen_at, row.blocked_at, row.blocked_for = now, None, ""
    await session.flush()
    thread = await session.scalar(
        select(Conversation).where(Conversation.connection == connection, Conversation.key == address)
    )
    if thread is None:
        thread = Conversation(
            business_id=business_id, connection=connection, channel=channel, key=address, address=address,
            opened_at=now, last_message_at=now,
        )  # fmt: skip
        session.add(thread)
    living = select(AddressLink).where(AddressLink.address_id == row.id, AddressLink.ended_at.is_(None))
    links = (await session.scalars(living)).all()
    if len(links) == 1:
        thread.contact_id, thread.staff_id = links[0].contact_id, links[0].staff_id
        served = select(ContactClient.client_id).where(ContactClient.contact_id == links[0].contact_id)
        clients = (await session.scalars(served)).all()
        thread.client_id = thread.client_id or (clients[0] if len(clients) == 1 else None)
    await session.flush()
    return Sender(row.id, thread.id, min(len(links), 1))

"""Conversations of a client: the latest messages, who holds them, and where a message can be sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.records.clients import people_of
from billing.records.consents import Person, awaits_answer, find_address, has_opted_out
from billing.records.reaching import REACHABLE, by_choice
from billing.tables.people import Contact, Staff
from billing.tables.talk import Conversation, Message


@dataclass(frozen=True)
class Recipient:
    """Where a message to a client goes: the contact, the channel, and the thread if there is one yet."""

    contact: Contact
    channel: str
    conversation: Conversation | None
    opted_out: bool


async def latest_messages(session: AsyncSession, client_id: int, limit: int) -> list[Message]:
    """The newest messages with a client on any channel, oldest of them first."""
    newest = (
        select(Message)
        .where(Message.client_id == client_id)
        .order_by(Message.created_at.desc(), Message.id.desc())
        .limit(limit)
    )
    return list(await session.scalars(newest))[::-1]


async def conversations_of(session: AsyncSession, client_id: int) -> list[Conversation]:
    """The client's conversations, the one with the newest message first."""
    found = select(Conversation).where(Conversation.client_id == client_id)
    return list(await session.scalars(found.order_by(Conversation.last_message_at.desc(), Conversation.id.desc())))


async def staff_by_ids(session: AsyncSession, ids: Sequence[int]) -> dict[int, Staff]:
    """These members of staff by id."""
    found = await session.scalars(select(Staff).where(Staff.id.in_(set(ids))))
    return {staff.id: staff for staff in found}


async def recipient_of(
    session: AsyncSession, client_id: int, contact_id: int | None = None, *, now: datetime
) -> Recipient | None:
    """Who a message to the client reaches and how; None when nobody speaks for the client.

    The contact of the conversation on a channel that can send: on the one they prefer, else the newest; else the
    primary contact on web chat. Whoever wants no messages may still be answered for a day after they wrote.
    """
    people = {contact.id: contact for _, contact in await people_of(session, client_id)}
    wanted = [contact for id_, contact in people.items() if contact_id in {None, id_}]
    if not wanted:
        return None
    for thread in await by_choice(session, await conversations_of(session, client_id), people):
        contact = people.get(thread.contact_id or 0)
        if thread.channel in REACHABLE and contact in wanted and contact:
            refused = await _refuses(session, thread, contact, now)
            return Recipient(contact, thread.channel, thread, opted_out=refused)
    first = wanted[0]
    refused = await has_opted_out(session, Person(first.business_id, first.id, None, "web"))
    return Recipient(first, "web", None, opted_out=refused)


async def _refuses(session: AsyncSession, thread: Conversation, contact: Contact, now: datetime) -> bool:
    address_id = await find_address(session, thread.connection, thread.address)
    person = Person(thread.business_id, contact.id, address_id, thread.channel)
    return await has_opted_out(session, person) and not await awaits_answer(session, thread, now)

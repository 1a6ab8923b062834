"""Conversations of a client: the latest messages, who holds them, and where a message can be sent."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.records.clients import people_of
from billing.tables.addresses import Consent
from billing.tables.people import Contact, Staff
from billing.tables.talk import Conversation, Message

REACHABLE = ("web",)  # what can bring a message unasked; other channels join with their senders
MARKETING = "marketing"


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


async def recipient_of(session: AsyncSession, client_id: int, contact_id: int | None = None) -> Recipient | None:
    """Who a message to the client reaches and how; None when nobody speaks for the client.

    The contact of the newest conversation on a channel that can send, else the primary contact on web chat.
    """
    people = {contact.id: contact for _, contact in await people_of(session, client_id)}
    wanted = [contact for id_, contact in people.items() if contact_id in {None, id_}]
    if not wanted:
        return None
    for thread in await conversations_of(session, client_id):
        contact = people.get(thread.contact_id or 0)
        if thread.channel in REACHABLE and contact in wanted and contact:
            refused = await opted_out(session, contact.id, thread.channel)
            return Recipient(contact, thread.channel, thread, opted_out=refused)
    refused = await opted_out(session, wanted[0].id, "web")
    return Recipient(wanted[0], "web", None, opted_out=refused)


async def opted_out(session: AsyncSession, contact_id: int, channel: str) -> bool:
    """Whether the contact's last word on messages by this channel was no; marketing is another matter."""
    last = await session.scalar(
        select(Consent)
        .where(Consent.contact_id == contact_id, Consent.channel == channel, Consent.scope != MARKETING)
        .order_by(Consent.at.desc(), Consent.id.desc())
        .limit(1)
    )
    return last is not None and not last.is_given

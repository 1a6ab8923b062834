"""Conversations as staff change them: taking and freeing one, and putting a message to a client into one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.changes.messages import Outgoing, lock_thread, queue_outgoing
from billing.records.threads import recipient_of
from billing.tables.people import Business, Contact
from billing.tables.talk import Author, Conversation, Message


class NotReachableError(Exception):
    """Nobody speaks for the client, or the contact asked for no messages on the channel."""

    def __init__(self, client_id: int) -> None:
        super().__init__(f"client {client_id} cannot be written to")
        self.client_id = client_id


async def queue_to_client(
    session: AsyncSession,
    *,
    client_id: int,
    contact_id: int,
    text: str,
    staff_id: int | None,
    now: datetime,
    idempotency_key: str,
    language: str = "",
    attachments: Sequence[dict[str, Any]] = (),
    invoice_id: int | None = None,
) -> Message:
    """Put a staff member's message to a contact into the outbox of their newest conversation, once per key.

    A web conversation is begun where there is none. NotReachableError when the contact may not be written to.
    """
    known = await find_sent(session, idempotency_key)
    if known is not None:
        return known
    recipient = await recipient_of(session, client_id, contact_id, now=now)
    if recipient is None or recipient.opted_out:
        raise NotReachableError(client_id)
    thread = recipient.conversation or await _web_thread(session, client_id, recipient.contact, now)
    outgoing = Outgoing(
        text=text, author=Author.STAFF, at=now, idempotency_key=idempotency_key, language=language,
        attachments=attachments, invoice_id=invoice_id, author_staff_id=staff_id,
        client_id=client_id,
    )  # fmt: skip
    return await queue_outgoing(session, thread, outgoing)


async def find_sent(session: AsyncSession, idempotency_key: str) -> Message | None:
    """The message that this call has queued already."""
    found: Message | None = await session.scalar(select(Message).where(Message.idempotency_key == idempotency_key))
    return found


async def _web_thread(session: AsyncSession, client_id: int, contact: Contact, now: datetime) -> Conversation:
    """The contact's web conversation; a contact of several clients has one for all of them."""
    business = await session.get_one(Business, contact.business_id)
    # The key under which the contact's own sign-in on the web finds the thread.
    connection, key = f"web:{business.slug}", f"web:client:{contact.key}"
    known: Conversation | None = await session.scalar(
        select(Conversation).where(Conversation.connection == connection, Conversation.key == key)
    )
    if known is not None:
        return known
    thread = Conversation(
        business_id=contact.business_id,
        client_id=client_id,
        connection=connection,
        channel="web",
        key=key,
        address=key,
        contact_id=contact.id,
        language=contact.language,
        opened_at=now,
        last_message_at=now,
    )
    session.add(thread)
    await session.flush()
    return thread


async def take(session: AsyncSession, client_id: int, staff_id: int, now: datetime) -> list[Conversation]:
    """Hold every conversation with the client for this member of staff; those are given, newest first.

    They are locked first, as every turn locks its own before it replies: once this is committed, no reply of the
    assistant is.
    """
    threads = await _locked_threads(session, client_id)
    for thread in threads:
        if thread.holder_id != staff_id:
            thread.holder_id, thread.held_since = staff_id, now
    await session.flush()
    return threads


async def hold_where_free(session: AsyncSession, written: Message, staff_id: int, now: datetime) -> None:
    """Hold the conversation a member of staff wrote in, and every other one with the client, where nobody has it."""
    threads = await _locked_threads(session, written.client_id or 0)
    for thread in threads or [await lock_thread(session, written.conversation_id)]:
        if thread.holder_id is None:
            thread.holder_id, thread.held_since = staff_id, now
    await session.flush()


async def free_idle(session: AsyncSession, since: datetime) -> list[tuple[Conversation, int]]:
    """Give held conversations back in which no staff member has written `since` then, with who held each.

    A client who is written to in one thread is not idle in another.
    """
    wrote = select(Message.id).where(
        Message.conversation_id == Conversation.id, Message.author == Author.STAFF, Message.created_at >= since
    )
    elsewhere = select(Message.id).where(
        Message.client_id == Conversation.client_id, Message.author == Author.STAFF, Message.created_at >= since
    )
    idle = select(Conversation).where(
        Conversation.holder_id.is_not(None), Conversation.held_since < since, ~wrote.exists(), ~elsewhere.exists()
    )
    freed: list[tuple[Conversation, int]] = []
    for thread in (await session.scalars(idle.order_by(Conversation.id).with_for_update())).all():
        freed.append((thread, thread.holder_id or 0))
        thread.holder_id = thread.held_since = None
    await session.flush()
    return freed


async def free(session: AsyncSession, client_id: int) -> list[Conversation]:
    """Give every held conversation with the client back to the assistant; those are given."""
    held = [thread for thread in await _locked_threads(session, client_id) if thread.holder_id]
    for thread in held:
        thread.holder_id = thread.held_since = None
    await session.flush()
    return held


async def _locked_threads(session: AsyncSession, client_id: int) -> list[Conversation]:
    """The client's conversations, newest first, locked until the transaction ends, always in the same order."""
    every = select(Conversation).where(Conversation.client_id == client_id).order_by(Conversation.id).with_for_update()
    locked = (await session.scalars(every)).all()
    return sorted(locked, key=lambda thread: (thread.last_message_at, thread.id), reverse=True)

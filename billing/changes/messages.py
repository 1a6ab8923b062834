"""Messages as they come in and go out: each stored once, in its conversation."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any
from uuid import uuid4

from sqlalchemy import Select, bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.dml import ReturningUpdate

from billing.built import add_to, rows_of, table_of
from billing.tables.talk import Author, Conversation, Delivery, Direction, Message


@dataclass(frozen=True)
class Received:
    """An inbound message as a channel hands it over; (connection, provider_id) makes it single.

    answer_after: somebody may still be writing; no turn begins before. redacted_at: a card number was taken out of it.
    attachments: as bot/journal.attachment_to_json keeps them. about_id: the client's conversation that a member of
    staff answers by it.
    """

    connection: str
    provider_id: str
    text: str
    choice: str | None
    assurance: int
    received_at: datetime
    answer_after: datetime | None = None
    redacted_at: datetime | None = None
    attachments: Sequence[dict[str, Any]] = ()
    about_id: int | None = None


@dataclass(frozen=True)
class Outgoing:
    """A message to be sent into a conversation. idempotency_key: the same key is the same message.

    client_id: whom it is about, where that is another client of the same contact than the thread's. about_id: the
    client's conversation that it tells staff of.
    """

    text: str
    author: Author
    at: datetime
    idempotency_key: str
    language: str = ""
    attachments: Sequence[dict[str, Any]] = field(default_factory=tuple)
    turn_id: int | None = None
    invoice_id: int | None = None
    author_staff_id: int | None = None
    client_id: int | None = None
    about_id: int | None = None


async def store_inbound(session: AsyncSession, conversation_id: int, received: Received) -> tuple[str, bool]:
    """Store an inbound message once; its public id, and whether it is new."""
    same = {"from_connection": received.connection, "as_id": received.provider_id}
    touched = {"thread": conversation_id, "now": received.received_at, "after": received.answer_after, **same}
    thread = next(iter(await rows_of(session, _touch_unless_known(), touched)), None)
    if thread is None:
        ((public_id,),) = await rows_of(session, _known(), same)
        return public_id, False
    public_id = uuid4().hex
    row = {
        "business_id": thread.business_id,
        "client_id": thread.client_id,
        "conversation_id": conversation_id,
        "public_id": public_id,
        "direction": Direction.IN,
        "author": Author.STAFF if thread.staff_id else Author.CLIENT,
        "author_staff_id": thread.staff_id,
        "connection": received.connection,
        "provider_id": received.provider_id,
        "text": received.text,
        "choice": received.choice,
        "assurance": received.assurance,
        "attachments": list(received.attachments),
        "delivery": Delivery.RECEIVED,
        "redacted_at": received.redacted_at,
        "about_id": received.about_id,
        "created_at": received.received_at,
    }
    await rows_of(session, add_to(Message), row)
    return public_id, True


async def is_stored(session: AsyncSession, connection: str, provider_id: str) -> bool:
    """Whether a message came in before."""
    same = {"from_connection": connection, "as_id": provider_id}
    return bool(await rows_of(session, _known(), same))


@cache
def _known() -> Select[str]:
    """The public id of the message that a provider already sent us."""
    same = (Message.connection == bindparam("from_connection"), Message.provider_id == bindparam("as_id"))
    return select(Message.public_id).where(*same)


@cache
def _touch_unless_known() -> ReturningUpdate[int, int | None, int | None]:
    """Locks the conversation until the transaction ends, as lock_thread() does, unless the message is known."""
    table = table_of(Conversation)
    touched = update(table).where(table.c.id == bindparam("thread"), ~_known().exists())
    changed = touched.values(
        last_message_at=bindparam("now"), answer_after=bindparam("after"), version=table.c.version + 1
    )
    return changed.returning(table.c.business_id, table.c.client_id, table.c.staff_id)


@dataclass(frozen=True)
class Lately:
    """What stands open in a conversation. waiting_since: when the oldest message came that nobody answers yet.

    offered: what hangs on the newest message that went out.
    """

    waiting_since: datetime | None
    offered: Sequence[dict[str, Any]]


async def look_at_thread(session: AsyncSession, conversation_id: int) -> Lately:
    """What stands open in a conversation as a message comes in."""
    ((since, offered),) = await rows_of(session, _lately(), {"thread": conversation_id})
    return Lately(since, offered or [])


@cache
def _lately() -> Select[datetime | None, list[Any] | None]:
    of_thread = Message.conversation_id == bindparam("thread")
    waiting = (Message.direction == Direction.IN, Message.delivery == Delivery.RECEIVED, Message.turn_id.is_(None))
    arrived = (Message.delivery == Delivery.SENT) | (Message.delivery == Delivery.DELIVERED)
    sent = (Message.direction == Direction.OUT, arrived)
    newest = select(Message.attachments).where(of_thread, *sent).order_by(Message.id.desc()).limit(1)
    oldest = select(func.min(Message.created_at)).where(of_thread, *waiting)
    return select(oldest.scalar_subquery(), newest.scalar_subquery())


async def queue_outgoing(session: AsyncSession, thread: Conversation, outgoing: Outgoing) -> Message:
    """Put a message into a conversation's outbox once; the row that stands, new or known."""
    known = await session.scalar(select(Message).where(Message.idempotency_key == outgoing.idempotency_key))
    if known is not None:
        return known
    await lock_thread(session, thread.id)
    message = add_outgoing(session, thread, outgoing)
    await session.flush()
    return message


def add_outgoing(session: AsyncSession, thread: Conversation, outgoing: Outgoing) -> Message:
    """A message in the outbox of a conversation that is locked (`lock_thread`), under a key that is new."""
    thread.last_message_at = max(thread.last_message_at, outgoing.at)
    message = Message(
        business_id=thread.business_id,
        client_id=outgoing.client_id or thread.client_id,
        conversation_id=thread.id,
        public_id=uuid4().hex,
        direction=Direction.OUT,
        author=outgoing.author,
        author_staff_id=outgoing.author_staff_id,
        connection=thread.connection,
        text=outgoing.text,
        attachments=list(outgoing.attachments),
        language=outgoing.language,
        delivery=Delivery.QUEUED,
        turn_id=outgoing.turn_id,
        invoice_id=outgoing.invoice_id,
        about_id=outgoing.about_id,
        idempotency_key=outgoing.idempotency_key,
        created_at=outgoing.at,
    )
    session.add(message)
    return message


async def lock_thread(session: AsyncSession, conversation_id: int) -> Conversation:
    """The conversation's row, locked until the transaction ends.

    Messages of one conversation then become visible in the order of their ids, on which readers with a cursor rely.
    """
    statement = select(Conversation).where(Conversation.id == conversation_id).with_for_update()
    return (await session.scalars(statement)).one()

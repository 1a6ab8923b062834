"""Conversations, messages, turns, proposals, notes and web sessions, for tests."""

from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from billing.tables.people import Client, Contact, Staff
from billing.tables.talk import (
    Author,
    Conversation,
    Delivery,
    Direction,
    Message,
    Note,
    Proposal,
    Turn,
    TurnStatus,
    TurnStep,
    WebSession,
)
from tests.factories.rows import add_row, next_number, owner_of
from tests.fakes.clock import NOW


async def make_conversation(
    session: AsyncSession, *, person: Contact | Staff, client: Client | None = None, **given: Any
) -> Conversation:
    """A web conversation with this person, about this client (staff's own threads have none)."""
    whose = {"contact_id": person.id} if isinstance(person, Contact) else {"staff_id": person.id}
    dull: dict[str, Any] = {
        "connection": "web:main",
        "channel": "web",
        "key": f"web:{person.key}:{next_number()}",
        "address": person.key,
        "opened_at": NOW - timedelta(hours=1),
        "last_message_at": NOW - timedelta(hours=1),
    }
    owner = {"business_id": person.business_id, "client_id": client.id if client else None}
    return await add_row(session, Conversation(**owner, **whose, **(dull | given)))


async def make_message(
    session: AsyncSession, *, conversation: Conversation, text: str = "Hello", **given: Any
) -> Message:
    """A message that came in and waits."""
    number = next_number()
    dull: dict[str, Any] = {
        "public_id": f"message-{number}",
        "provider_id": f"provider-{number}",
        "direction": Direction.IN,
        "author": Author.STAFF if conversation.staff_id else Author.CLIENT,
        "delivery": Delivery.RECEIVED,
        "connection": conversation.connection,
        "created_at": NOW,
    }
    row = Message(**owner_of(conversation), conversation_id=conversation.id, text=text, **(dull | given))
    return await add_row(session, row)


async def make_turn(session: AsyncSession, *, conversation: Conversation, **given: Any) -> Turn:
    """A turn that is running."""
    dull: dict[str, Any] = {
        "status": TurnStatus.RUNNING,
        "owner": "test",
        "lease_until": NOW + timedelta(seconds=30),
        "started_at": NOW,
    }
    return await add_row(session, Turn(**owner_of(conversation), conversation_id=conversation.id, **(dull | given)))


async def make_turn_step(session: AsyncSession, *, turn: Turn, step: str = "1", **given: Any) -> TurnStep:
    """A journalled tool result."""
    dull: dict[str, Any] = {"kind": "tool", "content": {}, "at": NOW}
    return await add_row(session, TurnStep(**owner_of(turn), turn_id=turn.id, step=step, **(dull | given)))


async def make_proposal(
    session: AsyncSession, *, conversation: Conversation, client: Client | None = None, **given: Any
) -> Proposal:
    """A pending proposal to the person of this conversation, touching this client."""
    dull: dict[str, Any] = {
        "contact_id": conversation.contact_id,
        "staff_id": conversation.staff_id,
        "action": "send_payment_link",
        "arguments": {},
        "subject": "INV-1",
        "summary": "Send a link",
        "created_at": NOW,
        "expires_at": NOW + timedelta(minutes=15),
    }
    owner = {"business_id": conversation.business_id, "client_id": client.id if client else None}
    return await add_row(session, Proposal(**owner, conversation_id=conversation.id, **(dull | given)))


async def make_note(session: AsyncSession, *, client: Client, text: str = "Pays late", **given: Any) -> Note:
    """An internal note."""
    return await add_row(session, Note(**owner_of(client), text=text, **({"created_at": NOW} | given)))


async def make_web_session(session: AsyncSession, *, conversation: Conversation, **given: Any) -> WebSession:
    """A signed-in session of the conversation's person, at level 2."""
    dull: dict[str, Any] = {
        "token_sha256": f"{next_number():064x}",
        "client_id": conversation.client_id,
        "contact_id": conversation.contact_id,
        "staff_id": conversation.staff_id,
        "assurance": 2,
        "created_at": NOW,
        "expires_at": NOW + timedelta(hours=1),
    }
    row = WebSession(business_id=conversation.business_id, conversation_id=conversation.id, **(dull | given))
    return await add_row(session, row)

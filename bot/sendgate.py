"""The send gate: whether a message may go out, asked when it is queued unasked and again before it leaves."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.records.consents import awaits_answer, is_withdrawn, person_in, words_of
from billing.tables.addresses import Address
from billing.tables.talk import Author, Conversation, Message

OPTED_OUT = "opted out"
BLOCKED = "blocked"
# Of the system's own messages, what somebody just did or asked for: a receipt of their payment, a code they wanted,
# what became of their link.
ASKED_FOR = ("payment:", "code:", "start:")


@dataclass(frozen=True)
class Allowed:
    """It may go out."""


@dataclass(frozen=True)
class Refused:
    """It may not: OPTED_OUT, or BLOCKED and what the provider said."""

    why: str


def is_unasked(author: Author, key: str) -> bool:
    """Whether a message is one that nobody asked for. What a person on our side writes may be an answer: see below.

    key: the message's idempotency key, which says what the system wrote it for.
    """
    if author is Author.SYSTEM:
        return not key.startswith(ASKED_FOR)
    return author is Author.STAFF


async def may_send(
    session: AsyncSession, thread: Conversation, author: Author, key: str, now: datetime
) -> Allowed | Refused:
    """Whether a message by `author` under this idempotency key may be put into a conversation now.

    Answers of the assistant and what somebody asked for go always; what a colleague writes goes for a day after the
    person's own words. All else needs that they did not say no.
    """
    if not is_unasked(author, key):
        return Allowed()
    said = await words_of(session, await person_in(session, thread))
    if not is_withdrawn(said, thread.channel):
        return Allowed()
    if author is Author.STAFF and await awaits_answer(session, thread, now):
        return Allowed()
    return Refused(OPTED_OUT)


async def may_go_out(session: AsyncSession, message: Message, thread: Conversation, now: datetime) -> str:
    """Why a queued message must not be handed to its provider now; empty when it may."""
    blocked = select(Address.blocked_for).where(
        Address.connection == thread.connection, Address.address == thread.address, Address.blocked_at.is_not(None)
    )
    why = await session.scalar(blocked)
    if why is not None:
        return f"{BLOCKED}: {why}" if why else BLOCKED
    gate = await may_send(session, thread, message.author, message.idempotency_key or "", now)
    return gate.why if isinstance(gate, Refused) else ""

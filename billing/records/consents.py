"""Whether somebody may be written to unasked: the last words of a person, and of whoever writes from an address."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.tables.addresses import Address, Consent
from billing.tables.talk import Conversation, Direction, Message

MARKETING = "marketing"
PROACTIVE = "proactive"
ANSWERABLE = timedelta(hours=24)  # how long after their own words a person's answer to them is no unasked message


@dataclass(frozen=True)
class Person:
    """Whom a message would reach: a contact, or whoever writes from an address; on which channel."""

    business_id: int
    contact_id: int | None
    address_id: int | None
    channel: str


async def person_in(session: AsyncSession, thread: Conversation) -> Person:
    """Whom messages in a conversation reach."""
    address_id = await find_address(session, thread.connection, thread.address)
    return Person(thread.business_id, thread.contact_id, address_id, thread.channel)


async def find_address(session: AsyncSession, connection: str, address: str) -> int | None:
    """The number of an address on a connection."""
    known = select(Address.id).where(Address.connection == connection, Address.address == address)
    found: int | None = await session.scalar(known)
    return found


async def words_of(session: AsyncSession, person: Person) -> Sequence[Consent]:
    """What a person said about unasked messages on any channel, newest first; marketing is another matter."""
    whose: list[ColumnElement[bool]] = []
    if person.contact_id is not None:
        whose.append(Consent.contact_id == person.contact_id)
    if person.address_id is not None:
        # Said before it was known whose the address is; what a contact said there is that contact's.
        whose.append(and_(Consent.address_id == person.address_id, Consent.contact_id.is_(None)))
    if not whose:
        return ()
    said = select(Consent).where(
        Consent.business_id == person.business_id, Consent.scope != MARKETING, or_(*whose)
    )  # fmt: skip
    return (await session.scalars(said.order_by(Consent.at.desc(), Consent.id.desc()))).all()


def is_withdrawn(said: Iterable[Consent], channel: str) -> bool:
    """Whether words, newest first, forbid unasked messages on a channel.

    A no counts on every channel. A yes lifts it, but not on another channel where they said no themselves: whoever
    sent STOP by SMS takes it back by SMS, where the provider wants it too.
    """
    words = list(said)
    own = next((each for each in words if each.channel == channel), None)
    return bool(words) and (not words[0].is_given or (own is not None and not own.is_given))


async def has_opted_out(session: AsyncSession, person: Person) -> bool:
    """Whether a person is not to be written to unasked on their channel."""
    return is_withdrawn(await words_of(session, person), person.channel)


async def awaits_answer(session: AsyncSession, thread: Conversation, now: datetime) -> bool:
    """Whether the person in a conversation wrote within a day, and after the last time they said no."""
    said = await words_of(session, await person_in(session, thread))
    no = next((each.at for each in said if not each.is_given), None)
    since = max(now - ANSWERABLE, no) if no is not None else now - ANSWERABLE
    wrote = select(Message.id).where(
        Message.conversation_id == thread.id, Message.direction == Direction.IN, Message.created_at > since
    )
    return await session.scalar(wrote.limit(1)) is not None

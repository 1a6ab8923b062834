"""The outbox of channels outside: a queued message is claimed, handed over, and what became of it written down."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from billing.changes.messages import lock_thread
from billing.changes.turns import NotYet
from billing.tables.addresses import Address, AddressLink, Consent
from billing.tables.talk import Author, Conversation, Delivery, Direction, Message

HOLD = timedelta(seconds=60)  # how long a process may take to hand one message over
MAX_HANDOVERS = 10
MAX_AGE = timedelta(hours=24)
BLOCKED = "address blocked"
WITHHELD = "withheld: a person took over"

WhyNot = Callable[[AsyncSession, Message, Conversation, datetime], Awaitable[str]]


class HandoverLostError(Exception):
    """Another process took the message over; what became of our handing it over is not written down."""


@dataclass(frozen=True)
class Handover:
    """A queued message that is ours to hand over until `until`. `attempt` counts from 1 and is the claim's fence.

    address: in the channel's own form. holder_id: the person who took the conversation since it was queued, where it
    is the assistant's: it only counts as sent when the provider has it from an earlier attempt.
    """

    message_id: int
    conversation_id: int
    business_id: int
    public_id: str
    connection: str
    address: str
    text: str
    attachments: Sequence[dict[str, Any]]
    language: str
    created_at: datetime
    owner: str
    attempt: int
    until: datetime
    holder_id: int | None = None

    @property
    def is_first(self) -> bool:
        """Whether nobody ever tried, so that the provider cannot have it."""
        return self.attempt == 1


@dataclass(frozen=True)
class Withheld:
    """A reply of the assistant that was queued before a person took the conversation, and was not handed over."""

    message: Message
    holder_id: int


def _queued() -> tuple[ColumnElement[bool], ...]:
    return Message.direction == Direction.OUT, Message.delivery == Delivery.QUEUED


async def due_conversations(
    session: AsyncSession, now: datetime, own_channels: Sequence[str], dead_owners: frozenset[str] = frozenset()
) -> list[tuple[int, str]]:
    """Conversations on channels outside whose oldest queued message may be handed over now, with its connection."""
    first = aliased(Message)
    oldest = (
        select(func.min(first.id))
        .where(
            first.conversation_id == Message.conversation_id,
            first.direction == Direction.OUT,
            first.delivery == Delivery.QUEUED,
        )
        .scalar_subquery()
    )
    free = Message.sending_until.is_(None) | (Message.sending_until <= now) | Message.sending_by.in_(dead_owners)
    found = (
        select(Message.conversation_id, Message.connection)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(*_queued(), Conversation.channel.not_in(own_channels), Message.id == oldest)
        .where(free, or_(Message.due_at.is_(None), Message.due_at <= now))
        .order_by(Message.id)
    )
    return [(conversation_id, connection) for conversation_id, connection in await session.execute(found)]


async def sending_owners(session: AsyncSession) -> set[str]:
    """Who is handing something over at this moment."""
    return set(await session.scalars(select(Message.sending_by).where(*_queued(), Message.sending_by != "").distinct()))


async def take_next(
    session: AsyncSession,
    conversation_id: int,
    *,
    owner: str,
    now: datetime,
    is_dead: Callable[[str], bool],
    why_not: WhyNot | None = None,
) -> Handover | Withheld | NotYet | None:
    """Claim the oldest queued message of a conversation: a later one never overtakes it.

    Withheld: it was the assistant's and a person has the conversation, so it is parked. NotYet while it rests after
    a failed attempt. None when nothing is queued, or another process is handing it over. What cannot be sent to its
    address is failed here, and what `why_not` has a reason against is parked: the last look before it goes out.
    """
    thread = await lock_thread(session, conversation_id)
    queued = select(Message).where(Message.conversation_id == conversation_id, *_queued()).order_by(Message.id)
    blocked = await _is_blocked(session, thread)
    for message in (await session.scalars(queued)).all():
        if message.sending_until is not None and message.sending_until > now and not is_dead(message.sending_by):
            return None
        if message.due_at is not None and message.due_at > now and not message.sending_by:
            return NotYet(message.due_at)
        holder_id = await _holder(session, thread) if message.author is Author.ASSISTANT else None
        if holder_id is not None and message.attempts == 0:
            _end(message, Delivery.PARKED, WITHHELD)
            return Withheld(message, holder_id)
        if blocked:
            _end(message, Delivery.FAILED, BLOCKED)
            continue
        reason = await why_not(session, message, thread, now) if why_not is not None and not message.sending_by else ""
        if reason:
            _end(message, Delivery.PARKED, reason)
            continue
        return _claimed(message, thread, owner, now, holder_id)
    return None


def _claimed(message: Message, thread: Conversation, owner: str, now: datetime, holder_id: int | None) -> Handover:
    message.sending_by, message.sending_until = owner, now + HOLD
    message.attempts += 1
    return Handover(
        message.id, thread.id, message.business_id, message.public_id, message.connection, thread.address,
        message.text, tuple(message.attachments), message.language, message.created_at,
        owner, message.attempts, message.sending_until, holder_id,
    )  # fmt: skip


async def _is_blocked(session: AsyncSession, thread: Conversation) -> bool:
    found = await session.scalar(
        select(Address.blocked_at).where(
            Address.connection == thread.connection,
            Address.address == thread.address,
            Address.business_id == thread.business_id,
        )
    )
    return found is not None


async def _holder(session: AsyncSession, thread: Conversation) -> int | None:
    if thread.holder_id is not None or thread.client_id is None:
        return thread.holder_id
    held = select(Conversation.holder_id).where(
        Conversation.client_id == thread.client_id, Conversation.holder_id.is_not(None)
    )
    holder_id: int | None = await session.scalar(held.limit(1))
    return holder_id


def _end(message: Message, delivery: Delivery, error: str) -> None:
    message.delivery, message.error = delivery, error[:500]
    _let_go(message)


def _let_go(message: Message) -> None:
    message.sending_by, message.sending_until, message.due_at = "", None, None


async def _ours(session: AsyncSession, handover: Handover) -> Message:
    await lock_thread(session, handover.conversation_id)
    message = await session.scalar(
        select(Message)
        .where(
            Message.id == handover.message_id,
            Message.sending_by == handover.owner,
            Message.attempts == handover.attempt,
        )
        .with_for_update()
    )
    if message is None:
        raise HandoverLostError(f"message {handover.message_id} is no longer ours")
    return message


async def is_anothers(session: AsyncSession, message_id: int, connection: str, provider_id: str) -> bool:
    """Whether this id of the provider is another row's already: then it is not the message looked for."""
    same = (Message.connection == connection, Message.provider_id == provider_id, Message.id != message_id)
    return await session.scalar(select(Message.id).where(*same)) is not None


async def withhold(session: AsyncSession, handover: Handover) -> Message:
    """A person has the conversation and the provider has no earlier attempt: it stays here. HandoverLostError."""
    message = await _ours(session, handover)
    _end(message, Delivery.PARKED, WITHHELD)
    return message


async def mark_sent(session: AsyncSession, handover: Handover, provider_id: str, parts: int, now: datetime) -> None:
    """The provider has it. News of the delivery that came first stand. HandoverLostError."""
    message = await _ours(session, handover)
    message.provider_id, message.parts, message.sent_at, message.error = provider_id, parts, now, ""
    if message.delivery is Delivery.QUEUED:
        message.delivery = Delivery.SENT
    _let_go(message)


async def put_off(session: AsyncSession, handover: Handover, why: str, due_at: datetime) -> bool:
    """It rests until then; parked, and False, when it was tried often enough or gets too old. HandoverLostError."""
    message = await _ours(session, handover)
    if handover.attempt >= MAX_HANDOVERS or due_at > handover.created_at + MAX_AGE:
        _end(message, Delivery.PARKED, f"not taken after {handover.attempt} attempts: {why}")
        return False
    _let_go(message)
    message.due_at, message.error = due_at, why[:500]
    return True


async def mark_refused(
    session: AsyncSession, handover: Handover, why: str, *, blocks: bool, opted_out: bool, code: str, now: datetime
) -> None:
    """The provider will never take it, perhaps nothing to this address. HandoverLostError."""
    message = await _ours(session, handover)
    _end(message, Delivery.FAILED, why)
    if not blocks and not opted_out:
        return
    address = await session.scalar(
        select(Address)
        .where(
            Address.connection == handover.connection,
            Address.address == handover.address,
            Address.business_id == handover.business_id,
        )
        .with_for_update()
    )
    if address is None:
        return
    if blocks:
        address.blocked_at, address.blocked_for = now, code
    if opted_out:
        await _withdraw_consent(session, address, code, now)


async def _withdraw_consent(session: AsyncSession, address: Address, code: str, now: datetime) -> None:
    """Whoever writes from the address told the provider to stop: the contacts it is known to be, else the address."""
    links = select(AddressLink.contact_id).where(
        AddressLink.address_id == address.id, AddressLink.ended_at.is_(None), AddressLink.contact_id.is_not(None)
    )
    for contact_id in list(await session.scalars(links)) or [None]:
        session.add(
            Consent(
                business_id=address.business_id,
                contact_id=contact_id,
                address_id=address.id,
                channel=address.channel,
                scope="proactive",
                source="provider",
                wording=code,
                is_given=False,
                at=now,
            )
        )

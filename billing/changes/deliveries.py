"""What became of sent messages: the provider's news on the row, in any order, and on the address it concerns."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.changes.addresses import pass_on
from billing.tables.addresses import Address, AddressLink, Consent
from billing.tables.talk import Conversation, Delivery, Direction, Message

SILENT_AFTER = 3  # messages in a row that did not arrive, until nothing more is sent there
# What may follow what: news can come in any order, and an ending is never taken back.
_RANK = {Delivery.QUEUED: 0, Delivery.SENT: 1, Delivery.DELIVERED: 2, Delivery.FAILED: 2, Delivery.PARKED: 2}


@dataclass(frozen=True)
class News:
    """One report on a message. delivery: sent, delivered or failed.

    public_id: how our own request named the message, for news that is quicker than the answer to that request.
    blocks: nothing will arrive at this address; is_silent: it did not arrive this time. is_given_up: the number is
    nobody's any more, so that whoever writes from it next is not known by it.
    """

    connection: str
    provider_id: str
    public_id: str
    delivery: Delivery
    at: datetime
    error: str = ""
    blocks: bool = False
    is_silent: bool = False
    is_given_up: bool = False
    opted_out: bool = False


async def apply_news(session: AsyncSession, news: News) -> bool:
    """Write the news onto its message, and onto the address where it says something about it; False: not known."""
    message = await _find(session, news)
    if message is None:
        return False
    if message.provider_id is None:
        message.provider_id = news.provider_id
    if _RANK[news.delivery] > _RANK[message.delivery]:
        message.delivery = news.delivery
        message.sent_at = message.sent_at or news.at
        message.error = news.error if news.delivery is Delivery.FAILED else ""
        thread = await session.get_one(Conversation, message.conversation_id)
        await session.flush()
        await _act(session, thread, news)
    return True


async def note_opted_out(session: AsyncSession, thread: Conversation, why: str, now: datetime) -> None:
    """That the provider was told to stop: nothing is sent to the address, and nothing unasked to the person."""
    address = await find_address(session, thread.connection, thread.address)
    if address is None:
        return
    block(address, "opted out", now)
    linked = select(AddressLink.contact_id).where(
        AddressLink.address_id == address.id, AddressLink.ended_at.is_(None), AddressLink.contact_id.is_not(None)
    )
    for contact_id in [*await session.scalars(linked)] or [None]:
        await _withdraw(session, thread, address, contact_id, why, now)


def block(address: Address, why: str, now: datetime) -> None:
    """Send nothing to an address until somebody writes from it."""
    address.blocked_at, address.blocked_for = address.blocked_at or now, why


async def find_address(session: AsyncSession, connection: str, address: str) -> Address | None:
    """The row of an address on a connection."""
    found: Address | None = await session.scalar(
        select(Address).where(Address.connection == connection, Address.address == address)
    )
    return found


async def _find(session: AsyncSession, news: News) -> Message | None:
    """By the provider's own id, else by the name we gave the message while its row has no provider's id yet."""
    ours = (Message.connection == news.connection, Message.direction == Direction.OUT)
    known: Message | None = await session.scalar(select(Message).where(*ours, Message.provider_id == news.provider_id))
    if known is not None or not news.public_id:
        return known
    named: Message | None = await session.scalar(
        select(Message).where(*ours, Message.public_id == news.public_id, Message.provider_id.is_(None))
    )
    return named


async def _act(session: AsyncSession, thread: Conversation, news: News) -> None:
    if news.opted_out:
        await note_opted_out(session, thread, news.error, news.at)
        return
    if news.blocks or (news.is_silent and await _stayed_silent(session, thread)):
        address = await find_address(session, thread.connection, thread.address)
        if address is not None:
            block(address, news.error, news.at)
        if address is not None and news.is_given_up:
            await pass_on(session, address, news.at)


async def _stayed_silent(session: AsyncSession, thread: Conversation) -> bool:
    """Whether the last messages to an address all failed."""
    last = (
        select(Message.delivery)
        .where(
            Message.conversation_id == thread.id,
            Message.direction == Direction.OUT,
            Message.delivery.in_([Delivery.SENT, Delivery.DELIVERED, Delivery.FAILED]),
        )
        .order_by(Message.id.desc())
        .limit(SILENT_AFTER)
    )
    found = list(await session.scalars(last))
    return len(found) == SILENT_AFTER and all(delivery is Delivery.FAILED for delivery in found)


async def _withdraw(
    session: AsyncSession, thread: Conversation, address: Address, contact_id: int | None, why: str, now: datetime
) -> None:
    """A consent withdrawn, unless the last word of this person was that already."""
    whose = Consent.contact_id == contact_id if contact_id else Consent.address_id == address.id
    newest = select(Consent.is_given).where(whose).order_by(Consent.at.desc(), Consent.id.desc()).limit(1)
    if await session.scalar(newest) is False:
        return
    session.add(
        Consent(
            business_id=thread.business_id,
            contact_id=contact_id,
            address_id=address.id,
            channel=thread.channel,
            scope="proactive",
            source="provider",
            wording=why[:500],
            is_given=False,
            at=now,
        )
    )

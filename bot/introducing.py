"""What a message brings beside words, settled as it comes in: an own number, a start link, what it answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.changes.addresses import find_one_address
from billing.changes.messages import is_stored
from billing.tables.talk import Conversation, Direction, Message
from bot.addresses import turn_to
from bot.codes import Brought
from bot.journal import attachment_to_json
from bot.messages import Attachment, AttachmentKind, Inbound
from bot.own_number import take_own_number
from bot.standing import Standing, standing_of
from bot.starting import settle_starts, take_start


@dataclass(frozen=True)
class Introduced:
    """How far the sender is proved now, the marks that the message is stored with, and the conversation it answers."""

    assurance: int
    marks: tuple[dict[str, Any], ...] = ()
    about_id: int | None = None


async def introduce(session: AsyncSession, conversation_id: int, inbound: Inbound) -> Introduced:
    """Settle what a message brings, once, in the transaction that stores it. Most messages bring nothing."""
    if not (inbound.own_number or inbound.start_token or inbound.reply_to):
        return Introduced(inbound.assurance)
    if await is_stored(session, inbound.connection, inbound.provider_id):
        return Introduced(inbound.assurance)
    about_id, late = await _answered(session, conversation_id, inbound)
    address = await find_one_address(session, inbound.connection, inbound.address)
    if address is None or not (inbound.own_number or inbound.start_token):
        return Introduced(inbound.assurance, late, about_id)
    if inbound.own_number:
        brought = await take_own_number(session, address, inbound.own_number, inbound.received_at)
        mark = Attachment(AttachmentKind.OWN_NUMBER, "", brought.value)
    else:
        before = await standing_of(session, address, inbound.received_at)
        brought = await take_start(session, address, inbound.start_token, before, inbound.received_at)
        mark = Attachment(AttachmentKind.START, "", brought.value)
    standing = await standing_of(session, address, inbound.received_at)
    await _leave(session, conversation_id, standing, inbound)
    if brought is Brought.NUMBER_PROVED:
        proved = {"contact_id": standing.contact_id, "staff_id": standing.staff_id}
        await settle_starts(session, address, proved, inbound.received_at)
    return Introduced(standing.level, (attachment_to_json(mark),), about_id)


async def _leave(session: AsyncSession, conversation_id: int, standing: Standing, inbound: Inbound) -> None:
    """A thread that was somebody else's is nobody's, until the turn that answers this gives it to its sender."""
    thread = await session.get_one(Conversation, conversation_id)
    is_somebodys = thread.contact_id is not None or thread.staff_id is not None
    if is_somebodys and (thread.contact_id, thread.staff_id) != (standing.contact_id, standing.staff_id):
        turn_to(thread, None, None, None, inbound.received_at)
        await session.flush()


async def _answered(
    session: AsyncSession, conversation_id: int, inbound: Inbound
) -> tuple[int | None, tuple[dict[str, Any], ...]]:
    """The client's conversation that a member of staff answers: the one that our message told them of.

    With a mark where somebody else has written from there since.
    """
    if not inbound.reply_to:
        return None, ()
    ours = select(Message).join(Conversation, Conversation.id == Message.conversation_id)
    ours = ours.where(
        Message.connection == inbound.connection,
        Message.conversation_id == conversation_id,
        Message.provider_id == inbound.reply_to,
        Message.direction == Direction.OUT,
        Conversation.staff_id.is_not(None),
        or_(Conversation.context_since.is_(None), Message.created_at >= Conversation.context_since),
    )
    told: Message | None = await session.scalar(ours)
    if told is None or told.about_id is None:
        return None, ()
    about = await session.get_one(Conversation, told.about_id)
    is_late = about.context_since is not None and about.context_since > told.created_at
    return about.id, (attachment_to_json(Attachment(AttachmentKind.REPLY, "")),) if is_late else ()


def brought_by(marks: Sequence[Any]) -> Brought:
    """What the attachments of a message that came in say it brought."""
    kinds = {AttachmentKind.OWN_NUMBER.value, AttachmentKind.START.value}
    return next((Brought(each["value"]) for each in marks if each.get("kind") in kinds), Brought.NOTHING)

"""Caps: how many messages an hour are answered, of one sender and of one business; what is beyond is only stored."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.tables.talk import Conversation, Direction, Message, Turn
from bot.messages import Channel

HOUR = timedelta(hours=1)
CAPPED = "capped"  # the outcome of a turn that was beyond a cap
_LOOKED_THROUGH = 20_000  # the newest messages of all businesses, among which those of one are counted


class Cap(StrEnum):
    """Where a turn stands to the caps: within them, the first beyond one in an hour, or one more."""

    NONE = ""
    FIRST = "first"
    AGAIN = "again"


@dataclass(frozen=True)
class Caps:
    """Messages an hour; 0: as many as come. The page and the terminal have a pace of their own."""

    of_sender: int = 0
    of_business: int = 0


async def find_cap(session: AsyncSession, thread: Conversation, caps: Caps, now: datetime) -> Cap:
    """Where a turn of this thread stands, its messages being stored."""
    if thread.channel in {Channel.WEB, Channel.TERMINAL}:
        return Cap.NONE
    since = now - HOUR
    beyond = await _sent_too_many(session, thread, caps, since) or await _too_many_in_all(session, thread, caps, since)
    if not beyond:
        return Cap.NONE
    told = select(Turn.id).where(Turn.conversation_id == thread.id, Turn.outcome == CAPPED, Turn.finished_at >= since)
    return Cap.FIRST if await session.scalar(told.limit(1)) is None else Cap.AGAIN


async def _sent_too_many(session: AsyncSession, thread: Conversation, caps: Caps, since: datetime) -> bool:
    """Whether the message before as many as are allowed came within the hour."""
    if not caps.of_sender:
        return False
    theirs = select(Message.created_at).where(Message.conversation_id == thread.id, Message.direction == Direction.IN)
    beyond = await session.scalar(theirs.order_by(Message.id.desc()).offset(caps.of_sender).limit(1))
    return beyond is not None and beyond >= since


async def _too_many_in_all(session: AsyncSession, thread: Conversation, caps: Caps, since: datetime) -> bool:
    if not caps.of_business:
        return False
    newest = select(func.max(Message.id)).scalar_subquery()
    theirs = select(Message.created_at).where(
        Message.id > newest - _LOOKED_THROUGH,
        Message.business_id == thread.business_id,
        Message.direction == Direction.IN,
    )
    beyond = await session.scalar(theirs.order_by(Message.id.desc()).offset(caps.of_business).limit(1))
    return beyond is not None and beyond >= since

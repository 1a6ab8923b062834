"""Caps: how many messages an hour are answered, of one sender and of one business; what is beyond is only stored."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache

from sqlalchemy import Integer, Select, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.built import rows_of
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
    told = await rows_of(session, _told(), {"thread": thread.id, "since": since})
    return Cap.AGAIN if told else Cap.FIRST


async def _sent_too_many(session: AsyncSession, thread: Conversation, caps: Caps, since: datetime) -> bool:
    """Whether the message before as many as are allowed came within the hour."""
    if not caps.of_sender:
        return False
    beyond = await rows_of(session, _beyond_of_sender(), {"thread": thread.id, "allowed": caps.of_sender})
    return bool(beyond) and beyond[0].created_at >= since


async def _too_many_in_all(session: AsyncSession, thread: Conversation, caps: Caps, since: datetime) -> bool:
    if not caps.of_business:
        return False
    whose = {"business": thread.business_id, "allowed": caps.of_business}
    beyond = await rows_of(session, _beyond_of_business(), whose)
    return bool(beyond) and beyond[0].created_at >= since


@cache
def _told() -> Select[int]:
    capped = (Turn.outcome == CAPPED, Turn.finished_at >= bindparam("since"))
    return select(Turn.id).where(Turn.conversation_id == bindparam("thread"), *capped).limit(1)


@cache
def _beyond_of_sender() -> Select[datetime]:
    theirs = (Message.conversation_id == bindparam("thread"), Message.direction == Direction.IN)
    newest = select(Message.created_at).where(*theirs).order_by(Message.id.desc())
    return newest.offset(bindparam("allowed", type_=Integer)).limit(1)


@cache
def _beyond_of_business() -> Select[datetime]:
    newest = select(func.max(Message.id)).scalar_subquery()
    lately = (Message.id > newest - _LOOKED_THROUGH, Message.direction == Direction.IN)
    theirs = select(Message.created_at).where(*lately, Message.business_id == bindparam("business"))
    return theirs.order_by(Message.id.desc()).offset(bindparam("allowed", type_=Integer)).limit(1)

"""Turns as they were: what the receipts of somebody's turns say they cost."""

from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.principal import Principal
from billing.tables.talk import Conversation, Turn

Used = tuple[int, int]  # tokens, read and written, and micro-dollars


async def used_since(session: AsyncSession, who: Principal, conversation_id: int, since: datetime) -> Used:
    """What one person's turns used in any of their threads; somebody unknown's, in this thread."""
    if who.staff_id is not None:
        theirs = Conversation.staff_id == who.staff_id
    elif who.contact_id is not None:
        theirs = Conversation.contact_id == who.contact_id
    else:
        theirs = Conversation.id == conversation_id
    query = _used().join(Conversation, Conversation.id == Turn.conversation_id)
    return await _summed(session, query.where(theirs, Turn.started_at >= since))


async def used_by_business_since(session: AsyncSession, business_id: int, since: datetime) -> Used:
    """What everybody's turns with one business used."""
    return await _summed(session, _used().where(Turn.business_id == business_id, Turn.started_at >= since))


def _used() -> Select[int, int]:
    """Summed where the rows lie: a busy business has thousands of turns a day."""
    return select(_sum("read") + _sum("written"), _sum("cost_micros"))


def _sum(name: str) -> ColumnElement[int]:
    return func.coalesce(func.sum(Turn.timings[name].as_integer()), 0)


async def _summed(session: AsyncSession, query: Select[int, int]) -> Used:
    tokens, cost = (await session.execute(query)).one()
    return int(tokens), int(cost)

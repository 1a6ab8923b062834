"""Turns as they were: what the receipts of somebody's turns say."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.principal import Principal
from billing.tables.talk import Conversation, Turn


async def timings_since(
    session: AsyncSession, who: Principal, conversation_id: int, since: datetime
) -> Sequence[dict[str, Any]]:
    """Turn.timings of one person's turns in any of their threads; of somebody unknown, in this thread."""
    if who.staff_id is not None:
        theirs = Conversation.staff_id == who.staff_id
    elif who.contact_id is not None:
        theirs = Conversation.contact_id == who.contact_id
    else:
        theirs = Conversation.id == conversation_id
    query = select(Turn.timings).join(Conversation, Conversation.id == Turn.conversation_id)
    return (await session.scalars(query.where(theirs, Turn.started_at >= since))).all()


async def business_timings_since(session: AsyncSession, business_id: int, since: datetime) -> Sequence[dict[str, Any]]:
    """Turn.timings of everybody's turns with one business."""
    query = select(Turn.timings).where(Turn.business_id == business_id, Turn.started_at >= since)
    return (await session.scalars(query)).all()

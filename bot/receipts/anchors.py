"""Anchors: how far the receipts of a business's conversations have come, written down daily, chained and keyed.

What is cut off the end of a conversation, or a whole conversation that is taken away, leaves no gap in a chain of
receipts; it is missed by the anchor that named it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.principal import Scope
from billing.tables.audit import Anchor
from billing.tables.people import Business
from billing.tables.talk import Conversation
from bot.receipts.parts import anchor_seal
from bot.receipts.sealing import SealKey

EVERY = timedelta(days=1)
OVERLAP = timedelta(days=1)  # a head that is named twice does no harm; one that ended late must not be left out


@dataclass(frozen=True)
class Due:
    """An anchor that is to be set: the one before it, and the heads that it names."""

    business_id: int
    number: int
    previous: str
    heads: list[list[int | str]]


async def set_anchors(door: Door, key: SealKey, now: datetime, *, even_if_recent: bool = False) -> list[Anchor]:
    """Set an anchor in each business whose last one is a day old, or in every one; those that were set."""
    records = door.system(Scope.ANCHOR)
    found = await records.read(lambda session: _due(session, now - EVERY, even_if_recent=even_if_recent))
    made: list[Anchor] = []
    for due in found:
        anchor = Anchor(
            business_id=due.business_id,
            number=due.number,
            at=now,
            heads=due.heads,
            key=key.fingerprint,
            previous=due.previous,
        )
        anchor.seal = anchor_seal(anchor, key)
        if await _is_set(door, anchor):
            made.append(anchor)
    return made


async def _is_set(door: Door, anchor: Anchor) -> bool:
    async def add(session: AsyncSession) -> None:
        session.add(anchor)

    try:
        await door.system(Scope.ANCHOR).write(add)
    except IntegrityError:
        return False  # another process has just set it
    return True


async def _due(session: AsyncSession, before: datetime, *, even_if_recent: bool) -> list[Due]:
    due = []
    for business_id in (await session.scalars(select(Business.id).order_by(Business.id))).all():
        last = await session.scalar(
            select(Anchor).where(Anchor.business_id == business_id).order_by(Anchor.number.desc()).limit(1)
        )
        if last is not None and last.at > before and not even_if_recent:
            continue
        heads = await _heads(session, business_id, last.at - OVERLAP if last else None)
        if heads:
            number, previous = (last.number, last.seal) if last else (0, "")
            due.append(Due(business_id, number + 1, previous, heads))
    return due


async def _heads(session: AsyncSession, business_id: int, since: datetime | None) -> list[list[int | str]]:
    heads = select(Conversation.id, Conversation.head_turn, Conversation.head).where(
        Conversation.business_id == business_id, Conversation.head != ""
    )
    if since is not None:
        heads = heads.where(Conversation.last_message_at >= since)
    return [[row.id, row.head_turn, row.head] for row in await session.execute(heads.order_by(Conversation.id))]


async def anchors_of_all(session: AsyncSession) -> Sequence[Anchor]:
    """Every anchor, business by business, in the order of their numbers."""
    return (await session.scalars(select(Anchor).order_by(Anchor.business_id, Anchor.number))).all()

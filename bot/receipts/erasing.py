"""Erasing: the words of turns are taken away with the salts of their commitments; receipts and seals stay."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.tables.people import Business, Client
from billing.tables.talk import Conversation, Message, Turn, TurnStatus, TurnStep
from bot.receipts.parts import erasure_of
from bot.receipts.sealing import SealKey

PORTION = 200


@dataclass(frozen=True)
class Wish:
    """Whose turns, or from before when, and of which business; what is not said does not narrow it."""

    client_id: int | None = None
    before: datetime | None = None
    business_id: int | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """The turns that are meant: finished ones that still have their words."""
        meant = [Turn.status != TurnStatus.RUNNING, Turn.erased_at.is_(None)]
        if self.client_id is not None:
            meant.append(Turn.client_id == self.client_id)
        if self.before is not None:
            meant.append(Turn.finished_at < self.before)
        if self.business_id is not None:
            meant.append(Turn.business_id == self.business_id)
        return meant


async def find_clients(session: AsyncSession, name: str, business: str) -> Sequence[Client]:
    """Clients by key or name, of one business (by its slug) where it is given."""
    fits = (
        select(Client)
        .join(Business, Business.id == Client.business_id)
        .where(or_(Client.key == name, Client.name == name))
    )
    return (await session.scalars(fits.where(Business.slug == business) if business else fits)).all()


async def find_meant(session: AsyncSession, wish: Wish) -> list[int]:
    """The numbers of the turns that are meant."""
    return list(await session.scalars(select(Turn.id).where(*wish.conditions()).order_by(Turn.id)))


async def erase_turns(session: AsyncSession, turn_ids: Sequence[int], key: SealKey, now: datetime) -> int:
    """Take the words of these turns away: what was said, answered, journalled and shown. How many it were."""
    turns = (await session.scalars(select(Turn).where(Turn.id.in_(turn_ids), Turn.erased_at.is_(None)))).all()
    ids = [turn.id for turn in turns]
    for turn in turns:
        _empty(turn)
        turn.erased_at, turn.erasure = now, erasure_of(turn, now, key)
    for step in await session.scalars(select(TurnStep).where(TurnStep.turn_id.in_(ids))):
        step.content = {}
    handed_on = [f"turn:{each}:held" for each in ids]  # the words as the person who had the conversation got them
    meant = or_(Message.turn_id.in_(ids), Message.idempotency_key.in_(handed_on))
    for message in await session.scalars(select(Message).where(meant)):
        message.text, message.choice, message.attachments = "", None, []
    for thread in await session.scalars(select(Conversation).where(Conversation.head_turn.in_(ids))):
        thread.focus = {}  # what was spoken of last, in the person's words
    return len(ids)


def _empty(turn: Turn) -> None:
    turn.context, turn.understanding, turn.salts = {}, {}, {}
    turn.calls, turn.evidence, turn.bindings = [], [], []

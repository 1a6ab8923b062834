"""Receipts read for checking: turns in portions, each with the rows that its commitments are over."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, Select, Text, cast, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.tables.talk import Conversation, Direction, Message, Turn, TurnStep
from bot.receipts.parts import COLUMNS

PORTION = 500


def _text(column: Any) -> Any:
    """A JSON column as the text it holds: its commitment is over that, and decoding it takes longer than all else."""
    return cast(column, Text).label(column.key)


_TURN = (
    Turn.id, Turn.business_id, Turn.conversation_id, Turn.client_id, Turn.status, Turn.attempts, Turn.started_at,
    Turn.finished_at, Turn.asked_as, Turn.model, Turn.prompt_version, Turn.timings, Turn.outcome,
    Turn.receipt, Turn.salts, Turn.chain, Turn.erased_at, Turn.erasure,
    *(_text(getattr(Turn, name)) for name in COLUMNS),
)  # fmt: skip
_MESSAGE = (
    Message.id, Message.turn_id, Message.conversation_id, Message.direction, Message.author, Message.public_id,
    Message.text, Message.choice, Message.assurance, _text(Message.attachments), Message.language,
    Message.created_at,
)  # fmt: skip
_STEP = (TurnStep.id, TurnStep.turn_id, TurnStep.step, TurnStep.kind, _text(TurnStep.content), TurnStep.at)


@dataclass
class Rows:
    """A turn with its rows, in order."""

    turn: Any
    said: list[Any] = field(default_factory=list)
    steps: list[Any] = field(default_factory=list)
    replies: list[Any] = field(default_factory=list)


async def every_turn(session: AsyncSession) -> AsyncIterator[tuple[int, Rows | None]]:
    """Every turn there is, by its number; None where its rows cannot be read."""
    after = 0
    while True:
        portion = select(Turn.id).where(Turn.id > after).order_by(Turn.id).limit(PORTION)
        ids = list(await session.scalars(portion))
        if not ids:
            return
        after = ids[-1]
        for each in await _portion(session, ids):
            yield each


async def _portion(session: AsyncSession, ids: Sequence[int]) -> list[tuple[int, Rows | None]]:
    try:
        return [(rows.turn.id, rows) for rows in await _rows_of(session, ids[0], ids[-1])]
    except (LookupError, TypeError, ValueError):  # a column holds what its type does not know
        if len(ids) == 1:
            return [(ids[0], None)]
        return [each for turn_id in ids for each in await _portion(session, [turn_id])]


async def _rows_of(session: AsyncSession, first: int, last: int) -> list[Rows]:
    turns = await session.execute(select(*_TURN).where(Turn.id.between(first, last)).order_by(Turn.id))
    found = {turn.id: Rows(turn) for turn in turns}
    steps = select(*_STEP).where(TurnStep.turn_id.between(first, last)).order_by(TurnStep.id)
    for step in await session.execute(steps):
        if step.turn_id in found:  # what hangs on no turn is looked for apart
            found[step.turn_id].steps.append(step)
    messages = select(*_MESSAGE).where(Message.turn_id.between(first, last)).order_by(Message.id)
    for message in await session.execute(messages):
        if message.turn_id in found:
            rows = found[message.turn_id]
            (rows.said if message.direction is Direction.IN else rows.replies).append(message)
    return list(found.values())


async def every_head(session: AsyncSession) -> list[Row[int, int | None, str]]:
    """Of each conversation its newest sealed turn, as the conversation's own row has it."""
    heads = select(Conversation.id, Conversation.head_turn, Conversation.head).order_by(Conversation.id)
    return list((await session.execute(heads)).all())


async def orphans(session: AsyncSession) -> set[int]:
    """The numbers of turns that are not there while a message or a step of theirs is."""
    gone: set[int] = set()
    for query in (_without_turn(TurnStep.turn_id), _without_turn(Message.turn_id)):
        gone |= {each for each in await session.scalars(query) if each is not None}
    return gone


def _without_turn(turn_id: Any) -> Select[Any]:
    return select(turn_id).outerjoin(Turn, Turn.id == turn_id).where(turn_id.is_not(None), Turn.id.is_(None)).distinct()

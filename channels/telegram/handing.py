"""What our rows say of a message on its way: which parts Telegram has already, and what is shown of its answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.changes.messages import lock_thread
from billing.tables.talk import Conversation, Delivery, Direction, Draft, Message, Turn, TurnStatus
from channels.outgoing import ToSend

OVER = (Delivery.PARKED, Delivery.FAILED)


@dataclass(frozen=True)
class Standing:
    """How far a message has come. handed: ids of the parts that Telegram has.

    draft: the id of what is shown of its answer; empty while that is on its way, None where nothing is shown.
    """

    handed: tuple[str, ...]
    turn_id: int | None = None
    draft: str | None = None
    drafted_at: datetime | None = None


@dataclass(frozen=True)
class Leftover:
    """A draft whose turn is over. connection, id: where it is shown. is_answered: the answer stands in its place."""

    turn_id: int
    connection: str
    shown: str
    is_answered: bool


def place_of(chat: str, message_id: int) -> str:
    """A message's id as our rows keep it."""
    return f"{chat}:{message_id}"


def message_id_of(place: str) -> int:
    """Telegram's own number of a message; 0 where the place names none."""
    said = place.rpartition(":")[2]
    return int(said) if said.isascii() and said.isdigit() else 0


async def standing_of(session: AsyncSession, message_id: int) -> Standing:
    """How far a message has come."""
    asked = select(Message.handed, Message.turn_id, Draft.provider_id, Draft.shown_at)
    shown = asked.outerjoin(Draft, Draft.turn_id == Message.turn_id).where(Message.id == message_id)
    handed, turn_id, draft, at = (await session.execute(shown)).one()
    return Standing(tuple(handed.split()), turn_id, draft, at)


async def note_handed(session: AsyncSession, message_id: int, places: Sequence[str]) -> None:
    """Write down which parts Telegram has."""
    (await session.get_one(Message, message_id)).handed = " ".join(places)


async def claim_draft(session: AsyncSession, turn_id: int, conversation_id: int, now: datetime) -> str | None:
    """Say that something of a turn's answer is being shown: what is shown already, empty for nothing yet.

    None where the turn is over: its answer is handed over now, and must not be shown beside it. The conversation is
    locked, as it is when a turn ends, so that one of the two comes first.
    """
    await lock_thread(session, conversation_id)
    turn = await session.get_one(Turn, turn_id)
    if turn.status is not TurnStatus.RUNNING:
        return None
    known = await session.scalar(select(Draft).where(Draft.turn_id == turn_id))
    if known is not None:
        return known.provider_id
    session.add(Draft(business_id=turn.business_id, turn_id=turn_id, provider_id="", shown_at=now))
    return ""


async def note_draft(session: AsyncSession, turn_id: int, place: str) -> None:
    """Write down where a draft is shown; an empty place: it is shown nowhere."""
    draft = await session.scalar(select(Draft).where(Draft.turn_id == turn_id))
    if draft is not None and place:
        draft.provider_id = place
    elif draft is not None:
        await session.delete(draft)


async def is_running(session: AsyncSession, turn_id: int) -> bool:
    """Whether a turn is still being answered."""
    return await session.scalar(select(Turn.status).where(Turn.id == turn_id)) is TurnStatus.RUNNING


async def reply_of(session: AsyncSession, turn_id: int) -> Message | None:
    """The answer that a turn came to."""
    replies = select(Message).where(Message.turn_id == turn_id, Message.direction == Direction.OUT)
    found: Message | None = await session.scalar(replies.order_by(Message.id).limit(1))
    return found


async def leftovers(session: AsyncSession) -> list[Leftover]:
    """Drafts of turns that are over, but those whose answer is still to be handed over."""
    over = select(Draft, Turn.conversation_id).join(Turn, Turn.id == Draft.turn_id)
    rows = (await session.execute(over.where(Turn.status != TurnStatus.RUNNING).order_by(Draft.id))).all()
    found = []
    for draft, conversation_id in rows:
        reply = await reply_of(session, draft.turn_id)
        if reply is None or reply.delivery is not Delivery.QUEUED:
            connection = reply.connection if reply is not None else await _connection_of(session, conversation_id)
            is_answered = reply is not None and reply.delivery not in OVER
            found.append(Leftover(draft.turn_id, connection, draft.provider_id, is_answered))
    return found


async def _connection_of(session: AsyncSession, conversation_id: int) -> str:
    asked = select(Conversation.connection).where(Conversation.id == conversation_id)
    return (await session.scalars(asked)).one()


def to_send(message: Message, address: str) -> ToSend:
    """A row as it is handed over."""
    return ToSend(
        message.id, message.public_id, message.business_id, message.connection, address, message.text,
        tuple(message.attachments), message.language, message.created_at,
    )  # fmt: skip

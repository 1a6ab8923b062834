"""Pressed buttons: which of them still counts, what it says, and what is told where it does not."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import String, cast, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.tables.talk import Conversation, Delivery, Direction, Message, Proposal, ProposalStatus
from channels.telegram.buttons import read_data
from channels.telegram.parsing import Pressed
from channels.telegram.wording import words_of

LASTS = timedelta(hours=48)
_OUT = (Delivery.QUEUED, Delivery.SENT, Delivery.DELIVERED)
_NEWEST = 20


@dataclass(frozen=True)
class Judged:
    """What a press comes to: the value that it says, or the notice that tells why it says nothing."""

    value: str | None = None
    label: str = ""
    notice: str = ""


def press_id(pressed: Pressed) -> str:
    """Under which id a press is stored, once."""
    return f"c:{pressed.callback_id}"


async def judge(session: AsyncSession, connection: str, pressed: Pressed, now: datetime) -> Judged:
    """Whether a press counts: on the newest message with buttons of the person's own chat, lately, and once.

    A press that Telegram tells us of again is neither stored again nor called dead: it has nothing to say and no
    notice.
    """
    thread = await _thread(session, connection, str(pressed.user))
    words = words_of(thread.language if thread is not None else "")
    found = read_data(pressed.data)
    message = await _message(session, thread, found[0]) if thread is not None and found is not None else None
    if thread is None or message is None or found is None:
        return Judged(notice=words.dead)
    button = _button(message, found[1])
    if button is None:
        return Judged(notice=words.dead)
    known = await _earlier(session, thread, message, button["value"])
    if known is not None:
        return Judged(notice="" if known == press_id(pressed) else words.again)
    if await _is_dead(session, thread, message, now):
        return Judged(notice=words.dead)
    return Judged(str(button["value"]), str(button["label"]))


async def choice_of(session: AsyncSession, connection: str, user: int, text: str) -> str | None:
    """What a key says that stood in place of the phone's keyboard: its label came as words."""
    thread = await _thread(session, connection, str(user))
    newest = None if thread is None else (await _with_buttons(session, thread))[:1]
    keys = newest[0].attachments if newest else []
    if not any(each.get("kind") == "own_number" for each in keys):
        return None
    labels = {str(each["label"]).strip(): str(each["value"]) for each in keys if each.get("kind") == "button"}
    return labels.get(text)


async def _thread(session: AsyncSession, connection: str, address: str) -> Conversation | None:
    found: Conversation | None = await session.scalar(
        select(Conversation).where(Conversation.connection == connection, Conversation.key == address)
    )
    return found


async def _message(session: AsyncSession, thread: Conversation, public_id: str) -> Message | None:
    found: Message | None = await session.scalar(
        select(Message).where(
            Message.public_id == public_id,
            Message.conversation_id == thread.id,
            Message.direction == Direction.OUT,
        )
    )
    return found


def _button(message: Message, place: int) -> dict[str, Any] | None:
    hung = message.attachments
    return hung[place] if place < len(hung) and hung[place].get("kind") == "button" else None


async def _earlier(session: AsyncSession, thread: Conversation, message: Message, value: str) -> str | None:
    """The press that said this after the message was written; None where nobody pressed it."""
    found: str | None = await session.scalar(
        select(Message.provider_id)
        .where(
            Message.conversation_id == thread.id,
            Message.direction == Direction.IN,
            Message.id > message.id,
            Message.choice == value,
            Message.provider_id.startswith("c:"),
        )
        .order_by(Message.id)
        .limit(1)
    )
    return found


async def _is_dead(session: AsyncSession, thread: Conversation, message: Message, now: datetime) -> bool:
    if (message.sent_at or message.created_at) < now - LASTS:
        return True
    newest = (await _with_buttons(session, thread))[:1]
    if not newest or newest[0].id != message.id:
        return True
    if message.turn_id is None:
        return False
    asked = (await session.scalars(select(Proposal).where(Proposal.turn_id == message.turn_id))).all()
    waits = [each for each in asked if each.status is ProposalStatus.PENDING and each.expires_at > now]
    return bool(asked) and not waits


async def _with_buttons(session: AsyncSession, thread: Conversation) -> list[Message]:
    """The newest messages of ours that have something to press, newest first."""
    rows = await session.scalars(
        select(Message)
        .where(
            Message.conversation_id == thread.id,
            Message.direction == Direction.OUT,
            Message.delivery.in_(_OUT),
            cast(Message.attachments, String).like('%"button"%'),
        )
        .order_by(Message.id.desc())
        .limit(_NEWEST)
    )
    return [row for row in rows if any(each.get("kind") == "button" for each in row.attachments)]

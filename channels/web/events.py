"""What the web chat is told of a message: its words, what hangs on it, and in the demo where it comes from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.principal import Scope
from billing.tables.people import Staff
from billing.tables.talk import Author, Conversation, Delivery, Direction, Message, Turn, TurnStatus, WebSession
from bot.addresses import VISITOR
from channels.web.desk import Desk
from channels.web.sessions import ChatSession, is_alive
from channels.web.stepping import find_proof

PAGE = 100  # messages handed over at once
_SCOPE = Scope.DISPATCH
_AUTHORS = {Author.ASSISTANT: "assistant", Author.STAFF: "staff"}


@dataclass(frozen=True)
class Shown:
    """One message as the component receives it, and the cursor after it."""

    cursor: int
    body: dict[str, Any]


@dataclass(frozen=True)
class News:
    """What a look at the thread found. `running`: the turn being answered now. `alive`: the session still is.

    `proved`: a code of this session was right, and the session is to be renewed.
    """

    messages: tuple[Shown, ...]
    held_by: str | None
    running: int | None
    alive: bool
    proved: bool = False


def state_of(news: News) -> dict[str, Any]:
    """The thread's state, as readers are told of it that ask from time to time."""
    return {"held_by": news.held_by, "running": news.running, "proved": news.proved}


def client_key(conversation_id: int, sent_as: str) -> str:
    """The id under which a sent message is stored: one person's id can never stand for another's message."""
    return f"{conversation_id}:{sent_as}"


async def look(desk: Desk, me: ChatSession, after: int) -> News:
    """Messages after a cursor and the state of the thread, read in one transaction."""
    now = desk.clock()

    async def work(session: AsyncSession) -> News:
        web = await session.get(WebSession, me.id)
        alive = web is not None and is_alive(web, now) and web.conversation_id == me.conversation_id
        thread = await session.get_one(Conversation, me.conversation_id)
        messages = await _messages(session, me, after=after)
        return News(
            messages=await _show(session, me, messages),
            held_by=await _name_of(session, thread.holder_id),
            running=await _running(session, me),
            alive=alive,
            proved=me.is_visit and bool(messages) and await find_proof(session, me) is not None,
        )

    return await desk.door.system(_SCOPE).read(work)


async def read_before(desk: Desk, me: ChatSession, before: int) -> tuple[Shown, ...]:
    """Up to PAGE messages before a cursor, oldest first."""

    async def work(session: AsyncSession) -> tuple[Shown, ...]:
        statement = _of_thread(me).where(Message.id < before).order_by(Message.id.desc()).limit(PAGE)
        newest_first = (await session.scalars(statement)).all()
        return await _show(session, me, newest_first[::-1])

    return await desk.door.system(_SCOPE).read(work)


async def _messages(session: AsyncSession, me: ChatSession, *, after: int) -> Sequence[Message]:
    if after <= 0:
        newest = _of_thread(me).order_by(Message.id.desc()).limit(PAGE)
        return (await session.scalars(newest)).all()[::-1]
    following = _of_thread(me).where(Message.id > after).order_by(Message.id).limit(PAGE)
    return (await session.scalars(following)).all()


def _of_thread(me: ChatSession) -> Select[Message]:
    """The session's thread; of somebody known on a website, with what they wrote as they proved themselves anywhere."""
    shown = select(Message).where(Message.delivery != Delivery.PARKED)
    if not me.is_visit or not me.is_somebodys:
        return shown.where(Message.conversation_id == me.conversation_id)
    since = or_(Conversation.context_since.is_(None), Message.created_at >= Conversation.context_since)
    whose = (Conversation.contact_id == me.contact_id, Conversation.staff_id == me.staff_id)
    proving = and_(Conversation.connection == me.connection, *whose, since)
    here = Message.conversation_id == me.conversation_id
    strangers = Conversation.key.startswith(VISITOR)
    return shown.join(Conversation, Conversation.id == Message.conversation_id).where(
        or_(here, and_(proving, strangers))
    )


async def _show(session: AsyncSession, me: ChatSession, messages: Sequence[Message]) -> tuple[Shown, ...]:
    turns: dict[int, Turn] = {}
    if me.is_demo:
        wanted = {message.turn_id for message in messages if message.turn_id is not None}
        found = await session.scalars(
            select(Turn).where(Turn.id.in_(wanted), Turn.conversation_id == me.conversation_id)
        )
        turns = {turn.id: turn for turn in found}
    names = await _names(session, messages)
    return tuple(
        Shown(message.id, message_body(message, turns.get(message.turn_id or 0), names)) for message in messages
    )


async def _names(session: AsyncSession, messages: Sequence[Message]) -> dict[int, str]:
    wanted = {message.author_staff_id for message in messages if message.author_staff_id is not None}
    if not wanted:
        return {}
    return {staff.id: staff.name for staff in await session.scalars(select(Staff).where(Staff.id.in_(wanted)))}


async def _name_of(session: AsyncSession, staff_id: int | None) -> str | None:
    if staff_id is None:
        return None
    staff = await session.get(Staff, staff_id)
    return staff.name if staff else None


async def _running(session: AsyncSession, me: ChatSession) -> int | None:
    statement = select(Turn.id).where(Turn.conversation_id == me.conversation_id, Turn.status == TurnStatus.RUNNING)
    return (await session.scalars(statement.limit(1))).first()


def message_body(message: Message, turn: Turn | None, names: Mapping[int, str]) -> dict[str, Any]:
    """The `message` event's data. `sent_as` is the id the sender gave; `trace` is there only with a turn."""
    mine = message.direction is Direction.IN
    body: dict[str, Any] = {
        "id": message.public_id,
        "author": "you" if mine else _AUTHORS.get(message.author, "system"),
        "text": message.text,
        "attachments": [_attachment(one) for one in message.attachments],
        "at": message.created_at.isoformat(),
        "turn": message.turn_id,
    }
    if mine:
        body["sent_as"] = (message.provider_id or "").rpartition(":")[2]
    elif message.author_staff_id is not None:
        body["name"] = names.get(message.author_staff_id, "")
    if turn is not None and not mine:
        body["trace"] = trace_of(turn)
    return body


def _attachment(stored: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "kind": str(stored.get("kind", "")),
        "label": str(stored.get("label", "")),
        "value": str(stored.get("value", "")),
        "rows": [[str(part) for part in row] for row in stored.get("rows") or ()],
        "extra": dict(stored.get("extra") or {}) | ({"state": stored["state"]} if "state" in stored else {}),
    }


def trace_of(turn: Turn) -> dict[str, Any]:
    """Which tools ran, and for each figure the record, field and version (or calculation) it came from."""
    return {
        "tools": [{"name": call.get("name", ""), "args": call.get("args") or {}} for call in turn.calls],
        "figures": [
            {
                "text": str(bound.get("text", "")),
                "record": bound.get("record") or "",
                "field": bound.get("field") or "",
                "version": bound.get("version") or 0,
                "calculation": bound.get("calculation") or "",
                "handle": bound.get("handle") or "",
            }
            for bound in turn.bindings
        ],
        "model": turn.model,
        "latency_ms": _latency(turn),
    }


def _latency(turn: Turn) -> int | None:
    for name in ("latency_ms", "total_ms", "total"):
        if name in turn.timings:
            return round(float(turn.timings[name]))
    if turn.finished_at is None:
        return None
    return round((turn.finished_at - turn.started_at).total_seconds() * 1000)

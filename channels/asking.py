"""Asking from the command line: a lasting thread per person, the inbox like every channel, and the answer's rows."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from filelock import FileLock, Timeout
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.principal import Scope
from billing.tables.talk import Conversation, Direction, Message, Turn, TurnStatus
from bot.messages import Channel, Inbound
from channels.web.people import Person
from channels.wiring import Frontdesk

PATIENCE = 90.0  # seconds to wait for another process's answer
LOOK_EVERY = 0.05


class NoAnswerError(Exception):
    """The process that serves this Frontdesk did not answer in time; the message is stored and will be."""


@dataclass(frozen=True)
class Answered:
    """What came back: the messages, and the turn that wrote the answer (None while a person holds the thread)."""

    messages: tuple[Message, ...]
    turn: Turn | None


def serving_lock(frontdesk: Frontdesk) -> FileLock:
    """Held by the process that answers locally: a server, or one `ask` at a time where none runs."""
    return FileLock(frontdesk.settings.data / "answering.lock")


@contextmanager
def answering_alone(frontdesk: Frontdesk) -> Iterator[None]:
    """Answer while no other process of this data folder does (Timeout when one does); where workers answer, any may."""
    if frontdesk.settings.dispatch == "procrastinate":
        yield
        return
    with serving_lock(frontdesk).acquire(blocking=False):
        yield


async def open_thread(frontdesk: Frontdesk, person: Person, name: str) -> int:
    """The lasting terminal thread of a person; `name` tells several apart."""
    key = f"terminal:{person.key}" + (f":{name}" if name else "")
    connection, now = f"terminal:{person.business_slug}", frontdesk.clock()

    async def work(session: AsyncSession) -> int:
        known = await session.scalar(
            select(Conversation).where(Conversation.connection == connection, Conversation.key == key)
        )
        if known is not None:
            return known.id
        thread = Conversation(
            business_id=person.business_id,
            client_id=person.client_id,
            connection=connection,
            channel=Channel.TERMINAL,
            key=key,
            address=key,
            contact_id=person.contact_id,
            staff_id=person.staff_id,
            language=person.language,
            opened_at=now,
            last_message_at=now,
        )
        session.add(thread)
        await session.flush()
        return thread.id

    return await frontdesk.door.system(Scope.IDENTITY).write(work)


async def ask(frontdesk: Frontdesk, person: Person, thread_id: int, text: str, level: int) -> Answered:
    """Put a message in the inbox and wait for its answer, from this process or from the one that serves."""
    inbound = Inbound(
        connection=f"terminal:{person.business_slug}",
        provider_id=uuid4().hex,
        channel=Channel.TERMINAL,
        address=f"terminal:{person.key}",
        text=text,
        received_at=frontdesk.clock(),
        assurance=level,
    )
    public_id = await frontdesk.inbox.accept(inbound, thread_id)
    waited = 0.0
    while waited < PATIENCE:
        found = await frontdesk.door.system(Scope.DISPATCH).read(lambda session: _answer_to(session, public_id))
        if found is not None:
            return found
        if not await _answer_here(frontdesk, thread_id):
            await asyncio.sleep(LOOK_EVERY)
            waited += LOOK_EVERY
    raise NoAnswerError("no answer yet; the message is stored and will be answered")


async def _answer_here(frontdesk: Frontdesk, thread_id: int) -> bool:
    """Answer what waits in the thread, unless a server or another `ask` is at work; whether something did."""
    try:
        with answering_alone(frontdesk):
            dispatcher = await frontdesk.open_dispatch()
            did = False
            while await dispatcher.answer_one(thread_id):
                did = True
            await frontdesk.sender.send()
            return did
    except Timeout:
        return False  # a server answers this too; another `ask` answers only its own, so the lock is tried again


async def _answer_to(session: AsyncSession, public_id: str) -> Answered | None:
    asked = await session.scalar(select(Message).where(Message.public_id == public_id))
    if asked is None or asked.turn_id is None:
        return None
    turn = await session.get_one(Turn, asked.turn_id)
    if turn.status is TurnStatus.RUNNING:
        return None
    replies = await session.scalars(
        select(Message).where(Message.turn_id == turn.id, Message.direction == Direction.OUT).order_by(Message.id)
    )
    return Answered(tuple(replies.all()), turn)


def as_json(answered: Answered) -> dict[str, Any]:
    """The answer as `frontdesk ask --json` prints it."""
    turn = answered.turn
    return {
        "reply": "\n".join(message.text for message in answered.messages),
        "attachments": [each for message in answered.messages for each in message.attachments],
        "tool_calls": [{"name": call["name"], "args": call["args"]} for call in turn.calls] if turn else [],
        "evidence": turn.evidence if turn else [],
        "figures": turn.bindings if turn else [],
        "model": turn.model if turn else "",
        "latency_ms": turn.timings.get("ms", 0) if turn else 0,
        "message": answered.messages[-1].public_id if answered.messages else None,
    }

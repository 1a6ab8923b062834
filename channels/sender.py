"""The sender: hands queued messages to their channel, and writes onto the row what became of them."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.principal import Scope
from billing.tables.talk import Conversation, Delivery, Direction, Message

log = structlog.get_logger()

OWN_CHANNELS = ("web", "terminal")  # read from the rows by the page or the terminal themselves
LOOK_EVERY = 0.5


async def send_waiting(session: AsyncSession, now: datetime) -> list[int]:
    """Mark what is queued on our own channels as sent; the conversations it is in."""
    rows = await session.execute(
        select(Message, Conversation.id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(
            Message.direction == Direction.OUT,
            Message.delivery == Delivery.QUEUED,
            Conversation.channel.in_(OWN_CHANNELS),
        )
        .order_by(Message.id)
    )
    touched: dict[int, None] = {}
    for message, conversation_id in rows.all():
        message.delivery, message.sent_at = Delivery.SENT, now
        touched[conversation_id] = None
    return list(touched)


@dataclass
class LocalSender:
    """Sends what is queued, when woken and at a periodic look. shown(conversation id) is told of each."""

    door: Door
    clock: Callable[[], datetime]
    shown: Callable[[int], None]
    _woken: asyncio.Event = field(default_factory=asyncio.Event)
    _task: asyncio.Task[None] | None = None

    def wake(self) -> None:
        """Something was queued."""
        self._woken.set()

    async def start(self) -> None:
        """Send what waits, and go on."""
        self._task = asyncio.ensure_future(self._go_on())

    async def stop(self) -> None:
        """Send what waits, then stop."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await self.send()

    async def send(self) -> None:
        """Send what is queued now."""
        now = self.clock()
        if not await self.door.system(Scope.SEND).read(_is_waiting):
            return
        for conversation_id in await self.door.system(Scope.SEND).write(lambda session: send_waiting(session, now)):
            self.shown(conversation_id)

    async def _go_on(self) -> None:
        while True:
            try:
                await self.send()
            except Exception:
                log.exception("send_failed")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), LOOK_EVERY)
            self._woken.clear()


async def _is_waiting(session: AsyncSession) -> bool:
    found = await session.scalar(
        select(Message.id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(
            Message.direction == Direction.OUT,
            Message.delivery == Delivery.QUEUED,
            Conversation.channel.in_(OWN_CHANNELS),
        )
        .limit(1)
    )
    return found is not None

"""Held conversations: a timer that gives back to the assistant what a person took and then left alone."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.changes.threads import free_idle
from billing.principal import Scope

log = structlog.get_logger()

LOOK_EVERY = 60.0  # seconds


@dataclass
class Holds:
    """The timer of this process. hours: without a word of the person, until the assistant answers again; 0: never."""

    door: Door
    hours: int
    clock: Callable[[], datetime]
    wake_sender: Callable[[], None]
    _task: asyncio.Task[None] | None = field(default=None, repr=False)

    async def start(self) -> None:
        """Look every minute."""
        if self.hours:
            self._task = asyncio.ensure_future(self._go_on())

    async def stop(self) -> None:
        """Stop the timer; what is due is given back after the next start."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def look(self) -> int:
        """Give back what is idle, and tell both sides; how many conversations."""
        from bot.announcements import tell_idle

        now = self.clock()

        async def work(session: AsyncSession) -> int:
            freed = await free_idle(session, now - timedelta(hours=self.hours))
            for thread, holder_id in freed:
                await tell_idle(session, thread, holder_id, self.hours, now)
            return len(freed)

        freed = await self.door.system(Scope.DISPATCH).write(work)
        if freed:
            self.wake_sender()
        return freed

    async def _go_on(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            try:
                await self.look()
            except Exception:
                log.exception("holds_not_looked_at")

"""Held conversations: a timer that gives back to the assistant what a person took and then left alone."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.changes.threads import free_idle
from billing.principal import Scope
from channels.timer import Timer

LOOK_EVERY = 60.0  # seconds


@dataclass
class Holds:
    """The timer of this process. hours: without a word of the person, until the assistant answers again; 0: never."""

    door: Door
    hours: int
    clock: Callable[[], datetime]
    wake_sender: Callable[[], None]
    _timer: Timer | None = None

    async def start(self) -> None:
        """Look every minute."""
        if self.hours:
            self._timer = Timer("holds", LOOK_EVERY, self.look, first=LOOK_EVERY)
            self._timer.start()

    async def stop(self) -> None:
        """Stop the timer; what is due is given back after the next start."""
        if self._timer is not None:
            await self._timer.stop()

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

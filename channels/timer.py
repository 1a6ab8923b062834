"""Timer: does one thing now and then in the background, and goes on when it fails."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog

log = structlog.get_logger()


@dataclass
class Timer:
    """Calls `work` every so many seconds, `first` seconds after the start for the first time, sooner when woken.

    name: how a failure is told in the log.
    """

    name: str
    every: float
    work: Callable[[], Awaitable[object]]
    first: float = 0.0
    _woken: asyncio.Event = field(default_factory=asyncio.Event, repr=False)
    _task: asyncio.Task[None] | None = field(default=None, repr=False)

    def wake(self) -> None:
        """Do it now, or once more when it is being done."""
        self._woken.set()

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.ensure_future(self._go_on())

    async def stop(self) -> None:
        """End; what is being done is cut off."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _go_on(self) -> None:
        await self._wait(self.first)
        while True:
            self._woken.clear()
            try:
                await self.work()
            except Exception:
                log.exception("timer_failed", timer=self.name)
            await self._wait(self.every)

    async def _wait(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), seconds)

"""Anchoring: a timer that writes down daily how far the receipts of each business's conversations have come."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from billing.access import Door

log = structlog.get_logger()

LOOK_EVERY = 3600.0  # seconds between looks whether an anchor is due
SETTLING = 20.0  # seconds after a start before the first look: the first questions come first


@dataclass
class Anchoring:
    """The timer of this process; where several serve, whoever looks first sets the anchor."""

    door: Door
    secret: bytes
    clock: Callable[[], datetime]
    _task: asyncio.Task[None] | None = field(default=None, repr=False)

    async def start(self) -> None:
        """Look soon, then every hour."""
        self._task = asyncio.ensure_future(self._go_on())

    async def stop(self) -> None:
        """Stop the timer; what is due is set after the next start."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def look(self) -> int:
        """Set the anchors that are due; how many."""
        from bot.receipts.anchors import set_anchors
        from bot.receipts.sealing import key_of

        return len(await set_anchors(self.door, key_of(self.secret), self.clock()))

    async def _go_on(self) -> None:
        await asyncio.sleep(SETTLING)
        while True:
            try:
                await self.look()
            except Exception:
                log.exception("anchoring_failed")
            await asyncio.sleep(LOOK_EVERY)

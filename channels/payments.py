"""Payments at work: the pay desk, and the timer that settles what settles late."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.payment_events import PaymentNews
from channels.pay.desk import PayDesk, sandbox_desk, tend

log = structlog.get_logger()

TEND_EVERY = 1.0


@dataclass
class Payments:
    """The pay desk of this process, and its timer."""

    desk: PayDesk
    _task: asyncio.Task[None] | None = field(default=None, repr=False)

    async def start(self) -> None:
        """Tend the desk now and every second."""
        self._task = asyncio.ensure_future(self._go_on())

    async def stop(self) -> None:
        """Stop the timer; what is due settles at the next start."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _go_on(self) -> None:
        while True:
            try:
                await tend(self.desk)
            except Exception:
                log.exception("tending_failed")
            await asyncio.sleep(TEND_EVERY)


def build_payments(door: Door, secret: str, clock: Callable[[], datetime], wake_sender: Callable[[], None]) -> Payments:
    """Payments through the sandbox; receipts go out as soon as the event is applied."""

    async def announce(session: AsyncSession, news: PaymentNews) -> None:
        from bot.announcements import announce_payment

        await announce_payment(session, news)
        wake_sender()

    return Payments(sandbox_desk(door, clock, announce, secret))

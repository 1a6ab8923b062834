"""Payments at work: the pay desk, and the timer that settles what settles late."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.payment_events import PaymentNews
from channels.pay.desk import PayDesk, sandbox_desk, tend
from channels.timer import Timer

TEND_EVERY = 1.0


@dataclass
class Payments:
    """The pay desk of this process, and its timer."""

    desk: PayDesk
    _timer: Timer | None = None

    async def start(self) -> None:
        """Tend the desk now and every second."""
        self._timer = Timer("payments", TEND_EVERY, lambda: tend(self.desk))
        self._timer.start()

    async def stop(self) -> None:
        """Stop the timer; what is due settles at the next start."""
        if self._timer is not None:
            await self._timer.stop()


def build_payments(door: Door, secret: str, clock: Callable[[], datetime], wake_sender: Callable[[], None]) -> Payments:
    """Payments through the sandbox; receipts go out as soon as the event is applied."""

    async def announce(session: AsyncSession, news: PaymentNews) -> None:
        from bot.announcements import announce_payment

        await announce_payment(session, news)
        wake_sender()

    return Payments(sandbox_desk(door, clock, announce, secret))

"""Anchoring: a timer that writes down daily how far the receipts of each business's conversations have come."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from billing.access import Door
from channels.timer import Timer

LOOK_EVERY = 3600.0  # seconds between looks whether an anchor is due
SETTLING = 20.0  # seconds after a start before the first look: the first questions come first


@dataclass
class Anchoring:
    """The timer of this process; where several serve, whoever looks first sets the anchor."""

    door: Door
    secret: bytes
    clock: Callable[[], datetime]
    _timer: Timer | None = None

    async def start(self) -> None:
        """Look soon, then every hour."""
        self._timer = Timer("anchoring", LOOK_EVERY, self.look, first=SETTLING)
        self._timer.start()

    async def stop(self) -> None:
        """Stop the timer; what is due is set after the next start."""
        if self._timer is not None:
            await self._timer.stop()

    async def look(self) -> int:
        """Set the anchors that are due; how many."""
        from bot.receipts.anchors import set_anchors
        from bot.receipts.sealing import key_of

        return len(await set_anchors(self.door, key_of(self.secret), self.clock()))

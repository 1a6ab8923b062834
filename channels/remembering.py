"""What changes seldom and is asked for with every message is read once in some seconds."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import monotonic
from typing import Generic, TypeVar

T = TypeVar("T")
SECONDS = 5.0  # what another process changes meanwhile counts after that


@dataclass
class Remembered(Generic[T]):
    """The newest answer of `read`, kept for some seconds."""

    read: Callable[[], Awaitable[T]]
    _kept: tuple[T, float] | None = None  # and until when, as time.monotonic() counts

    async def get(self, *, is_new: bool = False) -> T:
        """What was read lately; is_new: as it is now."""
        if is_new or self._kept is None or self._kept[1] < monotonic():
            self._kept = (await self.read(), monotonic() + SECONDS)
        return self._kept[0]

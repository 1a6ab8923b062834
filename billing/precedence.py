"""Precedence: what comes in is stored before this process does anything else with its records."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

PATIENCE = 0.1  # seconds that other work waits at most
_LOOK_EVERY = 0.001


@dataclass(frozen=True)
class Precedence:
    """Lets some units of work go first. The others begin when none of those is under way, or after their patience.

    SQLite writes one transaction after the other, and Python computes one piece at a time: a message that came in
    would wait for every step of every turn that runs.
    """

    _under_way: set[object] = field(default_factory=set)

    @contextmanager
    def first(self) -> Iterator[None]:
        """While this is open, other work waits."""
        mark = object()
        self._under_way.add(mark)
        try:
            yield
        finally:
            self._under_way.discard(mark)

    async def after(self) -> None:
        """Wait for what goes first. Looked at again and again: the loops of several threads may share it."""
        waited = 0.0
        while self._under_way and waited < PATIENCE:
            await asyncio.sleep(_LOOK_EVERY)
            waited += _LOOK_EVERY

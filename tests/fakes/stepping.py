"""A door whose every transaction waits for its turn, and a scheduler that says whose turn it is."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from billing.access import Door, Records, Work
from billing.boundary import Asker
from billing.database import Engines
from billing.principal import Principal, Scope

T = TypeVar("T")
Gate = Callable[[str], Awaitable[None]]


class SteppingRecords(Records):
    """Records that ask the gate before and after each transaction."""

    def __init__(self, engines: Engines, asker: Asker, gate: Gate) -> None:
        super().__init__(engines, asker)
        self._gate = gate

    async def read(self, work: Work[T]) -> T:
        """As Records.read."""
        await self._gate("read")
        return await super().read(work)

    async def write(self, work: Work[T], *, lasting: bool = True) -> T:
        """As Records.write."""
        await self._gate("before write")
        done = await super().write(work, lasting=lasting)
        await self._gate("after write")
        return done


@dataclass(frozen=True)
class SteppingDoor(Door):
    """A door of stepping records."""

    gate: Gate

    def records_for(self, principal: Principal) -> Records:
        """As Door.records_for."""
        return SteppingRecords(self.engines, principal, self.gate)

    def system(self, scope: Scope) -> Records:
        """As Door.system."""
        return SteppingRecords(self.engines, scope, self.gate)


@dataclass
class Scheduler:
    """Runs several actors one transaction at a time; the seed says in which order."""

    seed: int
    _at_gate: dict[str, asyncio.Event] = field(default_factory=dict)
    _stopped: asyncio.Event = field(default_factory=asyncio.Event)

    def gate_of(self, actor: str) -> Gate:
        """The gate of an actor's door: it is held there until the scheduler picks it."""

        async def wait(point: str) -> None:
            if point == "after write":
                return
            let_on = asyncio.Event()
            self._at_gate[actor] = let_on
            self._stopped.set()
            await let_on.wait()

        return wait

    async def run(self, actors: Mapping[str, Coroutine[Any, Any, object]]) -> list[str]:
        """Run every actor to its end; whose steps came in which order."""
        choose, order = random.Random(self.seed), []
        tasks = {name: asyncio.ensure_future(self._run_one(name, actor)) for name, actor in actors.items()}
        for _ in tasks:
            await self._settle(tasks)
        while any(not task.done() for task in tasks.values()):
            await self._settle(tasks)
            ready = sorted(self._at_gate)
            if not ready:
                continue
            picked = choose.choice(ready)
            order.append(picked)
            self._stopped.clear()
            self._at_gate.pop(picked).set()
        for task in tasks.values():
            task.result()
        return order

    async def _run_one(self, name: str, actor: Coroutine[Any, Any, object]) -> None:
        try:
            await actor
        finally:
            self._at_gate.pop(name, None)
            self._stopped.set()

    async def _settle(self, tasks: Mapping[str, "asyncio.Task[None]"]) -> None:
        """Wait until nobody runs: each actor is at its gate or through."""
        while sum(not task.done() for task in tasks.values()) > len(self._at_gate):
            await self._stopped.wait()
            self._stopped.clear()
            await asyncio.sleep(0)

"""Both forms of dispatch on one Frontdesk, and assistants that fail."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from billing.changes.turns import Claim
from bot.agent import Agents
from bot.assistant import Assistant
from channels.dispatch.jobs import make_job_tables
from channels.dispatch.local import LocalDispatcher
from channels.dispatch.port import Dispatcher
from channels.dispatch.procrastinate import ProcrastinateDispatcher
from tests.fakes.clock import NOW
from tests.fakes.desk_at_work import DeskAtWork

FORMS = ("local", "procrastinate")


def url_of(desk: DeskAtWork) -> str:
    """The address of a desk's database."""
    return desk.engines.writing.engine.url.render_as_string(hide_password=False)


def ticking() -> Callable[[], datetime]:
    """A clock that begins at NOW and goes on by itself."""
    began = time.monotonic()
    return lambda: NOW + timedelta(seconds=time.monotonic() - began)


def dispatcher_of(
    desk: DeskAtWork, form: str, owner: str = "test/0/one", delivered: Callable[[int], None] = lambda _: None
) -> Dispatcher:
    """A dispatcher of this form; the jobs' tables are made where it needs them. Its clock goes on."""
    answering = replace(desk.new_dispatcher(owner).answering, clock=ticking())
    if form == "local":
        return LocalDispatcher(answering, delivered)
    make_job_tables(url_of(desk))
    return ProcrastinateDispatcher(url_of(desk), delivered, answering)


@asynccontextmanager
async def running(dispatcher: Dispatcher) -> AsyncIterator[Dispatcher]:
    """A dispatcher at work."""
    await dispatcher.start()
    try:
        yield dispatcher
    finally:
        await dispatcher.stop()


async def until(found: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait until something is so."""
    for _ in range(round(seconds / 0.02)):
        if found():
            return
        await asyncio.sleep(0.02)
    raise TimeoutError


@dataclass
class Failing:
    """An assistant that fails on messages with a word in them, as often as it is told; else a real one answers.

    gives_up: whether it can at least give such a turn up.
    """

    real: Assistant
    times: int = 10**6
    gives_up: bool = True
    tried: list[int] = field(default_factory=list)
    poisoned: set[int] = field(default_factory=set)

    @property
    def agents(self) -> Agents:
        """As Assistant.agents."""
        return self.real.agents

    async def handle(self, claim: Claim) -> None:
        """As Assistant.handle."""
        self.tried.append(claim.attempts)
        if claim.conversation_id in self.poisoned and self.times > 0:
            self.times -= 1
            raise ZeroDivisionError("poison")
        await self.real.handle(claim)

    async def give_up(self, claim: Claim) -> None:
        """As Assistant.give_up."""
        self.tried.append(claim.attempts)
        if not self.gives_up:
            raise ZeroDivisionError("poison")
        await self.real.give_up(claim)

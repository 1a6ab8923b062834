"""A process that answers a thread and sends the reply, and dies or freezes at a named step of it.

It is forked, so that it has the loaded model; its database, loop and provider are its own. The provider is a file:
what it took outlives the process.
"""

import asyncio
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from billing.access import Door
from billing.database import open_engines
from channels.outgoing import Sent, ToSend
from channels.processes import new_owner
from channels.sender import LocalSender
from tests.fakes.desk_at_work import DeskAtWork
from tests.fakes.dispatching import url_of
from tests.fakes.stepping import SteppingDoor
from tests.fakes.texting import TEXTS

AFTER_SENDING = "after provider"
Strike = Callable[[], None]


def die() -> None:
    """End at once, as a power cut does."""
    os.kill(os.getpid(), signal.SIGKILL)


def freeze() -> None:
    """Stop until somebody sends SIGCONT."""
    os.kill(os.getpid(), signal.SIGSTOP)


@dataclass
class FileTexting:
    """A provider that keeps what it took in a file, one line a message."""

    path: Path
    step: Callable[[str], None] = lambda _: None

    async def send(self, message: ToSend) -> Sent:
        """Take the message."""
        self.step("before provider")
        with self.path.open("a") as lines:
            lines.write(f"{message.id}\n")
        self.step(AFTER_SENDING)
        return Sent(f"SM{message.id}-{len(self.taken)}", parts=1)

    async def find_sent(self, message: ToSend) -> Sent | None:
        """The message among those taken."""
        return Sent(f"SM{message.id}", parts=1) if message.id in self.taken else None

    @property
    def taken(self) -> list[int]:
        """The ids of what was taken, in order."""
        return [int(line) for line in self.path.read_text().split()] if self.path.exists() else []


def clock_beside(provider: Path) -> Path:
    """Where the time is written for a process that thaws."""
    return provider.with_suffix(".clock")


@dataclass
class Steps:
    """Counts the steps of a process, and strikes at one of them."""

    at: int
    strike: Strike
    passed: list[str]

    def __call__(self, step: str) -> None:
        """One step is reached."""
        if step == "read":
            return
        self.passed.append(step)
        if len(self.passed) == self.at:
            self.strike()


async def answer_and_send(desk: DeskAtWork, thread: int, provider: Path, steps: Steps) -> None:
    """One turn of the thread, and its reply handed over: every durable step of it."""

    async def gate(point: str) -> None:
        steps(point)

    def clock() -> datetime:
        told = clock_beside(provider)
        return datetime.fromisoformat(told.read_text()) if told.exists() else desk.now

    engines = open_engines(url_of(desk))
    door = SteppingDoor(engines, gate)
    plain = DeskAtWork(Door(engines), engines, desk.files, now=desk.now)
    answering = plain.new_dispatcher(new_owner(f"dying{steps.at}")).answering
    assistant = replace(answering.assistant, door=door, clock=clock)
    await replace(answering, door=door, assistant=assistant, clock=clock).answer_next(thread)
    texting = FileTexting(provider, steps)
    sender = LocalSender(door, clock, lambda _: None, {TEXTS: texting}.get, owner=new_owner(f"sends{steps.at}"))
    await sender.send()
    await engines.dispose()


def steps_of(desk: DeskAtWork, thread: int, provider: Path) -> list[str]:
    """The steps of a turn that nothing strikes, counted in this process."""
    steps = Steps(0, die, [])
    asyncio.run(answer_and_send(desk, thread, provider, steps))
    return steps.passed


def fork(desk: DeskAtWork, thread: int, provider: Path, at: int, strike: Strike) -> int:
    """A process that does the same and is struck at step `at`; its id. It exits with 0 when it got through."""
    child = os.fork()
    if child:
        return child
    try:
        asyncio.run(answer_and_send(desk, thread, provider, Steps(at, strike, [])))
        os._exit(0)
    finally:
        os._exit(1)

"""Turns a second over PostgreSQL with one worker process and with two, the model taking 200 ms."""

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.database import open_engines
from billing.demo.large import SLUG, create_large
from billing.principal import Scope
from billing.schema import migrate
from billing.tables.talk import Delivery, Direction, Message
from channels.dispatch.jobs import make_job_tables
from channels.dispatch.procrastinate import ProcrastinateDispatcher
from channels.processes import new_owner
from channels.wiring import settle_memory, wall_clock
from tests.bench.figures import Figure
from tests.bench.overhead import InstantModel
from tests.fakes.databases import start_postgres
from tests.fakes.desk_at_work import DeskAtWork, open_desk_at

TURNS = 360  # in the conversations of as many clients
ROUNDS = 2
EDGE = 40  # of them, at the beginning and at the end
TAKES = 0.2  # seconds, each answer of a model


class AskingModel(InstantModel):
    """Asks for the open invoices, then says what is owed: 200 ms for each of its two answers."""

    async def _agenerate(self, messages: list[BaseMessage], *_args: Any, **_settings: Any) -> ChatResult:
        await asyncio.sleep(TAKES)
        return self._generate(messages)


class GreetingModel(AskingModel):
    """Needs no tool, and so answers once: the least a turn can wait for a model."""

    def _generate(self, messages: list[BaseMessage], *_args: Any, **_settings: Any) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=AIMessage("Hello, what can I do for you today?"))])


@dataclass(frozen=True)
class Script:
    """What clients write, how the model answers, and what the figure is called."""

    words: str
    model: type[AskingModel]
    what: str


SCRIPTS = {
    "question": Script("what do I owe?", AskingModel, "a question of figures (two model calls, one tool)"),
    "greeting": Script("good morning to all of you", GreetingModel, "a greeting (one model call)"),
}


def run() -> list[Figure]:
    """Turns a second, and by what a second process makes them more."""
    return [_of_script(name) for name in SCRIPTS]


def _of_script(name: str) -> Figure:
    script = SCRIPTS[name]
    with tempfile.TemporaryDirectory(prefix="frontdesk-bench-") as folder:
        server = start_postgres()
        try:
            asyncio.run(migrate(server.template_url))
            url = server.keep("bench")
            asyncio.run(_fill(url))
            make_job_tables(url)
            bench = Bench(url, Path(folder), name)
            bench.measure(2)  # not counted: each conversation has been answered once before
            # By turns: a machine that grows slower meanwhile counts for both.
            rounds = [(bench.measure(1), bench.measure(2)) for _ in range(ROUNDS)]
        finally:
            server.stop()
    one, two = (fmean(figures) for figures in zip(*rounds, strict=True))
    what = f"turns with one worker ÷ with two, PostgreSQL, model at 200 ms, {script.what}"
    return Figure(what, one / two, "×", 1 / 1.7, f"{one:.1f} → {two:.1f} turns a second")


@dataclass(frozen=True)
class Bench:
    """A database with clients whose messages are to wait in it. script: one of SCRIPTS."""

    url: str
    folder: Path
    script: str

    def measure(self, count: int) -> float:
        """Turns a second of so many workers."""
        desk = open_desk_at(self.url, self.folder)
        with asyncio.Runner() as runner:
            try:
                warm = [runner.run(self.say(desk, TURNS + number)) for number in range(count)]
                with self.workers(warm) as started:
                    runner.run(self.queue(desk))
                    _analyze(desk)
                    return runner.run(_turns_a_second(desk, started))
            finally:
                runner.run(desk.close())

    @contextmanager
    def workers(self, warm: Sequence[int]) -> Iterator[list[subprocess.Popen[bytes]]]:
        """Workers that have each answered one turn, and wait to be told to begin."""
        command = [sys.executable, "-m", "tests.bench.workers", self.url, str(self.folder), self.script]
        started = [
            subprocess.Popen([*command, str(thread)], stdin=subprocess.PIPE, stdout=subprocess.PIPE) for thread in warm
        ]
        try:
            for process in started:
                assert process.stdout is not None
                process.stdout.readline()
            yield started
        finally:
            for process in started:
                process.kill()
                process.communicate()

    async def queue(self, desk: DeskAtWork) -> None:
        """Messages that wait, each with its job: who brings them must not take the time of who answers."""
        bell = ProcrastinateDispatcher(self.url, lambda _: None)
        await bell.start()
        for number in range(TURNS):
            bell.wake(await self.say(desk, number))
        await bell.stop()

    async def say(self, desk: DeskAtWork, number: int) -> int:
        """A client's message; the conversation it waits in."""
        await desk.receive(f"client:client-{number + 1:05d}", SCRIPTS[self.script].words, business=SLUG)
        return await desk.thread(f"client:client-{number + 1:05d}", SLUG)


async def _fill(url: str) -> None:
    engines = open_engines(url)
    await create_large(Door(engines), clients=2 * TURNS, invoices=20 * TURNS, now=datetime.now(UTC))
    await engines.dispose()


def _analyze(desk: DeskAtWork) -> None:
    """Tell the server how large its tables are, as it finds out by itself within a minute."""
    with desk.engines.writing.engine.begin() as connection:
        connection.execute(text("ANALYZE"))


async def _turns_a_second(desk: DeskAtWork, started: Sequence[subprocess.Popen[bytes]]) -> float:
    """Of workers that are at work: their first connections and the last few messages are not counted."""
    for process in started:
        assert process.stdin is not None
        process.stdin.write(b"go\n")
        process.stdin.flush()
    seen: list[tuple[float, int]] = []
    while left := await desk.door.system(Scope.DOCTOR).read(_waiting):
        if EDGE <= left <= TURNS - EDGE:
            seen.append((time.perf_counter(), left))
        await asyncio.sleep(0.25)
    (began, first), (ended, last) = seen[0], seen[-1]
    return (first - last) / (ended - began)


async def _waiting(session: AsyncSession) -> int:
    open_ = select(func.count(Message.id)).where(
        Message.direction == Direction.IN, Message.delivery == Delivery.RECEIVED
    )
    return await session.scalar(open_) or 0


async def work(url: str, folder: Path, script: str, warm: int) -> None:
    """One worker process, until it is killed. It begins when it is told to, by a line."""
    desk = open_desk_at(url, folder, SCRIPTS[script].model())
    answering = desk.new_dispatcher(new_owner("bench")).answering
    answering.clock = wall_clock
    dispatcher = ProcrastinateDispatcher(url, lambda _: None, answering)
    await dispatcher.answer_one(warm)
    settle_memory()  # as a worker does once it is warm
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    await dispatcher.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])))

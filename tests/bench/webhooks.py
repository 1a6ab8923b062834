"""100 webhooks a second while the model hangs: none lost; and one sender in full flood beside another client."""

import asyncio
import itertools
import json
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from fastapi import FastAPI
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.changes.turns import Pace
from billing.demo.large import SLUG
from billing.principal import Scope
from billing.tables.talk import Author, Conversation, Direction, Message
from bot.caps import Caps
from bot.messages import Channel, Inbound
from channels.dispatch.answering import Answering
from channels.dispatch.local import LocalDispatcher
from channels.headers import SecurityHeaders
from channels.inbox import Inbox
from channels.live import LiveBus
from channels.sealing import Sealing
from channels.serving import BesideServer
from channels.sms.accounts import Accounts, OwnAccount
from channels.sms.rest import Rest
from channels.sms.texting import Texting, webhook_url
from channels.sms.webhook import webhook_router
from channels.wiring import wall_clock
from tests.bench.desks import large_desk
from tests.bench.figures import Figure, percentile
from tests.bench.inbox import HungModel
from tests.fakes.desk_at_work import DeskAtWork
from tests.fakes.twilio_shop import ADDRESS, NUMBER, SID, TOKEN

RATE, SECONDS = 100, 30
FLOOD_EVERY, BESIDE_EVERY, WATCHED = 0.6, 0.5, 90.0  # seconds: 100 messages a minute, and how long
SETTLES = 6.0  # seconds
CAP = 60
OTHERS = 24  # clients beside the one that floods


def run() -> list[Figure]:
    """Acknowledged in milliseconds, what was lost, and what a flood costs somebody else."""
    return [*asyncio.run(_hung()), *asyncio.run(_flood())]


async def _hung() -> list[Figure]:
    async with large_desk(HungModel()) as desk:
        dispatcher = desk.dispatcher
        async with _listening(desk, Inbox(desk.door, dispatcher.wake, b"")) as url:
            await _post(url, 1, 1)
            await asyncio.sleep(4)  # the first turn has begun, and what it loads is loaded
            took = await _post(url, RATE, SECONDS)
        await _cut(dispatcher)
        stored = await desk.door.system(Scope.DOCTOR).read(_count_texts)
    what = f"signed webhook stored and acknowledged, {RATE}/s for {SECONDS} s, SQLite, the model hung"
    shape = f"p50 {percentile(took, 0.5):.1f}, {len(took)} webhooks"
    return [
        Figure(f"{what}: p99", percentile(took, 0.99), "ms", 50, shape),
        Figure(f"{what}: lost", RATE * SECONDS - stored, "messages", 0),
    ]


async def _post(url: str, rate: int, seconds: int) -> list[float]:
    """Milliseconds until each webhook was acknowledged, posted by a process of its own (tests/bench/posting.py)."""
    command = (sys.executable, "-m", "tests.bench.posting", url, webhook_url(ADDRESS, "sms", ""))
    process = await asyncio.create_subprocess_exec(*command, str(rate), str(seconds), stdout=asyncio.subprocess.PIPE)
    printed, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError("the posting process failed; what it said is above")
    return [float(took) for took in json.loads(printed)]


async def _count_texts(session: AsyncSession) -> int:
    came = (Message.direction == Direction.IN, Message.connection == f"sms:{SLUG}")
    return await session.scalar(select(func.count(Message.id)).where(*came)) or 0


@asynccontextmanager
async def _listening(desk: DeskAtWork, inbox: Inbox) -> AsyncIterator[str]:
    """The webhook of texts, served as `frontdesk serve` does, at this address."""
    accounts = Accounts(desk.door, OwnAccount(SID, NUMBER, token=TOKEN), Sealing(b"bench"))
    texting = Texting(desk.door, accounts, inbox, Rest(ADDRESS, b"bench"), ADDRESS, desk.clock)
    app = FastAPI()
    app.include_router(webhook_router(texting))
    app.add_middleware(SecurityHeaders)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        begun = asyncio.Event()
        server = BesideServer(app, LiveBus(), host="127.0.0.1", port=0, listening=begun.set)
        serving = asyncio.ensure_future(server.serve([listening]))
        await begun.wait()
        yield webhook_url(f"http://127.0.0.1:{listening.getsockname()[1]}", "sms", "")
        server.should_exit = True
        await serving


async def _flood() -> list[Figure]:
    async with large_desk() as desk:
        loud = await desk.thread("client:client-00001", SLUG)
        await _make_phone(desk, loud)
        others = [await desk.thread(f"client:client-{2 + number:05d}", SLUG) for number in range(OTHERS)]
        done: asyncio.Queue[int] = asyncio.Queue()
        dispatcher = LocalDispatcher(_capped(desk), lambda thread: done.put_nowait(thread) if thread != loud else None)
        inbox = Inbox(desk.door, dispatcher.wake, b"")
        await _ask_on(inbox, others, done, SETTLES)  # warms
        alone = await _ask_on(inbox, others, done, WATCHED / 2)
        flooding = asyncio.ensure_future(_flood_on(inbox, loud))
        beside = await _ask_on(inbox, others, done, WATCHED)
        flooding.cancel()
        await asyncio.gather(flooding, return_exceptions=True)
        rows = await desk.messages(loud)
        await _ask_on(inbox, others, done, SETTLES)  # what the flood left is answered
        # Alone before and after: a machine that grows slower meanwhile is not taken for the flood.
        alone += await _ask_on(inbox, others, done, WATCHED / 2)
        await _cut(dispatcher)
    answered = len([row for row in rows if row.author is Author.ASSISTANT])
    came = len([row for row in rows if row.direction is Direction.IN])
    before, after = percentile(alone, 0.95), percentile(beside, 0.95)
    what, shape = "another client's turn beside it: p95 grows", f"{before:.0f} → {after:.0f} ms"
    return [
        Figure("answered of one sender at 100 messages a minute", answered, "replies", CAP + 1, f"{came} came"),
        Figure(what, after / before, "×", 1.2, shape),
    ]


def _capped(desk: DeskAtWork) -> Answering:
    """As a server answers: with its caps and pace, by the clock on the wall."""
    answering = desk.dispatcher.answering
    assistant = answering.assistant
    around = replace(assistant.surroundings, caps=Caps(of_sender=CAP))
    capped = replace(assistant, surroundings=around, clock=wall_clock)
    return replace(answering, assistant=capped, clock=wall_clock, pace=Pace())


async def _ask_on(inbox: Inbox, threads: list[int], done: asyncio.Queue[int], seconds: float) -> list[float]:
    """Several clients ask one after the other, none so fast that it would be slowed down itself."""
    took, until = [], time.perf_counter() + seconds
    for thread in itertools.cycle(threads):
        began = time.perf_counter()
        if began > until:
            break
        await inbox.accept(_message(f"{thread}-{began}"), thread)
        await done.get()
        took.append((time.perf_counter() - began) * 1000)
        await asyncio.sleep(BESIDE_EVERY)
    return took


async def _flood_on(inbox: Inbox, thread: int) -> None:
    while True:
        await inbox.accept(_message(f"{thread}-{time.perf_counter()}"), thread)
        await asyncio.sleep(FLOOD_EVERY)


async def _make_phone(desk: DeskAtWork, thread: int) -> None:
    async def work(session: AsyncSession) -> None:
        (await session.get_one(Conversation, thread)).channel = "sms"

    await desk.door.system(Scope.IMPORT).write(work)


async def _cut(dispatcher: LocalDispatcher) -> None:
    """Stop, without waiting for models that hang."""
    stopping = asyncio.ensure_future(dispatcher.stop())
    await asyncio.sleep(0)  # from here on nothing is begun
    for task in [*dispatcher._running.values()]:
        task.cancel()
    await stopping


def _message(provider_id: str) -> Inbound:
    return Inbound(
        connection=f"web:{SLUG}", provider_id=provider_id, channel=Channel.WEB, address="web",
        text="what do I owe?", received_at=wall_clock(), assurance=2,
    )  # fmt: skip

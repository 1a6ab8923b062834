"""The stream: every row once and in order, whatever the line does, and only the session's own thread."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest

from channels.live import LiveBus
from channels.web import stream as streaming
from channels.web.sessions import end_session, find_session
from channels.web.stream import stream
from tests.channels.web_calls import become, post, served, texts, visitor
from tests.fakes.desk import FakeDesk, Said

Run = Callable[[Coroutine[Any, Any, None]], None]


@dataclass(frozen=True)
class Heard:
    """One frame, read as a browser would."""

    event: str
    data: dict[str, Any]
    cursor: int | None


def read_frame(text: str) -> Heard | None:
    fields = dict(line.split(": ", 1) for line in text.strip().splitlines() if not line.startswith(":"))
    if "event" not in fields:
        return None
    cursor = int(fields["id"]) if "id" in fields else None
    return Heard(fields["event"], json.loads(fields["data"]), cursor)


async def frames(desk: FakeDesk, token: str, after: int = 0) -> AsyncIterator[Heard]:
    me = await find_session(desk, token)
    async with aclosing(cast("Any", stream(desk, me, after))) as open_stream:
        async for text in open_stream:
            if heard := read_frame(text):
                yield heard


async def until(desk: FakeDesk, token: str, enough: Callable[[list[Heard]], bool], after: int = 0) -> list[Heard]:
    """What is heard until it is enough."""
    heard: list[Heard] = []
    async with asyncio.timeout(10), aclosing(cast("Any", frames(desk, token, after))) as coming:
        async for one in coming:
            heard.append(one)
            if enough(heard):
                break
    return heard


def messages(heard: list[Heard]) -> list[str]:
    return [one.data["text"] for one in heard if one.event == "message"]


def count(number: int) -> Callable[[list[Heard]], bool]:
    return lambda heard: len(messages(heard)) >= number


def test_answer_grows_then_is_committed(run: Run, tmp_path: Path) -> None:
    async def story() -> None:
        async with served(tmp_path) as (desk, app):
            desk.inbox.pause = 0.05
            desk.inbox.script["hello"] = Said("First.\nSecond.\nThird.")
            token = await become(app, "client:dana-lee")
            listening = asyncio.create_task(until(desk, token, count(2)))
            await asyncio.sleep(0.05)
            await post(app, token, "hello")
            heard = await listening
            told = [one.event for one in heard]
            assert told == ["state", "message", "preparing", "draft", "draft", "message"]
            assert [one.data["text"] for one in heard if one.event == "draft"] == ["First.", "First.\nSecond."]
            turns = {one.data["turn"] for one in heard[2:]}
            assert len(turns) == 1

    run(story())


def test_row_of_another_process_appears(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "LOOK_EVERY", 0.05)

    async def story() -> None:
        async with served(tmp_path) as (desk, app):
            token = await become(app, "client:dana-lee")
            listening = asyncio.create_task(until(desk, token, count(1)))
            await asyncio.sleep(0.1)
            await desk.say("client:dana-lee", Said("We received $920.00."), aloud=False)
            heard = await listening
            assert messages(heard) == ["We received $920.00."]
            assert heard[-1].data["author"] == "system"

    run(story())


@pytest.mark.parametrize("seed", range(5))
def test_broken_line_loses_and_doubles_nothing(
    seed: int, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "LOOK_EVERY", 0.02)
    chance = random.Random(seed)

    async def speak(desk: FakeDesk) -> None:
        for number in range(40):
            await desk.say("client:dana-lee", Said(f"line {number}"), aloud=chance.random() < 0.5)
            await asyncio.sleep(chance.random() * 0.01)

    async def story() -> None:
        async with served(tmp_path) as (desk, app):
            token = await become(app, "client:dana-lee")
            speaking = asyncio.create_task(speak(desk))
            heard: list[str] = []
            cursor = 0
            while len(heard) < 40:
                async with asyncio.timeout(10):
                    part = await _cut(desk, token, cursor, after=chance.random() * 0.08)
                heard += messages(part)
                cursor = max([cursor, *(one.cursor for one in part if one.cursor)])
            await speaking
            assert heard == [f"line {number}" for number in range(40)]
            assert desk.live.listeners(await desk.conversation_of("client:dana-lee")) == 0

    run(story())


async def _cut(desk: FakeDesk, token: str, cursor: int, *, after: float) -> list[Heard]:
    """What a line that breaks after some seconds lets through: a frame is either whole or not there."""
    heard: list[Heard] = []

    async def listen() -> None:
        async for one in frames(desk, token, cursor):
            heard.append(one)  # noqa: PERF401 - what was heard before the cut must be kept

    task = asyncio.create_task(listen())
    await asyncio.wait([task], timeout=after)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return heard


def test_long_absence_is_made_up(run: Run, tmp_path: Path) -> None:
    async def story() -> None:
        async with served(tmp_path) as (desk, app):
            token = await become(app, "client:dana-lee")
            await desk.say("client:dana-lee", Said("the first"))
            (first,) = [one for one in await until(desk, token, count(1)) if one.event == "message"]
            await desk.say("client:dana-lee", *[Said(f"{number}") for number in range(230)], aloud=False)
            missed = await until(desk, token, count(230), after=first.cursor or 0)
            assert messages(missed) == [f"{number}" for number in range(230)]
            newest = await until(desk, token, lambda heard: heard[-1].event == "state")
            assert messages(newest) == [f"{number}" for number in range(130, 230)]
            async with visitor(app, token) as http:
                before = min(one.cursor for one in newest if one.cursor)
                earlier = (await http.get("/chat/messages", params={"before": before})).json()["messages"]
            assert [one["text"] for one in earlier] == [f"{number}" for number in range(30, 130)]

    run(story())


def test_stream_tells_only_its_own_thread(run: Run, tmp_path: Path) -> None:
    async def story() -> None:
        async with served(tmp_path) as (desk, app):
            dana, amara = await become(app, "client:dana-lee"), await become(app, "client:amara-okafor")
            await desk.say("client:amara-okafor", Said("a secret of Amara's"))
            listening = asyncio.create_task(until(desk, dana, count(2)))
            await post(app, amara, "another secret")
            await post(app, dana, "mine")
            heard = await listening
            assert messages(heard) == ["mine", "You wrote: mine"]
            assert "secret" not in json.dumps([one.data for one in heard])

    run(story())


def test_stream_closes_when_session_ends(run: Run, tmp_path: Path) -> None:
    async def story() -> None:
        async with served(tmp_path) as (desk, app):
            token = await become(app, "client:dana-lee")
            me = await find_session(desk, token)
            listening = asyncio.create_task(until(desk, token, lambda _: False))
            await asyncio.sleep(0.05)
            await end_session(desk, me.id)
            await desk.say("client:dana-lee", Said("too late"))
            heard = await listening
            assert [one.event for one in heard] == ["state", "ended"]

    run(story())


def test_quiet_stream_shows_it_stands(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "LOOK_EVERY", 0.01)
    monkeypatch.setattr(streaming, "BEAT_EVERY", 0.03)

    async def story() -> None:
        async with served(tmp_path) as (desk, app):
            me = await find_session(desk, await become(app, "client:dana-lee"))
            async with asyncio.timeout(5), aclosing(cast("Any", stream(desk, me, 0))) as coming:
                beats = 0
                async for text in coming:
                    beats += text == ": still here\n\n"
                    if beats == 2:
                        break

    run(story())


def test_slow_listener_cannot_hold_up_the_desk(run: Run) -> None:
    async def story() -> None:
        bus = LiveBus()
        with bus.subscribe(1) as news:
            for number in range(1_000):
                bus.publish(1, {"type": "draft", "turn": 1, "text": str(number)})
            first = await news.wait(0.1)
            assert first is not None
            assert int(first["text"]) == 1_000 - 256
        assert bus.listeners(1) == 0

    run(story())


def test_polling_reads_the_same_thread(run: Run, tmp_path: Path) -> None:
    async def story() -> None:
        async with served(tmp_path) as (desk, app):
            token = await become(app, "client:dana-lee")
            await post(app, token, "hello")
            await desk.inbox.finish()
            assert await texts(app, token, "assistant") == ["You wrote: hello"]
            async with visitor(app, token) as http:
                everything = (await http.get("/chat/messages")).json()["messages"]
                rest = await http.get("/chat/messages", params={"after": everything[0]["cursor"]})
            assert rest.json()["messages"] == everything[1:]

    run(story())

"""100 messages a second for ten seconds into the inbox, while the model answers and while it hangs."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatResult

from billing.demo.large import SLUG
from bot.messages import Channel, Inbound
from channels.inbox import Inbox
from tests.bench.desks import large_desk
from tests.bench.figures import Figure, percentile
from tests.fakes.desk_at_work import SECRET, DeskAtWork

RATE, SECONDS, THREADS = 100, 10, 100


class HungModel(BaseChatModel):
    """Never answers."""

    @property
    def _llm_type(self) -> str:
        return "hung"

    def bind_tools(self, tools: Sequence[Any], **_settings: Any) -> Any:
        return self

    def _generate(self, messages: list[BaseMessage], *_args: Any, **_settings: Any) -> ChatResult:
        raise NotImplementedError("this model is only asked asynchronously")

    async def _agenerate(self, messages: list[BaseMessage], *_args: Any, **_settings: Any) -> ChatResult:
        await asyncio.Event().wait()
        raise AssertionError("unreachable")


def run() -> list[Figure]:
    """How long until a message is stored, in milliseconds."""
    answering, hung = asyncio.run(_measure(None)), asyncio.run(_measure(HungModel()))
    what = "message stored, 100/s, SQLite"
    return [
        Figure(f"{what}, the built-in model answering: p99", percentile(answering, 0.99), "ms", 50, _shape(answering)),
        Figure(f"{what}, the model hung: p99", percentile(hung, 0.99), "ms", 50, _shape(hung)),
    ]


def _shape(took: Sequence[float]) -> str:
    return f"p50 {percentile(took, 0.5):.1f}, {len(took)} messages"


async def _measure(model: BaseChatModel | None) -> list[float]:
    async with large_desk(model) as desk:
        threads = [await desk.thread(f"client:client-{number:05d}", SLUG) for number in range(1, THREADS + 1)]
        inbox = Inbox(desk.door, desk.dispatcher.wake, SECRET)
        await inbox.accept(_message(desk, 0), threads[0])  # loads what the first turn loads
        await asyncio.sleep(2)
        began = time.perf_counter()
        arrivals = [
            _arrive(desk, inbox, began + number / RATE, threads[number % THREADS], number)
            for number in range(RATE * SECONDS)
        ]
        took = await asyncio.gather(*arrivals)
        for task in [*desk.dispatcher._running.values()]:
            task.cancel()
        await asyncio.gather(*desk.dispatcher._running.values(), return_exceptions=True)
        return list(took)


async def _arrive(desk: DeskAtWork, inbox: Inbox, when: float, thread: int, number: int) -> float:
    """Milliseconds from the moment a message comes until it is stored, whatever keeps the process busy."""
    await asyncio.sleep(max(0.0, when - time.perf_counter()))
    await inbox.accept(_message(desk, number), thread)
    return (time.perf_counter() - when) * 1000


def _message(desk: DeskAtWork, number: int) -> Inbound:
    return Inbound(
        connection=f"web:{SLUG}", provider_id=uuid4().hex, channel=Channel.WEB, address="web",
        text=f"what do I owe on my {number % 7 + 1} bills?", received_at=desk.now, assurance=2,
    )  # fmt: skip

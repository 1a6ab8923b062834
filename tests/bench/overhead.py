"""What we add to a hosted model's turn: a model that answers at once, called twice, with one tool between.

And how soon a sentence is shown that the model has completed, while it goes on writing.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable

from tests.bench.desks import large_desk, turns_of
from tests.bench.figures import Figure, percentile

TURNS, WARM = 200, 20
STREAMED = 50  # turns
SENTENCES = ("You owe {owed_USD.total} in all. ", "You can pay by card or by bank transfer. ", "Thank you for asking. ")


class InstantModel(BaseChatModel):
    """Asks for the open invoices, then says what is owed with the tool's own handle."""

    @property
    def _llm_type(self) -> str:
        return "instant"

    def bind_tools(self, tools: Sequence[Any], **_settings: Any) -> Runnable[LanguageModelInput, AIMessage]:
        return self

    def _generate(self, messages: list[BaseMessage], *_args: Any, **_settings: Any) -> ChatResult:
        if messages[-1].type == "tool":
            owes = "{owed_USD.total}" in messages[-1].text
            said = AIMessage(content="You owe {owed_USD.total} in all." if owes else "You owe nothing.")
        else:
            call = {"name": "list_invoices", "args": {"status": "open"}, "id": "call_0", "type": "tool_call"}
            said = AIMessage(content="", tool_calls=[call])
        return ChatResult(generations=[ChatGeneration(message=said)])

    async def _agenerate(self, messages: list[BaseMessage], *_args: Any, **_settings: Any) -> ChatResult:
        return self._generate(messages)


class WritingModel(InstantModel):
    """The same in sentences, each noted as it is completed, with a pause before the next."""

    completed: list[float] = []  # noqa: RUF012 - pydantic copies it

    async def _astream(self, messages: list[BaseMessage], *_args: Any, **_settings: Any) -> AsyncIterator[Any]:
        if messages[-1].type != "tool":
            said = self._generate(messages).generations[0].message
            assert isinstance(said, AIMessage)
            call = said.tool_calls[0]
            piece = tool_call_chunk(name=call["name"], args=json.dumps(call["args"]), id=call["id"], index=0)
            yield _chunk(tool_call_chunks=[piece])
        else:
            for sentence in SENTENCES:
                self.completed.append(time.perf_counter())
                yield _chunk(content=sentence)
                await asyncio.sleep(0.03)
        yield _chunk(response_metadata={"finish_reason": "stop"})


def _chunk(content: str = "", **parts: Any) -> ChatGenerationChunk:
    return ChatGenerationChunk(message=AIMessageChunk(content=content, **parts))


def run() -> list[Figure]:
    """Milliseconds from the inbox to the stored reply, with nothing in them for the model."""
    took, shown = asyncio.run(_measure()), asyncio.run(_stream())
    what = "our share of a hosted model's turn (two model calls, one tool)"
    return [
        Figure(f"{what}: p50", percentile(took, 0.5), "ms", 25),
        Figure(f"{what}: p95", percentile(took, 0.95), "ms", note=f"{len(took)} turns"),
        Figure("a hosted model's sentence shown after it was completed: p50", percentile(shown, 0.5), "ms", 15),
        Figure("the same: p95", percentile(shown, 0.95), "ms", note=f"{len(shown)} sentences"),
    ]


async def _measure() -> list[float]:
    async with large_desk(InstantModel()) as desk:
        turns = await turns_of(desk, "client:bench-client")
        took = [await turns.ask("what do I owe?") for _ in range(TURNS + WARM)]
        rows = await desk.turns(turns.thread)
        if any("$" not in reply.text or turn.outcome != "answered" for turn, replies in rows for reply in replies):
            raise AssertionError("a turn was not answered in the model's words")
        return took[WARM:]


async def _stream() -> list[float]:
    model = WritingModel()
    shown: list[float] = []
    async with large_desk(model) as desk:
        turns = await turns_of(desk, "client:bench-client")

        async def publish(_thread: int, event: str, _data: dict[str, str]) -> None:
            if event == "draft":
                shown.append(time.perf_counter())

        answering = desk.dispatcher.answering
        answering.assistant = replace(answering.assistant, publish=publish)
        for _ in range(STREAMED):
            await turns.ask("what do I owe?")
    if len(shown) != len(model.completed):
        raise AssertionError(f"{len(model.completed)} sentences were written, {len(shown)} shown")
    late = [(seen - done) * 1000 for done, seen in zip(model.completed, shown, strict=True)]
    return late[len(SENTENCES) :]

"""What we add to a hosted model's turn: a model that answers at once, called twice, with one tool between."""

import asyncio
from collections.abc import Sequence
from typing import Any

from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable

from tests.bench.desks import large_desk, turns_of
from tests.bench.figures import Figure, percentile

TURNS, WARM = 200, 20


class InstantModel(BaseChatModel):
    """Asks for the open invoices, then says what is owed with the tool's own handle."""

    @property
    def _llm_type(self) -> str:
        return "instant"

    def bind_tools(self, tools: Sequence[Any], **_settings: Any) -> Runnable[LanguageModelInput, AIMessage]:
        return self

    def _generate(self, messages: list[BaseMessage], *_args: Any, **_settings: Any) -> ChatResult:
        if messages[-1].type == "tool":
            said = AIMessage(content="You owe {owed_USD.total} in all.")
        else:
            call = {"name": "list_invoices", "args": {"status": "open"}, "id": "call_0", "type": "tool_call"}
            said = AIMessage(content="", tool_calls=[call])
        return ChatResult(generations=[ChatGeneration(message=said)])

    async def _agenerate(self, messages: list[BaseMessage], *_args: Any, **_settings: Any) -> ChatResult:
        return self._generate(messages)


def run() -> list[Figure]:
    """Milliseconds from the inbox to the stored reply, with nothing in them for the model."""
    took = asyncio.run(_measure())
    what = "our share of a hosted model's turn (two model calls, one tool)"
    return [
        Figure(f"{what}: p50", percentile(took, 0.5), "ms", 25),
        Figure(f"{what}: p95", percentile(took, 0.95), "ms", note=f"{len(took)} turns"),
    ]


async def _measure() -> list[float]:
    async with large_desk(InstantModel()) as desk:
        turns = await turns_of(desk, "client:bench-client")
        took = [await turns.ask("what do I owe?") for _ in range(TURNS + WARM)]
        rows = await desk.turns(turns.thread)
        if any("$" not in reply.text or turn.outcome != "answered" for turn, replies in rows for reply in replies):
            raise AssertionError("a turn was not answered in the model's words")
        return took[WARM:]

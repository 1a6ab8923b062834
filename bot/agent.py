"""Model + tools → draft and evidence: one LangChain agent per kind of principal and level, built once."""

from collections.abc import Awaitable, Callable
from contextvars import Context
from dataclasses import replace
from functools import cache
from typing import Any

import langsmith
from langchain.agents import create_agent
from langchain.agents.middleware import AgentMiddleware, ModelRequest, ModelResponse
from langchain.agents.middleware.types import ToolCallRequest
from langchain.tools import ToolRuntime
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage
from langchain_core.tools import BaseTool, StructuredTool
from langgraph.errors import GraphRecursionError
from langgraph.types import Command
from pydantic import BaseModel, ConfigDict, Field, create_model

from billing.principal import PrincipalKind
from bot import fallback
from bot.builtin.chat_model import BuiltinChatModel
from bot.calls import run_step
from bot.evidence import Answer
from bot.exchange import Exchange, prepare
from bot.hosted import Hosting, ModelTroubleError, Rest, close_model
from bot.prompts import NO_MORE_TOOLS
from bot.tools.describing import Pen, describe
from bot.tools.registry import ToolSpec, tools_for
from bot.turn import Draft, TurnWork, said_args

Model = Callable[[ModelRequest[TurnWork]], Awaitable[ModelResponse[Any]]]
Tool = Callable[[ToolCallRequest], Awaitable[ToolMessage | Command[Any]]]
BUILTIN_CALLS = 2  # the built-in model asks once and answers once


class TurnMiddleware(AgentMiddleware[Any, TurnWork, Any]):
    """Journal, limits and order around each model and tool call of a turn; hosted: who asks a hosted model."""

    def __init__(self, hosting: Hosting, hosted: Exchange | None) -> None:
        super().__init__()
        self._limits, self._hosted = hosting.limits, hosted

    async def awrap_model_call(self, request: ModelRequest[TurnWork], handler: Model) -> AIMessage:
        """One model answer: from the journal where an earlier process got it, else asked for and journalled."""
        work = _work_of(request.runtime)
        number = sum(isinstance(message, AIMessage) for message in since_person(request.messages)) + 1
        if self._hosted is not None:
            return await self._hosted.answer(work, number, request.messages)
        known = work.journal.recall(f"m{number}")
        if known is not None:
            return AIMessage(content=known["text"], tool_calls=known["calls"])
        message = (await handler(request)).result[-1]
        if not isinstance(message, AIMessage):
            raise TypeError(f"the model answered with {type(message).__name__}")
        # It answers the same words the same way and at no cost: durable with the turn's next step that must be.
        work.journal.hold(f"m{number}", "model", {"text": message.text, "calls": _plain_calls(message)})
        return message

    async def awrap_tool_call(self, request: ToolCallRequest, handler: Tool) -> ToolMessage | Command[Any]:
        """One tool call at a time, within the turn's limit; what goes wrong inside is for the turn to handle."""
        work = _work_of(request.runtime)
        async with work.lock:
            if len(work.calls) >= self._limits.tool_calls:
                return ToolMessage(NO_MORE_TOOLS, tool_call_id=request.tool_call["id"] or "", status="error")
            return await handler(request)


def _work_of(runtime: Any) -> TurnWork:
    work: TurnWork = runtime.context
    return work


class Agents:
    """The agents of one model, each built when it is first needed. is_hosted: it is elsewhere, and waited for."""

    def __init__(self, model: BaseChatModel, name: str, hosting: Hosting | None = None) -> None:
        self._model, self.name, self._hosting = model, name, hosting or Hosting()
        self.is_hosted = not isinstance(model, BuiltinChatModel)
        self._rest = Rest()
        langsmith.set_runtime_overrides(aio_to_thread=_at_once)
        self._built: dict[tuple[PrincipalKind, int], tuple[Any, Exchange | None]] = {}

    def with_standing(self, text: str) -> "Agents":
        """The same model, told something else."""
        return Agents(self._model, self.name, replace(self._hosting, standing=text))

    async def draft(self, work: TurnWork) -> Draft:
        """Let the model answer the turn's message with the tools its principal may use.

        Where a hosted model gives no answer, the built-in one answers over the same evidence.
        """
        if not self.is_hosted:
            return await self._converse(work)
        work.spent.tried, work.spent.price = self.name, self._hosting.price
        if fallback.has_begun(work):
            return await fallback.go_on(work)
        now = work.context.now
        if self._rest.is_on(now):
            return await fallback.stand_in(work, "resting")
        try:
            if not work.journal.is_closed:
                await prepare(work, self._hosting)
            draft = await self._converse(work)
        except GraphRecursionError:
            return await fallback.stand_in(work, "too_many_steps")
        except ModelTroubleError as trouble:
            if trouble.is_provider:
                self._rest.failed(now)
            return await fallback.stand_in(work, trouble.reason)
        self._rest.worked()
        return draft

    async def close(self) -> None:
        """Let go of the model's connections."""
        await close_model(self._model)

    async def _converse(self, work: TurnWork) -> Draft:
        agent, hosted = self._agent_for(work.context.principal.kind, work.context.principal.assurance)
        messages: list[AnyMessage] = [
            HumanMessage(text) if who == "person" else AIMessage(text) for who, text in work.history
        ]
        messages.append(HumanMessage(work.context.words))
        rounds = self._hosting.limits.model_calls if self.is_hosted else BUILTIN_CALLS
        with langsmith.tracing_context(enabled=False):  # a variable in the environment must not send turns anywhere
            state = await agent.ainvoke(
                {"messages": messages}, context=work, config={"recursion_limit": 4 * (rounds + 1)}
            )
            text = state["messages"][-1].text
            if hosted is not None:
                text = await hosted.bound(work, state["messages"], text)
        return Draft(text=text, made=tuple(work.calls), model=self.name, asked=work.understanding.calls)

    def _agent_for(self, kind: PrincipalKind, assurance: int) -> tuple[Any, Exchange | None]:
        key = (kind, assurance)
        if key not in self._built:
            tools = [as_tool(spec) for spec in tools_for(kind, assurance)]
            hosted = Exchange(self._model, tools, self._hosting) if self.is_hosted else None
            middleware = [TurnMiddleware(self._hosting, hosted)]
            agent = create_agent(self._model, tools, middleware=middleware, context_schema=TurnWork)
            self._built[key] = agent, hosted
        return self._built[key]


async def _at_once(
    _default: Callable[..., Awaitable[Any]], context: Context, work: Callable[..., Any], /, *args: Any, **named: Any
) -> Any:
    """LangChain wraps each middleware call for tracing, with two trips to a thread even where nothing is traced."""
    return context.run(work, *args, **named)


def as_tool(spec: ToolSpec) -> BaseTool:
    """A tool as the model sees it: words in, described facts out, the answer itself as artifact."""

    async def call(runtime: ToolRuntime[TurnWork, Any], **said: str) -> tuple[str, Answer]:
        work = runtime.context
        step = _step_of(runtime, work)
        answer = await run_step(spec, work, step, said_args(said))
        return _described(answer, work), answer

    return StructuredTool(
        name=spec.name,
        description=spec.description,
        args_schema=_schema_of(spec.name, spec.parameters),
        coroutine=call,
        response_format="content_and_artifact",
    )


def _described(answer: Answer, work: TurnWork) -> str:
    veil, reader = work.veil, work.reader
    return describe(answer, Pen(fact=lambda fact: veil.line(fact, reader), words=veil.hide))


@cache  # the agents of every principal have these in common, and each takes pydantic 10 ms and more
def _schema_of(name: str, parameters: tuple[str, ...]) -> type[BaseModel]:
    fields: dict[str, Any] = dict.fromkeys(parameters, (str, ""))
    # Excluded: LangChain dumps the arguments once more, and the runtime holds the whole turn.
    fields["runtime"] = (ToolRuntime[Any, Any], Field(exclude=True))
    config = ConfigDict(extra="forbid", coerce_numbers_to_str=True, arbitrary_types_allowed=True)
    schema: type[BaseModel] = create_model(name, __config__=config, **fields)
    return schema


def _step_of(runtime: ToolRuntime[TurnWork, Any], work: TurnWork) -> str:
    """The call's place in the turn: which model answer asked for it, and which call of that answer it is.

    Not the call's id: two calls of one answer may carry the same.
    """
    messages = since_person(runtime.state["messages"])
    asking = [message for message in messages if isinstance(message, AIMessage)]
    prefix = f"m{len(asking)}.t"
    places = [i for i, call in enumerate(asking[-1].tool_calls) if call["id"] == runtime.tool_call_id]
    taken = {made.step for made in work.calls}
    return next(f"{prefix}{i}" for i in (*places, *range(99)) if f"{prefix}{i}" not in taken)


def since_person(messages: list[AnyMessage]) -> list[AnyMessage]:
    """What the model and the tools have said in this turn."""
    last = max((i for i, message in enumerate(messages) if isinstance(message, HumanMessage)), default=-1)
    return messages[last + 1 :]


def _plain_calls(message: AIMessage) -> list[dict[str, Any]]:
    return [{"name": call["name"], "args": call["args"], "id": call["id"]} for call in message.tool_calls]

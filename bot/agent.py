"""Model + tools → draft and evidence: one LangChain agent per kind of principal and level, built once."""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import Context
from typing import Any

import langsmith
from langchain.agents import create_agent
from langchain.agents.middleware import AgentMiddleware, ModelRequest, ModelResponse
from langchain.agents.middleware.types import ToolCallRequest
from langchain.tools import ToolRuntime
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.tools import BaseTool, StructuredTool
from langgraph.types import Command
from pydantic import BaseModel, ConfigDict, Field, create_model

from billing.principal import PrincipalKind
from bot.builtin.chat_model import BuiltinChatModel
from bot.evidence import Answer
from bot.journal import answer_from_json, answer_to_json
from bot.prompts import system_prompt
from bot.tools.describing import describe
from bot.tools.registry import ToolSpec, run_tool, tools_for
from bot.turn import CallMade, Draft, TurnWork, said_args

MODEL_SECONDS = 30.0
MAX_MODEL_CALLS = 6
MAX_TOOL_CALLS = 8

Model = Callable[[ModelRequest[TurnWork]], Awaitable[ModelResponse[Any]]]
Tool = Callable[[ToolCallRequest], Awaitable[ToolMessage | Command[Any]]]


class TooManyCallsError(Exception):
    """The model asked for more than one turn allows."""


class TurnMiddleware(AgentMiddleware[Any, TurnWork, Any]):
    """Journal, deadline, limits and order around each model and tool call of a turn.

    is_repeatable: the model answers the same words the same way and at no cost, so that its answer need not
    be durable before what follows from it; it is written with the turn's next step that must be.
    """

    def __init__(self, *, is_repeatable: bool) -> None:
        super().__init__()
        self._is_repeatable = is_repeatable

    async def awrap_model_call(self, request: ModelRequest[TurnWork], handler: Model) -> AIMessage:
        """One model answer: from the journal where an earlier process got it, else asked for and journalled."""
        work = _work_of(request.runtime)
        asked_before = _since_person(request.messages)
        step = f"m{sum(isinstance(message, AIMessage) for message in asked_before) + 1}"
        known = work.journal.recall(step)
        if known is not None:
            return AIMessage(content=known["text"], tool_calls=known["calls"])
        if step == f"m{MAX_MODEL_CALLS + 1}":
            raise TooManyCallsError(f"more than {MAX_MODEL_CALLS} model calls in a turn")
        told = SystemMessage(system_prompt(work.context, work.person))
        async with asyncio.timeout(MODEL_SECONDS):
            response = await handler(request.override(system_message=told))
        message = response.result[-1]
        if not isinstance(message, AIMessage):
            raise TypeError(f"the model answered with {type(message).__name__}")
        content = {"text": message.text, "calls": _plain_calls(message)}
        if self._is_repeatable:
            work.journal.hold(step, "model", content)
        else:
            await work.journal.record(step, "model", content)
        return message

    async def awrap_tool_call(self, request: ToolCallRequest, handler: Tool) -> ToolMessage | Command[Any]:
        """One tool call at a time, within the turn's limit; what goes wrong inside is for the turn to handle."""
        work = _work_of(request.runtime)
        async with work.lock:
            if len(work.calls) >= MAX_TOOL_CALLS:
                raise TooManyCallsError(f"more than {MAX_TOOL_CALLS} tool calls in a turn")
            return await handler(request)


def _work_of(runtime: Any) -> TurnWork:
    work: TurnWork = runtime.context
    return work


class Agents:
    """The agents of one model, each built when it is first needed."""

    def __init__(self, model: BaseChatModel, name: str) -> None:
        self._model, self.name = model, name
        langsmith.set_runtime_overrides(aio_to_thread=_at_once)
        self._built: dict[tuple[PrincipalKind, int], Any] = {}

    async def draft(self, work: TurnWork) -> Draft:
        """Let the model answer the turn's message with the tools its principal may use."""
        principal = work.context.principal
        agent = self._agent_for(principal.kind, principal.assurance)
        messages: list[AnyMessage] = [
            HumanMessage(text) if who == "person" else AIMessage(text) for who, text in work.history
        ]
        messages.append(HumanMessage(work.context.words))
        with langsmith.tracing_context(enabled=False):  # a variable in the environment must not send turns anywhere
            state = await agent.ainvoke(
                {"messages": messages}, context=work, config={"recursion_limit": 4 * MAX_MODEL_CALLS}
            )
        text = state["messages"][-1].text
        return Draft(text=text, made=tuple(work.calls), model=self.name, asked=work.understanding.calls)

    def _agent_for(self, kind: PrincipalKind, assurance: int) -> Any:
        key = (kind, assurance)
        if key not in self._built:
            tools = [as_tool(spec) for spec in tools_for(kind, assurance)]
            middleware = [TurnMiddleware(is_repeatable=isinstance(self._model, BuiltinChatModel))]
            self._built[key] = create_agent(self._model, tools, middleware=middleware, context_schema=TurnWork)
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
        answer = await _run_once(spec, work, step, said_args(said))
        return describe(answer, work.reader), answer

    return StructuredTool(
        name=spec.name,
        description=spec.description,
        args_schema=_schema_of(spec),
        coroutine=call,
        response_format="content_and_artifact",
    )


async def _run_once(spec: ToolSpec, work: TurnWork, step: str, said: dict[str, str]) -> Answer:
    known = work.journal.recall_call(step, spec.name, said)
    if known is not None:
        answer = answer_from_json(known["answer"])
        work.take_grant(spec.name)
    else:
        granted = spec.writes and work.take_grant(spec.name)
        answer = await run_tool(spec, work.tool_context(step), said, granted=granted)
        content = {"tool": spec.name, "args": said, "answer": answer_to_json(answer)}
        if spec.writes:
            await work.journal.record(step, "tool", content)
        else:
            work.journal.hold(step, "tool", content)  # reading again does no harm: it waits for the next durable step
    intents = [call.intent for call in work.understanding.calls if call.tool == spec.name]
    earlier = sum(call.tool == spec.name for call in work.calls)
    intent = intents[min(earlier, len(intents) - 1)] if intents else ""
    work.calls.append(CallMade(step, spec.name, said, answer, intent))
    return answer


def _schema_of(spec: ToolSpec) -> type[BaseModel]:
    fields: dict[str, Any] = dict.fromkeys(spec.parameters, (str, ""))
    # Excluded: LangChain dumps the arguments once more, and the runtime holds the whole turn.
    fields["runtime"] = (ToolRuntime[Any, Any], Field(exclude=True))
    config = ConfigDict(extra="forbid", coerce_numbers_to_str=True, arbitrary_types_allowed=True)
    schema: type[BaseModel] = create_model(spec.name, __config__=config, **fields)
    return schema


def _step_of(runtime: ToolRuntime[TurnWork, Any], work: TurnWork) -> str:
    """The call's place in the turn: which model answer asked for it, and which call of that answer it is.

    Not the call's id: two calls of one answer may carry the same.
    """
    messages = _since_person(runtime.state["messages"])
    asking = [message for message in messages if isinstance(message, AIMessage)]
    prefix = f"m{len(asking)}.t"
    places = [i for i, call in enumerate(asking[-1].tool_calls) if call["id"] == runtime.tool_call_id]
    taken = {made.step for made in work.calls}
    return next(f"{prefix}{i}" for i in (*places, *range(99)) if f"{prefix}{i}" not in taken)


def _since_person(messages: list[AnyMessage]) -> list[AnyMessage]:
    last = max((i for i, message in enumerate(messages) if isinstance(message, HumanMessage)), default=-1)
    return messages[last + 1 :]


def _plain_calls(message: AIMessage) -> list[dict[str, Any]]:
    return [{"name": call["name"], "args": call["args"], "id": call["id"]} for call in message.tool_calls]

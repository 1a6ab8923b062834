"""The built-in model as a LangChain chat model: first the tools that the message asks for, then the words."""

from collections.abc import Sequence
from typing import Any

from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable
from langgraph.runtime import get_runtime

from billing.principal import PrincipalKind
from bot.builtin.direct import direct_answer
from bot.evidence import Answer
from bot.meaning import Act
from bot.tools.registry import tools_for
from bot.turn import TurnWork
from bot.wording import render


class BuiltinChatModel(BaseChatModel):
    """Understands and answers with no key and no network. It reads the turn at hand from the run's context."""

    @property
    def _llm_type(self) -> str:
        return "builtin"

    def bind_tools(self, tools: Sequence[Any], **_settings: Any) -> Runnable[LanguageModelInput, AIMessage]:  # noqa: ARG002 - LangChain's name
        """Tools are known from the registry; binding changes nothing."""
        return self

    def _generate(self, messages: list[BaseMessage], *_args: Any, **_settings: Any) -> ChatResult:
        work = get_runtime(TurnWork).context
        is_answered = messages[-1].type == "tool"
        message = _say(work) if is_answered else _ask(work)
        return ChatResult(generations=[ChatGeneration(message=message)])

    async def _agenerate(self, messages: list[BaseMessage], *_args: Any, **_settings: Any) -> ChatResult:
        return self._generate(messages)


def _ask(work: TurnWork) -> AIMessage:
    """The calls that the message asks for; words at once where no tool is needed or none is allowed."""
    understood = work.understanding
    if understood.act is not Act.TOOL:
        return AIMessage(content=_words(direct_answer(work), work))
    principal = work.context.principal
    takes = {spec.name: set(spec.parameters) for spec in tools_for(principal.kind, principal.assurance)}
    calls = [
        {
            "name": call.tool,
            "args": {name: words for name, words in call.args.items() if name in takes[call.tool]},
            "id": f"call_{index}",
            "type": "tool_call",
        }
        for index, call in enumerate(understood.calls)
        if call.tool in takes
    ]
    if not calls:
        return AIMessage(content=_words(direct_answer(work), work))
    return AIMessage(content="", tool_calls=calls)


def _say(work: TurnWork) -> AIMessage:
    """What the tools of this turn answered, in the words of the phrasebook."""
    parts = [render(call.answer, intent=call.intent, language=work.reader.language) for call in work.calls]
    principal = work.context.principal
    allowed = {spec.name for spec in tools_for(principal.kind, principal.assurance)}
    if any(call.tool not in allowed for call in work.understanding.calls):
        parts.append(_words(direct_answer(work), work))
    return AIMessage(content="\n\n".join(dict.fromkeys(parts)))


def _words(answer: Answer, work: TurnWork) -> str:
    intent = work.understanding.smalltalk or _kind(work)
    return render(answer, intent=intent, language=work.reader.language)


def _kind(work: TurnWork) -> str:
    return "staff" if work.context.principal.kind is PrincipalKind.STAFF else "client"

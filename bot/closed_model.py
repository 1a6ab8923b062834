"""Models that are never asked: a turn told again from its journal finds each of its answers there."""

from collections.abc import Sequence
from typing import Any, NoReturn

from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.runnables import Runnable

from bot.builtin.chat_model import BuiltinChatModel


class NotRecordedError(Exception):
    """A turn told again wants something that its journal does not hold."""


class ClosedBuiltinModel(BuiltinChatModel):
    """Stands where the built-in model answered."""

    def _generate(self, messages: list[BaseMessage], *_args: Any, **_settings: Any) -> NoReturn:
        raise NotRecordedError(f"the journal has no answer of the model after {len(messages)} messages")


class ClosedHostedModel(BaseChatModel):
    """Stands where a hosted model was asked. It has no address, and nothing is sent."""

    @property
    def _llm_type(self) -> str:
        return "closed"

    def bind_tools(self, tools: Sequence[Any], **_settings: Any) -> Runnable[LanguageModelInput, AIMessage]:  # noqa: ARG002 - LangChain's name
        """Nothing is bound to what is never asked."""
        return self

    def _generate(self, messages: list[BaseMessage], *_args: Any, **_settings: Any) -> NoReturn:
        raise NotRecordedError(f"the journal has no answer of the model after {len(messages)} messages")

"""A hosted model without HTTP: it streams what a script says, piece by piece, or fails as the script says."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from pydantic import ConfigDict, Field


class StreamingModel(BaseChatModel):
    """Each answer is a list of pieces; an exception among them is raised. The last answer is repeated."""

    model_config = ConfigDict(arbitrary_types_allowed=True)
    answers: list[Any] = Field(default_factory=list)
    asked: list[Any] = Field(default_factory=list)

    @property
    def _llm_type(self) -> str:
        return "streaming"

    def bind_tools(self, tools: Sequence[Any], **_settings: Any) -> Runnable[LanguageModelInput, AIMessage]:
        return self

    def _generate(self, messages: list[BaseMessage], *_args: Any, **_settings: Any) -> ChatResult:
        raise NotImplementedError

    async def _astream(
        self, messages: list[BaseMessage], *_args: Any, **_settings: Any
    ) -> AsyncIterator[ChatGenerationChunk]:
        self.asked.append(messages)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        for piece in answer:
            if isinstance(piece, Exception):
                raise piece
            yield ChatGenerationChunk(message=piece)


def pieces(*texts: str, end: str = "stop", used: tuple[int, int] | None = None) -> list[AIMessageChunk]:
    """An answer in these pieces; end: the reason the provider gives for its end, "" for none."""
    said = [AIMessageChunk(content=text) for text in texts]
    last = AIMessageChunk(content="", response_metadata={"finish_reason": end} if end else {})
    if used is not None:
        last.usage_metadata = {"input_tokens": used[0], "output_tokens": used[1], "total_tokens": sum(used)}
    return [*said, last]


def refused(status: int, **headers: str) -> Exception:
    """An error as providers' libraries raise it, with a key in its words."""
    error = RuntimeError("Incorrect API key provided: sk-secret")
    error.status_code = status  # type: ignore[attr-defined]  # as the libraries' own errors have it
    error.response = type("Response", (), {"headers": headers})()  # type: ignore[attr-defined]  # likewise
    return error

"""One answer of a hosted model: streamed, within the turn's time, asked for again where that makes sense."""

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

import structlog
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, AnyMessage
from langchain_core.runnables import Runnable

from bot.spending import Days, Limits, Price, Spent, Usage

log = structlog.get_logger()

TRIES = 3
LONGEST = 6_000  # characters: an answer that is longer is none
FINISHED = ("finish_reason", "stop_reason", "done_reason")  # where providers say that they are through
CUT_SHORT = {"length", "max_tokens", "content_filter", "refusal", "model_context_window_exceeded"}
MAY_PASS = {408, 409, 425, 429}
FAILURES_TO_REST, REST = 3, timedelta(seconds=30)

Told = Callable[[str], Awaitable[None]]


class ModelTroubleError(Exception):
    """The hosted model gave no answer that can be used. may_pass: another try may help; after: seconds to wait.

    reason: a word for the receipt ("slow", "http_503", "cut", "empty", …); nothing of what the provider wrote.
    is_provider: it is the provider that failed, and not a limit of ours that was reached.
    """

    def __init__(
        self, reason: str, *, may_pass: bool = False, after: float | None = None, is_provider: bool = True
    ) -> None:
        super().__init__(reason)
        self.reason, self.may_pass, self.after, self.is_provider = reason, may_pass, after, is_provider


@dataclass(frozen=True)
class Hosting:
    """How a hosted model is asked. caches_prefix: it wants to be told which part of a request stays the same.

    pause: seconds before the second try, doubled before each further one. standing: instructions under trial, in
    place of our own. days: what each person and each business has used of its day.
    """

    limits: Limits = field(default_factory=Limits)
    price: Price = field(default_factory=Price)
    is_strict: bool = False
    caches_prefix: bool = False
    pause: float = 0.2
    standing: str = ""
    days: Days = field(default_factory=Days, init=False, compare=False)


@dataclass
class Rest:
    """A provider that failed several turns in a row is left alone for a while, so that nobody waits for it."""

    _failures: int = 0
    _until: datetime | None = field(default=None)

    def is_on(self, now: datetime) -> bool:
        """Whether the provider is not worth asking at this moment."""
        return self._until is not None and now < self._until

    def worked(self) -> None:
        """It answered."""
        self._failures, self._until = 0, None

    def failed(self, now: datetime) -> None:
        """It did not answer a turn; the turn after a rest tries it once more."""
        self._failures += 1
        if self._failures >= FAILURES_TO_REST:
            self._until = now + REST


async def ask(
    model: Runnable[Any, AIMessage],
    messages: Sequence[AnyMessage],
    hosting: Hosting,
    spent: Spent,
    told: Told,
    *,
    tries: int = TRIES,
) -> AIMessage:
    """A whole answer; told(text so far) is called while it comes. ModelTroubleError when there is none in time."""
    limits = hosting.limits
    for turn in range(tries):
        excess = spent.excess(limits)
        if excess:
            raise ModelTroubleError(excess, is_provider=False)
        try:
            return await _try(model, messages, limits, spent, told)
        except ModelTroubleError as trouble:
            pause = trouble.after if trouble.after is not None else hosting.pause * 2**turn
            if not trouble.may_pass or turn == tries - 1 or pause >= spent.left(limits):
                raise
            spent.retries += 1
            log.warning("model_asked_again", reason=trouble.reason, pause=round(pause, 2))
            await asyncio.sleep(pause)
    raise ModelTroubleError("tried_enough")


async def _try(
    model: Runnable[Any, AIMessage], messages: Sequence[AnyMessage], limits: Limits, spent: Spent, told: Told
) -> AIMessage:
    try:
        await told("")
        message = await _read(model, messages, limits, spent, told)
    except ModelTroubleError:
        raise
    except TimeoutError:
        raise ModelTroubleError("slow", may_pass=True) from None
    except Exception as error:  # noqa: BLE001 - whatever a provider's library raises, the person gets an answer
        # Not chained, and not its words: a provider's error may repeat the key or the request.
        raise _trouble_of(error) from None
    spent.add(_usage_of(message, messages))
    return _checked(message)


async def _read(
    model: Runnable[Any, AIMessage], messages: Sequence[AnyMessage], limits: Limits, spent: Spent, told: Told
) -> AIMessage:
    """The whole message out of its pieces. TimeoutError when nothing came for too long."""
    pieces: list[AIMessage] = []
    text = ""
    stream = cast("AsyncGenerator[AIMessage, None]", model.astream(list(messages)))
    async with contextlib.aclosing(stream):
        while True:
            async with asyncio.timeout(min(limits.silence, max(0.0, spent.left(limits)))):
                piece = await anext(stream, None)
            if piece is None:
                break
            pieces.append(piece)
            if piece.text:
                text += piece.text
                await told(text)
            if len(text) > LONGEST:
                raise ModelTroubleError("too_long")
    if not pieces:
        raise ModelTroubleError("empty", may_pass=True)
    return _joined(pieces)


def _joined(pieces: list[AIMessage]) -> AIMessage:
    first = pieces[0]
    if not isinstance(first, AIMessageChunk):  # a model that does not stream
        return first
    whole = cast("AIMessageChunk", first + pieces[1:])
    if not any(whole.response_metadata.get(name) for name in FINISHED):
        raise ModelTroubleError("cut", may_pass=True)
    if not all(_is_whole(piece["args"]) for piece in whole.tool_call_chunks):
        raise ModelTroubleError("broken_call", may_pass=True)
    return whole


def _is_whole(args: str | None) -> bool:
    """Whether a call's arguments are an object of JSON. LangChain completes what was cut, as it seems fit."""
    try:
        return not args or isinstance(json.loads(args), dict)
    except ValueError:
        return False


def _checked(message: AIMessage) -> AIMessage:
    """The message, when it is one that can be used."""
    ends = {str(message.response_metadata.get(name)) for name in FINISHED}
    if ends & CUT_SHORT:
        raise ModelTroubleError("cut_short")
    if message.invalid_tool_calls:
        raise ModelTroubleError("broken_call", may_pass=True)
    if not message.tool_calls and not message.text.strip():
        raise ModelTroubleError("empty", may_pass=True)
    return message


def _usage_of(message: AIMessage, asked: Sequence[AnyMessage]) -> Usage:
    """What the answer used, as the provider says; where it does not, four characters are taken for a token."""
    told = message.usage_metadata
    if told is None:
        calls = sum(len(str(call["args"])) for call in message.tool_calls)
        return Usage(sum(len(each.text) for each in asked) // 4, 0, (len(message.text) + calls) // 4)
    cached = (told.get("input_token_details") or {}).get("cache_read") or 0
    return Usage(told["input_tokens"], cached, told["output_tokens"])


def _trouble_of(error: Exception) -> ModelTroubleError:
    """A provider's or its library's error as our own: by its status, else as a failed connection."""
    status = getattr(error, "status_code", None)
    if not isinstance(status, int) or status < 400:
        kind = "broken" if isinstance(error, (ValueError, TypeError, KeyError)) else "unreachable"
        return ModelTroubleError(kind, may_pass=True)
    return ModelTroubleError(f"http_{status}", may_pass=status in MAY_PASS or status >= 500, after=_wait_of(error))


def _wait_of(error: Exception) -> float | None:
    """How long the provider wants us to wait, in seconds (RFC 9110, Retry-After); None where it does not say."""
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    try:
        return max(0.0, float(headers.get("retry-after", "")))
    except ValueError:
        return None


async def close_model(model: BaseChatModel) -> None:
    """Let go of the model's connections."""
    client = getattr(model, "http_async_client", None)
    if client is not None:
        await client.aclose()

"""Asking a hosted model: what is tried again, what is not, and when it ends."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage
from langchain_core.messages.tool import tool_call_chunk

from bot.hosted import FAILURES_TO_REST, LONGEST, REST, Hosting, ModelTroubleError, Rest, ask
from bot.spending import Limits, Spent, Usage
from tests.conftest import Run
from tests.fakes.clock import NOW
from tests.fakes.streaming import StreamingModel, pieces, refused

HOSTING = Hosting(limits=Limits(seconds=2.0, silence=0.5, tokens=1000), pause=0.0)
HELLO = [HumanMessage("hello")]


async def answer(model: StreamingModel, spent: Spent | None = None, told: list[str] | None = None) -> AIMessage:
    seen = [] if told is None else told

    async def listen(text: str) -> None:
        seen.append(text)

    return await ask(model, HELLO, HOSTING, spent or Spent(), listen)


def trouble(run: Run, *answers: Sequence[AIMessageChunk | Exception]) -> tuple[str, int]:
    """Why there is no answer, and how often the model was asked."""
    model = StreamingModel(answers=list(answers))
    with pytest.raises(ModelTroubleError) as failed:
        run(answer(model))
    assert "sk-secret" not in repr(failed.value)
    assert failed.value.__cause__ is None
    return failed.value.reason, len(model.asked)


def test_answer_is_told_as_it_comes(run: Run) -> None:
    told: list[str] = []
    spent = Spent()
    message = run(answer(StreamingModel(answers=[pieces("Hello", " there.", used=(12, 3))]), spent, told))
    assert message.text == "Hello there."
    assert told == ["", "Hello", "Hello there."]
    assert spent.used == Usage(12, 0, 3)


@pytest.mark.parametrize(
    ("first", "asked"),
    [
        ([refused(503)], 2),
        ([refused(429, **{"retry-after": "0"})], 2),
        ([ConnectionError("gone")], 2),
        (pieces("Half an ans", end=""), 2),
        (pieces(""), 2),
    ],
)
def test_passing_trouble_is_tried_again(run: Run, first: Sequence[AIMessageChunk | Exception], asked: int) -> None:
    model = StreamingModel(answers=[first, pieces("Whole.")])
    spent = Spent()
    assert run(answer(model, spent)).text == "Whole."
    assert len(model.asked) == asked
    assert spent.retries == 1


def test_lasting_trouble_is_not_tried_again(run: Run) -> None:
    assert trouble(run, [refused(401)]) == ("http_401", 1)
    assert trouble(run, [refused(400)]) == ("http_400", 1)
    assert trouble(run, pieces("x" * (LONGEST + 1))) == ("too_long", 1)
    assert trouble(run, [*pieces("The start of", end="length")]) == ("cut_short", 1)


def test_tries_have_an_end(run: Run) -> None:
    assert trouble(run, [refused(503)]) == ("http_503", 3)
    assert trouble(run, pieces("")) == ("empty", 3)


def test_wait_longer_than_the_turn_is_not_waited(run: Run) -> None:
    assert trouble(run, [refused(429, **{"retry-after": "30"})]) == ("http_429", 1)


def test_arguments_that_were_cut_are_not_completed(run: Run) -> None:
    call = tool_call_chunk(name="send_payment_link", args='{"invoice": "10', id="c1", index=0)
    broken = [AIMessageChunk(content="", tool_call_chunks=[call]), *pieces("", end="tool_calls")]
    assert trouble(run, broken) == ("broken_call", 3)


def test_used_up_turn_asks_no_more(run: Run) -> None:
    model = StreamingModel(answers=[pieces("Hello.")])
    spent = Spent(used=Usage(900, 0, 100))
    with pytest.raises(ModelTroubleError) as failed:
        run(answer(model, spent))
    assert failed.value.reason == "token_limit"
    assert not failed.value.is_provider
    assert model.asked == []


def test_tokens_are_estimated_where_nobody_counts(run: Run) -> None:
    spent = Spent()
    run(answer(StreamingModel(answers=[pieces("x" * 40)]), spent))
    assert spent.used == Usage(1, 0, 10)


def test_provider_rests_after_failures_and_is_tried_again() -> None:
    rest = Rest()
    for _ in range(FAILURES_TO_REST):
        assert not rest.is_on(NOW)
        rest.failed(NOW)
    assert rest.is_on(NOW + REST - timedelta(seconds=1))
    assert not rest.is_on(NOW + REST)
    rest.worked()
    rest.failed(NOW)
    assert not rest.is_on(NOW)

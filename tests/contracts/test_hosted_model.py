"""Whatever a provider does, the person gets one answer in time, nothing is half written, the receipt says who spoke."""

import asyncio
import gc
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from llmock.scenarios import Delay, Fail, Plan, Reply, StreamFault, ToolCall, ToolFault
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.changes.turns import LEASE, Claim, claim_turn
from billing.principal import Scope
from billing.tables.payments import PaymentLink
from billing.tables.talk import Delivery, Direction, TurnStatus, TurnStep
from billing.tables.work import Request
from bot.hosted import FAILURES_TO_REST
from bot.opening import Surroundings, open_turn
from bot.providers import BUILTIN
from channels.links import Links
from tests.conftest import Run
from tests.fakes.desk_at_work import Answer, DeskAtWork, the_understanding
from tests.fakes.hosting import NAME, PATIENT, QUICK, Llmock, calls, hosted, says

DANA, PRIYA = "client:dana-lee", "staff:priya"
EXPLAINED = "This is {INV-1042.number}, {INV-1042.title}. {INV-1042.balance} is due {INV-1042.due_on}."
REFUSING = "http://127.0.0.1:9/v1"  # nobody listens on the discard port

# What a provider's library leaves of a stream that broke is for the garbage collector, which may warn of it.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(autouse=True, scope="module")
def collected() -> Iterator[None]:
    """Collect what broken streams left before the next module is blamed for it."""
    yield
    gc.collect()


FAULTS = {
    "server error": Plan(fail=Fail(500)),
    "bad gateway": Plan(fail=Fail(502)),
    "rate limited for long": Plan(fail=Fail(429, retry_after=60)),
    "key refused": Plan(fail=Fail(401)),
    "request refused": Plan(fail=Fail(400, code="context_length_exceeded")),
    "slow": Plan(delay=Delay(1.2)),
    "stalled": Plan(reply=Reply("One moment. I am looking."), stream_fault=StreamFault("stall", stall_seconds=1.2)),
    "cut": Plan(reply=Reply(EXPLAINED), stream_fault=StreamFault("disconnect", after_chunks=3)),
    "ended early": Plan(reply=Reply(EXPLAINED), stream_fault=StreamFault("truncate", after_chunks=3)),
    "broken piece": Plan(reply=Reply(EXPLAINED), stream_fault=StreamFault("malformed", after_chunks=2)),
    "nothing said": Plan(reply=Reply("")),
    "invented tool": Plan(tool_fault=ToolFault("unknown_tool")),
    "broken arguments": Plan(tool_fault=ToolFault("malformed_arguments")),
    "wrong types": Plan(reply=Reply(tool_calls=(ToolCall("explain_invoice", {"invoice": {"number": [1042]}}),))),
    "invented figure": Plan(reply=Reply("You owe $5,000.00, due Friday 3 March 2031.")),
    "connection refused": Plan(),
}
QUESTIONS: list[tuple[str, str, Plan]] = [
    (DANA, "send me the payment link", calls("send_payment_link", invoice="1042")),
    (DANA, "what's this invoice for?", calls("explain_invoice", invoice="1042")),
    (DANA, "a person, please", calls("hand_to_person", reason="wants to talk to somebody")),
    (DANA, "what do I owe?", calls("list_invoices", status="open")),
    (PRIYA, "who owes us money?", calls("outstanding_balances")),
    (DANA, "did you get my payment?", calls("payment_status")),
    (DANA, "how far is the kitchen?", calls("project_status")),
    (DANA, "thanks a lot", calls("list_invoices")),
    (PRIYA, "what's going on with Okafor?", calls("client_overview", client="Okafor")),
    (DANA, "where is my estimate?", calls("list_estimates")),
]
WRITES = {"send me the payment link": PaymentLink, "a person, please": Request}


async def rows(desk: DeskAtWork, table: Any) -> int:
    async def count(session: AsyncSession) -> int:
        return await session.scalar(select(func.count(table.id))) or 0

    return await desk.door.system(Scope.DOCTOR).read(count)


async def check_whole(desk: DeskAtWork, who: str, answer: Answer) -> None:
    """One answer, committed with its receipt; nothing waits and nothing runs."""
    thread = await desk.thread(who)
    turn, replies = await desk.newest_turn(thread)
    assert turn.status is TurnStatus.DONE
    assert len(replies) == 1
    assert answer.text.strip()
    assert "{" not in answer.text
    assert turn.outcome in {"answered", "stood_in", "phrasebook"}, turn.outcome
    assert turn.model in {BUILTIN, NAME}
    assert (turn.model == BUILTIN) == ("trouble" in turn.timings)
    waiting = [row for row in await desk.messages(thread) if row.direction is Direction.IN]
    assert all(row.delivery is Delivery.ANSWERED for row in waiting)


async def converse(desk: DeskAtWork, peer: Llmock, fault: Plan, place: int) -> None:
    """A question during which the provider fails: at once, or once a tool has answered."""
    who, words, call = QUESTIONS[place // 2]
    peer.script(*((call, fault) if place % 2 == 0 else (fault,)))
    before = {table: await rows(desk, table) for table in (PaymentLink, Request)}
    async with asyncio.timeout(30):  # a silence without end fails the test
        answer = await desk.ask(who, words)
    await check_whole(desk, who, answer)
    for table, count in before.items():
        assert await rows(desk, table) == count + (WRITES.get(words) is table), (words, table)
    desk.later(minutes=1)


async def suffer(desk: DeskAtWork, peer: Llmock, fault: str, places: range) -> None:
    address = REFUSING if fault == "connection refused" else peer.base_url()
    async with hosted(desk, address, hosting=QUICK if fault in {"slow", "stalled"} else PATIENT):
        for place in places:
            await converse(desk, peer, FAULTS[fault], place)


@pytest.mark.parametrize("fault", FAULTS)
def test_person_is_answered_whatever_the_provider_does(
    desk: DeskAtWork, run: Run, provider: Llmock, fault: str
) -> None:
    run(suffer(desk, provider, fault, range(1)))


@pytest.mark.prove
@pytest.mark.parametrize("fault", FAULTS)
def test_twenty_conversations_survive_each_fault(desk: DeskAtWork, run: Run, provider: Llmock, fault: str) -> None:
    run(suffer(desk, provider, fault, range(20)))


def test_model_answers_with_figures_of_this_turn(desk: DeskAtWork, run: Run, provider: Llmock) -> None:
    async def story() -> None:
        provider.script(calls("explain_invoice", invoice=1042), says(EXPLAINED))
        async with hosted(desk, provider.base_url()):
            answer = await desk.ask(DANA, "what's this invoice for?")
        assert answer.text.startswith("This is INV-1042, Kitchen cabinets. $1,840.00 is due")
        assert (answer.turn.model, answer.turn.outcome) == (NAME, "answered")
        assert answer.turn.timings["tried"] == NAME
        assert answer.turn.timings["read"] > 0
        assert answer.turn.timings["written"] > 0
        assert any(each["kind"] == "card" for each in answer.attachments)

    run(story())


def test_moment_of_trouble_is_waited_out(desk: DeskAtWork, run: Run, provider: Llmock) -> None:
    async def story() -> None:
        busy = Plan(fail=Fail(429, retry_after=0.05))
        cut = Plan(reply=Reply(EXPLAINED), stream_fault=StreamFault("truncate", after_chunks=3))
        provider.script(busy, calls("explain_invoice", invoice="1042"), cut, says(EXPLAINED))
        async with hosted(desk, provider.base_url()):
            answer = await desk.ask(DANA, "what's this invoice for?")
        assert answer.turn.model == NAME
        assert answer.turn.timings["retries"] == 2
        assert "retry_after_ignored" not in str(provider.verdict())

    run(story())


def test_key_is_in_no_log_and_no_receipt(
    desk: DeskAtWork, run: Run, provider: Llmock, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> str:
        provider.script(Plan(fail=Fail(401, message="Incorrect API key provided: sk-secret-of-the-tests")))
        async with hosted(desk, provider.base_url()):
            answer = await desk.ask(DANA, "what do I owe?")
        return f"{answer.text} {answer.turn.timings} {answer.turn.outcome}"

    told = run(story())
    seen = capfd.readouterr()
    assert "sk-secret" not in f"{told} {seen.out} {seen.err} {caplog.text}"


def test_sentences_are_shown_as_they_are_bound(desk: DeskAtWork, run: Run, provider: Llmock) -> None:
    async def story() -> list[str]:
        text = f"{EXPLAINED} You also owe $99.00. Shall I send the link?"
        provider.script(calls("explain_invoice", invoice="1042"), says(text), says(EXPLAINED))
        async with hosted(desk, provider.base_url()):
            answer = await desk.ask(DANA, "what's this invoice for?")
        assert answer.text.startswith("This is INV-1042")
        return [data["text"] for _, event, data in desk.published if event == "draft"]

    shown = run(story())
    assert shown[0] == "This is INV-1042, Kitchen cabinets."
    assert shown[1].startswith("This is INV-1042, Kitchen cabinets. $1,840.00 is due")
    assert not any("$99.00" in text or "Shall I" in text for text in shown)


def test_unbound_answer_is_repaired_once(desk: DeskAtWork, run: Run, provider: Llmock) -> None:
    async def story() -> None:
        provider.script(calls("explain_invoice", invoice="1042"), says("You owe $1,804.00."), says(EXPLAINED))
        async with hosted(desk, provider.base_url()):
            answer = await desk.ask(DANA, "what's this invoice for?")
        assert answer.text.startswith("This is INV-1042")
        assert answer.turn.timings["repaired"]
        asked = provider.bodies()
        assert len(asked) == 3
        assert "$1,804.00" in str(asked[-1]["messages"][-1])

    run(story())


def test_turn_taken_over_repeats_no_write_and_asks_nobody_twice(desk: DeskAtWork, run: Run, provider: Llmock) -> None:
    async def story() -> None:
        before = await rows(desk, PaymentLink)
        await desk.receive(DANA, "send me the payment link")
        thread = await desk.thread(DANA)
        dispatch = desk.door.system(Scope.DISPATCH)
        async with hosted(desk, provider.base_url()) as agents:
            claim = await dispatch.write(lambda session: claim_turn(session, thread, owner="gone/1/x", now=desk.now))
            assert isinstance(claim, Claim)
            around = Surroundings(links=Links("http://127.0.0.1:8000"), knowledge=None)
            turn = await open_turn(desk.door, claim, the_understanding(), around, desk.clock)
            provider.script(calls("send_payment_link", invoice="1042"), Plan(fail=Fail(401)))
            draft = await agents.draft(turn.work)
            assert draft.model == BUILTIN
            # Here the process dies: what it drafted is never committed.
            desk.now += LEASE * 2
            provider.script(calls("send_payment_link", invoice="1042"))
            assert await desk.dispatcher.answer_one(thread)
            assert provider.bodies() == []
        row, replies = await desk.newest_turn(thread)
        assert (row.model, row.outcome) == (BUILTIN, "stood_in")
        assert "Here is the link" in replies[0].text
        assert await rows(desk, PaymentLink) == before + 1

    run(story())


def test_tool_that_has_answered_is_not_run_again(desk: DeskAtWork, run: Run, provider: Llmock) -> None:
    async def story() -> None:
        provider.script(calls("explain_invoice", invoice="1042"), Plan(fail=Fail(401)))
        async with hosted(desk, provider.base_url()):
            answer = await desk.ask(DANA, "what's this invoice for?")
        assert (answer.turn.model, answer.turn.outcome) == (BUILTIN, "stood_in")
        assert [call["step"] for call in answer.turn.calls] == ["m1.t0"]
        assert "$1,840.00" in answer.text

    run(story())


def test_refused_write_leaves_the_wish_open(desk: DeskAtWork, run: Run, provider: Llmock) -> None:
    async def story() -> None:
        before = await rows(desk, PaymentLink)
        wrong, right = (calls("send_payment_link", invoice=number) for number in ("9999", "1042"))
        provider.script(wrong, right, right, says("The link for {INV-1042.number} is below."))
        async with hosted(desk, provider.base_url()):
            answer = await desk.ask(DANA, "send me the payment link")
        assert await rows(desk, PaymentLink) == before + 1, "and once it is granted, it is granted once"
        assert any(each["kind"] == "link" for each in answer.attachments)

    run(story())


def test_last_answer_is_journalled_with_the_reply(desk: DeskAtWork, run: Run, provider: Llmock) -> None:
    async def story() -> list[str]:
        provider.script(calls("explain_invoice", invoice="1042"), says(EXPLAINED))
        async with hosted(desk, provider.base_url()):
            answer = await desk.ask(DANA, "what's this invoice for?")

        async def steps(session: AsyncSession) -> list[str]:
            return list(await session.scalars(select(TurnStep.step).where(TurnStep.turn_id == answer.turn.id)))

        return await desk.door.system(Scope.DOCTOR).read(steps)

    assert sorted(run(story())) == ["m1", "m1.t0", "m2"]


def test_day_of_a_sender_has_an_end(desk: DeskAtWork, run: Run, provider: Llmock) -> None:
    async def story() -> None:
        narrow = replace(PATIENT, limits=replace(PATIENT.limits, daily_tokens=50))
        provider.script(says("Hello, how can we help?"))
        async with hosted(desk, provider.base_url(), hosting=narrow):
            assert (await desk.ask(DANA, "hi there")).turn.model == NAME
            second = await desk.ask(DANA, "what do I owe?")
            assert (second.turn.model, second.turn.timings["trouble"]) == (BUILTIN, "daily_token_limit")
            assert (await desk.ask(PRIYA, "hi")).turn.model == NAME, "everybody has a day of their own"
            desk.later(hours=25)
            assert (await desk.ask(DANA, "hi again")).turn.model == NAME

    run(story())


def test_turn_that_wants_no_end_is_ended(desk: DeskAtWork, run: Run, provider: Llmock) -> None:
    async def story() -> None:
        provider.script(calls("list_invoices", status="all"))
        async with hosted(desk, provider.base_url()):
            answer = await desk.ask(DANA, "what do I owe?")
        assert answer.turn.timings["trouble"] == "too_many_calls"
        assert len(provider.bodies()) == PATIENT.limits.model_calls
        assert "$1,840.00" in answer.text

    run(story())


def test_provider_that_is_down_is_left_alone_for_a_while(desk: DeskAtWork, run: Run, provider: Llmock) -> None:
    async def story() -> None:
        provider.script(Plan(fail=Fail(401)))
        async with hosted(desk, provider.base_url()):
            for _ in range(FAILURES_TO_REST + 1):
                answer = await desk.ask(DANA, "what do I owe?")
            assert answer.turn.timings["trouble"] == "resting"
            assert len(provider.bodies()) == FAILURES_TO_REST
            desk.later(minutes=1)
            provider.script(says("Hello."))
            assert (await desk.ask(DANA, "hi")).turn.model == NAME

    run(story())


def test_unchanging_part_is_marked_for_anthropics_cache(desk: DeskAtWork, run: Run, provider: Llmock) -> None:
    async def story() -> None:
        provider.script(calls("explain_invoice", invoice="1042"), says(EXPLAINED))
        hosting = replace(PATIENT, caches_prefix=True)
        async with hosted(desk, provider.base_url("anthropic"), name="anthropic:claude-test", hosting=hosting):
            answer = await desk.ask(DANA, "what's this invoice for?")
        assert answer.text.startswith("This is INV-1042")
        first, second = provider.bodies()
        assert first["system"][0]["cache_control"] == {"type": "ephemeral"}
        assert first["system"] == second["system"]
        assert first["tools"] == second["tools"]
        assert "Dana" not in first["system"][0]["text"]
        assert "Dana" in first["system"][1]["text"]

    run(story())

"""Tests of dispatch in both forms: quiet times, bursts, retries, poison, and several processes on one database."""

from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from billing.changes.turns import LONGEST_QUIET, Claim, NotYet, Pace, claim_turn, pause_after
from billing.doctor import check_parked
from billing.principal import Scope
from billing.tables.talk import Conversation, Delivery, Direction
from channels.dispatch.answering import Answering
from channels.dispatch.jobs import job_tables_state, make_job_tables
from channels.dispatch.procrastinate import ProcrastinateDispatcher
from channels.settings import Settings
from tests.conftest import Run
from tests.fakes.clock import NOW
from tests.fakes.desk_at_work import DeskAtWork
from tests.fakes.dispatching import FORMS, Failing, dispatcher_of, running, ticking, until, url_of
from tests.fakes.texting import phone_thread, say

DANA, AMARA, PRIYA = "client:dana-lee", "client:amara-okafor", "staff:priya"


@pytest.fixture(params=FORMS)
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def formed(form: str, request: pytest.FixtureRequest) -> DeskAtWork:
    """A desk that this form of dispatch can serve."""
    found: DeskAtWork = request.getfixturevalue("desk" if form == "local" else "postgres_desk")
    return found


async def quiet_until(desk: DeskAtWork, thread: int, seconds: float | None) -> None:
    async def work(session: AsyncSession) -> None:
        row = await session.get_one(Conversation, thread)
        row.answer_after = None if seconds is None else NOW + timedelta(seconds=seconds)

    await desk.door.system(Scope.INTAKE).write(work)


def test_message_is_answered_once(formed: DeskAtWork, form: str, run: Run) -> None:
    async def story() -> None:
        delivered: list[int] = []
        async with running(dispatcher_of(formed, form, delivered=delivered.append)) as dispatcher:
            await formed.receive(DANA, "what do I owe?")
            thread = await formed.thread(DANA)
            dispatcher.wake(thread)
            dispatcher.wake(thread)
            await until(lambda: bool(delivered))
        assert delivered == [thread]
        assert len(await formed.turns(thread)) == 1

    run(story())


def test_lost_wake_up_is_found(formed: DeskAtWork, form: str, run: Run) -> None:
    async def story() -> None:
        delivered: list[int] = []
        async with running(dispatcher_of(formed, form, delivered=delivered.append)):
            await formed.receive(DANA, "what do I owe?")
            await formed.receive(AMARA, "what do I owe?")
            await until(lambda: len(delivered) == 2)

    run(story())


def test_burst_within_the_quiet_time_is_answered_once(formed: DeskAtWork, form: str, run: Run) -> None:
    async def story() -> None:
        delivered: list[int] = []
        thread = await phone_thread(formed)
        async with running(dispatcher_of(formed, form, delivered=delivered.append)) as dispatcher:
            for words in ("hi", "one thing", "what's this invoice for?"):
                await say(formed, thread, words, waits=True)
                dispatcher.wake(thread)
            await until(lambda: bool(delivered))
        turns = await formed.turns(thread)
        assert len(turns) == 1
        assert "INV-1042" in turns[0][1][0].text

    run(story())


def test_two_processes_answer_each_message_once(formed: DeskAtWork, form: str, run: Run) -> None:
    async def story() -> None:
        delivered: list[int] = []
        first = dispatcher_of(formed, form, "elsewhere/1/a", delivered.append)
        second = dispatcher_of(formed, form, "elsewhere/2/b", delivered.append)
        people = [DANA, AMARA, "client:marta-alvarez", "client:nina-park"]
        async with running(first), running(second):
            threads = [await formed.thread(each) for each in people[:2]]
            for each in people[:2]:
                await formed.receive(each, "what do I owe?")
            for thread in threads:
                first.wake(thread)
                second.wake(thread)
            await until(lambda: len(delivered) >= len(threads))
        assert sorted(delivered) == sorted(threads)
        for thread in threads:
            assert [len(replies) for _, replies in await formed.turns(thread)] == [1]

    run(story())


def test_quiet_time_ends_though_somebody_goes_on(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        await desk.receive(DANA, "hi")
        thread = await desk.thread(DANA)
        await quiet_until(desk, thread, 3600)
        answering = desk.dispatcher.answering
        assert await answering.answer_next(thread) == NotYet(NOW + LONGEST_QUIET)
        assert await answering.waiting() == []
        desk.now += LONGEST_QUIET
        assert await answering.waiting() == [thread]
        assert isinstance(await answering.answer_next(thread), Claim)

    run(story())


def test_who_writes_too_fast_is_answered_in_one_now_and_then(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        thread = await desk.thread(DANA)
        answering = replace(desk.dispatcher.answering, pace=Pace(turns=3))
        for _ in range(3):
            await desk.receive(DANA, "what do I owe?")
            assert isinstance(await answering.answer_next(thread), Claim)
        await desk.receive(DANA, "what do I owe?")
        await desk.receive(DANA, "did you get my payment?")
        assert await answering.answer_next(thread) == NotYet(NOW + Pace().apart)
        desk.now += Pace().apart
        assert isinstance(await answering.answer_next(thread), Claim)
        *_, (last, replies) = await desk.turns(thread)
        assert len(await desk.turns(thread)) == 4
        assert [len(replies), last.outcome] == [1, "answered"]

    run(story())


def test_who_wrote_fast_is_answered_at_once_a_minute_later(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        thread = await desk.thread(DANA)
        answering = replace(desk.dispatcher.answering, pace=Pace(turns=2, apart=timedelta(hours=1)))
        for _ in range(2):
            await desk.receive(DANA, "what do I owe?")
            await answering.answer_next(thread)
        desk.now += Pace().within
        await desk.receive(DANA, "what do I owe?")
        assert isinstance(await answering.answer_next(thread), Claim)

    run(story())


def test_woken_for_later_begins_then(formed: DeskAtWork, form: str, run: Run) -> None:
    async def story() -> None:
        delivered: list[int] = []
        thread = await phone_thread(formed)
        async with running(dispatcher_of(formed, form, delivered=delivered.append)) as dispatcher:
            await say(formed, thread, "hello there, a question", waits=True)
            dispatcher.wake(thread, 30)  # seconds; not before the next wake-up, so far as it was told
            await say(formed, thread, "what do I owe?", waits=True)
            dispatcher.wake(thread, 0.05)
            await until(lambda: bool(delivered))
        assert len(await formed.turns(thread)) == 1

    run(story())


def test_turn_that_crashed_rests_and_is_tried_again(any_desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        desk = any_desk
        await desk.receive(DANA, "what do I owe?")
        thread = await desk.thread(DANA)
        answering, failing = failing_on(desk, thread, times=2)
        for attempt in (1, 2):
            assert await answering.answer_next(thread) == NotYet(desk.now + pause_after(attempt))
            assert await answering.answer_next(thread) == NotYet(desk.now + pause_after(attempt))
            desk.now += pause_after(attempt)
            assert await answering.waiting() == [thread]
        assert isinstance(await answering.answer_next(thread), Claim)
        assert failing.tried == [1, 2, 3]
        assert [len(replies) for _, replies in await desk.turns(thread)] == [1]

    run(story())


def test_poison_is_parked_and_the_next_message_answered(any_desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        desk = any_desk
        await desk.receive(DANA, "a poison")
        thread = await desk.thread(DANA)
        answering, failing = failing_on(desk, thread, gives_up=False)
        for attempt in (1, 2, 3):
            await answering.answer_next(thread)
            desk.now += pause_after(attempt)
        await answering.answer_next(thread)
        said = [each for each in await desk.messages(thread) if each.direction is Direction.IN]
        assert [(each.delivery, each.error) for each in said] == [(Delivery.PARKED, "ZeroDivisionError")]
        findings = await check_parked(desk.door)
        assert ["could not be answered" in finding.what for finding in findings] == [True]
        failing.poisoned.clear()
        await desk.receive(DANA, "what do I owe?")
        assert isinstance(await answering.answer_next(thread), Claim)
        assert [len(replies) for _, replies in await desk.turns(thread)] == [0, 1]

    run(story())


def test_poison_that_ends_processes_is_parked(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        await desk.receive(DANA, "a poison")
        thread = await desk.thread(DANA)
        dispatch = desk.door.system(Scope.DISPATCH)
        for number in range(4):
            await dispatch.write(
                lambda session, owner=f"elsewhere/{number}/x": claim_turn(session, thread, owner=owner, now=desk.now)  # type: ignore[misc]  # as bound here
            )
            desk.later(minutes=1)
        assert await desk.dispatcher.answer_one(thread)
        assert [each.delivery for each in await desk.messages(thread)] == [Delivery.PARKED]

    run(story())


def failing_on(desk: DeskAtWork, thread: int, **given: object) -> tuple[Answering, Failing]:
    answering = desk.dispatcher.answering
    failing = Failing(answering.assistant, poisoned={thread}, **given)  # type: ignore[arg-type]  # as said by the test
    return replace(answering, assistant=failing), failing  # type: ignore[arg-type]  # stands in for it


def test_job_of_a_dead_worker_blocks_nobody(postgres_desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        desk, url = postgres_desk, url_of(postgres_desk)
        make_job_tables(url)
        await desk.receive(DANA, "what do I owe?")
        thread = await desk.thread(DANA)
        delivered: list[int] = []
        asleep = ProcrastinateDispatcher(url, lambda _: None)
        await asleep.start()
        await asleep._defer(thread)
        manager = asleep._opened.job_manager
        dead = await manager.register_worker()
        assert await manager.fetch_job(queues=None, worker_id=dead) is not None
        await manager.unregister_worker(dead)
        await asleep._defer(thread)  # a job queued behind the dead one, which its lock holds up
        assert await asleep.forget_dead() == 1
        answering = replace(desk.dispatcher.answering, clock=ticking())
        async with running(ProcrastinateDispatcher(url, delivered.append, answering)):
            await until(lambda: bool(delivered))
        jobs = await manager.list_jobs_async()
        await asleep.stop()
        assert [job.status for job in jobs if job.status != "todo"] == []

    run(story())


def test_sweep_defers_only_what_waits_without_a_job(postgres_desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        desk, url = postgres_desk, url_of(postgres_desk)
        make_job_tables(url)
        idle = ProcrastinateDispatcher(url, lambda _: None)
        await idle.start()  # with nothing to answer with, it takes no job
        idle.answering = replace(desk.dispatcher.answering, clock=ticking())
        for who in (DANA, AMARA):
            await desk.receive(who, "what do I owe?")
        await idle._defer(await desk.thread(DANA))
        assert [await idle.sweep(), await idle.sweep()] == [2, 2]
        await desk.receive(PRIYA, "who owes us money?")
        assert await idle.sweep() == 3
        jobs = list(await idle._opened.job_manager.list_jobs_async())
        await idle.stop()
        # Every attempt takes a number: one in vain would leave a gap.
        assert [job.id for job in jobs] == [1, 2, 3]
        assert {job.lock for job in jobs} == {f"conversation:{await desk.thread(who)}" for who in (DANA, AMARA, PRIYA)}

    run(story())


def test_job_tables_are_made_once(postgres_desk: DeskAtWork) -> None:
    url = url_of(postgres_desk)
    assert job_tables_state(url) is None
    make_job_tables(url)
    make_job_tables(url)
    assert job_tables_state(url)


def test_workers_need_postgresql() -> None:
    with pytest.raises(ValidationError, match="needs PostgreSQL"):
        Settings(dispatch="procrastinate", database_url="sqlite:///records.db")
    assert Settings(dispatch="procrastinate", database_url="postgresql://here/records").dispatch == "procrastinate"

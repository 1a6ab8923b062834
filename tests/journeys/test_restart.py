"""A process killed in the middle of a turn, and one started again: one answer, one link, nothing lost."""

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.changes.turns import LEASE, Claim, ClaimLostError, claim_turn, hold_claim
from billing.principal import Scope
from billing.tables.payments import PaymentLink
from billing.tables.talk import Delivery, Direction
from channels.processes import is_dead, new_owner
from tests.conftest import Run
from tests.fakes.desk_at_work import DeskAtWork

DANA = "client:dana-lee"
ROOT = Path(__file__).parent.parent.parent


def kill_while_answering(folder: Path, thread: int, point: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.fakes.dying", str(folder), str(thread), point],
        cwd=ROOT,
        timeout=120,
        check=False,
        capture_output=True,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


async def links(desk: DeskAtWork) -> int:
    async def count(session: AsyncSession) -> int:
        return await session.scalar(select(func.count(PaymentLink.id))) or 0

    return await desk.door.system(Scope.DOCTOR).read(count)


@pytest.mark.parametrize("point", ["preparing", "draft", "committed"])
def test_killed_process_is_taken_over_and_answers_once(desk: DeskAtWork, run: Run, tmp_path: Path, point: str) -> None:
    async def story() -> None:
        before = await links(desk)
        await desk.receive(DANA, "send me the payment link")
        thread = await desk.thread(DANA)
        await asyncio.to_thread(kill_while_answering, tmp_path, thread, point)
        again = desk.new_dispatcher(new_owner("again"))
        await again.look()
        await again.stop()
        messages = await desk.messages(thread)
        replies = [message for message in messages if message.direction is Direction.OUT and message.turn_id]
        assert len(replies) == 1
        assert "INV-1042" in replies[0].text
        assert await links(desk) == before + 1
        assert all(message.delivery is Delivery.ANSWERED for message in messages if message.direction is Direction.IN)

    run(story())


def test_message_delivered_twice_is_one(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        first = await desk.receive(DANA, "what do I owe?", again="same-id")
        second = await desk.receive(DANA, "what do I owe?", again="same-id")
        assert first == second
        thread = await desk.thread(DANA)
        assert await desk.dispatcher.answer_one(thread)
        assert not await desk.dispatcher.answer_one(thread)

    run(story())


def test_messages_that_wait_are_answered_in_one_turn(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        await desk.receive(DANA, "hi")
        await desk.receive(DANA, "what's this invoice for?")
        thread = await desk.thread(DANA)
        assert await desk.dispatcher.answer_one(thread)
        turns = await desk.turns(thread)
        assert len(turns) == 1
        assert "INV-1042" in turns[0][1][0].text

    run(story())


def test_late_claimant_writes_nothing(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        await desk.receive(DANA, "what do I owe?")
        thread = await desk.thread(DANA)
        dispatch = desk.door.system(Scope.DISPATCH)
        slow = await dispatch.write(lambda session: claim_turn(session, thread, owner="elsewhere/1/slow", now=desk.now))
        assert isinstance(slow, Claim)
        assert not await desk.dispatcher.answer_one(thread)
        desk.now += LEASE * 2
        assert await desk.dispatcher.answer_one(thread)
        with pytest.raises(ClaimLostError):
            await dispatch.write(lambda session: hold_claim(session, slow))
        assert len((await desk.turns(thread))[0][1]) == 1

    run(story())


def test_turn_that_fails_again_and_again_is_given_up_with_words(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        await desk.receive(DANA, "what do I owe?")
        thread = await desk.thread(DANA)
        dispatch = desk.door.system(Scope.DISPATCH)
        for _ in range(3):
            await dispatch.write(lambda session: claim_turn(session, thread, owner="elsewhere/1/x", now=desk.now))
            desk.now += LEASE * 2
        assert await desk.dispatcher.answer_one(thread)
        turn, replies = (await desk.turns(thread))[0]
        assert turn.outcome == "given_up"
        assert len(replies) == 1

    run(story())


def test_dead_process_is_known_by_its_number() -> None:
    own = new_owner("me")
    assert not is_dead(own, own)
    assert is_dead(own.rpartition("/")[0] + "/earlier", own)
    assert not is_dead("another-host/1/x", own)

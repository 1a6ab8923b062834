"""A process killed or frozen at every durable step of a turn: nothing lost, order kept, at most one reply each."""

import asyncio
import os
import signal
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.changes.outbox import HOLD
from billing.changes.turns import LEASE
from billing.principal import Scope
from billing.tables.payments import LinkStatus, PaymentLink
from billing.tables.talk import Delivery, Direction, Message
from channels.sender import LocalSender
from tests.conftest import Run
from tests.fakes.desk_at_work import DeskAtWork
from tests.fakes.dying import AFTER_SENDING, FileTexting, clock_beside, die, fork, freeze, steps_of
from tests.fakes.texting import TEXTS, phone_thread, say

ASKED = "send me the payment link"
# claim, the link, its journal, the reply; then the hand-over is claimed, done and settled: each before and after.
LEAST_STEPS = 12


async def links(desk: DeskAtWork, thread: int) -> int:
    """How many links that were made in the thread can be paid."""

    async def count(session: AsyncSession) -> int:
        here = (PaymentLink.conversation_id == thread, PaymentLink.status == LinkStatus.OPEN)
        return await session.scalar(select(func.count(PaymentLink.id)).where(*here)) or 0

    return await desk.door.system(Scope.DOCTOR).read(count)


async def take_over(desk: DeskAtWork, thread: int, provider: Path) -> list[Message]:
    """Two other processes come by at once, answer what waits and send what is queued; the thread afterwards."""
    texting = FileTexting(provider)
    for _ in range(2):
        workers = [desk.new_dispatcher(f"elsewhere/{number}/worker") for number in (1, 2)]
        await asyncio.gather(*(worker.look() for worker in workers))
        await asyncio.gather(*(worker.stop() for worker in workers))
        senders = [
            LocalSender(desk.door, desk.clock, lambda _: None, {TEXTS: texting}.get, owner=f"elsewhere/{number}/sender")
            for number in (1, 2)
        ]
        await asyncio.gather(*(sender.send() for sender in senders))
    return await desk.messages(thread)


def check(desk: DeskAtWork, run: Run, thread: int, provider: Path) -> int:
    """What must hold afterwards; how often the provider took a message twice."""
    messages = run(take_over(desk, thread, provider))
    replies = [message for message in messages if message.direction is Direction.OUT]
    said = [message for message in messages if message.direction is Direction.IN]
    assert all(message.delivery is Delivery.ANSWERED for message in said)
    assert len(replies) == len({message.turn_id for message in said})
    assert all(message.delivery is Delivery.SENT for message in replies)
    assert run(links(desk, thread)) == 1
    taken = FileTexting(provider).taken
    assert list(dict.fromkeys(taken)) == [message.id for message in replies]
    return len(taken) - len(set(taken))


def strike_everywhere(desk: DeskAtWork, run: Run, folder: Path, every: int) -> int:
    """Kill at every `every`-th step, each in a thread of its own; how many repeats all of it made."""
    first = run(phone_thread(desk, name="steps"))
    run(say(desk, first, ASKED))
    steps = steps_of(desk, first, folder / "steps")
    assert len(steps) >= LEAST_STEPS
    repeats = 0
    for at in range(1, len(steps) + 1, every):
        provider = folder / f"killed-{at}"
        thread = run(phone_thread(desk, name=f"killed-{at}"))
        run(say(desk, thread, ASKED))
        _, ended = os.waitpid(fork(desk, thread, provider, at, die), 0)
        assert os.WIFSIGNALED(ended)
        run(say(desk, thread, "thanks"))
        repeats += check(desk, run, thread, provider)
    return repeats


def test_killed_at_some_steps_repeats_nothing(desk: DeskAtWork, run: Run, tmp_path: Path) -> None:
    assert strike_everywhere(desk, run, tmp_path, every=7) == 0


@pytest.mark.prove
def test_killed_at_every_step_repeats_nothing(any_desk: DeskAtWork, run: Run, tmp_path: Path) -> None:
    assert strike_everywhere(any_desk, run, tmp_path, every=1) == 0


def frozen_at(desk: DeskAtWork, run: Run, folder: Path, at: int) -> int:
    """A process frozen at a step until its claims ran out, others at work meanwhile; how many repeats it made."""
    provider = folder / f"frozen-{at}"
    thread = run(phone_thread(desk, name=f"frozen-{at}"))
    run(say(desk, thread, ASKED))
    child = fork(desk, thread, provider, at, freeze)
    os.waitpid(child, os.WUNTRACED)
    desk.now += max(LEASE, HOLD) * 2
    clock_beside(provider).write_text(desk.now.isoformat())
    check(desk, run, thread, provider)
    os.kill(child, signal.SIGCONT)
    os.waitpid(child, 0)
    return check(desk, run, thread, provider)


@pytest.mark.prove
def test_frozen_at_every_step_repeats_only_inside_the_call(any_desk: DeskAtWork, run: Run, tmp_path: Path) -> None:
    first = run(phone_thread(any_desk, name="steps"))
    run(say(any_desk, first, ASKED))
    steps = steps_of(any_desk, first, tmp_path / "steps")
    repeats = {at: frozen_at(any_desk, run, tmp_path, at) for at in range(1, len(steps) + 1)}
    # The one window: frozen when the request to the provider is about to leave, and thawed after somebody else sent.
    assert repeats == {at: int(step == "before provider") for at, step in enumerate(steps, 1)}


def test_frozen_around_the_provider_repeats_only_inside_the_call(desk: DeskAtWork, run: Run, tmp_path: Path) -> None:
    first = run(phone_thread(desk, name="steps"))
    run(say(desk, first, ASKED))
    steps = steps_of(desk, first, tmp_path / "steps")
    inside = steps.index(AFTER_SENDING)
    assert [frozen_at(desk, run, tmp_path, at) for at in (inside, inside + 1)] == [1, 0]

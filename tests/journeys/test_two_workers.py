"""Two real `frontdesk worker` processes on one PostgreSQL, one of them killed while they answer: nothing is lost."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from billing.tables.talk import Delivery, Direction
from channels.dispatch.jobs import make_job_tables
from channels.dispatch.procrastinate import ProcrastinateDispatcher
from tests.conftest import Run
from tests.fakes.desk_at_work import DeskAtWork
from tests.fakes.dispatching import running, url_of

ROOT = Path(__file__).parent.parent.parent
PEOPLE = ("client:dana-lee", "client:amara-okafor", "staff:priya")


@contextmanager
def workers(desk: DeskAtWork, folder: Path, count: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Running workers."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith("FRONTDESK_")}  # noqa: TID251 - a child's surroundings
    mine |= {
        "FRONTDESK_DISPATCH": "procrastinate", "FRONTDESK_DATABASE_URL": url_of(desk), "PYTHONPATH": str(ROOT),
        "FRONTDESK_SECRET_KEY": "a secret of the tests", "FRONTDESK_DATA": str(folder),
    }  # fmt: skip
    command = [sys.executable, "-c", "from channels.cli import main; main()", "worker"]
    started = [subprocess.Popen(command, cwd=folder, env=mine, stdout=subprocess.PIPE) for _ in range(count)]
    try:
        yield started
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.communicate(timeout=60)


async def every_message(desk: DeskAtWork, threads: list[int]) -> list[tuple[int, bool, Delivery]]:
    return [
        (thread, row.direction is Direction.IN, row.delivery)
        for thread in threads
        for row in await desk.messages(thread)
    ]


async def ask_in_rounds(desk: DeskAtWork, processes: list[subprocess.Popen[bytes]], rounds: int) -> list[int]:
    """Everybody asks, round after round; in the middle the first worker is killed."""
    threads = [await desk.thread(each) for each in PEOPLE]
    bell = ProcrastinateDispatcher(url_of(desk), lambda _: None)
    async with running(bell):
        for number in range(rounds):
            for person, thread in zip(PEOPLE, threads, strict=True):
                await desk.receive(person, f"what are your opening hours? {number}")
                bell.wake(thread)
            if number == rounds // 2:
                processes[0].send_signal(signal.SIGKILL)
            await asyncio.sleep(0.3)
        for _ in range(600):
            found = await every_message(desk, threads)
            if all(delivery is Delivery.ANSWERED for _, is_in, delivery in found if is_in):
                break
            await asyncio.sleep(0.1)
    return threads


@pytest.mark.prove
def test_killed_worker_is_taken_over_by_the_other(postgres_desk: DeskAtWork, run: Run, tmp_path: Path) -> None:
    make_job_tables(url_of(postgres_desk))
    with workers(postgres_desk, tmp_path, 2) as processes:
        for process in processes:
            assert process.stdout is not None
            assert b"This worker answers" in process.stdout.readline()
        threads = run(ask_in_rounds(postgres_desk, processes, 6))
    for thread in threads:
        turns = run(postgres_desk.turns(thread))
        assert turns
        assert [len(replies) for _, replies in turns if _.outcome] == [1] * len(turns)
        said = [row for row in run(postgres_desk.messages(thread)) if row.direction is Direction.IN and row.turn_id]
        assert all(row.delivery is Delivery.ANSWERED for row in said)
        assert [row.turn_id for row in said] == sorted(row.turn_id or 0 for row in said)
    assert processes[0].returncode == -signal.SIGKILL
    assert processes[1].returncode == 0

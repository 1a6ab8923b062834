"""A process that answers one waiting thread and kills itself (SIGKILL) at a named point of the turn.

python -m tests.fakes.dying FOLDER THREAD POINT, where POINT is an event the assistant publishes
("preparing": claimed, nothing done yet; "draft": tools ran and are journalled, nothing committed) or
"committed" (the turn's transaction is done, nobody was told).
"""

import asyncio
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

from billing.access import Door
from billing.database import open_engines
from billing.filestore import FileStore
from channels.processes import new_owner
from tests.fakes.desk_at_work import DeskAtWork


def die() -> None:
    """End at once, as a power cut does."""
    os.kill(os.getpid(), signal.SIGKILL)


async def answer_and_die(folder: Path, thread: int, point: str) -> None:
    """Claim and answer, up to the point."""
    engines = open_engines(f"sqlite:///{folder / 'frontdesk.db'}")
    desk = DeskAtWork(Door(engines), engines, FileStore(folder / "files"))
    dispatcher = desk.new_dispatcher(new_owner("dying"))

    async def publish(_conversation_id: int, event: str, _data: dict[str, str]) -> None:
        if event == point:
            die()

    dispatcher.answering.assistant = replace(dispatcher.answering.assistant, publish=publish)
    await dispatcher.answer_one(thread)
    die()


if __name__ == "__main__":
    asyncio.run(answer_and_die(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))

"""A Frontdesk on a large business, as the benches ask it: real records, inbox, dispatch and model."""

import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from langchain_core.language_models import BaseChatModel
from sqlalchemy import text

from billing.access import Door
from billing.database import Engines, open_engines
from billing.demo.large import SLUG, create_large
from billing.filestore import FileStore
from billing.schema import migrate
from bot.messages import Channel, Inbound
from channels.inbox import Inbox
from channels.wiring import settle_memory
from tests.fakes.desk_at_work import SECRET, DeskAtWork

CLIENTS, INVOICES = 1_000, 100_000


async def fill(url: str, *, clients: int = CLIENTS, invoices: int = INVOICES, open_invoices: int | None = None) -> None:
    """The newest schema and the large business in an empty database, with statistics of its tables."""
    await migrate(url)
    engines = open_engines(url)
    await create_large(
        Door(engines), clients=clients, invoices=invoices, now=datetime.now(UTC), open_invoices=open_invoices
    )
    await analyze(engines)
    await engines.dispose()


async def analyze(engines: Engines) -> None:
    """Let the database count what is in its tables."""
    with engines.writing.engine.begin() as connection:
        connection.execute(text("ANALYZE"))


@asynccontextmanager
async def large_desk(model: BaseChatModel | None = None) -> AsyncIterator[DeskAtWork]:
    """A Frontdesk on 1,000 clients with 100,000 invoices, in SQLite in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="frontdesk-bench-") as folder:
        url = f"sqlite:///{folder}/frontdesk.db"
        await fill(url)
        engines = open_engines(url)
        desk = DeskAtWork(Door(engines), engines, FileStore(Path(folder) / "files"), model, now=datetime.now(UTC))
        settle_memory()  # as a server does once it is warm
        try:
            yield desk
        finally:
            await desk.close()


@dataclass(frozen=True)
class Turns:
    """Asks one thread of the large business, and takes the time of each turn."""

    desk: DeskAtWork
    thread: int
    address: str

    async def ask(self, text_: str) -> float:
        """From the message's arrival at the inbox to its stored reply, in milliseconds."""
        desk = self.desk
        said = Inbound(
            connection=f"web:{SLUG}", provider_id=uuid4().hex, channel=Channel.WEB, address=self.address,
            text=text_, received_at=desk.now, assurance=2,
        )  # fmt: skip
        began = time.perf_counter()
        await Inbox(desk.door, lambda *_: None, SECRET).accept(said, self.thread)
        if not await desk.dispatcher.answer_one(self.thread):
            raise AssertionError(f"nobody answered {text_!r}")
        took = time.perf_counter() - began
        desk.later(seconds=5)
        return took * 1000


async def turns_of(desk: DeskAtWork, who: str) -> Turns:
    """The turns of "client:KEY" or "staff:KEY" of the large business."""
    return Turns(desk, await desk.thread(who, SLUG), who)

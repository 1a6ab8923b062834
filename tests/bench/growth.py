"""Tool queries on 10,000 and on 1,000,000 invoices: the same client, and the same number of open invoices."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.database import Engines, open_engines
from billing.demo.large import BENCH_CLIENT, SLUG
from billing.principal import Principal, PrincipalKind, Scope
from billing.tables.people import Business, Client, Contact, Staff
from bot.evidence import Answer
from bot.identity import card_of
from bot.messages import Mention
from bot.tools.clients import client_overview
from bot.tools.context import ToolContext
from bot.tools.invoices import explain_invoice, list_invoices
from bot.tools.payments import payment_status
from bot.tools.reports import aging_report, outstanding_balances
from channels.links import Links
from tests.bench.desks import fill
from tests.bench.figures import Figure, percentile
from tests.fakes.databases import ServerUnavailableError, start_postgres

Tools = Mapping[str, Callable[[], Awaitable[Answer]]]

SMALL, LARGE = 10_000, 1_000_000
PER_CLIENT = 100  # clients are of one size: there are as many more of them
OPEN = 60
INVOICE = "INV-10000009"  # of the bench client, and open
CALLS, WARM = 200, 20
GROWTH = 1.5


@dataclass(frozen=True)
class Loaded:
    """A large business to ask, and how long it took to make, in seconds."""

    engines: Engines
    invoices: int
    seconds: float


def run() -> list[Figure]:
    """How much slower a tool is at a hundred times the invoices: p95 over p95."""
    return asyncio.run(_on_sqlite()) + asyncio.run(_on_postgres())


async def _on_sqlite() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="frontdesk-bench-") as folder:
        place = Path(folder)
        async with (
            _loaded(f"sqlite:///{place / 'small.db'}", SMALL) as small,
            _loaded(f"sqlite:///{place / 'large.db'}", LARGE) as large,
        ):
            return await compare("SQLite", small, large)


async def _on_postgres() -> list[Figure]:
    try:
        server = await asyncio.to_thread(start_postgres)
    except ServerUnavailableError as missing:
        print(f"PostgreSQL is left out: {missing}")
        return []
    try:
        with server.database() as one, server.database() as other:
            async with _loaded(one, SMALL) as small, _loaded(other, LARGE) as large:
                return await compare("PostgreSQL with row-level security", small, large)
    finally:
        server.stop()


@asynccontextmanager
async def _loaded(url: str, invoices: int) -> AsyncIterator[Loaded]:
    began = time.perf_counter()
    await fill(url, clients=invoices // PER_CLIENT, invoices=invoices, open_invoices=OPEN)
    engines = open_engines(url)
    try:
        yield Loaded(engines, invoices, time.perf_counter() - began)
    finally:
        await engines.dispose()


async def compare(database: str, small: Loaded, large: Loaded) -> list[Figure]:
    """The growth of each tool, and the time that making the larger business took.

    The two are asked in turn, so that what else the machine does falls on both.
    """
    few, many = await tools_of(small.engines), await tools_of(large.engines)
    figures = [Figure(f"{database}: {large.invoices:,} invoices made", large.seconds, "s")]
    for name in few:
        took: tuple[list[float], list[float]] = ([], [])
        for _ in range(WARM + CALLS):
            took[0].append(await _time(few[name]))
            took[1].append(await _time(many[name]))
        before, after = (percentile(times[WARM:], 0.95) for times in took)
        note = f"{before:.1f} → {after:.1f} ms"
        what = f"{database}: {name}, 10,000 → 1,000,000 invoices, p95"
        figures.append(Figure(what, after / before, "×", GROWTH, note))
    return figures


async def _time(call: Callable[[], Awaitable[Answer]]) -> float:
    began = time.perf_counter()
    answer = await call()
    if answer.error:
        raise AssertionError(f"a tool refused: {answer.kind}")
    return (time.perf_counter() - began) * 1000


async def tools_of(engines: Engines) -> Tools:
    """The tools that are measured, each with its arguments, on one database."""
    door = Door(engines)
    # By a record, not by name: that reads every name, and there are a hundred times more of them.
    client, staff = await door.system(Scope.IDENTITY).read(partial(_contexts, door))
    spoken_of = replace(staff, mentions=(Mention("invoice", INVOICE),))
    return {
        "list_invoices": partial(list_invoices, client, "all"),
        "explain_invoice": partial(explain_invoice, client, INVOICE),
        "payment_status": partial(payment_status, client),
        "client_overview": partial(client_overview, spoken_of, "them"),
        "outstanding_balances": partial(outstanding_balances, staff),
        "aging_report": partial(aging_report, staff),
    }


async def _contexts(door: Door, session: AsyncSession) -> tuple[ToolContext, ToolContext]:
    business = (await session.scalars(select(Business).where(Business.slug == SLUG))).one()
    client = (await session.scalars(select(Client.id).where(Client.key == BENCH_CLIENT))).one()
    contact = (await session.scalars(select(Contact.id).where(Contact.key == BENCH_CLIENT))).one()
    staff = (await session.scalars(select(Staff).where(Staff.business_id == business.id))).one()
    make = partial(
        ToolContext,
        door=door,
        business=card_of(business),
        now=datetime.now(UTC),
        language="en",
        locale="en_US",
        zone=business.zone,
        links=Links("http://127.0.0.1:8000"),
    )
    speaks = Principal(business.id, PrincipalKind.CLIENT, 2, client_id=client, contact_id=contact)
    works = Principal(business.id, PrincipalKind.STAFF, 2, staff_id=staff.id, role=staff.role.value)
    return make(principal=speaks), make(principal=works)

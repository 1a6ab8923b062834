"""Units of work: one transaction each, undone when they fail, whole when their caller is cancelled."""

import asyncio

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from billing.principal import Scope
from billing.refusals import NestedWriteError
from billing.tables.people import Business
from tests.conftest import Run
from tests.factories.people import make_business
from tests.fakes.databases import Database


async def slugs(session: AsyncSession) -> list[str]:
    """Of all businesses."""
    return list(await session.scalars(select(Business.slug)))


def test_what_work_wrote_is_committed(database: Database, run: Run) -> None:
    records = database.door.system(Scope.IMPORT)
    run(records.write(lambda session: make_business(session, slug="kept")))
    assert run(records.read(slugs)) == ["kept"]


def test_what_failed_work_wrote_is_undone(database: Database, run: Run) -> None:
    async def fail(session: AsyncSession) -> None:
        await make_business(session)
        raise ValueError("changed my mind")

    records = database.door.system(Scope.IMPORT)
    with pytest.raises(ValueError, match="changed my mind"):
        run(records.write(fail))
    assert run(records.read(slugs)) == []


def test_reading_work_cannot_write(database: Database, run: Run) -> None:
    with pytest.raises(DBAPIError):
        run(database.door.system(Scope.IMPORT).read(make_business))


def test_a_write_inside_a_write_fails_at_once(database: Database, run: Run) -> None:
    records = database.door.system(Scope.IMPORT)

    async def outer(_: AsyncSession) -> None:
        await records.write(make_business)

    async def within_a_second() -> None:
        async with asyncio.timeout(1):
            await records.write(outer)

    with pytest.raises(NestedWriteError):
        run(within_a_second())


def test_a_read_inside_a_write_is_fine(database: Database, run: Run) -> None:
    records = database.door.system(Scope.IMPORT)

    async def outer(session: AsyncSession) -> list[str]:
        await make_business(session)
        return await records.read(slugs)

    assert run(records.write(outer)) == []


def test_what_work_started_may_write_afterwards(database: Database, run: Run) -> None:
    records = database.door.system(Scope.IMPORT)

    async def both() -> list[str]:
        go = asyncio.Event()

        async def later() -> None:
            await go.wait()
            await records.write(lambda session: make_business(session, slug="later"))

        async def start(_: AsyncSession) -> asyncio.Task[None]:
            return asyncio.ensure_future(later())

        task = await records.write(start)
        go.set()
        await task
        return await records.read(slugs)

    assert run(both()) == ["later"]


def test_cancelled_callers_leave_no_lock(database: Database, run: Run) -> None:
    records = database.door.system(Scope.IMPORT)

    async def cancel_some() -> int:
        for n in range(20):
            task = asyncio.ensure_future(records.write(make_business))
            await asyncio.sleep(n / 2000)
            task.cancel()
            await asyncio.wait([task])
        await records.write(lambda session: make_business(session, slug="after"))
        return len(await records.read(slugs))

    assert run(cancel_some()) >= 1

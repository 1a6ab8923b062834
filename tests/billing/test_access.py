"""Units of work: one transaction each, undone when they fail, whole when their caller is cancelled."""

import asyncio
import threading

import pytest
from sqlalchemy import func, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door, Records
from billing.database import open_engines
from billing.principal import Principal, PrincipalKind, Scope
from billing.refusals import AwaitedInsideError, NestedWorkError
from billing.row_security import FROZEN_AFTER
from billing.tables.people import Business
from tests.conftest import Run
from tests.factories.people import make_business
from tests.fakes.databases import Database, PostgresServer


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


def test_connections_that_the_server_closed_are_opened_anew(postgres_server: PostgresServer, run: Run) -> None:
    with postgres_server.database() as url:
        engines = open_engines(url, rested=0.0)
        records = Door(engines).system(Scope.IMPORT)
        assert run(records.read(slugs)) == []
        name = make_url(url).database
        ended = f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'"
        assert postgres_server.execute(ended) == [(True,)]
        assert run(records.read(slugs)) == []
        run(engines.dispose())


def test_work_inside_work_fails_at_once(database: Database, run: Run) -> None:
    records = database.door.system(Scope.IMPORT)

    async def writes(session: AsyncSession) -> None:
        await make_business(session)
        await records.write(make_business)

    async def reads(session: AsyncSession) -> None:
        await make_business(session)
        await records.read(slugs)

    for outer in (writes, reads):
        with pytest.raises(NestedWorkError):
            run(records.write(outer))
    assert run(records.read(slugs)) == []


def test_work_that_waits_for_others_is_undone(database: Database, run: Run) -> None:
    records = database.door.system(Scope.IMPORT)

    async def waits(session: AsyncSession) -> None:
        await make_business(session)
        await asyncio.sleep(0)

    with pytest.raises(AwaitedInsideError):
        run(records.write(waits))
    assert run(records.read(slugs)) == []


def test_writers_take_turns(database: Database, run: Run) -> None:
    records = database.door.system(Scope.IMPORT)

    async def at_once() -> list[str]:
        await asyncio.gather(
            *(records.write(lambda session, n=n: make_business(session, slug=f"b{n:02}")) for n in range(20))  # type: ignore[misc]  # a lambda that remembers n
        )
        return await records.read(slugs)

    assert sorted(run(at_once())) == [f"b{n:02}" for n in range(20)]


def test_a_long_report_holds_no_scope_up(database: Database, run: Run) -> None:
    system = database.door.system(Scope.IMPORT)
    business = run(system.write(make_business))
    staff = database.door.records_for(Principal(business.id, PrincipalKind.STAFF, 2, staff_id=1, role="owner"))
    is_done = threading.Event()

    async def report(session: AsyncSession) -> bool:
        await session.scalars(select(Business.slug))
        return is_done.wait(10)

    async def story() -> bool:
        reporting = asyncio.ensure_future(staff.read(report))
        await system.write(lambda session: make_business(session, slug="another"))
        await system.read(slugs)
        is_done.set()
        return await reporting

    assert run(story()), "the report ran to its end beside them"


def test_scopes_of_a_process_take_turns_on_postgresql(postgres_server: PostgresServer, run: Run) -> None:
    seen: set[int] = set()

    async def look(session: AsyncSession) -> str:
        await session.scalars(select(Business.slug))
        seen.add(threading.get_ident())
        frozen = await session.scalar(select(func.current_setting("idle_in_transaction_session_timeout")))
        return str(frozen)

    async def story(system: Records) -> list[str]:
        return await asyncio.gather(*(system.read(look) for _ in range(4)), *(system.write(look) for _ in range(4)))

    with postgres_server.database() as url:
        engines = open_engines(url)
        told = run(story(Door(engines).system(Scope.IMPORT)))
        run(engines.dispose())
    assert len(seen) == 1, "several threads would fight for the interpreter"
    assert set(told) == {FROZEN_AFTER}, "one that freezes inside a transaction is ended by the server"


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

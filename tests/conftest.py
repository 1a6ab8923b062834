"""Fixtures that every test may use: a loop, and databases with the schema in them."""

import asyncio
import gc
import os
import shutil
import tempfile
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
import structlog

from billing.access import Door
from billing.database import open_engines
from billing.schema import migrate
from tests.fakes.databases import Database, PostgresServer, ServerUnavailableError, start_postgres
from tests.fakes.dialects import share_dialects

if TYPE_CHECKING:
    from tests.fakes.desk_at_work import DeskAtWork

T = TypeVar("T")
Run = Callable[[Coroutine[Any, Any, Any]], Any]

MEMORY, ROOM = Path("/dev/shm"), 2_000_000_000


def pytest_configure() -> None:
    """Before anything is loaded: no rounds of the collector over modules and tests that all stay.

    Databases stand in memory where there is room: on a disk, a copy of PostgreSQL's template takes half a second.
    """
    gc.disable()
    share_dialects()
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
        tempfile.tempdir = str(MEMORY)


def pytest_collection_finish() -> None:
    """What was loaded stays; the collector looks at what tests make, as rarely as a process that serves may."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)
    gc.enable()


@pytest.fixture
def run() -> Iterator[Run]:
    """Run a coroutine to its end; all of one test's run on one loop, so that they may share connections."""
    with asyncio.Runner() as runner:
        yield runner.run


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """A test that sets logging up leaves no later one a stream that is closed."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database with the newest schema."""
    path = tmp_path_factory.mktemp("template") / "frontdesk.db"
    asyncio.run(migrate(f"sqlite:///{path}"))
    return path


@pytest.fixture
def sqlite_database(sqlite_template: Path, tmp_path: Path, run: Run) -> Iterator[Database]:
    """A SQLite database of this test's own."""
    path = tmp_path / "frontdesk.db"
    shutil.copyfile(sqlite_template, path)
    url = f"sqlite:///{path}"
    engines = open_engines(url)
    yield Database("sqlite", url, engines, Door(engines))
    run(engines.dispose())


@pytest.fixture
def sqlite_door(sqlite_database: Database) -> Door:
    """The door to a SQLite database of this test's own."""
    return sqlite_database.door


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One PostgreSQL server for this process's tests. Where it cannot start: skipped, in CI an error."""
    try:
        server = start_postgres()
    except ServerUnavailableError as missing:
        # The tests' own switch, not a setting of the product.
        if os.environ.get("CI", "").lower() == "true":  # noqa: TID251 - see above
            raise
        pytest.skip(str(missing))
    try:
        asyncio.run(migrate(server.template_url))
        yield server
    finally:
        server.stop()


@pytest.fixture
def postgres_database(postgres_server: PostgresServer, run: Run) -> Iterator[Database]:
    """A PostgreSQL database of this test's own; its login role is no superuser."""
    with postgres_server.database() as url:
        engines = open_engines(url)
        yield Database("postgresql", url, engines, Door(engines))
        run(engines.dispose())


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    """A database of this test's own, once on SQLite and once on PostgreSQL."""
    name = "sqlite_database" if request.param == "sqlite" else "postgres_database"
    found: Database = request.getfixturevalue(name)
    return found


@pytest.fixture(scope="session")
def demo_files(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database of both demo businesses, made once for this process's tests."""
    from tests.fakes.desk_at_work import demo_template

    return demo_template(sqlite_template, tmp_path_factory.mktemp("demo"))


@pytest.fixture
def desk(demo_files: Path, tmp_path: Path, run: Run) -> Iterator["DeskAtWork"]:
    """A Frontdesk on a copy of the demo, with the built-in model."""
    from tests.fakes.desk_at_work import open_desk

    desk = open_desk(demo_files, tmp_path)
    yield desk
    run(desk.close())


@pytest.fixture(scope="session")
def postgres_demo(postgres_server: PostgresServer, demo_files: Path) -> str:
    """The name of a PostgreSQL database with both demo businesses."""
    from tests.fakes.desk_at_work import fill_with_demo

    fill_with_demo(postgres_server.keep("frontdesk_demo"), demo_files / "files")
    return "frontdesk_demo"


@pytest.fixture
def postgres_desk(
    postgres_server: PostgresServer, postgres_demo: str, demo_files: Path, run: Run
) -> Iterator["DeskAtWork"]:
    """A Frontdesk on a copy of the demo in PostgreSQL."""
    from tests.fakes.desk_at_work import open_desk_at

    with postgres_server.database(postgres_demo) as url:
        desk = open_desk_at(url, demo_files / "files")
        yield desk
        run(desk.close())


@pytest.fixture(params=["sqlite", "postgresql"])
def any_desk(request: pytest.FixtureRequest) -> "DeskAtWork":
    """A Frontdesk on the demo, once on SQLite and once on PostgreSQL."""
    found: DeskAtWork = request.getfixturevalue("desk" if request.param == "sqlite" else "postgres_desk")
    return found

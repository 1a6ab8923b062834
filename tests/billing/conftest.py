"""Fixtures of the boundary's tests: neighbours in a database, made once for tests that only read."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from billing.access import Door
from billing.database import open_engines
from tests.billing.neighbours import make_neighbours
from tests.billing.villages import Village
from tests.conftest import Run
from tests.fakes.databases import Database, PostgresServer


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared_village(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Village]:
    """Neighbours for all tests of a file that change nothing, once on each kind of database."""
    with ExitStack() as stack:
        run = stack.enter_context(asyncio.Runner()).run
        if request.param == "sqlite":
            template: Path = request.getfixturevalue("sqlite_template")
            path = tmp_path_factory.mktemp("village") / "frontdesk.db"
            shutil.copyfile(template, path)
            url = f"sqlite:///{path}"
        else:
            server: PostgresServer = request.getfixturevalue("postgres_server")
            url = stack.enter_context(server.database())
        engines = open_engines(url)
        stack.callback(lambda: run(engines.dispose()))
        database = Database(request.param, url, engines, Door(engines))
        yield Village(database, run(make_neighbours(database.door)), run)


@pytest.fixture
def village(database: Database, run: Run) -> Village:
    """Neighbours of this test's own, once on each kind of database."""
    return Village(database, run(make_neighbours(database.door)), run)

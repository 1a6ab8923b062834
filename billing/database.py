"""Naming convention, column types, engines and how a transaction begins, on SQLite and PostgreSQL."""

import asyncio
import enum
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, TypeVar

from sqlalchemy import (
    JSON,
    BigInteger,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Enum,
    Integer,
    MetaData,
    create_engine,
    event,
)
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

from billing.precedence import Precedence

T = TypeVar("T")

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

HURRIED = "frontdesk_hurried"  # the execution option of transactions that do not wait for the disk
READERS = 4  # transactions of principals that read at the same time, and on SQLite those of scopes too
RESTED = 5.0  # seconds
_PREPARED_AFTER = 1  # runs of a statement on a connection: what runs once is mostly run again with the next turn

BigInt = BigInteger().with_variant(Integer(), "sqlite")


class UTCDateTime(TypeDecorator[datetime]):
    """A moment in UTC; refuses naive values, and returns aware ones on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its zone; use aware UTC")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def text_enum(kind: type[enum.StrEnum]) -> Enum:
    """A StrEnum as text with a check constraint, so that a new member needs no type migration."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        length=32,
        values_callable=_values,
        name=kind.__name__.lower(),
    )


def _values(kind: type[enum.Enum]) -> Sequence[str]:
    return [str(member.value) for member in kind]


class Base(DeclarativeBase):
    """The declarative base of every table."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {int: BigInt, datetime: UTCDateTime(), dict[str, Any]: JSON(), list[Any]: JSON()}  # noqa: RUF012 - SQLAlchemy reads it as it is


@dataclass(frozen=True)
class Lane:
    """An engine, and the threads in which its transactions run: one trip each, whatever they hold.

    The threads end when nobody holds the lane any more.
    """

    engine: Engine
    threads: ThreadPoolExecutor

    async def run(self, transaction: Callable[[], T]) -> T:
        """Run a transaction to its end, also when its caller is cancelled meanwhile."""
        running = asyncio.get_running_loop().run_in_executor(self.threads, copy_context().run, transaction)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            await asyncio.wait([running])
            if not running.cancelled():
                running.exception()  # the caller is gone: what went wrong needs no reader
            raise


@dataclass(frozen=True)
class Engines:
    """A lane of one thread that writes, and one that reads: on PostgreSQL over one engine, on SQLite over two."""

    writing: Lane
    reading: Lane
    precedence: Precedence = field(default_factory=Precedence, compare=False)

    @cached_property
    def hurried(self) -> Lane:
        """The writing lane, for transactions whose commit need not wait for the disk."""
        return Lane(self.writing.engine.execution_options(**{HURRIED: True}), self.writing.threads)

    def lane_of_reads(self, *, is_scope: bool) -> Lane:
        """Where reads run: a principal's may be long reports, a scope's are short and by key.

        On PostgreSQL those wait their turn with what is written. Several threads would only fight for this
        interpreter, each with a colder connection: two workers on two cores answer a quarter less (tests/bench).
        """
        return self.writing if is_scope and not self.is_sqlite else self.reading

    @property
    def is_sqlite(self) -> bool:
        return self.writing.engine.dialect.name == "sqlite"

    async def dispose(self) -> None:
        """Close every pooled connection."""
        self.writing.engine.dispose()
        if self.reading.engine is not self.writing.engine:
            self.reading.engine.dispose()


def open_engines(url: str, *, rested: float = RESTED) -> Engines:
    """Engines for `sqlite:///path` or `postgresql://…`, whatever driver the URL names.

    rested: seconds after which a connection to PostgreSQL is asked whether it still stands.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _open_sqlite(url)
    engine = _postgres_engine(parsed.set(drivername="postgresql+psycopg"), rested)
    return _lanes(engine, engine)


def _lanes(writing: Engine, reading: Engine) -> Engines:
    # One thread writes, in the order in which writers came: SQLite's own lock does not give that.
    return Engines(
        Lane(writing, ThreadPoolExecutor(1, "writing")), Lane(reading, ThreadPoolExecutor(READERS, "reading"))
    )


def _postgres_engine(url: URL, rested: float) -> Engine:
    # The connection used last is taken first: few stay warm, and the server keeps plans by connection.
    engine = create_engine(
        url,
        pool_size=1 + READERS,
        max_overflow=0,
        pool_use_lifo=True,
        connect_args={"prepare_threshold": _PREPARED_AFTER},
    )

    @event.listens_for(engine, "checkin")
    def note_use(_connection: Any, record: Any) -> None:
        record.info["used"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def look_after_rest(connection: Any, record: Any, _proxy: Any) -> None:
        """The server may have gone meanwhile: one that rested is asked first, and another opened where it fails."""
        used = record.info.get("used")
        if used is None or time.monotonic() - used < rested:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as gone:
            raise DisconnectionError from gone

    return engine


def _open_sqlite(url: str) -> Engines:
    writing = _sqlite_engine(url, 1, begin="BEGIN IMMEDIATE", query_only=False)
    return _lanes(writing, _sqlite_engine(url, READERS, begin="BEGIN", query_only=True))


def _sqlite_engine(url: str, connections: int, *, begin: str, query_only: bool) -> Engine:
    engine = create_engine(
        make_url(url).set(drivername="sqlite+pysqlite"),
        pool_size=connections,
        max_overflow=0,
        connect_args={"check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: Any, _record: Any) -> None:
        # The driver must not begin transactions of its own: a deferred BEGIN that turns into a write fails
        # with "database is locked" at once, whatever the busy timeout.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout = 10000")
        if not query_only:
            cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA secure_delete = ON")  # what is erased or redacted leaves no bytes behind
        # In KiB. What one question touches in a large database fits in; the default of 2 MB is read anew each time.
        cursor.execute("PRAGMA cache_size = -16000")
        if query_only:
            cursor.execute("PRAGMA query_only = ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin_transaction(connection: Connection) -> None:
        if not query_only:
            _set_durability(connection)
        connection.exec_driver_sql(begin)

    return engine


def _set_durability(connection: Connection) -> None:
    """FULL: a commit returns when the disk has it. NORMAL: when the log has it, which a power cut may take back."""
    wanted = "NORMAL" if connection.get_execution_options().get(HURRIED) else "FULL"
    if connection.info.get("synchronous") != wanted:
        connection.exec_driver_sql(f"PRAGMA synchronous = {wanted}")
        connection.info["synchronous"] = wanted

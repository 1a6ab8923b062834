"""Naming convention, column types, engines and how a transaction begins, on SQLite and PostgreSQL."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import JSON, BigInteger, Connection, DateTime, Dialect, Enum, Integer, MetaData, event
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import AsyncAdaptedQueuePool
from sqlalchemy.types import TypeDecorator

from billing import sqlite_driver

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

HURRIED = "frontdesk_hurried"  # the execution option of transactions that do not wait for the disk

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
class Engines:
    """One engine that writes and one that reads; the same on PostgreSQL, two on SQLite."""

    writing: AsyncEngine
    reading: AsyncEngine

    @cached_property
    def hurried(self) -> AsyncEngine:
        """The writing engine, for transactions whose commit need not wait for the disk."""
        return self.writing.execution_options(**{HURRIED: True})

    @property
    def is_sqlite(self) -> bool:
        return self.writing.dialect.name == "sqlite"

    async def dispose(self) -> None:
        """Close every pooled connection."""
        await self.writing.dispose()
        if self.reading is not self.writing:
            await self.reading.dispose()


def open_engines(url: str) -> Engines:
    """Engines for `sqlite:///path` or `postgresql://…`, whatever driver the URL names."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _open_sqlite(url)
    target = parsed.set(drivername="postgresql+psycopg")
    engine = create_async_engine(target, pool_size=10, max_overflow=10, pool_pre_ping=True)
    return Engines(engine, engine)


def _open_sqlite(url: str) -> Engines:
    target = make_url(url).set(drivername="sqlite+aiosqlite")
    driver = {"async_creator_fn": sqlite_driver.connect}
    writing = create_async_engine(
        target, poolclass=AsyncAdaptedQueuePool, pool_size=1, max_overflow=0, pool_timeout=30, connect_args=driver
    )
    reading = create_async_engine(
        target, poolclass=AsyncAdaptedQueuePool, pool_size=4, max_overflow=4, connect_args=driver
    )
    _prepare_sqlite(writing, begin="BEGIN IMMEDIATE", query_only=False)
    _prepare_sqlite(reading, begin="BEGIN", query_only=True)
    return Engines(writing, reading)


def _prepare_sqlite(engine: AsyncEngine, *, begin: str, query_only: bool) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def set_pragmas(connection: Any, _record: Any) -> None:
        # The driver must not begin transactions of its own: a deferred BEGIN that turns into a write fails
        # with "database is locked" at once, whatever the busy timeout.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout = 10000")
        if not query_only:
            cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA foreign_keys = ON")
        # In KiB. What one question touches in a large database fits in; the default of 2 MB is read anew each time.
        cursor.execute("PRAGMA cache_size = -16000")
        if query_only:
            cursor.execute("PRAGMA query_only = ON")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin_transaction(connection: Connection) -> None:
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite_driver.Connection)
        driver.begin_with(begin, waits_for_disk=not connection.get_execution_options().get(HURRIED, False))

"""A database with neighbours in it, asked as anybody."""

import sqlite3
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

import psycopg
from sqlalchemy import Executable, make_url
from sqlalchemy.ext.asyncio import AsyncSession

from billing.database import Base
from billing.principal import Principal, Scope
from tests.billing.neighbours import Neighbours
from tests.conftest import Run
from tests.fakes.databases import Database


@dataclass(frozen=True)
class Village:
    """A database with neighbours in it, and the loop its connections live on."""

    database: Database
    near: Neighbours
    run: Run

    def read(self, asker: Principal | Scope, work: Callable[..., Awaitable[Any]]) -> Any:
        """What `work` answers in a reading session of this asker."""
        return self.run(self._records(asker).read(work))

    def write(self, asker: Principal | Scope, work: Callable[..., Awaitable[Any]]) -> Any:
        """What `work` answers in a writing session of this asker."""
        return self.run(self._records(asker).write(work))

    def _records(self, asker: Principal | Scope) -> Any:
        door = self.database.door
        return door.system(asker) if isinstance(asker, Scope) else door.records_for(asker)

    def plant(self, statement: str) -> None:
        """Run written SQL past every check there is, foreign keys included."""
        url = make_url(self.database.url)
        if self.database.kind == "sqlite":
            with sqlite3.connect(str(url.database)) as file:
                file.execute(statement)
            file.close()
            return
        with psycopg.connect(url.set(username="postgres").render_as_string(), autocommit=True) as server:
            server.execute("set session_replication_role = replica")
            server.execute(statement.encode())


def rows(village: Village, principal: Principal, statement: Executable) -> list[tuple[Any, ...]]:
    """What a principal's session answers."""

    async def work(session: AsyncSession) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in (await session.execute(statement)).all()]

    found: list[tuple[Any, ...]] = village.read(principal, work)
    return found


def by_name(tables: Iterable[type[Base]]) -> list[type[Base]]:
    """Tables in an order that does not change."""
    return sorted(tables, key=lambda table: table.__tablename__)

"""SQLite's connections: each statement is one trip to the driver's thread, with its BEGIN and its rows."""

import sqlite3
from collections.abc import Callable
from typing import Any, Self

import aiosqlite

Fetched = tuple[Any, int, int | None, list[Any]]  # description, row count, last id, rows


class Cursor:
    """What SQLAlchemy asks of an asynchronous cursor. The rows of a statement are fetched where it runs.

    The driver's own cursor goes to its thread four times a statement (open, execute, fetch, close), and the
    trips cost a turn more than its queries do.
    """

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self.description: Any = None
        self.rowcount, self.arraysize = -1, 1
        self.lastrowid: int | None = None
        self._rows: list[Any] = []

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, statement: str, parameters: Any = ()) -> "Cursor":
        """Run a statement and fetch its rows."""
        return await self._run(lambda cursor: cursor.execute(statement, parameters))

    async def executemany(self, statement: str, parameters: Any) -> "Cursor":
        """Run a statement once for each of `parameters`."""
        return await self._run(lambda cursor: cursor.executemany(statement, parameters))

    async def _run(self, act: Callable[[sqlite3.Cursor], object]) -> "Cursor":
        self.description, self.rowcount, self.lastrowid, self._rows = await self._connection.run(act)
        return self

    async def fetchall(self) -> list[Any]:
        """The rows that were not fetched yet."""
        rows, self._rows = self._rows, []
        return rows

    async def fetchmany(self, size: int | None = None) -> list[Any]:
        """The next rows, `size` at most."""
        wanted = size or self.arraysize
        rows, self._rows = self._rows[:wanted], self._rows[wanted:]
        return rows

    async def fetchone(self) -> Any:
        """The next row, if there is one."""
        return next(iter(await self.fetchmany(1)), None)

    async def close(self) -> None:
        """Forget the rows; the statement was closed when it had run."""
        self._rows = []


class Connection(aiosqlite.Connection):
    """A connection with such cursors, whose transactions begin with their first statement."""

    _begin = ""  # what begins the transaction that was asked for and has had no statement yet
    _waits_for_disk: bool | None = None

    def begin_with(self, statement: str, *, waits_for_disk: bool) -> None:
        """Begin the next transaction with `statement`, on the trip of its first statement.

        waits_for_disk: whether its commit returns only when the disk has it.
        """
        self._begin = statement
        if waits_for_disk is not self._waits_for_disk:
            self._waits_for_disk = waits_for_disk
            self._begin = f"PRAGMA synchronous = {'FULL' if waits_for_disk else 'NORMAL'}; {statement}"

    async def commit(self) -> None:
        """Commit; a transaction without statements needs no trip."""
        if self._begin:
            self._begin = ""
        else:
            await super().commit()

    async def rollback(self) -> None:
        """Undo; a transaction without statements needs no trip."""
        if self._begin:
            self._begin = ""
        else:
            await super().rollback()

    def cursor(self) -> Cursor:  # type: ignore[override]  # the driver's awaits a trip to its thread here
        """A cursor, at no cost."""
        return Cursor(self)

    async def run(self, act: Callable[[sqlite3.Cursor], object]) -> Fetched:
        """Let `act` execute on a cursor in the driver's thread; description, row count, last id and rows."""
        begin, self._begin = self._begin, ""

        def there() -> Fetched:
            cursor = self._conn.cursor()
            try:
                for first in begin.split("; ") if begin else ():
                    cursor.execute(first)
                act(cursor)
                rows = cursor.fetchall() if cursor.description else []
                return cursor.description, cursor.rowcount, cursor.lastrowid, rows
            finally:
                cursor.close()

        found: Fetched = await self._execute(there)  # type: ignore[no-untyped-call]  # the driver has no types here
        return found


def connect(database: str, **settings: Any) -> Connection:
    """A connection that is opened when it is awaited. settings: as those of sqlite3.connect."""
    made = Connection(lambda: sqlite3.connect(database, **settings), iter_chunk_size=64)
    # As SQLAlchemy does for the driver's own: an unclosed connection must not keep the process alive.
    made._thread.daemon = True  # noqa: SLF001 - it has no public name
    return made

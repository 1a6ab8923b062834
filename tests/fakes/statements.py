"""What a database is asked while a test does something, and how SQLite would go about it."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from billing.database import Engines


@contextmanager
def statements_of(engines: Engines, about: str = "") -> Iterator[list[tuple[str, Any]]]:
    """The statements that run while the block does and have `about` in them, with their parameters."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if about in statement:
            seen.append((statement, parameters))

    lanes = {engines.reading.engine, engines.writing.engine}  # one on PostgreSQL
    for engine in lanes:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        for engine in lanes:
            event.remove(engine, "before_cursor_execute", note)


def plan_of(engines: Engines, statement: str, parameters: Any) -> list[str]:
    """The steps that SQLite takes for a statement, in its words."""
    connection = sqlite3.connect(str(engines.writing.engine.url.database))
    try:
        return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)]
    finally:
        connection.close()

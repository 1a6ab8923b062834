"""One dialect of each database for all engines of a test run, so that a statement is compiled once for them all.

SQLAlchemy compiles a statement for a dialect object, and every engine makes its own: each test's database would
compile anew what a process that serves compiles once.
"""

from typing import Any, ClassVar, Self

from sqlalchemy import Engine
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache


class MadeOnce:
    """A dialect that every engine finds made already, with the statements that others compiled."""

    one: ClassVar[Any]
    compiled: ClassVar[LRUCache[Any, Any]] = LRUCache(5_000)  # of both databases: the dialect is part of the key
    supports_statement_cache = True

    def __new__(cls, **settings: Any) -> Self:
        if "one" not in cls.__dict__:
            cls.one = super().__new__(cls)
            super(MadeOnce, cls.one).__init__(**settings)
        found: Self = cls.one
        return found

    def __init__(self, **_settings: Any) -> None:
        """Made already."""

    @classmethod
    def engine_created(cls, engine: Engine) -> None:
        """Where SQLAlchemy lets a dialect see its engine."""
        engine.update_execution_options(compiled_cache=cls.compiled)


class SharedSQLite(MadeOnce, SQLiteDialect_pysqlite):
    """SQLite's."""

    supports_statement_cache = True


class SharedPostgreSQL(MadeOnce, PGDialect_psycopg):
    """PostgreSQL's."""

    supports_statement_cache = True


def share_dialects() -> None:
    """Let every engine that this process makes from now on use these."""
    registry.register("sqlite.pysqlite", __name__, SharedSQLite.__name__)
    registry.register("postgresql.psycopg", __name__, SharedPostgreSQL.__name__)

"""The jobs' own tables: where they lie in PostgreSQL, how they are made, whether they are there, and what waits."""

from importlib.metadata import version

import psycopg
from procrastinate import App, PsycopgConnector
from procrastinate.schema import SchemaManager
from sqlalchemy import make_url

SCHEMA = "frontdesk_jobs"  # apart from the records, whose every table has row-level security
_LOCK = 7_136_402_119  # any number nobody else takes: two processes that migrate at once wait for each other
_OPTIONS = f"-c search_path={SCHEMA}"


def address_of(database: str) -> str:
    """A SQLAlchemy URL of PostgreSQL as libpq reads it."""
    return make_url(database).set(drivername="postgresql").render_as_string(hide_password=False)


def open_connector(database: str) -> PsycopgConnector:
    """Connections of their own to the jobs' tables; they are opened by the application that takes it."""
    return PsycopgConnector(conninfo=address_of(database), kwargs={"options": _OPTIONS}, min_size=1, max_size=6)


async def locks_taken(app: App, queue: str) -> frozenset[str]:
    """The locks of the jobs that wait or run."""
    jobs = "select lock from procrastinate_jobs where queue_name = %(queue)s and status in ('todo', 'doing')"
    return frozenset(row["lock"] for row in await app.connector.execute_query_all_async(jobs, queue=queue))


def make_job_tables(database: str) -> None:
    """Make the tables where they are missing. The login role must be allowed to create a schema."""
    with psycopg.connect(address_of(database), options=_OPTIONS) as connection:
        connection.execute("select pg_advisory_xact_lock(%s)", (_LOCK,))
        connection.execute(f"create schema if not exists {SCHEMA}")
        if _made_by(connection) is None:
            connection.execute(SchemaManager.get_schema())
            connection.execute(f"comment on schema {SCHEMA} is '{version('procrastinate')}'".encode())


def job_tables_state(database: str) -> str | None:
    """Which version of procrastinate made the tables; None where there are none."""
    with psycopg.connect(address_of(database), options=_OPTIONS) as connection:
        return _made_by(connection)


def _made_by(connection: "psycopg.Connection[tuple[object, ...]]") -> str | None:
    noted = "select obj_description(to_regnamespace(%s), 'pg_namespace')"
    row = connection.execute(f"{noted} where to_regclass('procrastinate_jobs') is not null", (SCHEMA,)).fetchone()
    return None if row is None else str(row[0] or "")

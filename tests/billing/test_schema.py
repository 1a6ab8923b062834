"""Migrating: from nothing, again, and what doctor is told."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import CheckConstraint, Connection, inspect

from billing.schema import DanglingRowsError, every_table, migrate, newest_revision, schema_differences, schema_state
from tests.billing.villages import Village
from tests.conftest import Run
from tests.fakes.databases import Database


def test_an_empty_database_is_told(tmp_path: Path, run: Run) -> None:
    state = run(schema_state(f"sqlite:///{tmp_path / 'new.db'}"))
    assert state.at is None
    assert state.newest == newest_revision()
    assert not state.is_current


def test_history_and_tables_agree(database: Database, run: Run) -> None:
    assert run(schema_differences(database.url)) == []
    assert run(schema_state(database.engines)).is_current


def test_migrating_again_changes_nothing(village: Village) -> None:
    village.run(migrate(village.database.engines))
    assert village.run(schema_state(village.database.url)).is_current
    assert village.run(schema_differences(village.database.url)) == []


def test_names_of_constraints_agree(database: Database, run: Run) -> None:
    """Alembic compares no checks; their names are compared here, so that no migration forgets one."""

    def compare(connection: Connection) -> None:
        there = inspect(connection)
        for name, table in every_table().tables.items():
            made = {str(check.name) for check in table.constraints if isinstance(check, CheckConstraint)}
            assert {check["name"] for check in there.get_check_constraints(name)} == made, name

    with database.engines.reading.engine.connect() as connection:
        compare(connection)


def test_rows_without_parents_stop_a_migration(sqlite_database: Database, run: Run) -> None:
    with sqlite3.connect(sqlite_database.url.removeprefix("sqlite:///")) as file:
        file.execute(
            "insert into consent (business_id, contact_id, channel, scope, source, wording, is_given, at)"
            " values (7, 7, 'sms', 'all', 'form', 'yes', 1, '2026-01-01 00:00:00')"
        )
    file.close()
    with pytest.raises(DanglingRowsError) as told:
        run(migrate(sqlite_database.url))
    assert told.value.tables == ["consent"]

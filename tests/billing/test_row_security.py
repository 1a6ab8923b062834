"""The boundary in PostgreSQL itself: written SQL in a transaction that began as somebody, with no filter of ours."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege, ReadOnlySqlTransaction

from billing.access import Door
from billing.boundary import CLIENT_READS, STAFF_READS, STRANGER_READS, Asker
from billing.database import Base, open_engines
from billing.principal import Scope
from billing.row_security import KINDS, RolesMissingError, role_of, settings_of
from billing.schema import migrate, schema_state
from billing.scopes import EVERY_TABLE, SECRETS, reach_of
from billing.tables.people import Business, Client, Contact, Staff
from tests.billing.neighbours import Neighbours, make_neighbours
from tests.billing.villages import by_name
from tests.conftest import Run
from tests.fakes.databases import PostgresServer

BEGIN = (
    "select set_config('role', %(role)s, true), set_config('fd.business', %(business)s, true),"
    " set_config('fd.client', %(client)s, true), set_config('fd.contact', %(contact)s, true)"
)


@dataclass(frozen=True)
class Raw:
    """Connections of the login role to a database with neighbours, past the door."""

    url: str
    near: Neighbours

    def ask(self, asker: Asker | None, statement: str) -> list[tuple[Any, ...]]:
        """What a written statement answers in a transaction of this asker (None: that took no role), undone after."""
        with psycopg.connect(self.url) as connection:
            if asker is not None:
                settings = settings_of(asker, read_only=False)
                connection.execute(BEGIN, {**settings})
            cursor = connection.execute(statement.encode())
            found = list(cursor.fetchall()) if cursor.description else [(cursor.rowcount,)]
            connection.rollback()
            return found


@pytest.fixture(scope="module")
def raw(postgres_server: PostgresServer) -> Iterator[Raw]:
    """Neighbours in a database that the tests of this file share; nothing they write stays."""

    async def fill(url: str) -> Neighbours:
        engines = open_engines(url)
        near = await make_neighbours(Door(engines))
        await engines.dispose()
        return near

    with postgres_server.database() as url:
        yield Raw(url, asyncio.run(fill(url)))


def name_of(table: type[Base]) -> str:
    """Quoted."""
    return f'"{table.__tablename__}"'


@pytest.mark.parametrize("table", by_name(EVERY_TABLE))
def test_no_role_sees_no_row(table: type[Base], raw: Raw) -> None:
    assert raw.ask(None, f"select count(*) from {name_of(table)}") == [(0,)]


@pytest.mark.parametrize("table", by_name(CLIENT_READS - {Business, Client, Contact, Staff}))
def test_a_client_role_sees_own_rows(table: type[Base], raw: Raw) -> None:
    found = raw.ask(raw.near.client, f"select distinct business_id, client_id from {name_of(table)}")
    assert found == [(raw.near.mine.business, raw.near.mine.client)]


def test_a_client_role_sees_own_people(raw: Raw) -> None:
    mine = raw.near.mine
    assert raw.ask(raw.near.client, "select id from business") == [(mine.business,)]
    assert raw.ask(raw.near.client, "select id from client") == [(mine.client,)]
    assert raw.ask(raw.near.client, "select id from contact") == [(mine.contact,)]
    assert raw.ask(raw.near.client, "select id from staff") == [(raw.near.staff,)]


def test_a_client_role_sees_nothing_internal(raw: Raw) -> None:
    assert raw.ask(raw.near.client, "select name from file") == [("MINE",)]
    assert raw.ask(raw.near.client, "select text from note") == [("MINE",)]
    assert raw.ask(raw.near.client, "select summary from proposal") == [("MINE",)]
    versions = {row[0] for row in raw.ask(raw.near.client, "select id from file_version")}
    assert versions
    assert raw.near.mine.internal_version not in versions
    links = raw.ask(raw.near.client, "select file_version_id from file_link")
    assert len(links) == 1
    assert (raw.near.mine.internal_version,) not in links


@pytest.mark.parametrize("table", by_name(EVERY_TABLE - CLIENT_READS))
def test_a_client_role_may_not_read_the_rest(table: type[Base], raw: Raw) -> None:
    with pytest.raises(InsufficientPrivilege):
        raw.ask(raw.near.client, f"select count(*) from {name_of(table)}")


@pytest.mark.parametrize("table", by_name(EVERY_TABLE - STRANGER_READS))
def test_a_stranger_role_may_not_read(table: type[Base], raw: Raw) -> None:
    with pytest.raises(InsufficientPrivilege):
        raw.ask(raw.near.stranger, f"select count(*) from {name_of(table)}")


@pytest.mark.parametrize("table", by_name(STAFF_READS - {Business}))
def test_a_staff_role_sees_its_business(table: type[Base], raw: Raw) -> None:
    found = raw.ask(raw.near.staff_member, f"select distinct business_id from {name_of(table)}")
    assert found == [(raw.near.mine.business,)]


@pytest.mark.parametrize("table", by_name(SECRETS))
def test_a_staff_role_may_not_read_secrets(table: type[Base], raw: Raw) -> None:
    with pytest.raises(InsufficientPrivilege):
        raw.ask(raw.near.staff_member, f"select count(*) from {name_of(table)}")


@pytest.mark.parametrize("scope", list(Scope))
def test_a_scope_role_reads_its_tables_only(scope: Scope, raw: Raw) -> None:
    for table in by_name(EVERY_TABLE):
        if table in reach_of(scope).reads:
            assert raw.ask(scope, f"select count(*) > 0 from {name_of(table)}") == [(True,)]
        else:
            with pytest.raises(InsufficientPrivilege):
                raw.ask(scope, f"select count(*) from {name_of(table)}")


@pytest.mark.parametrize("scope", list(Scope))
def test_a_scope_role_writes_its_tables_only(scope: Scope, raw: Raw) -> None:
    for table in by_name(EVERY_TABLE):
        statement = f"update {name_of(table)} set version = version, id = id"
        if table in reach_of(scope).writes:
            assert raw.ask(scope, statement) > [(0,)]
        else:
            with pytest.raises(InsufficientPrivilege):
                raw.ask(scope, statement)


REFUSED_WRITES = {
    "a foreign row": "insert into request (business_id, client_id, number, kind, status, priority, summary, created_at,"
    " outcome) values ({mine.business}, {theirs.client}, 'R', 'service', 'new', 'normal', 'x', now(), '')",
    "a far row": "insert into request (business_id, client_id, number, kind, status, priority, summary, created_at,"
    " outcome) values ({far.business}, {far.client}, 'R', 'service', 'new', 'normal', 'x', now(), '')",
    "a foreign thread": "insert into request (business_id, client_id, number, kind, status, priority, summary,"
    " created_at, outcome, conversation_id) values ({mine.business}, {mine.client}, 'R', 'service', 'new', 'normal',"
    " 'x', now(), '', {theirs.conversation})",
    "a foreign contact": "insert into request (business_id, client_id, number, kind, status, priority, summary,"
    " created_at, outcome, contact_id) values ({mine.business}, {mine.client}, 'R', 'service', 'new', 'normal', 'x',"
    " now(), '', {theirs.contact})",
    "a link to an internal file": "insert into file_link (business_id, client_id, token_sha256, file_version_id,"
    " created_at, expires_at) values ({mine.business}, {mine.client}, 'x', {mine.internal_version}, now(), now())",
    "an internal note": "insert into note (business_id, client_id, kind, text, created_at)"
    " values ({mine.business}, {mine.client}, 'internal', 'x', now())",
    "a giveaway": "update request set client_id = {theirs.client}",
    "a balance": "update invoice set balance_minor = 0",
    "a payment": "update payment set amount_minor = 1",
    "a deletion": "delete from request",
    "a truncation": "truncate request",
    "a table": "create table mine (id int)",
    "a policy": "alter table invoice disable row level security",
}


@pytest.mark.parametrize("way", REFUSED_WRITES)
def test_a_client_role_writes_nothing_foreign(way: str, raw: Raw) -> None:
    near = raw.near
    statement = REFUSED_WRITES[way].format(mine=near.mine, theirs=near.theirs, far=near.far)
    with pytest.raises(InsufficientPrivilege):
        raw.ask(near.client, statement)


def test_a_client_role_changes_own_rows_only(raw: Raw) -> None:
    assert raw.ask(raw.near.client, "update invoice set disputed_at = now()") == [(1,)]
    assert raw.ask(raw.near.client, f"update invoice set disputed_at = now() where id = {raw.near.theirs.invoice}") == [
        (0,)
    ]


@pytest.mark.parametrize("kind", ["client", "staff"])
def test_settings_that_are_empty_match_nothing(kind: str, raw: Raw) -> None:
    asker = raw.near.client if kind == "client" else raw.near.staff_member
    with psycopg.connect(raw.url) as connection:
        settings = settings_of(asker, read_only=False)
        connection.execute(BEGIN, {**settings, "business": "", "client": "", "contact": ""})
        assert connection.execute("select count(*) from invoice").fetchall() == [(0,)]


def test_nothing_is_left_for_the_next_transaction(raw: Raw) -> None:
    with psycopg.connect(raw.url) as connection:
        connection.execute(BEGIN, {**settings_of(raw.near.client, read_only=False)})
        assert connection.execute("select count(*) from invoice").fetchall() == [(1,)]
        connection.commit()
        assert connection.execute("select count(*) from invoice").fetchall() == [(0,)]
        assert connection.execute("select current_user = session_user").fetchall() == [(True,)]


def test_reading_transactions_are_read_only(raw: Raw) -> None:
    with psycopg.connect(raw.url) as connection:
        connection.execute(BEGIN, {**settings_of(Scope.IMPORT, read_only=True)})
        connection.execute("select set_config('transaction_read_only', 'on', true)")
        with pytest.raises(ReadOnlySqlTransaction):
            connection.execute("update invoice set version = 1")


def test_every_table_is_forced(raw: Raw, run: Run) -> None:
    state = run(schema_state(raw.url))
    assert state.unforced == ()
    assert state.is_current


def test_roles_own_nothing(raw: Raw) -> None:
    roles = tuple(map(role_of, KINDS))
    with psycopg.connect(raw.url) as connection:
        owned = connection.execute(
            "select relname from pg_class join pg_roles owner on owner.oid = relowner where owner.rolname = any(%s)",
            [list(roles)],
        ).fetchall()
        rights = connection.execute(
            "select rolname from pg_roles where rolname = any(%s) and"
            " (rolsuper or rolbypassrls or rolcanlogin or rolcreaterole or rolcreatedb)",
            [list(roles)],
        ).fetchall()
    assert owned == rights == []


def test_a_table_that_is_not_forced_is_told(postgres_server: PostgresServer, run: Run) -> None:
    with postgres_server.database() as url:
        with psycopg.connect(url) as connection:
            connection.execute("alter table invoice no force row level security")
        state = run(schema_state(url))
        assert state.unforced == ("invoice",)
        assert not state.is_current
        run(migrate(url))
        assert run(schema_state(url)).is_current


def test_policies_of_another_version_are_written_anew(postgres_server: PostgresServer, run: Run) -> None:
    with postgres_server.database() as url:
        with psycopg.connect(url) as connection:
            connection.execute("comment on policy fd_doctor on business is 'of another version'")
            connection.execute("drop policy fd_client on invoice")
        assert run(schema_state(url)).policies_stale
        run(migrate(url))
        assert run(schema_state(url)).is_current


def test_a_login_without_roles_is_told_what_to_do(postgres_server: PostgresServer, run: Run) -> None:
    postgres_server.execute("create role plain login nosuperuser nocreaterole")
    postgres_server.execute("create database plain owner plain")
    url = postgres_server.url_of("plain", "plain")
    with pytest.raises(RolesMissingError) as told:
        run(migrate(url))
    assert 'grant fd_client to "plain" with inherit false, set true;' in told.value.statements
    for statement in told.value.statements:
        if statement.startswith("grant"):
            postgres_server.execute(statement)
    run(migrate(url))
    assert run(schema_state(url)).is_current
    postgres_server.execute("drop database plain")


def test_policies_find_rows_by_index(raw: Raw) -> None:
    with psycopg.connect(raw.url) as connection:
        connection.execute("set local enable_seqscan = off")
        connection.execute(BEGIN, {**settings_of(raw.near.client, read_only=False)})
        plan = "\n".join(row[0] for row in connection.execute("explain select sum(balance_minor) from invoice"))
    condition = plan.split("Index Cond:")[1]
    assert "business_id" in condition
    assert "client_id" in condition

"""Row-level security on PostgreSQL: the roles, their policies, and the settings a transaction begins with.

The same boundary as the door's, once more in the database. Each kind of asker has a role of its own with one
policy a table, free of OR; a transaction takes its role and settings in one statement, and a setting that is
unset or empty matches no row. The policies follow the tables of this version: `enforce` writes them anew
whenever they differ, as the last step of every migration.
"""

import hashlib
from collections.abc import Iterable
from functools import cache

from sqlalchemy import Connection, text

from billing.boundary import Asker, Limits, kind_of, limits_of, looked_up_by
from billing.database import HURRIED, Base
from billing.principal import Principal, Scope
from billing.scopes import EVERY_TABLE
from billing.tables.files import File, FileLink, FileVersion
from billing.tables.owned import OfClient
from billing.tables.people import Business, Client, Contact
from billing.tables.talk import Note, Proposal

KINDS = ("client", "stranger", "staff", *(scope.value for scope in Scope))
_PREFIX = "fd_"
_BUSINESS = "nullif(current_setting('fd.business', true), '')::bigint"
_CLIENT = "nullif(current_setting('fd.client', true), '')::bigint"
_CONTACT = "nullif(current_setting('fd.contact', true), '')::bigint"
_MARK = "comment on policy fd_doctor on business is "

# A process that froze inside a transaction must not hold others up for good: the server ends it for them.
FROZEN_AFTER = "15s"

_TAKE_ROLE = text(
    "select set_config('role', :role, true), set_config('fd.business', :business, true),"
    " set_config('fd.client', :client, true), set_config('fd.contact', :contact, true),"
    " set_config('transaction_read_only', :read_only, true),"
    " set_config('synchronous_commit', coalesce(:commit, current_setting('synchronous_commit')), true),"
    " set_config('plan_cache_mode', :plans, true),"
    f" set_config('idle_in_transaction_session_timeout', '{FROZEN_AFTER}', true)"
)


class RolesMissingError(Exception):
    """The login role may not create the roles, and they are not there. `statements` are for an administrator."""

    def __init__(self, login: str, roles: Iterable[str]) -> None:
        lines = [f"create role {role} nologin;" for role in roles]
        lines += [f'grant {role} to "{login}" with inherit false, set true;' for role in roles]
        self.login, self.statements = login, tuple(lines)
        super().__init__(
            f"the database role {login} lacks roles and may not create them; give it CREATEROLE for this"
            " migration, or let an administrator run:\n" + "\n".join(lines)
        )


def role_of(kind: str) -> str:
    """The database role of a kind of asker."""
    return _PREFIX + kind


def settings_of(asker: Asker, *, read_only: bool) -> dict[str, str]:
    """The values for the statement a transaction begins with."""
    owner = asker if isinstance(asker, Principal) else None
    return {
        "role": role_of(kind_of(asker)),
        "business": _written(owner.business_id if owner else None),
        "client": _written(owner.client_id if owner else None),
        "contact": _written(owner.contact_id if owner else None),
        "read_only": "on" if read_only else "off",
        # A scope looks rows up by their keys: one plan fits whatever the values are, and planning costs as much again.
        "plans": "auto" if owner else "force_generic_plan",
    }


def _written(row_id: int | None) -> str:
    return "" if row_id is None else str(row_id)


def take_role(connection: Connection, asker: Asker, *, read_only: bool) -> None:
    """Begin a transaction as this asker: until it ends, its role and rows are the asker's."""
    hurried = connection.get_execution_options().get(HURRIED, False)
    connection.execute(_TAKE_ROLE, {**settings_of(asker, read_only=read_only), "commit": "off" if hurried else None})


def enforce(connection: Connection) -> None:
    """Make roles, grants and policies those of this version; RolesMissingError when it may not."""
    _ensure_roles(connection)
    if is_enforced(connection) and not unforced_tables(connection):
        return
    drop = text(
        "select format('drop policy %I on %I.%I', policyname, schemaname, tablename) from pg_policies"
        " where schemaname = current_schema() and starts_with(policyname, :prefix)"
    )
    for statement in connection.execute(drop, {"prefix": _PREFIX}).scalars().all():
        connection.exec_driver_sql(statement)
    for statement in _statements():
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql(f"{_MARK}'{_fingerprint()}'")


def is_enforced(connection: Connection) -> bool:
    """Whether the policies in the database are those of this version."""
    mark = text(
        "select obj_description(policy.oid, 'pg_policy') from pg_policy policy"
        " where policy.polname = 'fd_doctor' and policy.polrelid = to_regclass('business')"
    )
    return bool(connection.execute(mark).scalar() == _fingerprint())


def unforced_tables(connection: Connection) -> tuple[str, ...]:
    """Tables of this schema without forced row-level security; Alembic's own holds no one's data."""
    found = text(
        "select relname from pg_class where relkind in ('r', 'p') and relnamespace = current_schema()::regnamespace"
        " and not (relrowsecurity and relforcerowsecurity) and relname <> 'alembic_version' order by relname"
    )
    return tuple(connection.execute(found).scalars())


def missing_roles(connection: Connection) -> tuple[str, ...]:
    """The roles that are not there, or that the login role may not take."""
    option = "SET" if _has_grant_options(connection) else "MEMBER"
    found = connection.execute(
        text("select rolname from pg_roles where starts_with(rolname, :prefix)"), {"prefix": _PREFIX}
    )
    there = set(found.scalars())
    may = text(f"select pg_has_role(session_user, cast(:role as text), '{option}')")
    return tuple(
        role
        for role in map(role_of, KINDS)
        if role not in there or not connection.execute(may, {"role": role}).scalar()
    )


def _ensure_roles(connection: Connection) -> None:
    missing = missing_roles(connection)
    if not missing:
        return
    login, may_create = connection.execute(
        text("select rolname, rolcreaterole or rolsuper from pg_roles where rolname = session_user")
    ).one()
    if not may_create:
        raise RolesMissingError(login, missing)
    there = set(connection.execute(text("select rolname from pg_roles")).scalars())
    for role in missing:
        if role not in there:
            connection.exec_driver_sql(f"create role {role} nologin")
    # Without inheritance: a transaction that takes no role sees no row.
    if _has_grant_options(connection):
        for role in missing:
            connection.exec_driver_sql(f"grant {role} to session_user with inherit false, set true")
    else:
        connection.exec_driver_sql(f"grant {', '.join(missing)} to session_user")
        connection.exec_driver_sql("alter role session_user noinherit")


def _has_grant_options(connection: Connection) -> bool:
    version = connection.dialect.server_version_info
    return version is not None and version >= (16,)


@cache
def _fingerprint() -> str:
    return hashlib.sha256("\n".join(_statements()).encode()).hexdigest()


@cache
def _statements() -> tuple[str, ...]:
    tables = sorted(EVERY_TABLE, key=lambda table: table.__tablename__)
    roles = ", ".join(map(role_of, KINDS))
    made: list[str] = []
    for table in tables:
        name = _quoted(table)
        made += [
            f"alter table {name} enable row level security",
            f"alter table {name} force row level security",
            f"revoke all on {name} from public, {roles}",
            f"revoke all on sequence {table.__tablename__}_id_seq from public, {roles}",
        ]
        for kind in KINDS:
            made += _of_role(table, limits_of(kind))
    return tuple(made)


def _of_role(table: type[Base], limits: Limits) -> list[str]:
    if table not in limits.reads:
        return []
    name, role = _quoted(table), role_of(limits.name)
    made = [f"grant select on {name} to {role}"]
    if table in limits.adds:
        made += [
            f"grant insert on {name} to {role}",
            f"grant usage on sequence {table.__tablename__}_id_seq to {role}",
        ]
    if table in limits.changes:
        made.append(f"grant update{_columns(table, limits)} on {name} to {role}")
    elif table in limits.locks:  # holding a row takes the right to change some column of it
        made.append(f"grant update (version) on {name} to {role}")
    if table in limits.deletes:
        made.append(f"grant delete on {name} to {role}")
    rows = _rows(table, limits)
    made.append(f"create policy {role} on {name} to {role} using ({rows}) with check ({_new_rows(table, limits)})")
    return made


def _columns(table: type[Base], limits: Limits) -> str:
    if limits.columns is None:
        return ""
    return f" ({', '.join(sorted(limits.columns[table] | {'version'}))})"


def _rows(table: type[Base], limits: Limits) -> str:
    """Which rows of a table a role sees; no OR, and only operators the planner may use under a policy."""
    if limits.is_system:
        return "true"
    if table is Business:
        return f"id = {_BUSINESS}"
    own = f"business_id = {_BUSINESS}"
    if limits.columns is None or not (issubclass(table, OfClient) or table is Contact):
        return own
    key = {Client: f"id = {_CLIENT}", Contact: f"id = {_CONTACT}"}.get(table, f"client_id = {_CLIENT}")
    return f"{own} and {key}{_SHOWN_TO_CLIENTS.get(table, '')}"


# The files here are those that the policy of `file` shows.
_SHOWN_TO_CLIENTS: dict[type[Base], str] = {
    File: " and visibility = 'client'",
    FileVersion: " and file_id in (select shown.id from file shown)",
    FileLink: " and file_version_id in (select shown.id from file_version shown)",
    Proposal: " and staff_id is null",
    Note: " and kind = 'change'",
}


def _new_rows(table: type[Base], limits: Limits) -> str:
    """Which rows a role may leave behind: its own, pointing at nothing that it does not see."""
    rows = _rows(table, limits)
    if limits.columns is None or table not in limits.adds | limits.changes:
        return rows
    return " and ".join([rows, *_references(table)])


def _references(table: type[Base]) -> Iterable[str]:
    for column, parent in sorted(looked_up_by(table).items()):
        seen = "contact_id from contact_client" if parent is Contact else f"id from {_quoted(parent)}"
        yield f"({column} is null or {column} in (select {seen}))"


def _quoted(table: type[Base]) -> str:
    return f'"{table.__tablename__}"'

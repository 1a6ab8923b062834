"""The session of one asker for life: it filters each statement and checks each row that is written."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn
from weakref import WeakKeyDictionary

from sqlalchemy import CompoundSelect, Connection, CursorResult, Engine, Executable, Row, Select, event, inspect, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstanceState, ORMExecuteState, Session, SessionTransaction

from billing import row_security
from billing.boundary import CLIENT_MAKES, Asker, Criteria, Limits, criteria_for, kind_of, limits_of, looked_up_by
from billing.database import Base
from billing.principal import Scope
from billing.refusals import (
    BulkRefusedError,
    DetachedObjectError,
    ForeignOwnerError,
    ForeignReferenceError,
    GivenIdError,
    MergeRefusedError,
    NotASelectError,
    OwnerChangedError,
    RawConnectionError,
    TransactionEndedError,
    WriteRefusedError,
)
from billing.statements import check_statement, key_of
from billing.tables.people import Contact, ContactClient

_OWNER_COLUMNS = ("id", "business_id", "client_id")
_KEPT = 4096  # shapes of statements known to be fine
_checked: dict[Any, None] = {}
# Scopes that a statement, built once and run often, was found fine for.
_fine: WeakKeyDictionary[Executable, set[str]] = WeakKeyDictionary()


class BoundedSession(Session):
    """A session that belongs to one asker; `asker` is set once, here."""

    def __init__(self, *args: Any, engine: Engine, asker: Asker, read_only: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.bind = engine
        self._asker, self._read_only = asker, read_only
        self._limits: Limits = limits_of(kind_of(asker))
        self._criteria = criteria_for(asker)

    @property
    def asker(self) -> Asker:
        """Who this session acts for."""
        return self._asker

    @property
    def limits(self) -> Limits:
        """What its kind of asker may do."""
        return self._limits

    @property
    def criteria(self) -> Criteria:
        """The filters on every statement."""
        return self._criteria

    @property
    def read_only(self) -> bool:
        """Whether the transaction may write."""
        return self._read_only

    def connection(self, *args: Any, **kwargs: Any) -> Connection:
        """Only an import gets the connection itself."""
        if not self._limits.core:
            raise RawConnectionError
        return super().connection(*args, **kwargs)

    def run_built(self, statement: Executable, values: Any) -> CursorResult[Any]:
        """Run a system scope's statement of columns, built once: the unit of work would cost as much again."""
        if not self._limits.is_system:
            raise RawConnectionError
        if not _is_fine(statement, self._limits):
            check_statement(statement, self._limits, is_load=False)
            _note_fine(statement, self._limits)
        return super().connection().execute(statement, values)

    def merge(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Refused: its answer tells whether a foreign row is there."""
        raise MergeRefusedError

    def merge_all(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Refused like merge()."""
        raise MergeRefusedError

    def bulk_save_objects(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Refused: it passes by the unit of work."""
        raise BulkRefusedError

    def bulk_insert_mappings(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Refused: it passes by the unit of work."""
        raise BulkRefusedError

    def bulk_update_mappings(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Refused: it passes by the unit of work."""
        raise BulkRefusedError

    def enable_relationship_loading(self, obj: object) -> NoReturn:
        """Refused: it takes objects this session has not loaded."""
        raise DetachedObjectError(type(obj).__name__)


class BoundedAsyncSession(AsyncSession):
    """What a unit of work is handed: neither its connection, nor the session under it, nor its end.

    Its driver is no asynchronous one: what is awaited of it is done at once, in the thread of the unit of work.
    """

    def __init__(self, engine: Engine, asker: Asker, *, read_only: bool) -> None:
        super().__init__(
            sync_session_class=BoundedSession,
            expire_on_commit=False,
            engine=engine,
            asker=asker,
            read_only=read_only,
        )
        self._is_system = isinstance(asker, Scope)

    async def execute(self, statement: Any, params: Any = None, **kw: Any) -> Any:
        """The rows of a statement."""
        return self.sync_session.execute(statement, params, **kw)

    def run_built(self, statement: Executable, values: Any) -> Sequence[Row[*tuple[Any, ...]]]:
        """The rows of a system scope's statement that was built once (billing/built.py)."""
        session = self.sync_session
        assert isinstance(session, BoundedSession)
        result = session.run_built(statement, values)
        return result.all() if result.returns_rows else ()

    async def run_sync(self, fn: Callable[..., Any], *arg: Any, **kw: Any) -> Any:
        """Only system scopes get the session itself."""
        if not self._is_system:
            raise RawConnectionError
        return await super().run_sync(fn, *arg, **kw)

    def get_bind(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Refused: an engine knows no principal."""
        raise RawConnectionError

    async def commit(self) -> NoReturn:
        """Refused: the unit of work commits when it returns."""
        raise TransactionEndedError

    async def rollback(self) -> NoReturn:
        """Refused: the unit of work is undone when it raises."""
        raise TransactionEndedError


@event.listens_for(BoundedSession, "after_begin")
def _take_role(session: BoundedSession, _transaction: SessionTransaction, connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        row_security.take_role(connection, session.asker, read_only=session.read_only)


@event.listens_for(BoundedSession, "do_orm_execute")
def _filter(state: ORMExecuteState) -> None:
    session = state.session
    assert isinstance(session, BoundedSession)
    is_load = bool(state.is_column_load or state.is_relationship_load)
    unfiltered = state.statement
    if session.limits.is_system:
        if _is_fine(unfiltered, session.limits):
            return
    elif not isinstance(unfiltered, (Select, CompoundSelect)):
        raise NotASelectError(type(unfiltered).__name__.lower())
    else:
        state.statement = unfiltered.options(*session.criteria)
    _check_once(state.statement, unfiltered, session.limits, is_load=is_load)
    if session.limits.is_system:
        _note_fine(unfiltered, session.limits)


def _is_fine(statement: Executable, limits: Limits) -> bool:
    return limits.name in _fine.get(statement, ())


def _note_fine(statement: Executable, limits: Limits) -> None:
    _fine.setdefault(statement, set()).add(limits.name)


def _check_once(statement: Executable, unfiltered: Executable, limits: Limits, *, is_load: bool) -> None:
    """Check a statement of this shape, unless one was found fine before."""
    key = key_of(statement)
    known = (limits.name, is_load, key) if key is not None else None
    if known in _checked:
        return
    check_statement(unfiltered, limits, is_load=is_load)
    if known is not None:
        if len(_checked) >= _KEPT:
            _checked.clear()
        _checked[known] = None


@event.listens_for(BoundedSession, "before_attach")
def _refuse_detached(session: BoundedSession, instance: Any) -> None:
    state: InstanceState[Any] = inspect(instance)
    if state.key is not None and not session.limits.core:
        raise DetachedObjectError(state.mapper.local_table.description)


@event.listens_for(BoundedSession, "before_flush")
def _check_rows(session: BoundedSession, _context: Any, _instances: Any) -> None:
    limits = session.limits
    for instance in session.new:
        _may(limits, limits.adds, instance)
        if not limits.is_system:
            _check_new(session, instance)
    for instance in session.dirty:
        if session.is_modified(instance):
            _may(limits, limits.changes, instance)
            if not limits.is_system:
                _check_changed(session, instance)
    for instance in session.deleted:
        _may(limits, limits.deletes, instance)


def _may(limits: Limits, tables: Iterable[type[Base]], instance: Any) -> None:
    if type(instance) not in tables:
        raise WriteRefusedError(type(instance).__tablename__, limits.name)


def _check_new(session: BoundedSession, instance: Any) -> None:
    asker, table = session.asker, type(instance).__tablename__
    assert not isinstance(asker, Scope)
    if instance.id is not None:
        raise GivenIdError(table)
    if instance.business_id != asker.business_id:
        raise ForeignOwnerError(table)
    if not asker.is_staff and instance.client_id != asker.client_id:
        raise ForeignOwnerError(table)
    column, made = CLIENT_MAKES.get(type(instance), ("", None))
    if not asker.is_staff and column and getattr(instance, column) != made:
        raise WriteRefusedError(table, session.limits.name, (column,))
    _check_references(session, instance, looked_up_by(type(instance)))


def _check_changed(session: BoundedSession, instance: Any) -> None:
    changed = [
        attribute.key for attribute in inspect(instance).attrs
        if attribute.key != "version" and attribute.history.has_changes()
    ]  # fmt: skip
    table = type(instance).__tablename__
    for column in _OWNER_COLUMNS:
        if column in changed:
            raise OwnerChangedError(table, column)
    allowed = session.limits.columns
    if allowed is not None:
        refused = tuple(sorted(set(changed) - allowed[type(instance)]))
        if refused:
            raise WriteRefusedError(table, session.limits.name, refused)
    _check_references(session, instance, changed)


def _check_references(session: BoundedSession, instance: Any, columns: Iterable[str]) -> None:
    """Keys of staff and money hold business and client; those of people and talk are looked up, filtered."""
    if session.limits.columns is None:
        return
    parents = looked_up_by(type(instance))
    for column in columns:
        parent, value = parents.get(column), getattr(instance, column)
        if parent is None or value is None:
            continue
        with session.no_autoflush:
            found = session.scalar(_visible(parent, value))
        if found is None:
            raise ForeignReferenceError(type(instance).__tablename__, column)


def _visible(parent: type[Base], row_id: int) -> Select[int]:
    if parent is Contact:  # everybody who speaks for the client, though only the own contact can be read
        return select(ContactClient.contact_id).where(ContactClient.contact_id == row_id)
    key = inspect(parent).attrs["id"].class_attribute
    return select(key).where(key == row_id)

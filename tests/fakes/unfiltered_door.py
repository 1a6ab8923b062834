"""A door without its filters: only PostgreSQL's row-level security stands between a principal and the rows."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.ext.asyncio import AsyncSession

from billing import row_security
from billing.access import Door, Records, T, Work, run_through
from billing.boundary import Asker
from billing.principal import Principal


class UnfilteredRecords(Records):
    """Sessions that take the principal's database role and settings, and nothing else."""

    def _transact(self, engine: Engine, work: Work[T], *, read_only: bool) -> T:
        session = AsyncSession(expire_on_commit=False)
        session.sync_session.bind = engine
        take_role(session, self._asker, read_only=read_only)
        with session.sync_session as inner, inner.begin():
            return run_through(work(session))


def take_role(session: AsyncSession, asker: Asker, *, read_only: bool) -> None:
    """Begin every transaction of the session as the asker's role."""

    @event.listens_for(session.sync_session, "after_begin")
    def begin(_session: Any, _transaction: Any, connection: Connection) -> None:
        row_security.take_role(connection, asker, read_only=read_only)


@dataclass(frozen=True)
class UnfilteredDoor(Door):
    """A door whose principals' sessions carry no filter; system scopes are as ever."""

    def records_for(self, principal: Principal) -> Records:
        return UnfilteredRecords(self.engines, principal)

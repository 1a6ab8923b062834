"""The one door to records: a session that can only see and change what its principal may."""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from billing.boundary import Asker
from billing.database import Engines
from billing.principal import Principal, Scope
from billing.refusals import NestedWriteError
from billing.session import BoundedAsyncSession

T = TypeVar("T")
Work = Callable[[AsyncSession], Awaitable[T]]


@dataclass(eq=False)
class _Writing:
    """A writing transaction, as the work inside it (and whatever that work starts) sees it."""

    engine: AsyncEngine
    is_open: bool = True


_inside: ContextVar[_Writing | None] = ContextVar("frontdesk_writing", default=None)


class Records:
    """The records of one principal or system scope: each call is one unit of work in one transaction."""

    def __init__(self, engines: Engines, asker: Asker) -> None:
        self._engines, self._asker = engines, asker

    async def read(self, work: Work[T]) -> T:
        """Run `work` on a session that cannot write."""
        return await _shielded(self._run(self._engines.reading, work, read_only=True))

    async def write(self, work: Work[T], *, lasting: bool = True) -> T:
        """Run `work` in a transaction that is committed when it returns and undone when it raises.

        lasting=False does not wait for the disk: the end of the process takes nothing back, a power cut may, and
        only together with all that was written after it. For what is then simply done again.
        Raises NestedWriteError inside another write on the same database: hand the session on instead.
        """
        around = _inside.get()
        if around is not None and around.is_open and around.engine is self._engines.writing:
            raise NestedWriteError
        return await _shielded(self._write(work, self._engines.writing if lasting else self._engines.hurried))

    async def _write(self, work: Work[T], engine: AsyncEngine) -> T:
        writing = _Writing(self._engines.writing)
        _inside.set(writing)  # in this task's own context, and in those of the tasks it starts
        try:
            return await self._run(engine, work, read_only=False)
        finally:
            writing.is_open = False

    async def _run(self, engine: AsyncEngine, work: Work[T], *, read_only: bool) -> T:
        async with BoundedAsyncSession(engine, self._asker, read_only=read_only) as session, session.begin():
            return await work(session)


async def _shielded(transaction: Awaitable[T]) -> T:
    # A task of its own: a caller cancelled in the middle of a statement would leave the write lock taken.
    task = asyncio.ensure_future(transaction)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        if not task.cancelled() and task.exception() is not None:
            pass  # the caller is gone; the transaction is undone, and its error needs no reader
        raise


@dataclass(frozen=True)
class Door:
    """Hands out records, to principals and to named system scopes."""

    engines: Engines

    def records_for(self, principal: Principal) -> Records:
        """The records this principal may see and change."""
        return Records(self.engines, principal)

    def system(self, scope: Scope) -> Records:
        """The tables of one named piece of work that has no principal (billing/scopes.py)."""
        return Records(self.engines, scope)

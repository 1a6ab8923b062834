"""The one door to records: a session that can only see and change what its principal may."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from sqlalchemy import Engine
from sqlalchemy.ext.asyncio import AsyncSession

from billing.boundary import Asker
from billing.database import Engines, Lane
from billing.principal import Principal, Scope
from billing.refusals import AwaitedInsideError, NestedWorkError
from billing.session import BoundedAsyncSession

FIRST = frozenset({Scope.INTAKE, Scope.PAYMENT_EVENT})  # somebody's server waits for these to be acknowledged

T = TypeVar("T")
Work = Callable[[AsyncSession], Awaitable[T]]


class Records:
    """The records of one principal or system scope: each call is one unit of work in one transaction.

    A unit of work runs in a thread of its engine, from begin to commit, and awaits nothing but its session. So it
    costs one trip whatever it asks, a cancelled caller cannot cut it in the middle, and no model or network is
    waited for while a transaction is open. Raises NestedWorkError inside another one (hand the session on instead)
    and AwaitedInsideError when the work waits for anything else.
    """

    def __init__(self, engines: Engines, asker: Asker) -> None:
        self._engines, self._asker = engines, asker

    async def read(self, work: Work[T]) -> T:
        """Run `work` on a session that cannot write."""
        lane = self._engines.lane_of_reads(is_scope=isinstance(self._asker, Scope))
        return await self._on(lane, work, read_only=True)

    async def write(self, work: Work[T], *, lasting: bool = True) -> T:
        """Run `work` in a transaction that is committed when it returns and undone when it raises.

        lasting=False does not wait for the disk: the end of the process takes nothing back, a power cut may, and
        only together with all that was written after it. For what is then simply done again.
        """
        lane = self._engines.writing if lasting else self._engines.hurried
        return await self._on(lane, work, read_only=False)

    async def _on(self, lane: Lane, work: Work[T], *, read_only: bool) -> T:
        try:
            asyncio.get_running_loop()
        except RuntimeError:  # we are in a thread of an engine: inside another unit of work
            raise NestedWorkError from None
        transaction = partial(self._transact, lane.engine, work, read_only=read_only)
        if self._asker in FIRST:
            with self._engines.precedence.first():
                return await lane.run(transaction)
        await self._engines.precedence.after()
        return await lane.run(transaction)

    def _transact(self, engine: Engine, work: Work[T], *, read_only: bool) -> T:
        session = BoundedAsyncSession(engine, self._asker, read_only=read_only)
        with session.sync_session as inner, inner.begin():
            return run_through(work(session))


def run_through(work: Awaitable[T]) -> T:
    """Run work that awaits nothing but its session, which never makes it wait, to its end in this thread."""
    steps = work.__await__()
    try:
        next(steps)
    except StopIteration as done:
        result: T = done.value
        return result
    raise AwaitedInsideError


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

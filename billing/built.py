"""Statements of columns that are built once: a system scope runs them past the unit of work, at half the cost."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Executable, Insert, Row, Table, insert
from sqlalchemy.ext.asyncio import AsyncSession

from billing.database import Base
from billing.refusals import RawConnectionError
from billing.session import BoundedAsyncSession

Rows = Sequence[Row[*tuple[Any, ...]]]


async def rows_of(session: AsyncSession, statement: Executable, values: Mapping[str, Any]) -> Rows:
    """The rows of a statement with these values; none of a statement that returns none.

    What is pending in the session is not written first. Raises RawConnectionError outside of a system scope.
    """
    if not isinstance(session, BoundedAsyncSession):
        raise RawConnectionError
    return session.run_built(statement, values)


@cache
def add_to(table: type[Base]) -> Insert:
    """One row by itself: the unit of work would cost more than the statement."""
    made = table.__table__
    assert isinstance(made, Table)
    return insert(made)

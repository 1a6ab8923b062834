"""Statements of columns that are built once: a system scope runs them past the unit of work, at half the cost."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Executable, Insert, Row, Table, insert
from sqlalchemy.ext.asyncio import AsyncSession

from billing.database import Base
from billing.refusals import RawConnectionError
from billing.session import BoundedAsyncSession

Values = Mapping[str, Any] | Sequence[Mapping[str, Any]]
Rows = Sequence[Row[*tuple[Any, ...]]]


async def rows_of(session: AsyncSession, statement: Executable, values: Values) -> Rows:
    """The rows of a statement with these values, or each of these; none of a statement that returns none.

    What is pending in the session is not written first. Raises RawConnectionError outside of a system scope.
    """
    if not isinstance(session, BoundedAsyncSession):
        raise RawConnectionError
    return session.run_built(statement, values)


@cache
def add_to(table: type[Base]) -> Insert:
    """Adds a row, or several."""
    return insert(table_of(table))


def table_of(table: type[Base]) -> Table:
    """The table itself, as statements that change rows past the unit of work name it."""
    made = table.__table__
    assert isinstance(made, Table)
    return made

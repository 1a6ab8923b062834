"""How a factory adds its row: numbers, owner columns, and the flush."""

from itertools import count
from typing import Any, Protocol, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from billing.database import Base

Row = TypeVar("Row", bound=Base)
_numbers = count(50_001)  # above every number that a test writes itself, and no code of six digits


class OfOneClient(Protocol):
    """A row that belongs to one client, or a client's own row."""

    business_id: Any
    client_id: Any


def next_number() -> int:
    """A number no other row of this process has."""
    return next(_numbers)


async def add_row(session: AsyncSession, row: Row) -> Row:
    """Add the row and flush it, so that it has its id."""
    session.add(row)
    await session.flush()
    return row


def owner_of(parent: OfOneClient) -> dict[str, Any]:
    """The owner columns of a child."""
    return {"business_id": parent.business_id, "client_id": parent.client_id}


def line_of(description: str, quantity: int, price: int) -> dict[str, Any]:
    """The columns of a line of an estimate or invoice; the price in minor units."""
    return {
        "description": description,
        "quantity_milli": quantity * 1000,
        "unit_price_minor": price,
        "amount_minor": quantity * price,
    }

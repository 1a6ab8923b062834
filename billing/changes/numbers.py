"""Printed numbers: one series for each business and noun, without a number given twice."""

import re
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from billing.tables.payments import Payment, Refund

_TAIL = re.compile(r"^(.*?)(\d+)$")
_TRIES = 8
Numbered = TypeVar("Numbered", Payment, Refund)


async def add_numbered(
    session: AsyncSession, noun: type[Numbered], business_id: int, first: str, make: Callable[[str], Numbered]
) -> Numbered:
    """Add the row that `make` makes of the next number, and flush it.

    The session must see all of the business. On PostgreSQL another writer may take the number at the same
    moment: then the row, alone in its savepoint, is made anew with the one after.
    """
    for left in reversed(range(_TRIES)):
        number = await next_number(session, noun, business_id, first)
        try:
            async with session.begin_nested():
                row = make(number)
                session.add(row)
                await session.flush()
        except IntegrityError:
            if not left:
                raise
        else:
            return row
    raise AssertionError("the last try returns or raises")


async def next_number(session: AsyncSession, noun: type[Payment | Refund], business_id: int, first: str) -> str:
    """The number after the newest ("PAY-1007" after "PAY-1006"), or `first` when there is none."""
    mine = noun.business_id == business_id
    newest = await session.scalar(select(noun.number).where(mine).order_by(noun.id.desc()).limit(1))
    number = _after(newest) if newest else first
    if await session.scalar(select(noun.id).where(mine, noun.number == number)) is None:
        return number
    # Imported numbers need not come in order: go on after the highest of this series.
    prefix, _ = _split(number)
    series = noun.number.startswith(prefix, autoescape=True)
    longest = (func.length(noun.number).desc(), noun.number.desc())
    numbers = await session.scalars(select(noun.number).where(mine, series).order_by(*longest).limit(500))
    return _after(max((n for n in numbers if _split(n)[0] == prefix), key=_digits, default=number))


def _after(number: str) -> str:
    prefix, digits = _split(number)
    return f"{prefix}{int(digits) + 1:0{len(digits)}d}"


def _digits(number: str) -> int:
    return int(_split(number)[1])


def _split(number: str) -> tuple[str, str]:
    match = _TAIL.match(number)
    return (match[1], match[2]) if match else (f"{number}-", "0")

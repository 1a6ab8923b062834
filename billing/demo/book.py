"""The book a demo business is written into: its session, people, calendar, dice and files."""

import uuid
from dataclasses import dataclass, field
from random import Random
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from billing.demo.days import Days
from billing.filestore import FileStore
from billing.tables.addresses import Address
from billing.tables.people import Business, Client, Contact, Staff

Row = TypeVar("Row")


@dataclass
class Book:
    """One business in the making. People are found by their keys; `dice` gives what may be any value."""

    session: AsyncSession
    business: Business
    days: Days
    dice: Random
    files: FileStore
    staff: dict[str, Staff] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)
    contacts: dict[str, Contact] = field(default_factory=dict)
    addresses: dict[str, Address] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)

    def add(self, row: object) -> None:
        """Write a row that nothing refers to; it goes out with the next one that is put."""
        self.session.add(row)

    async def put(self, row: Row) -> Row:
        """Write a row now, so that its id can be referred to."""
        self.session.add(row)
        await self.session.flush()
        return row

    async def keep(self) -> None:
        """Write what was changed on rows that are there already."""
        await self.session.flush()

    def number(self, series: str, first: int) -> str:
        """The next printed number of a series, counting from `first`: PAY-2001, PAY-2002, …"""
        self.counters[series] = self.counters.get(series, first - 1) + 1
        return f"{series}-{self.counters[series]}"

    def reference(self, prefix: str) -> str:
        """An id as a provider would make it."""
        return f"{prefix}_{self.dice.getrandbits(64):016x}"

    def public_id(self) -> str:
        """A random UUID."""
        return str(uuid.UUID(int=self.dice.getrandbits(128), version=4))

    def clock(self, first: int = 8, last: int = 17) -> str:
        """Some time of day between two hours."""
        return f"{self.dice.randrange(first, last):02d}:{self.dice.randrange(60):02d}"

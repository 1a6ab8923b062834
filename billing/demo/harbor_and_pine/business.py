"""Writes Harbor & Pine Renovations as a whole."""

from random import Random

from sqlalchemy.ext.asyncio import AsyncSession

from billing.demo.book import Book
from billing.demo.days import Days
from billing.demo.harbor_and_pine.dana import write_dana
from billing.demo.harbor_and_pine.households import write_anita, write_chens, write_haddads
from billing.demo.harbor_and_pine.owing import (
    write_alvarez,
    write_grace_kim,
    write_hudson_yoga,
    write_okafor,
)
from billing.demo.harbor_and_pine.payers import write_carlos, write_emily, write_fiona, write_jack
from billing.demo.harbor_and_pine.people import CLIENTS, STAFF
from billing.demo.harbor_and_pine.shops import (
    write_book_barn,
    write_greenpoint_cafe,
    write_panaderia,
    write_red_hook,
)
from billing.demo.papers import print_all
from billing.demo.people import add_client, add_staff
from billing.filestore import FileStore
from billing.tables.people import Business

SLUG = "harbor-and-pine"
_HISTORIES = (
    write_dana,
    write_okafor,
    write_alvarez,
    write_hudson_yoga,
    write_grace_kim,
    write_haddads,
    write_panaderia,
    write_book_barn,
    write_chens,
    write_anita,
    write_jack,
    write_emily,
    write_carlos,
    write_fiona,
    write_greenpoint_cafe,
    write_red_hook,
)
_WEEKDAY = ["08:00", "17:00"]


def _business() -> Business:
    return Business(
        slug=SLUG,
        name="Harbor & Pine Renovations",
        trade="Kitchens, bathrooms and decks",
        zone="America/New_York",
        locale="en_US",
        currency="USD",
        hours=dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), _WEEKDAY) | {"sat": ["09:00", "13:00"]},
        phone="+12125550140",
        email="office@harborandpine.example",
        postal="48 Cooper's Wharf, Brooklyn, NY 11231",
        colour="#2f5d50",
        is_demo=True,
    )


async def open_harbor_and_pine(session: AsyncSession, days: Days, dice: Random, files: FileStore) -> Book:
    """The business with the people who work there, and no clients yet."""
    book = Book(session, _business(), days, dice, files)
    await book.put(book.business)
    for colleague in STAFF:
        await add_staff(book, colleague)
    return book


async def write_harbor_and_pine(session: AsyncSession, days: Days, dice: Random, files: FileStore) -> None:
    """The business, its people and everything they did together."""
    book = await open_harbor_and_pine(session, days, dice, files)
    for customer in CLIENTS:
        await add_client(book, customer)
    for write in _HISTORIES:
        await write(book)
    await print_all(book)

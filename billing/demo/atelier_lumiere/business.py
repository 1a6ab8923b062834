"""Writes Atelier Lumière as a whole."""

from random import Random

from sqlalchemy.ext.asyncio import AsyncSession

from billing.demo.atelier_lumiere.firms import (
    write_cafe,
    write_gallery,
    write_hotel,
    write_keller,
    write_tilleuls,
)
from billing.demo.atelier_lumiere.houses import (
    write_dubois,
    write_julien,
    write_lea,
    write_petra,
    write_schneider,
)
from billing.demo.atelier_lumiere.people import CLIENTS, STAFF
from billing.demo.book import Book
from billing.demo.days import Days
from billing.demo.papers import print_all
from billing.demo.people import add_client, add_staff
from billing.filestore import FileStore
from billing.tables.people import Business

SLUG = "atelier-lumiere"
_HISTORIES = (
    write_dubois,
    write_tilleuls,
    write_hotel,
    write_keller,
    write_cafe,
    write_lea,
    write_schneider,
    write_gallery,
    write_julien,
    write_petra,
)
_WEEKDAY = ["09:30", "18:30"]


def _business() -> Business:
    return Business(
        slug=SLUG,
        name="Atelier Lumière",
        trade="Éclairage et architecture intérieure",
        zone="Europe/Paris",
        locale="fr_FR",
        currency="EUR",
        hours=dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), _WEEKDAY) | {"sat": ["10:00", "13:00"]},
        phone="+33199001240",
        email="bonjour@atelier-lumiere.example",
        postal="18, passage des Verriers, 75011 Paris",
        colour="#7a4a12",
        is_demo=True,
    )


async def open_atelier_lumiere(session: AsyncSession, days: Days, dice: Random, files: FileStore) -> Book:
    """The business with the people who work there, and no clients yet."""
    book = Book(session, _business(), days, dice, files)
    await book.put(book.business)
    for colleague in STAFF:
        await add_staff(book, colleague)
    return book


async def write_atelier_lumiere(session: AsyncSession, days: Days, dice: Random, files: FileStore) -> None:
    """The business, its people and everything they did together."""
    book = await open_atelier_lumiere(session, days, dice, files)
    for customer in CLIENTS:
        await add_client(book, customer)
    for write in _HISTORIES:
        await write(book)
    await print_all(book)

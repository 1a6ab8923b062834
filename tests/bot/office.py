"""The shop as its staff see it: Priya's calls, and a client who is late."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.principal import Principal, PrincipalKind, Scope
from billing.tables.bills import Invoice
from billing.tables.people import Client, Contact
from bot.tools.context import ToolContext
from tests.bot.shop import Shop, context_of, open_shop
from tests.factories.bills import make_invoice
from tests.factories.people import make_client, make_contact
from tests.factories.talk import make_conversation
from tests.fakes.clock import NOW, TODAY

T = TypeVar("T")


@dataclass(frozen=True)
class Office:
    """The shop, and Marta Alvarez, who writes Spanish and is 48 days late with $3,100.00."""

    shop: Shop
    marta: Client
    marta_contact: Contact
    late: Invoice


async def open_office(session: AsyncSession) -> Office:
    """The rows of the office."""
    shop = await open_shop(session)
    marta = await make_client(session, business=shop.business, key="m-alvarez", name="M. Alvarez")
    contact = await make_contact(
        session, business=shop.business, clients=[marta], key="client:marta-alvarez", name="Marta Alvarez",
        language="es", locale="es_US", phone="+12125550177", email="marta@alvarez.example",
    )  # fmt: skip
    late = await make_invoice(
        session, client=marta, number="INV-77", title="Terraza", lines=(("Terraza", 1, 3100_00),),
        due_on=TODAY - timedelta(days=48),
    )  # fmt: skip
    await make_conversation(
        session, person=contact, client=marta, key="web:marta",
        last_message_at=NOW - timedelta(days=2),
    )  # fmt: skip
    return Office(shop, marta, contact, late)


async def build_office(door: Door) -> Office:
    """The office in a database."""
    return await door.system(Scope.IMPORT).write(open_office)


def priya(door: Door, office: Office, **given: Any) -> ToolContext:
    """A call in Priya's name, proved."""
    shop = office.shop
    principal = Principal(
        business_id=shop.business.id, kind=PrincipalKind.STAFF, assurance=2, staff_id=shop.owner.id, role="owner"
    )
    return replace(context_of(door, shop), principal=principal, **given)


async def seen(door: Door, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
    """What is in the database, whoever asks."""
    return await door.system(Scope.DOCTOR).read(work)


async def all_of(session: AsyncSession, query: Select[T]) -> list[T]:
    """Every row of a query, read while its transaction is open."""
    return list(await session.scalars(query))


async def put(door: Door, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
    """More rows in the database."""
    return await door.system(Scope.IMPORT).write(work)

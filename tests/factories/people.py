"""Businesses, staff, clients, contacts and their addresses, for tests."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from billing.tables.addresses import Address, AddressLink
from billing.tables.people import Business, Client, Contact, ContactClient, Role, Staff
from tests.factories.rows import add_row, next_number, owner_of
from tests.fakes.clock import NOW


async def make_business(session: AsyncSession, *, slug: str = "", **given: Any) -> Business:
    """A business in New York that takes USD and is open on weekdays from 8 to 5."""
    slug = slug or f"business-{next_number()}"
    days = ("mon", "tue", "wed", "thu", "fri")
    dull: dict[str, Any] = {
        "name": slug.replace("-", " ").title(),
        "zone": "America/New_York",
        "locale": "en_US",
        "currency": "USD",
        "hours": {day: ["08:00", "17:00"] for day in days},
    }
    return await add_row(session, Business(slug=slug, **(dull | given)))


async def make_staff(session: AsyncSession, *, business: Business, key: str = "", **given: Any) -> Staff:
    """A manager."""
    key = key or f"staff:{next_number()}"
    dull: dict[str, Any] = {"name": f"Staff {key}", "title": "Office", "role": Role.MANAGER}
    return await add_row(session, Staff(business_id=business.id, key=key, **(dull | given)))


async def make_client(session: AsyncSession, *, business: Business, key: str = "", **given: Any) -> Client:
    """A client who pays in the business's currency."""
    key = key or f"client-{next_number()}"
    dull: dict[str, Any] = {
        "name": f"Client {key}",
        "currency": business.currency,
        "since": NOW - timedelta(days=365),
    }
    return await add_row(session, Client(business_id=business.id, key=key, **(dull | given)))


async def make_contact(
    session: AsyncSession, *, business: Business, clients: Sequence[Client] = (), key: str = "", **given: Any
) -> Contact:
    """An English-speaking contact who speaks for these clients."""
    number = next_number()
    dull: dict[str, Any] = {
        "name": f"Contact {number}",
        "language": "en",
        "locale": "en_US",
        "phone": f"+1212555{number:04d}",
        "email": f"contact-{number}@example.com",
        "phone_since": NOW - timedelta(days=365),
        "email_since": NOW - timedelta(days=365),
    }
    key = key or f"client:{number}"
    contact = await add_row(session, Contact(business_id=business.id, key=key, **(dull | given)))
    for client in clients:
        await add_row(session, ContactClient(**owner_of(client), contact_id=contact.id))
    return contact


async def make_address(
    session: AsyncSession,
    *,
    person: Contact | Staff,
    connection: str = "sms:main",
    address: str = "",
    **given: Any,
) -> Address:
    """An address known to be this person's."""
    business_id = person.business_id
    dull: dict[str, Any] = {
        "channel": connection.split(":", maxsplit=1)[0],
        "last_seen_at": NOW - timedelta(days=1),
    }
    found = await add_row(
        session,
        Address(
            business_id=business_id,
            connection=connection,
            address=address or person.phone or str(next_number()),
            **(dull | given),
        ),
    )
    whose = {"contact_id": person.id} if isinstance(person, Contact) else {"staff_id": person.id}
    link = AddressLink(business_id=business_id, address_id=found.id, linked_at=NOW - timedelta(days=60), **whose)
    await add_row(session, link)
    return found

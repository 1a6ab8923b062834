"""Who works for the business and answers for what, and the contact who is asking."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.tables.people import Client, Contact, Role, Staff
from billing.tables.work import Project


async def list_staff(session: AsyncSession) -> Sequence[Staff]:
    """Everybody who works for the session's business, owner first."""
    rows = (await session.scalars(select(Staff).order_by(Staff.id))).all()
    return sorted(rows, key=lambda row: list(Role).index(row.role))


async def find_client_manager(session: AsyncSession, client_id: int | None) -> Staff | None:
    """The staff member who looks after a client, when one does."""
    if client_id is None:
        return None
    query = select(Client).where(Client.id == client_id)
    client = (await session.scalars(query)).one_or_none()
    return await find_staff(session, client.manager_id if client else None)


async def find_staff(session: AsyncSession, staff_id: int | None) -> Staff | None:
    """A staff member by id."""
    if staff_id is None:
        return None
    return (await session.scalars(select(Staff).where(Staff.id == staff_id))).one_or_none()


async def find_contact(session: AsyncSession, contact_id: int | None) -> Contact | None:
    """A contact that the session may see: in a client's session only the one who asks."""
    if contact_id is None:
        return None
    return (await session.scalars(select(Contact).where(Contact.id == contact_id))).one_or_none()


def answering_for(staff: Sequence[Staff], topics: Sequence[str]) -> Staff | None:
    """The one who answers for the first of `topics` that anybody answers for."""
    for topic in topics:
        for person in staff:
            if topic in {str(known).casefold() for known in person.topics}:
                return person
    return None


async def identifying_values(session: AsyncSession) -> list[tuple[str, str]]:
    """What identifies the people that the session may see: ("name" | "phone" | "email" | "address", value)."""
    found: list[tuple[str, str | None]] = []
    for name, postal in (await session.execute(select(Client.name, Client.postal))).all():
        found += [("name", name), ("address", postal)]
    for name, phone, email in (await session.execute(select(Contact.name, Contact.phone, Contact.email))).all():
        found += [("name", name), ("phone", phone), ("email", email)]
    found += [("name", name) for name in (await session.scalars(select(Staff.name))).all()]
    found += [("address", place) for place in (await session.scalars(select(Project.place))).all()]
    return [(kind, value) for kind, value in found if value]

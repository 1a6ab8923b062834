"""Whose an address is: linked, unlinked, proved, vouched for, and said to have passed to somebody else."""

from datetime import datetime
from functools import cache
from typing import Protocol

from sqlalchemy import Select, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.tables.addresses import Address, AddressLink, LinkedBy
from billing.tables.people import Contact, Staff

Person = Contact | Staff


class HasPerson(Protocol):
    """What names a contact or a member of staff."""

    @property
    def contact_id(self) -> int | None: ...
    @property
    def staff_id(self) -> int | None: ...


async def living_links(session: AsyncSession, address_id: int) -> list[AddressLink]:
    """The links of an address that have not ended, oldest first."""
    return list(await session.scalars(_living(), {"address": address_id}))


@cache
def _living() -> Select[AddressLink]:
    living = (AddressLink.address_id == bindparam("address"), AddressLink.ended_at.is_(None))
    return select(AddressLink).where(*living).order_by(AddressLink.id)


async def find_address(session: AsyncSession, business_id: int, address: str) -> list[Address]:
    """The addresses of a business that are written so, on whatever connection."""
    written = select(Address).where(Address.business_id == business_id, Address.address == address)
    return list(await session.scalars(written.order_by(Address.id)))


async def find_one_address(session: AsyncSession, connection: str, address: str) -> Address | None:
    """The address on one connection."""
    written = select(Address).where(Address.connection == connection, Address.address == address)
    return (await session.scalars(written)).one_or_none()


def whose(person: Person) -> dict[str, int | None]:
    """The two columns that name a person."""
    is_contact = isinstance(person, Contact)
    return {"contact_id": person.id if is_contact else None, "staff_id": None if is_contact else person.id}


async def link_address(
    session: AsyncSession, address: Address, person: dict[str, int | None], by: LinkedBy, now: datetime
) -> AddressLink:
    """The living link of an address to a person, made where there is none.

    A link that does not come from the records counts as a change: for a week it is not enough by itself.
    """
    known = next((each for each in await living_links(session, address.id) if is_of(each, person)), None)
    if known is not None:
        return known
    link = AddressLink(
        business_id=address.business_id, address_id=address.id, linked_by=by, linked_at=now, assurance=1, **person
    )
    session.add(link)
    if by is not LinkedBy.RECORD:
        address.last_changed_at = now
    await session.flush()
    return link


def is_of(link: HasPerson, person: dict[str, int | None]) -> bool:
    """Whether a link is this person's."""
    return (link.contact_id, link.staff_id) == (person["contact_id"], person["staff_id"])


async def prove_address(
    session: AsyncSession, address: Address, person: dict[str, int | None], by: LinkedBy, now: datetime
) -> AddressLink:
    """Somebody is proved at an address for half an hour; whoever was before is not any more."""
    link = await link_address(session, address, person, by, now)
    for other in await living_links(session, address.id):
        if other.id != link.id:
            other.proved_at = None
    if link.linked_by is LinkedBy.STAFF and by is not LinkedBy.STAFF:
        link.linked_by = by  # their own proof is more than a colleague's word
    link.proved_at = now
    await session.flush()
    return link


async def vouch_for(
    session: AsyncSession, address: Address, person: dict[str, int | None], staff: Staff, now: datetime
) -> AddressLink:
    """A member of staff says that this person writes from the address: it is linked, and proved for half an hour."""
    link = await prove_address(session, address, person, LinkedBy.STAFF, now)
    link.vouched_by_id, address.locked_until = staff.id, None
    await session.flush()
    return link


async def unlink_address(session: AsyncSession, address: Address, person: dict[str, int | None], now: datetime) -> bool:
    """End the link of an address to a person; False where there is none."""
    found = [each for each in await living_links(session, address.id) if is_of(each, person)]
    for link in found:
        link.ended_at, link.proved_at = now, None
    await session.flush()
    return bool(found)


async def mark_changed(session: AsyncSession, connection: str, address: str, now: datetime) -> bool:
    """A number has passed, or may have passed, to somebody else: nobody is known by it until they prove themselves.

    False where nobody ever wrote from it.
    """
    known = select(Address).where(Address.connection == connection, Address.address == address)
    row = (await session.scalars(known)).one_or_none()
    if row is None:
        return False
    await pass_on(session, row, now)
    return True


async def pass_on(session: AsyncSession, address: Address, now: datetime) -> None:
    """An address has passed to somebody else; where it is a phone, so has what its number proved on other channels."""
    await end_links(session, address, now)
    proved = select(AddressLink).where(
        AddressLink.business_id == address.business_id,
        AddressLink.phone == address.address,
        AddressLink.ended_at.is_(None),
    )
    for link in await session.scalars(proved):
        link.ended_at, link.proved_at = now, None
    await session.flush()


async def end_links(session: AsyncSession, address: Address, now: datetime) -> None:
    """End every link of an address, and note when."""
    for link in await living_links(session, address.id):
        link.ended_at, link.proved_at = now, None
    address.last_changed_at = now
    await session.flush()

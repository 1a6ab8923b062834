"""Whose an address is, at the command line: shown, linked, unlinked, vouched for, and said to have changed hands."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.changes.addresses import (
    find_address,
    link_address,
    living_links,
    pass_on,
    unlink_address,
    vouch_for,
    whose,
)
from billing.database import open_engines
from billing.principal import Scope
from billing.tables.addresses import Address, AddressLink, LinkedBy
from billing.tables.people import Business, Contact, Role, Staff
from bot.addresses import people_with
from channels.settings import read_settings

Say = Callable[[str], None]
Person = Contact | Staff


class NotFoundError(Exception):
    """What the command line named is not there, or is there more than once; the message says which."""


@dataclass(frozen=True)
class Order:
    """What is to be done with an address.

    address: as the channel writes it, +12125550101. who: client:KEY or staff:KEY. by: the staff member who says so.
    channel: where the address is one, for an address that nobody wrote from yet. business: its slug, where there are
    several.
    """

    deed: str
    address: str
    who: str = ""
    by: str = ""
    business: str = ""
    channel: str = "sms"


async def carry_out(order: Order, say: Say) -> int:
    """Do it and say what stands now; 1 when what was named is not there."""
    engines = open_engines(read_settings().database)
    try:
        told = await order_links(Door(engines), order, datetime.now(UTC))
    except NotFoundError as missing:
        say(str(missing))
        return 1
    finally:
        await engines.dispose()
    say(told)
    return 0


async def order_links(door: Door, order: Order, now: datetime) -> str:
    """Carry an order out in one transaction; what to tell. Raises NotFoundError."""
    return await door.system(Scope.IDENTITY).write(lambda session: _do(session, order, now))


async def _do(session: AsyncSession, order: Order, now: datetime) -> str:
    business = await find_business(session, order.business)
    address = await _address(session, business, order, now)
    if order.deed == "changed":
        await pass_on(session, address, now)
        return f"{order.address} is nobody's now: who writes from it has to prove who they are."
    person = await find_somebody(session, business, order.who)
    if order.deed == "link":
        await link_address(session, address, whose(person), LinkedBy.STAFF, now)
        return f"{order.address} is {person.name}'s. For seven days they are asked for a code all the same."
    if order.deed == "unlink":
        if not await unlink_address(session, address, whose(person), now):
            raise NotFoundError(f"{order.address} was not {person.name}'s.")
        return f"{order.address} is no longer {person.name}'s."
    staff = await find_somebody(session, business, f"staff:{order.by.removeprefix('staff:')}")
    if not isinstance(staff, Staff) or staff.role not in {Role.OWNER, Role.MANAGER}:
        raise NotFoundError("Only an owner or a manager can vouch for somebody.")
    await vouch_for(session, address, whose(person), staff, now)
    names = [
        await _name_of(session, link.contact_id, link.staff_id) for link in await living_links(session, address.id)
    ]
    shared = f" The address is shared: {', '.join(names)}." if len(names) > 1 else ""
    return f"{person.name} is proved at {order.address} for half an hour, on {staff.name}'s word.{shared}"


async def find_business(session: AsyncSession, slug: str) -> Business:
    """The business with this slug, or the only one. Raises NotFoundError."""
    wanted = select(Business).where(Business.slug == slug) if slug else select(Business)
    found = list(await session.scalars(wanted.order_by(Business.id)))
    if len(found) != 1:
        names = ", ".join(business.slug for business in found) or "none"
        raise NotFoundError(f"Say which business with --business: {names}.")
    return found[0]


async def _address(session: AsyncSession, business: Business, order: Order, now: datetime) -> Address:
    found = await find_address(session, business.id, order.address)
    if len(found) > 1:
        raise NotFoundError(f"{order.address} writes on {len(found)} connections; that cannot be told apart here.")
    if found:
        return found[0]
    people = await people_with(session, business.id, order.address) if order.deed == "changed" else []
    proved = select(AddressLink.id).where(AddressLink.business_id == business.id, AddressLink.phone == order.address)
    is_known = bool(people) or (order.deed == "changed" and (await session.scalars(proved)).first() is not None)
    if order.deed in {"changed", "unlink"} and not is_known:
        raise NotFoundError(f"Nobody has written from {order.address}.")
    made = Address(
        business_id=business.id,
        connection=f"{order.channel}:{business.slug}",
        channel=order.channel,
        address=order.address,
    )
    session.add(made)
    await session.flush()
    for person in people:  # so that it is known whose it was, and is not any more
        await link_address(session, made, person.person, LinkedBy.RECORD, now)
    return made


async def find_somebody(session: AsyncSession, business: Business, who: str) -> Person:
    """Whom "client:KEY" or "staff:KEY" names. Raises NotFoundError."""
    role, _, key = who.partition(":")
    if role not in {"client", "staff"} or not key:
        raise NotFoundError(f"Say who as client:KEY or staff:KEY, not {who!r}.")
    table = Staff if role == "staff" else Contact
    person: Person | None = await session.scalar(
        select(table).where(table.business_id == business.id, table.key == key)
    )
    if person is None:
        raise NotFoundError(f"{business.name} knows nobody called {who!r}.")
    return person


async def _name_of(session: AsyncSession, contact_id: int | None, staff_id: int | None) -> str:
    if contact_id is not None:
        return (await session.get_one(Contact, contact_id)).name
    return (await session.get_one(Staff, staff_id)).name

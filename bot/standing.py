"""Who speaks from an address at a moment, and how far that is proved: rules over what is on record about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import groupby
from typing import Any, Protocol

from sqlalchemy import Row, Select, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.built import rows_of
from billing.tables.addresses import Address, AddressLink, LinkedBy
from billing.tables.people import Contact, ContactClient
from bot.codes import PROVED_FOR

NEW_FOR = timedelta(days=7)  # after a change, being linked is not enough
PHONES = ("sms",)  # channels whose addresses are phone numbers
# Channels where the account itself is signed in: its address cannot be forged, as a caller's number can, and the
# channel vouches for the account's own phone number.
SIGNED_IN = ("telegram",)
OWN_PROOFS = (LinkedBy.CARD, LinkedBy.CODE)


@dataclass(frozen=True)
class Standing:
    """Who speaks from an address at a moment: level 0 nobody, 1 the one person it is linked to, 2 who proved it.

    Nobody where it is several people's or clients', or has changed in the last week, and nobody has proved it.
    """

    level: int
    contact_id: int | None = None
    staff_id: int | None = None
    is_shared: bool = False


@dataclass(frozen=True)
class Link:
    """A link of an address to a person, with what decides whether it still says who writes.

    phone, phone_since: the contact's, as they are on file. clients: for whom the contact speaks.
    """

    contact_id: int | None
    staff_id: int | None
    linked_by: LinkedBy
    linked_at: datetime
    proved_at: datetime | None
    ended_at: datetime | None
    phone: str | None
    phone_since: datetime | None
    clients: tuple[int, ...]

    @property
    def is_shared(self) -> bool:
        """Whether the person speaks for several clients."""
        return len(self.clients) > 1

    def is_proved(self, at: datetime) -> bool:
        """Whether a proof of the link stands at a moment."""
        return self.proved_at is not None and self.proved_at <= at < self.proved_at + PROVED_FOR


async def standing_of(session: AsyncSession, row: Address, at: datetime) -> Standing:
    """Who speaks from an address at a moment."""
    return standing_at(row, living(await read_links(session, row.id)), at)


async def read_links(session: AsyncSession, address_id: int) -> list[Link]:
    """Every link that an address has or had, oldest first, and written already."""
    found = await rows_of(session, _links(), {"address": address_id})
    return [_link_of(list(rows)) for _, rows in groupby(found, key=lambda row: row.id)]


def _link_of(rows: Sequence[Row[*tuple[Any, ...]]]) -> Link:
    first = rows[0]
    return Link(
        contact_id=first.contact_id,
        staff_id=first.staff_id,
        linked_by=first.linked_by,
        linked_at=first.linked_at,
        proved_at=first.proved_at,
        ended_at=first.ended_at,
        phone=first.phone,
        phone_since=first.phone_since,
        clients=tuple(row.client_id for row in rows if row.client_id is not None),
    )


@cache
def _links() -> Select[*tuple[Any, ...]]:
    """A row a link and client."""
    of_link = (
        AddressLink.id, AddressLink.contact_id, AddressLink.staff_id, AddressLink.linked_by, AddressLink.linked_at,
        AddressLink.proved_at, AddressLink.ended_at, Contact.phone, Contact.phone_since, ContactClient.client_id,
    )  # fmt: skip
    known = select(*of_link).outerjoin(Contact, Contact.id == AddressLink.contact_id)
    served = known.outerjoin(ContactClient, ContactClient.contact_id == AddressLink.contact_id)
    return served.where(AddressLink.address_id == bindparam("address")).order_by(AddressLink.id)


def living(links: Sequence[Link]) -> list[Link]:
    """Those that have not ended."""
    return [link for link in links if link.ended_at is None]


class Place(Protocol):
    """What the rules look at of an address."""

    @property
    def channel(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def last_changed_at(self) -> datetime | None: ...


def standing_at(row: Place, links: Sequence[Link], at: datetime) -> Standing:
    """Who speaks from an address with these living links at a moment."""
    proved = [link for link in links if link.is_proved(at)]
    if proved:
        latest = max(proved, key=lambda link: link.proved_at or at)
        return Standing(2, latest.contact_id, latest.staff_id, len(links) > 1 or latest.is_shared)
    if len(links) != 1:
        return Standing(0, is_shared=bool(links))
    (link,) = links
    if link.is_shared:
        return Standing(0, is_shared=True)
    if row.channel in SIGNED_IN and link.linked_by in OWN_PROOFS:
        return Standing(2 if link.staff_id is not None else 1, link.contact_id, link.staff_id)
    if _changed_at(row, link) > at - NEW_FOR:
        return Standing(0)
    return Standing(1, link.contact_id, link.staff_id)


def _changed_at(row: Place, link: Link) -> datetime:
    """When the address last changed hands, or came on the person's file."""
    changes = [row.last_changed_at]
    if link.contact_id is not None and row.channel in PHONES:
        changes.append(link.phone_since if link.phone == row.address else None)
    known = [change for change in changes if change is not None]
    return max(known, default=link.linked_at - NEW_FOR)

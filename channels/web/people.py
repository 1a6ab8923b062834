"""Who the visitor of a demo can be: the people of its businesses, with a word on what each one shows."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.principal import Scope
from billing.tables.bills import OWING, Invoice, InvoiceStatus
from billing.tables.people import Business, Client, Contact, ContactClient, Staff
from channels.web.desk import Desk, TheDesk
from channels.web.loopback import require_loopback

router = APIRouter()
_SHOWN = 60  # people listed of each kind and business: a large demo has thousands
_LANGUAGES = {"es": "Spanish", "fr": "French", "de": "German", "pt": "Portuguese", "it": "Italian"}


class NoSuchPersonError(Exception):
    """The demo has nobody under this key, or the key fits two."""


@dataclass(frozen=True)
class Person:
    """Somebody of a demo business. key: "client:dana-lee" or "staff:priya". client_id: None for several."""

    key: str
    name: str
    role: str
    about: str
    language: str
    business_id: int
    business_slug: str
    business_name: str
    colour: str
    contact_id: int | None = None
    staff_id: int | None = None
    client_id: int | None = None


async def list_people(desk: Desk) -> list[Person]:
    """The first people of every demo business, in the order they were made: clients, then staff."""
    return await _read_people(desk, key=None, business=None)


async def find_person(desk: Desk, key: str, business: str | None = None) -> Person:
    """The one demo person under a key; NoSuchPersonError when there is none or more than one."""
    fits = [one for one in await _read_people(desk, key=key, business=business) if one.key == key]
    if len(fits) != 1:
        raise NoSuchPersonError
    return fits[0]


async def _read_people(desk: Desk, *, key: str | None, business: str | None) -> list[Person]:
    now = desk.clock()
    bare = None if key is None else key.partition(":")[2]

    async def work(session: AsyncSession) -> list[Person]:
        people: list[Person] = []
        statement = select(Business).where(Business.is_demo.is_(True)).order_by(Business.id)
        for row in await session.scalars(statement):
            if business not in {None, row.slug}:
                continue
            today = now.astimezone(ZoneInfo(row.zone)).date()
            people += await _clients(session, row, today, bare)
            people += await _staff(session, row, bare)
        return people

    # The doctor's scope reads every table; this list exists for demo data alone.
    return await desk.door.system(Scope.DOCTOR).read(work)


async def _clients(session: AsyncSession, business: Business, today: date, key: str | None) -> list[Person]:
    listed = select(Contact).where(Contact.business_id == business.id).order_by(Contact.id).limit(_SHOWN)
    if key is not None:
        listed = listed.where(Contact.key == key)
    contacts = (await session.scalars(listed)).all()
    spoken_for: defaultdict[int, list[Client]] = defaultdict(list)
    pairs = await session.execute(
        select(ContactClient.contact_id, Client)
        .join(Client, Client.id == ContactClient.client_id)
        .where(ContactClient.contact_id.in_([contact.id for contact in contacts]))
        .order_by(Client.id)
    )
    for contact_id, client in pairs:
        spoken_for[contact_id].append(client)
    ids = {client.id for clients in spoken_for.values() for client in clients}
    bills: defaultdict[int, list[Invoice]] = defaultdict(list)
    for invoice in await session.scalars(select(Invoice).where(Invoice.client_id.in_(ids))):
        bills[invoice.client_id].append(invoice)
    return [
        _client_person(business, contact, spoken_for[contact.id], bills, today)
        for contact in contacts
        if spoken_for[contact.id]
    ]


def _client_person(
    business: Business,
    contact: Contact,
    clients: Sequence[Client],
    bills: dict[int, list[Invoice]],
    today: date,
) -> Person:
    owned = [invoice for client in clients for invoice in bills.get(client.id, [])]
    words = [about_bills(owned, today)]
    if len(clients) > 1:
        words.insert(0, "speaks for " + " and ".join(client.name for client in clients))
    elif clients[0].name != contact.name:
        words.insert(0, clients[0].name)
    if contact.language in _LANGUAGES:
        words.append(f"writes {_LANGUAGES[contact.language]}")
    return Person(
        key=f"client:{contact.key}",
        name=contact.name,
        role="client",
        about=", ".join(words),
        language=contact.language,
        business_id=business.id,
        business_slug=business.slug,
        business_name=business.name,
        colour=business.colour,
        contact_id=contact.id,
        client_id=clients[0].id if len(clients) == 1 else None,
    )


def about_bills(invoices: Sequence[Invoice], today: date) -> str:
    """In a few words, what somebody's bills show: the most telling thing first."""
    owing = [one for one in invoices if one.status in OWING and one.balance_minor > 0]
    if any(one.disputed_at for one in owing):
        return "disputes a bill"
    due_days = [one.due_on for one in owing if one.due_on]
    if due_days and min(due_days) < today:
        return f"{(today - min(due_days)).days} days overdue"
    if any(one.status is InvoiceStatus.PART_PAID for one in owing):
        return "paid a part"
    if due_days:
        days = (min(due_days) - today).days
        return "a bill due today" if days == 0 else f"a bill due in {days} day{'' if days == 1 else 's'}"
    return "all paid" if any(one.status is InvoiceStatus.PAID for one in invoices) else "no bill yet"


async def _staff(session: AsyncSession, business: Business, key: str | None) -> list[Person]:
    statement = select(Staff).where(Staff.business_id == business.id).order_by(Staff.id).limit(_SHOWN)
    if key is not None:
        statement = statement.where(Staff.key == key)
    return [
        Person(
            key=f"staff:{staff.key}",
            name=staff.name,
            role="staff",
            about=staff.title,
            language=staff.language,
            business_id=business.id,
            business_slug=business.slug,
            business_name=business.name,
            colour=business.colour,
            staff_id=staff.id,
        )
        for staff in await session.scalars(statement)
    ]


@router.get("/chat/people")
async def people(request: Request, desk: TheDesk) -> dict[str, list[dict[str, object]]]:
    """The businesses of the demo and their people; only on the loopback address."""
    require_loopback(request, desk.settings.host)
    businesses: dict[str, dict[str, object]] = {}
    listed: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    for person in await list_people(desk):
        slug = person.business_slug
        businesses[slug] = {"slug": slug, "name": person.business_name, "colour": person.colour}
        listed[slug].append(
            {
                "key": person.key,
                "name": person.name,
                "role": person.role,
                "about": person.about,
                "language": person.language,
            }
        )
    return {"businesses": [one | {"people": listed[slug]} for slug, one in businesses.items()]}

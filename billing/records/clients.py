"""Clients: their names and people as staff say them, and what is going on with one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from billing.records.balances import Owed, credit_of, owed_by_client
from billing.tables.bills import OWING, Invoice
from billing.tables.payments import Payment, PaymentStatus
from billing.tables.people import Client, Contact, ContactClient, Staff
from billing.tables.quotes import Estimate, EstimateStatus
from billing.tables.talk import Conversation, Message
from billing.tables.work import (
    Appointment,
    AppointmentStatus,
    Project,
    ProjectStatus,
    Request,
    RequestStatus,
)

RUNNING_PROJECTS = (ProjectStatus.PLANNED, ProjectStatus.ACTIVE, ProjectStatus.ON_HOLD)
OPEN_REQUESTS = (RequestStatus.NEW, RequestStatus.IN_PROGRESS, RequestStatus.WAITING)
NUMBERED = (Invoice, Estimate, Project, Request, Payment)


@dataclass(frozen=True)
class KnownClient:
    """A client as staff may name it: its own name and the names of its people."""

    id: int
    name: str
    people: tuple[str, ...]


@dataclass(frozen=True)
class ClientOverview:
    """What is going on with one client. Lists hold what is open, most pressing first."""

    client: Client
    manager: Staff | None
    people: tuple[tuple[ContactClient, Contact], ...]
    owed: tuple[Owed, ...]
    credit: dict[str, int]  # currency → minor units held that settle no invoice
    invoices: tuple[Invoice, ...]
    last_payment: Payment | None
    estimates: tuple[Estimate, ...]
    projects: tuple[Project, ...]  # with their tasks
    appointment: Appointment | None
    requests: tuple[Request, ...]
    last_message: Message | None


async def known_clients(session: AsyncSession) -> list[KnownClient]:
    """Every client of the business with the names of its people."""
    people: dict[int, list[str]] = {}
    speakers = select(ContactClient.client_id, Contact.name).join(Contact, Contact.id == ContactClient.contact_id)
    for client_id, name in await session.execute(speakers.order_by(ContactClient.is_primary.desc(), Contact.id)):
        people.setdefault(client_id, []).append(name)
    rows = await session.execute(select(Client.id, Client.name).order_by(Client.name))
    return [KnownClient(id_, name, tuple(people.get(id_, ()))) for id_, name in rows]


async def clients_by_ids(session: AsyncSession, ids: Sequence[int]) -> list[Client]:
    """These clients, in the order of `ids`."""
    found = {row.id: row for row in await session.scalars(select(Client).where(Client.id.in_(ids)))}
    return [found[id_] for id_ in ids if id_ in found]


async def client_ids_of_number(session: AsyncSession, number: str) -> list[int]:
    """Whose record carries this printed number: an invoice, estimate, project, request or payment."""
    for table in NUMBERED:
        owner = await session.scalar(select(table.client_id).where(table.number == number))
        if owner:
            return [owner]
    return []


async def client_ids_reached_at(session: AsyncSession, point: str) -> list[int]:
    """Clients of the contacts with this e-mail address (any case) or phone in E.164."""
    has_it = func.lower(Contact.email) == point.lower() if "@" in point else Contact.phone == point
    found = select(ContactClient.client_id).join(Contact, Contact.id == ContactClient.contact_id).where(has_it)
    return sorted(set(await session.scalars(found)))


async def clients_spoken_with(session: AsyncSession, limit: int) -> list[Client]:
    """The clients whose conversations are the newest."""
    newest = (
        select(Conversation.client_id)
        .where(Conversation.client_id.is_not(None))
        .group_by(Conversation.client_id)
        .order_by(func.max(Conversation.last_message_at).desc())
        .limit(limit)
    )
    return await clients_by_ids(session, [id_ for id_ in await session.scalars(newest) if id_])


async def people_of(session: AsyncSession, client_id: int) -> list[tuple[ContactClient, Contact]]:
    """Who speaks for a client, the primary contact first."""
    found = (
        select(ContactClient, Contact)
        .join(Contact, Contact.id == ContactClient.contact_id)
        .where(ContactClient.client_id == client_id)
        .order_by(ContactClient.is_primary.desc(), ContactClient.id)
    )
    return [(link, contact) for link, contact in await session.execute(found)]


async def overview_of(session: AsyncSession, client_id: int, today: date, now: datetime) -> ClientOverview:
    """All that client_overview tells, read in one unit of work."""
    client = await session.get_one(Client, client_id)
    credit = await credit_of(session, [client_id])
    return ClientOverview(
        client=client,
        manager=await session.get(Staff, client.manager_id) if client.manager_id else None,
        people=tuple(await people_of(session, client_id)),
        owed=tuple(await owed_by_client(session, today, client_id=client_id)),
        credit={currency: minor for (_, currency), minor in credit.items()},
        invoices=tuple(await session.scalars(_open_invoices(client_id))),
        last_payment=await session.scalar(_last_payment(client_id)),
        estimates=tuple(await session.scalars(_open_estimates(client_id, today))),
        projects=tuple(await session.scalars(_running_projects(client_id))),
        appointment=await session.scalar(_next_appointment(client_id, now)),
        requests=tuple(await session.scalars(_open_requests(client_id))),
        last_message=await session.scalar(_last_message(client_id)),
    )


def _open_invoices(client_id: int) -> Select[Invoice]:
    owing = select(Invoice).where(Invoice.client_id == client_id, Invoice.status.in_(OWING))
    return owing.order_by(Invoice.due_on.asc().nulls_last(), Invoice.id)


def _last_payment(client_id: int) -> Select[Payment]:
    paid = select(Payment).where(Payment.client_id == client_id, Payment.status == PaymentStatus.SUCCEEDED)
    # An expression keeps the databases from walking everybody's payments by their day to find this client's.
    latest = func.coalesce(Payment.received_at, Payment.started_at).desc()
    return paid.order_by(latest, Payment.id.desc()).limit(1)


def _open_estimates(client_id: int, today: date) -> Select[Estimate]:
    sent = select(Estimate).where(Estimate.client_id == client_id, Estimate.status == EstimateStatus.SENT)
    valid = Estimate.valid_until.is_(None) | (Estimate.valid_until >= today)
    return sent.where(valid).order_by(Estimate.valid_until.asc().nulls_last(), Estimate.id)


def _running_projects(client_id: int) -> Select[Project]:
    running = select(Project).where(Project.client_id == client_id, Project.status.in_(RUNNING_PROJECTS))
    due_first = running.order_by(Project.due_on.asc().nulls_last(), Project.id)
    return due_first.options(selectinload(Project.tasks))


def _next_appointment(client_id: int, now: datetime) -> Select[Appointment]:
    booked = select(Appointment).where(
        Appointment.client_id == client_id,
        Appointment.status == AppointmentStatus.BOOKED,
        Appointment.ends_at > now,
    )
    return booked.order_by(Appointment.starts_at).limit(1)


def _open_requests(client_id: int) -> Select[Request]:
    open_ones = select(Request).where(Request.client_id == client_id, Request.status.in_(OPEN_REQUESTS))
    return open_ones.order_by(Request.created_at.desc(), Request.id.desc())


def _last_message(client_id: int) -> Select[Message]:
    newest = select(Message).where(Message.client_id == client_id)
    return newest.order_by(Message.created_at.desc(), Message.id.desc()).limit(1)

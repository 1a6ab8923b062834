"""A client's records as starting records of a scenario: days counted from a day, people under made-up names."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.demo.bills import Tax
from billing.money import Money
from billing.tables.bills import Invoice, InvoiceLine, InvoiceStatus
from billing.tables.payments import Allocation, Payment, PaymentStatus
from billing.tables.people import Business, Client, Contact, ContactClient, Staff
from billing.tables.quotes import Acceptance, Estimate, EstimateLine
from billing.tables.work import Appointment, AppointmentStatus, Project, Request, Task
from bot.evaluation import given
from bot.evaluation.records import DEMO_BUSINESSES

Row = TypeVar("Row")
_ENDED = frozenset({InvoiceStatus.DRAFT, InvoiceStatus.VOID})


@dataclass(frozen=True)
class Kept:
    """Starting records, the made-up names by the real ones, and what could not be kept as it was."""

    given: given.Given
    names: Mapping[str, str]
    review: tuple[str, ...]
    contact: str  # key of who wrote
    locale: str
    zone: str


@dataclass
class _Keeper:
    """Reads one client's records. Ids are replaced by keys and printed numbers, days by their distance to `day`."""

    session: AsyncSession
    business: Business
    client: Client
    day: date
    names: dict[str, str] = field(default_factory=dict)
    review: list[str] = field(default_factory=list)
    staff: dict[int | None, str] = field(default_factory=dict)
    contacts: dict[int | None, str] = field(default_factory=dict)
    projects: dict[int | None, str] = field(default_factory=dict)
    quotes: dict[int | None, str] = field(default_factory=dict)
    invoices: dict[int | None, str] = field(default_factory=dict)

    async def rows(self, table: type[Row], *where: Any) -> Sequence[Row]:
        """The client's rows of a table, oldest first."""
        of_client = getattr(table, "client_id") == self.client.id  # noqa: B009 - only some tables have one
        return (await self.session.scalars(select(table).where(of_client, *where).order_by(table.id))).all()  # type: ignore[attr-defined]  # every table has an id

    def days(self, day: date | datetime | None) -> int | None:
        if isinstance(day, datetime):
            day = day.astimezone(ZoneInfo(self.business.zone)).date()
        return None if day is None else (day - self.day).days

    def past(self, day: date | datetime | None) -> int:
        return self.days(day) or 0


async def keep_records(session: AsyncSession, client_id: int, contact_id: int, at: datetime, thread_id: int) -> Kept:
    """The records of a client as they are now, days counted from `at`; not what thread `thread_id` asked for since."""
    client = await session.get_one(Client, client_id)
    business = await session.get_one(Business, client.business_id)
    keeper = _Keeper(session, business, client, at.astimezone(ZoneInfo(business.zone)).date())
    staff = (await session.scalars(select(Staff).where(Staff.business_id == business.id))).all()
    keeper.staff = {one.id: one.key for one in staff}
    contacts = await _contacts(keeper)
    kept = given.Client(
        key="client",
        name=keeper.names[client.name],
        contacts=tuple(contacts),
        manager=keeper.staff.get(client.manager_id) or staff[0].key,
        company=client.company,
        since=keeper.past(client.since),
        projects=tuple([await _project(keeper, row) for row in await keeper.rows(Project)]),
        visits=tuple(_visit(keeper, row) for row in await keeper.rows(Appointment) if _counts(row)),
        quotes=tuple([await _quote(keeper, row) for row in await keeper.rows(Estimate)]),
        invoices=tuple([await _invoice(keeper, row) for row in await keeper.rows(Invoice)]),
        payments=tuple([await _payment(keeper, row) for row in await keeper.rows(Payment)]),
        requests=tuple(
            _request(keeper, row)
            for row in await keeper.rows(Request)
            if row.conversation_id != thread_id and row.contact_id in keeper.contacts
        ),
    )
    where = business.slug if business.slug in DEMO_BUSINESSES else _business(business, staff)
    writer = await session.get_one(Contact, contact_id)
    start = given.Given(business=where, clients=(kept,))
    key = keeper.contacts[contact_id]
    return Kept(start, keeper.names, tuple(keeper.review), key, writer.locale, business.zone)


def _counts(visit: Appointment) -> bool:
    return visit.status is not AppointmentStatus.CANCELLED and visit.staff_id is not None


def _business(row: Business, staff: Iterable[Staff]) -> given.Business:
    return given.Business(
        slug=row.slug,
        name=row.name,
        trade=row.trade,
        zone=row.zone,
        locale=row.locale,
        currency=row.currency,
        phone=row.phone,
        hours=tuple((day, (times[0], times[1])) for day, times in row.hours.items()),
        staff=tuple(
            given.Colleague(
                key=one.key,
                name=one.name,
                title=one.title,
                role=one.role,
                phone=one.phone or "",
                email=one.email or "",
                topics=tuple(one.topics),
                language=one.language,
            )
            for one in staff
        ),
    )


async def _contacts(keeper: _Keeper) -> list[given.Contact]:
    query = (
        select(Contact, ContactClient)
        .join(ContactClient, ContactClient.contact_id == Contact.id)
        .where(ContactClient.client_id == keeper.client.id)
        .order_by(ContactClient.is_primary.desc(), ContactClient.id)
    )
    found = []
    for place, (contact, link) in enumerate(await keeper.session.execute(query)):
        letter = chr(ord("A") + place % 26)
        name, key = f"Robin {letter}", f"contact-{place + 1}"
        keeper.contacts[contact.id] = key
        keeper.names[contact.name] = name
        keeper.names.setdefault(contact.name.split()[0], "Robin")
        found.append(
            given.Contact(
                key=key,
                name=name,
                language=contact.language,
                phone=f"+1212555{100 + place % 100:04d}" if contact.phone else None,
                email=f"{key}@client.example" if contact.email else None,
                title=link.title,
            )
        )
    keeper.names.setdefault(keeper.client.name, "Client One")
    return found


async def _project(keeper: _Keeper, row: Project) -> given.Project:
    keeper.projects[row.id] = row.number
    manager = keeper.staff.get(row.manager_id) or next(iter(keeper.staff.values()))
    tasks = await keeper.session.scalars(select(Task).where(Task.project_id == row.id).order_by(Task.position))
    steps = tuple(
        given.Step(
            title=task.title,
            due=keeper.past(task.done_on or task.due_on),
            staff=keeper.staff.get(task.assignee_id, manager),
            status=task.status,
        )
        for task in tasks
    )
    return given.Project(
        number=row.number,
        name=row.name,
        manager=manager,
        status=row.status,
        started=keeper.days(row.started_on),
        due=keeper.days(row.due_on),
        expected=keeper.days(row.expected_on),
        finished=keeper.days(row.finished_on),
        delay_reason=row.delay_reason,
        steps=steps,
    )


def _visit(keeper: _Keeper, row: Appointment) -> given.Visit:
    local = row.starts_at.astimezone(ZoneInfo(keeper.business.zone))
    return given.Visit(
        purpose=row.purpose,
        day=(local.date() - keeper.day).days,
        staff=keeper.staff[row.staff_id],
        clock=f"{local:%H:%M}",
        minutes=round((row.ends_at - row.starts_at).total_seconds() / 60),
        project=keeper.projects.get(row.project_id, ""),
    )


async def _quote(keeper: _Keeper, row: Estimate) -> given.Quote:
    keeper.quotes[row.id] = row.number
    by = await keeper.session.scalar(select(Acceptance.contact_id).where(Acceptance.estimate_id == row.id))
    query = select(EstimateLine).where(EstimateLine.estimate_id == row.id).order_by(EstimateLine.position)
    if row.tax_minor:
        keeper.review.append(f"the tax of {row.number} is not kept")
    return given.Quote(
        number=row.number,
        title=row.title,
        lines=_lines(await keeper.session.scalars(query), row.currency),
        issued=keeper.past(row.issued_on),
        status=row.status,
        kind=row.kind,
        decided=keeper.days(row.decided_at),
        by=keeper.contacts.get(by, ""),
        valid_days=(row.valid_until - row.issued_on).days if row.valid_until and row.issued_on else 30,
        project=keeper.projects.get(row.project_id, ""),
    )


async def _invoice(keeper: _Keeper, row: Invoice) -> given.Invoice:
    keeper.invoices[row.id] = row.number
    query = select(InvoiceLine).where(InvoiceLine.invoice_id == row.id).order_by(InvoiceLine.position)
    lines = _lines(await keeper.session.scalars(query), row.currency)
    settled = await keeper.session.scalars(
        select(Allocation.amount_minor).where(Allocation.invoice_id == row.id, Allocation.payment_id.is_not(None))
    )
    if row.discount_minor:
        keeper.review.append(f"the discount of {row.number} is not kept")
    elif row.status not in _ENDED and row.total_minor - sum(settled) != row.balance_minor:
        keeper.review.append(f"{row.number} has credits or refunds that are not kept: its balance will differ")
    return given.Invoice(
        number=row.number,
        title=row.title,
        lines=lines,
        due=keeper.past(row.due_on),
        terms=(row.due_on - row.issued_on).days if row.due_on and row.issued_on else 14,
        tax_label=row.tax_label,
        tax=_tax_rate(keeper, row),
        memo=row.memo,
        project=keeper.projects.get(row.project_id, ""),
        estimate=keeper.quotes.get(row.estimate_id, ""),
        disputed=keeper.days(row.disputed_at),
        status=row.status if row.status in _ENDED else None,
    )


def _tax_rate(keeper: _Keeper, row: Invoice) -> int:
    """The rate in thousandths of a percent that gives the same tax: rows hold it rounded to hundredths."""
    rounded, taxed = row.tax_basis_points * 10, row.subtotal_minor - row.discount_minor
    for rate in sorted(range(rounded - 5, rounded + 6), key=lambda one: abs(one - rounded)):
        if Tax(row.tax_label, rate).on(taxed) == row.tax_minor:
            return rate
    keeper.review.append(f"the tax of {row.number} is not kept to the cent: its balance will differ")
    return rounded


async def _payment(keeper: _Keeper, row: Payment) -> given.Payment:
    query = select(Allocation.invoice_id).where(Allocation.payment_id == row.id).order_by(Allocation.id)
    settled = [keeper.invoices[found] for found in await keeper.session.scalars(query)]
    meant = keeper.invoices.get(row.invoice_id)
    return given.Payment(
        invoices=tuple(settled) or ((meant,) if meant else tuple(keeper.invoices.values())[:1]),
        day=keeper.past(row.received_at or row.started_at),
        amount="" if row.status is PaymentStatus.FAILED else str(Money(row.amount_minor, row.currency).major),
        method=row.method,
        status=row.status,
        failure=row.failure,
    )


def _request(keeper: _Keeper, row: Request) -> given.Request:
    return given.Request(
        kind=row.kind,
        summary=row.summary,
        contact=keeper.contacts[row.contact_id],
        opened=keeper.past(row.created_at),
        status=row.status,
        priority=row.priority,
        staff=keeper.staff.get(row.assignee_id, ""),
        project=keeper.projects.get(row.project_id, ""),
        invoice=keeper.invoices.get(row.invoice_id, ""),
        due=keeper.days(row.due_on),
        closed=keeper.days(row.closed_at),
        outcome=row.outcome,
    )


def _lines(rows: Iterable[InvoiceLine | EstimateLine], currency: str) -> tuple[given.Line, ...]:
    return tuple(
        given.Line(
            what=row.description,
            price=str(Money(row.unit_price_minor, currency).major),
            quantity=f"{row.quantity_milli / 1000:g}",
            unit=row.unit,
        )
        for row in rows
    )


def as_yaml(value: Any) -> Any:
    """A value of a scenario as YAML holds it: what is as by default is left out."""
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        shown = {}
        for each in fields(value):
            found = getattr(value, each.name)
            default = each.default_factory() if each.default_factory is not MISSING else each.default
            if found != default:
                shown[each.name] = as_yaml(found)
        return shown
    if isinstance(value, (tuple, list)):
        return [as_yaml(each) for each in value]
    return value

"""Writes the starting records of a scenario into a database, through the book that the demo is written in."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.demo import bills, money, papers, work
from billing.demo.atelier_lumiere.business import open_atelier_lumiere
from billing.demo.book import Book
from billing.demo.create import create_demo
from billing.demo.days import Days
from billing.demo.harbor_and_pine.business import open_harbor_and_pine
from billing.demo.people import Colleague as DemoColleague
from billing.demo.people import Customer, Person, add_client, add_staff
from billing.filestore import FileStore
from billing.principal import Scope
from billing.tables.bills import Invoice, InvoiceStatus
from billing.tables.payments import Payment, PaymentStatus
from billing.tables.people import Business, Client, Contact, Staff
from billing.tables.quotes import Estimate
from billing.tables.work import Project
from bot.evaluation import given

Row = TypeVar("Row")
Opened = Callable[[AsyncSession, Days, Random, FileStore], Awaitable[Book]]
DEMO_BUSINESSES: dict[str, tuple[str, Opened]] = {
    "harbor-and-pine": ("America/New_York", open_harbor_and_pine),
    "atelier-lumiere": ("Europe/Paris", open_atelier_lumiere),
}


class UnknownRecordError(ValueError):
    """The starting records name something that they do not hold."""


async def write_given(door: Door, files: FileStore, wanted: given.Given, now: datetime) -> None:
    """Write the starting records as of `now`; UnknownRecordError when they name what is not there."""
    if wanted.demo:
        await create_demo(door, files, now)

    async def whole(session: AsyncSession) -> None:
        book = await _open_book(session, wanted, now, files)
        for client in wanted.clients:
            await _write_client(book, client)
        if not wanted.demo:
            await papers.print_all(book)

    if not wanted.demo or wanted.clients:
        await door.system(Scope.IMPORT).write(whole)


async def _open_book(session: AsyncSession, wanted: given.Given, now: datetime, files: FileStore) -> Book:
    dice = Random(f"scenario {wanted.slug}")  # noqa: S311 - made-up values, not secrets
    if isinstance(wanted.business, given.Business):
        return await _own_business(session, wanted.business, Days(now, wanted.business.zone), dice, files)
    if wanted.business not in DEMO_BUSINESSES:
        raise UnknownRecordError(f"there is no business {wanted.business!r}; known are {', '.join(DEMO_BUSINESSES)}")
    zone, open_business = DEMO_BUSINESSES[wanted.business]
    if not wanted.demo:
        return await open_business(session, Days(now, zone), dice, files)
    business = (await session.scalars(select(Business).where(Business.slug == wanted.business))).one()
    staff = await session.scalars(select(Staff).where(Staff.business_id == business.id))
    contacts = await session.scalars(select(Contact).where(Contact.business_id == business.id))
    book = Book(session, business, Days(now, zone), dice, files)
    book.staff = {one.key: one for one in staff}
    book.contacts = {one.key: one for one in contacts}
    book.counters = dict.fromkeys(("PAY", "REQ", "CN", "REF"), 8000)  # clear of the numbers the demo has given
    return book


async def _own_business(
    session: AsyncSession, wanted: given.Business, days: Days, dice: Random, files: FileStore
) -> Book:
    row = Business(
        slug=wanted.slug,
        name=wanted.name,
        trade=wanted.trade,
        zone=wanted.zone,
        locale=wanted.locale,
        currency=wanted.currency,
        phone=wanted.phone,
        email=wanted.email,
        postal=wanted.postal,
        hours={day: list(times) for day, times in wanted.hours},
    )
    book = Book(session, row, days, dice, files)
    await book.put(row)
    for one in wanted.staff:
        fields = (one.key, one.name, one.title, one.role, one.phone, one.email, one.topics, one.language)
        await add_staff(book, DemoColleague(*fields))
    return book


async def _write_client(book: Book, wanted: given.Client) -> None:
    people = tuple(Person(one.key, one.name, one.language, one.phone, one.email, one.title) for one in wanted.contacts)
    _known(book.staff, wanted.manager)
    customer = Customer(
        wanted.key, wanted.name, wanted.since, people, wanted.postal, wanted.manager, company=wanted.company
    )
    history = _History(book, await add_client(book, customer))
    for project in wanted.projects:
        await history.add_project(project)
    for quote in wanted.quotes:
        await history.add_quote(quote)
    for invoice in wanted.invoices:
        await history.add_invoice(invoice)
    for payment in wanted.payments:
        await history.add_payment(payment)
    for plan in wanted.plans:
        await history.add_plan(plan)
    for visit in wanted.visits:
        await history.add_visit(visit)
    for request in wanted.requests:
        await history.add_request(request)
    for file in wanted.files:
        await history.add_file(file)


def _known(rows: dict[str, Row], key: str) -> Row:
    if key not in rows:
        raise UnknownRecordError(f"{key!r} is named, but is not among the starting records")
    return rows[key]


@dataclass
class _History:
    """One client's records in the making, found again by their printed numbers."""

    book: Book
    client: Client
    projects: dict[str, Project] = field(default_factory=dict)
    quotes: dict[str, Estimate] = field(default_factory=dict)
    invoices: dict[str, Invoice] = field(default_factory=dict)

    def _project(self, number: str) -> Project | None:
        return _known(self.projects, number) if number else None

    def _invoice(self, number: str) -> Invoice | None:
        return _known(self.invoices, number) if number else None

    async def add_project(self, one: given.Project) -> None:
        for key in (one.manager, *(step.staff for step in one.steps)):
            _known(self.book.staff, key)
        job = work.Job(
            number=one.number,
            name=one.name,
            status=one.status,
            manager=one.manager,
            started=one.started,
            due=one.due,
            expected=one.expected,
            finished=one.finished,
            delay_reason=one.delay_reason,
            steps=tuple(work.Step(step.title, step.status, step.due, step.staff) for step in one.steps),
        )
        self.projects[one.number] = await work.add_project(self.book, self.client, job)

    async def add_quote(self, one: given.Quote) -> None:
        quote = bills.Quote(
            number=one.number,
            title=one.title,
            lines=_lines(one.lines),
            issued=one.issued,
            status=one.status,
            decided=one.decided,
            kind=one.kind,
            valid_days=one.valid_days,
        )
        self.quotes[one.number] = await bills.add_quote(
            self.book, self.client, quote, project=self._project(one.project), by=one.by
        )

    async def add_invoice(self, one: given.Invoice) -> None:
        bill = bills.Bill(
            number=one.number,
            title=one.title,
            lines=_lines(one.lines),
            due=one.due,
            terms=one.terms,
            tax=bills.Tax(one.tax_label, one.tax),
            memo=one.memo,
            is_draft=one.status is InvoiceStatus.DRAFT,
        )
        estimate = _known(self.quotes, one.estimate) if one.estimate else None
        row = await bills.add_invoice(
            self.book, self.client, bill, project=self._project(one.project), estimate=estimate
        )
        self.invoices[one.number] = row
        if one.status is InvoiceStatus.VOID:
            await bills.void(self.book, row)
        if one.disputed is not None:
            row.disputed_at = self.book.days.past(one.disputed)
            await self.book.keep()

    async def add_payment(self, one: given.Payment) -> None:
        book, rows = self.book, [_known(self.invoices, number) for number in one.invoices]
        if one.status is PaymentStatus.PROCESSING:
            await money.pay_later(book, rows[0], day=one.day, amount=one.amount, method=one.method)
        elif one.status is PaymentStatus.FAILED:
            await money.fail_to_pay(book, rows[0], day=one.day, failure=one.failure, method=one.method)
        else:
            paid = await self._paid(one, rows)
            if one.refund is not None:
                back = one.refund
                await money.refund(
                    book, paid, back.reason, day=back.day, amount=back.amount,
                    invoice=self._invoice(back.invoice), is_settled=back.settled,
                )  # fmt: skip

    async def _paid(self, one: given.Payment, rows: list[Invoice]) -> Payment:
        if all(row.balance_minor == 0 for row in rows) and not one.amount:
            return await money.pay_again(self.book, rows[0], day=one.day)
        return await money.pay(self.book, *rows, day=one.day, amount=one.amount, method=one.method)

    async def add_plan(self, one: given.Plan) -> None:
        parts = [money.Part(part.due, part.amount, part.status) for part in one.parts]
        await money.add_plan(self.book, _known(self.invoices, one.invoice), *parts, agreed=one.agreed)

    async def add_visit(self, one: given.Visit) -> None:
        _known(self.book.staff, one.staff)
        visit = work.Visit(one.purpose, one.day, one.clock, one.minutes, one.staff)
        await work.add_appointment(self.book, self.client, visit, project=self._project(one.project))

    async def add_request(self, one: given.Request) -> None:
        _known(self.book.contacts, one.contact)
        wish = work.Wish(
            kind=one.kind,
            status=one.status,
            summary=one.summary,
            opened=one.opened,
            priority=one.priority,
            assignee=one.staff,
            due=one.due,
            closed=one.closed,
            outcome=one.outcome,
        )
        project, invoice = self._project(one.project), self._invoice(one.invoice)
        await work.add_request(self.book, self.client, one.contact, wish, project=project, invoice=invoice)

    async def add_file(self, one: given.File) -> None:
        stored = papers.Stored(one.kind, one.name, one.text.encode(), one.day, "text/plain", visibility=one.visibility)
        about = papers.Belongs(project=self._project(one.project))
        await papers.add_file(self.book, self.client, stored, about)


def _lines(lines: tuple[given.Line, ...]) -> tuple[bills.Line, ...]:
    return tuple(bills.Line(line.what, line.quantity, line.unit, line.price) for line in lines)

"""Reads by noun, on SQLite and PostgreSQL, as a client's session sees them."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from billing.principal import Principal, PrincipalKind, Scope
from billing.records import estimates, files, invoices, payments, people, plans, projects, requests
from billing.tables.bills import InvoiceStatus
from billing.tables.files import Visibility
from billing.tables.payments import PaymentStatus
from billing.tables.people import Business, Client, Staff
from billing.tables.quotes import EstimateStatus
from tests.conftest import Run
from tests.factories.bills import make_credit_note, make_invoice
from tests.factories.files import make_file
from tests.factories.payments import make_allocation, make_payment, make_refund
from tests.factories.people import make_business, make_client, make_staff
from tests.factories.plans import make_plan
from tests.factories.quotes import make_acceptance, make_estimate
from tests.factories.work import make_appointment, make_project, make_request, make_task, make_time_entry
from tests.fakes.clock import NOW, TODAY
from tests.fakes.databases import Database

T = TypeVar("T")


class Books:
    """Two clients of one business in a database."""

    def __init__(self, database: Database, run: Run) -> None:
        self.door, self.run = database.door, run
        self.business, self.dana, self.other = run(self.door.system(Scope.IMPORT).write(_two_clients))

    def add(self, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
        """More rows."""
        added: T = self.run(self.door.system(Scope.IMPORT).write(work))
        return added

    def read(self, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
        """What Dana's session reads."""
        dana = Principal(self.business.id, PrincipalKind.CLIENT, 1, client_id=self.dana.id)
        found: T = self.run(self.door.records_for(dana).read(work))
        return found


async def _two_clients(session: AsyncSession) -> tuple[Business, Client, Client]:
    business = await make_business(session)
    return (
        business,
        await make_client(session, business=business),
        await make_client(session, business=business),
    )


def test_invoices_are_listed_without_drafts_and_others(database: Database, run: Run) -> None:
    books = Books(database, run)

    async def add(session: AsyncSession) -> None:
        await make_invoice(session, client=books.dana, number="INV-1", issued_on=TODAY - timedelta(days=9))
        await make_invoice(session, client=books.dana, number="INV-2", issued_on=TODAY)
        await make_invoice(session, client=books.dana, number="INV-3", status=InvoiceStatus.DRAFT)
        await make_invoice(session, client=books.other, number="INV-4")

    books.add(add)
    assert [row.number for row in books.read(invoices.list_invoices)] == ["INV-2", "INV-1"]
    with_lines = books.read(partial(invoices.list_invoices, with_lines=True))
    assert [line.description for line in with_lines[0].lines] == ["Work"]


def test_what_is_owed_is_summed_by_currency(database: Database, run: Run) -> None:
    books = Books(database, run)

    async def add(session: AsyncSession) -> None:
        await make_invoice(session, client=books.dana, due_on=TODAY - timedelta(days=1))
        await make_invoice(session, client=books.dana, due_on=TODAY)
        await make_invoice(session, client=books.dana, currency="EUR")
        await make_invoice(session, client=books.dana, status=InvoiceStatus.PAID, balance_minor=0)
        await make_invoice(session, client=books.other)

    books.add(add)
    owed = books.read(partial(invoices.owed_by_currency, today=TODAY))
    assert owed == {"USD": (200_00, 100_00), "EUR": (100_00, 0)}
    assert books.read(invoices.list_owing)[0].due_on == TODAY - timedelta(days=1)


def test_the_story_of_an_invoice_holds_all_behind_it(database: Database, run: Run) -> None:
    books = Books(database, run)

    async def add(session: AsyncSession) -> int:
        project = await make_project(session, client=books.dana, name="Kitchen")
        estimate = await make_estimate(session, client=books.dana, status=EstimateStatus.ACCEPTED)
        await make_acceptance(session, estimate=estimate)
        invoice = await make_invoice(session, client=books.dana, project_id=project.id, estimate_id=estimate.id)
        payment = await make_payment(session, client=books.dana, amount_minor=60_00, settles=[(invoice, 60_00)])
        note = await make_credit_note(session, invoice=invoice)
        await make_allocation(session, invoice=invoice, credit_note_id=note.id, amount_minor=10_00)
        await make_payment(session, client=books.dana, status=PaymentStatus.PROCESSING, invoice_id=invoice.id)
        await make_refund(session, payment=payment, invoice_id=invoice.id, amount_minor=5_00)
        task = await make_task(session, project=project, title="Fit")
        await make_time_entry(session, project=project, invoice_id=invoice.id, task_id=task.id, minutes=90)
        await make_file(session, client=books.dana, invoice_id=invoice.id, name="Bill.pdf")
        await make_file(session, client=books.dana, invoice_id=invoice.id, visibility=Visibility.INTERNAL)
        return invoice.id

    story = books.read(partial(invoices.get_story, invoice_id=books.add(add)))
    assert story.project is not None
    assert story.project.name == "Kitchen"
    assert story.estimate is not None
    assert story.acceptance is not None
    assert [part for _, part in story.paid] == [60_00]
    assert [part for _, part in story.credited] == [10_00]
    assert len(story.processing) == len(story.refunds) == 1
    assert (story.minutes, [task.title for task in story.tasks]) == (90, ["Fit"])
    assert [file.name for file in story.files] == ["Bill.pdf"]


def test_movements_end_at_the_open_balance(database: Database, run: Run) -> None:
    books = Books(database, run)

    async def add(session: AsyncSession) -> None:
        invoice = await make_invoice(session, client=books.dana, lines=(("Work", 1, 300_00),))
        payment = await make_payment(session, client=books.dana, amount_minor=120_00, settles=[(invoice, 120_00)])
        await make_refund(session, payment=payment, amount_minor=20_00, status="succeeded", settled_at=NOW)
        await make_payment(session, client=books.dana, status=PaymentStatus.FAILED)
        await make_invoice(session, client=books.dana, status=InvoiceStatus.VOID, balance_minor=0)

    books.add(add)
    moves = books.read(partial(payments.movements, zone="America/New_York"))
    assert [(move.kind, move.amount_minor) for move in moves] == [
        ("invoice", 300_00), ("payment", -120_00), ("refund", 20_00),
    ]  # fmt: skip


def test_payments_and_refunds_are_found_by_invoice(database: Database, run: Run) -> None:
    books = Books(database, run)

    async def add(session: AsyncSession) -> int:
        invoice = await make_invoice(session, client=books.dana)
        payment = await make_payment(session, client=books.dana, number="PAY-1", settles=[(invoice, 40_00)])
        await make_payment(session, client=books.dana, number="PAY-2", invoice_id=invoice.id, status="failed")
        await make_payment(session, client=books.dana, number="PAY-3")
        await make_refund(session, payment=payment, amount_minor=5_00)
        return invoice.id

    invoice_id = books.add(add)
    found = books.read(partial(payments.list_payments, invoice_id=invoice_id))
    assert {row.number for row in found} == {"PAY-1", "PAY-2"}
    assert len(books.read(partial(payments.list_refunds, invoice_id=invoice_id))) == 1
    settled = books.read(partial(payments.invoices_settled, payment_ids=[row.id for row in found]))
    assert [row.id for rows in settled.values() for row in rows] == [invoice_id]


def test_files_are_shown_with_what_they_belong_to(database: Database, run: Run) -> None:
    books = Books(database, run)

    async def add(session: AsyncSession) -> None:
        invoice = await make_invoice(session, client=books.dana, number="INV-1")
        draft = await make_invoice(session, client=books.dana, number="INV-2", status=InvoiceStatus.DRAFT)
        await make_file(session, client=books.dana, name="One.pdf", invoice_id=invoice.id)
        await make_file(session, client=books.dana, name="Draft.pdf", invoice_id=draft.id)
        await make_file(session, client=books.dana, name="Secret.pdf", visibility=Visibility.INTERNAL)

    books.add(add)
    assert [(stored.file.name, stored.invoice) for stored in books.read(files.list_files)] == [("One.pdf", "INV-1")]


def test_running_projects_come_first(database: Database, run: Run) -> None:
    books = Books(database, run)

    async def add(session: AsyncSession) -> int:
        await make_project(session, client=books.dana, number="PRJ-1", status="done", started_on=TODAY)
        running = await make_project(session, client=books.dana, number="PRJ-2", status="active", started_on=TODAY)
        await make_task(session, project=running, title="Fit")
        start = NOW + timedelta(days=1)
        await make_appointment(
            session, client=books.dana, project_id=running.id, starts_at=start, ends_at=start + timedelta(hours=1)
        )
        return running.id

    running_id = books.add(add)
    assert [row.number for row in books.read(projects.list_projects)] == ["PRJ-2", "PRJ-1"]
    (story,) = books.read(partial(projects.get_stories, project_ids=[running_id], now=NOW))
    assert [task.title for task in story.project.tasks] == ["Fit"]
    assert story.next_appointment is not None


def test_estimates_requests_and_plans_are_the_own_ones(database: Database, run: Run) -> None:
    books = Books(database, run)

    async def add(session: AsyncSession) -> int:
        for client in (books.dana, books.other):
            estimate = await make_estimate(session, client=client)
            await make_estimate(session, client=client, status=EstimateStatus.DRAFT)
            invoice = await make_invoice(session, client=client)
            await make_plan(session, invoice=invoice, parts=[(TODAY, 10_00)])
            await make_request(session, client=client)
        return estimate.id

    foreign = books.add(add)
    assert len(books.read(estimates.list_estimates)) == 1
    assert books.read(partial(estimates.find_story, estimate_id=foreign)) is None
    assert len(books.read(requests.list_requests)) == 1
    (plan,) = books.read(plans.list_plans)
    assert [part.amount_minor for part in plan.instalments] == [10_00]


def test_staff_answer_for_topics(database: Database, run: Run) -> None:
    books = Books(database, run)

    async def add(session: AsyncSession) -> None:
        await make_staff(session, business=books.business, name="Sam", role="member", topics=["Warranty"])
        await make_staff(session, business=books.business, name="Priya", role="owner", topics=["refunds"])

    books.add(add)
    staff: list[Staff] = list(books.read(people.list_staff))
    assert staff[0].name == "Priya"
    found = people.answering_for(staff, ("garantie", "warranty"))
    assert found is not None
    assert found.name == "Sam"
    assert people.answering_for(staff, ("nothing",)) is None

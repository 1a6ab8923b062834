"""The demo has every state that the product must answer about, adds up, and is the same for one seed."""

import asyncio
import hashlib
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy import ColumnElement, create_engine, func, select
from sqlalchemy.orm import Session

from billing import ledger_check
from billing.access import Door
from billing.database import Base, open_engines
from billing.demo.create import DemoExistsError, create_demo
from billing.demo.large import BENCH_CLIENT, BENCH_INVOICES, create_large
from billing.filestore import FileStore
from billing.principal import Scope
from billing.tables.addresses import Address, AddressLink
from billing.tables.bills import OWING, CreditNote, Invoice, InvoiceLine, InvoiceStatus
from billing.tables.files import File, FileKind, FileVersion, Visibility
from billing.tables.payments import Allocation, Payment, PaymentStatus, Refund, RefundStatus
from billing.tables.people import Business, Client, Contact, ContactClient, Staff
from billing.tables.plans import Instalment, InstalmentStatus, PaymentPlan, Retainer
from billing.tables.quotes import Acceptance, Estimate, EstimateStatus, QuoteKind
from billing.tables.talk import Conversation, Message
from billing.tables.work import (
    Appointment,
    Project,
    ProjectStatus,
    Request,
    RequestKind,
    RequestStatus,
    Task,
    TaskStatus,
    TimeEntry,
)
from tests.conftest import Run
from tests.fakes.databases import Database

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)


class Demo:
    """A demo that was made once for this file, to be read."""

    def __init__(self, folder: Path, template: Path, now: datetime = NOW, seed: int = 7) -> None:
        self.path, self.files, self.now = folder / "demo.db", FileStore(folder / "files"), now
        shutil.copyfile(template, self.path)
        asyncio.run(self._make(seed))
        self._engine = create_engine(f"sqlite:///{self.path}")

    async def _make(self, seed: int) -> None:
        engines = open_engines(f"sqlite:///{self.path}")
        await create_demo(Door(engines), self.files, self.now, seed)
        await engines.dispose()

    def session(self) -> Session:
        return Session(self._engine)

    def close(self) -> None:
        self._engine.dispose()

    def count(self, table: type[Base], *where: ColumnElement[bool]) -> int:
        with self.session() as session:
            return session.scalar(select(func.count()).select_from(table).where(*where)) or 0

    def content_hash(self) -> str:
        """One hash over every row of every table, bytes of files included by their own hashes."""
        content = hashlib.sha256()
        with self._engine.connect() as connection:
            for table in Base.metadata.sorted_tables:
                for row in connection.execute(select(table).order_by(*table.primary_key.columns)):
                    content.update(repr((table.name, *row)).encode())
        return content.hexdigest()

    def broken_rules(self) -> list[ledger_check.Finding]:
        async def look() -> list[ledger_check.Finding]:
            engines = open_engines(f"sqlite:///{self.path}")
            found = await Door(engines).system(Scope.DOCTOR).read(ledger_check.check)
            await engines.dispose()
            return found

        return asyncio.run(look())


@pytest.fixture(scope="module")
def demo(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    made = Demo(tmp_path_factory.mktemp("demo"), sqlite_template)
    yield made
    made.close()


def days_overdue(days: int) -> ColumnElement[bool]:
    return Invoice.due_on == TODAY - timedelta(days=days)


STATES: dict[str, tuple[type[Base], tuple[ColumnElement[bool], ...]]] = {
    "estimate accepted": (Acceptance, ()),
    "estimate declined": (Estimate, (Estimate.status == EstimateStatus.DECLINED,)),
    "estimate expired": (Estimate, (Estimate.status == EstimateStatus.EXPIRED, Estimate.valid_until < TODAY)),
    "estimate waiting": (Estimate, (Estimate.status == EstimateStatus.SENT, Estimate.valid_until >= TODAY)),
    "estimate draft": (Estimate, (Estimate.status == EstimateStatus.DRAFT,)),
    "proposal": (Estimate, (Estimate.kind == QuoteKind.PROPOSAL, Estimate.status == EstimateStatus.SENT)),
    "invoice draft": (Invoice, (Invoice.status == InvoiceStatus.DRAFT,)),
    "invoice open": (Invoice, (Invoice.status == InvoiceStatus.OPEN, Invoice.due_on > TODAY)),
    "invoice due today": (Invoice, (Invoice.status == InvoiceStatus.OPEN, Invoice.due_on == TODAY)),
    "invoice 3 days overdue": (Invoice, (Invoice.status.in_(OWING), days_overdue(3))),
    "invoice 120 days overdue": (Invoice, (Invoice.status.in_(OWING), days_overdue(120))),
    "invoice part paid": (Invoice, (Invoice.status == InvoiceStatus.PART_PAID,)),
    "invoice paid": (Invoice, (Invoice.status == InvoiceStatus.PAID,)),
    "invoice void": (Invoice, (Invoice.status == InvoiceStatus.VOID,)),
    "invoice disputed": (Invoice, (Invoice.disputed_at.is_not(None), Invoice.balance_minor > 0)),
    "invoice with tax": (Invoice, (Invoice.tax_minor > 0,)),
    "invoice with discount": (Invoice, (Invoice.discount_minor > 0,)),
    "credit note": (CreditNote, ()),
    "refund arrived": (Refund, (Refund.status == RefundStatus.SUCCEEDED, Refund.invoice_id.is_not(None))),
    "refund pending": (Refund, (Refund.status == RefundStatus.PENDING,)),
    "payment processing": (Payment, (Payment.status == PaymentStatus.PROCESSING,)),
    "payment failed": (Payment, (Payment.status == PaymentStatus.FAILED, Payment.failure != "")),
    "retainer drawn on": (Retainer, (Retainer.remaining_minor < Retainer.amount_minor,)),
    "retainer allocation": (Allocation, (Allocation.retainer_id.is_not(None),)),
    "payment plan": (PaymentPlan, ()),
    "missed instalment": (Instalment, (Instalment.status == InstalmentStatus.MISSED, Instalment.due_on < TODAY)),
    "project late": (Project, (Project.expected_on > Project.due_on, Project.delay_reason != "")),
    "project on time": (Project, (Project.status == ProjectStatus.ACTIVE, Project.delay_reason == "")),
    "project done": (Project, (Project.status == ProjectStatus.DONE,)),
    "project on hold": (Project, (Project.status == ProjectStatus.ON_HOLD,)),
    "task blocked": (Task, (Task.status == TaskStatus.BLOCKED,)),
    "task to do": (Task, (Task.status == TaskStatus.TODO,)),
    "appointment past": (Appointment, (Appointment.starts_at < NOW,)),
    "appointment upcoming": (Appointment, (Appointment.starts_at > NOW,)),
    "time billed": (TimeEntry, (TimeEntry.invoice_id.is_not(None),)),
    "dispute request": (Request, (Request.kind == RequestKind.DISPUTE, Request.invoice_id.is_not(None))),
    "complaint": (Request, (Request.kind == RequestKind.COMPLAINT,)),
    "request new": (Request, (Request.status == RequestStatus.NEW,)),
    "request in progress": (Request, (Request.status == RequestStatus.IN_PROGRESS,)),
    "request done": (Request, (Request.status == RequestStatus.DONE, Request.outcome != "")),
    "file for staff only": (File, (File.visibility == Visibility.INTERNAL,)),
    "message that sent an invoice": (Message, (Message.invoice_id.is_not(None),)),
    "unpaid lead": (Client, (Client.key == "noah-brooks",)),
}


@pytest.mark.parametrize("state", STATES)
def test_every_state_is_present(demo: Demo, state: str) -> None:
    table, where = STATES[state]
    assert demo.count(table, *where) > 0


@pytest.mark.parametrize("kind", ["contract", "estimate", "invoice", "permit", "warranty", "photo"])
def test_every_kind_of_file_is_stored(demo: Demo, kind: str) -> None:
    with demo.session() as session:
        query = select(FileVersion).join(File, File.id == FileVersion.file_id).where(File.kind == FileKind(kind))
        versions = session.scalars(query).all()
    assert versions
    for version in versions:
        content = demo.files.open(version.sha256).read_bytes()
        assert len(content) == version.size
        assert content.startswith(b"\xff\xd8" if kind == "photo" else b"%PDF")


def test_clients_are_many_enough(demo: Demo) -> None:
    with demo.session() as session:
        number = func.count(Client.id).label("clients")
        query = select(Business.slug, number).join(Client, Client.business_id == Business.id)
        counts = {row.slug: row.clients for row in session.execute(query.group_by(Business.slug))}
    assert counts["harbor-and-pine"] >= 15
    assert counts["atelier-lumiere"] >= 9


def test_people_write_four_languages(demo: Demo) -> None:
    with demo.session() as session:
        query = select(Business.slug, Contact.language).join(Contact, Contact.business_id == Business.id).distinct()
        spoken = {(slug, language) for slug, language in session.execute(query)}
    assert spoken == {
        ("harbor-and-pine", "en"),
        ("harbor-and-pine", "es"),
        ("atelier-lumiere", "fr"),
        ("atelier-lumiere", "de"),
    }


def test_staff_are_there_by_their_keys(demo: Demo) -> None:
    with demo.session() as session:
        keys = set(session.scalars(select(Staff.key)))
    assert keys == {"priya", "tom", "elena", "sam", "claire", "jonas", "amelie"}


def test_kitchen_invoice_tells_its_story(demo: Demo) -> None:
    with demo.session() as session:
        invoice = session.scalars(select(Invoice).where(Invoice.number == "INV-1042")).one()
        lines = session.scalars(select(InvoiceLine).where(InvoiceLine.invoice_id == invoice.id)).all()
        estimate = session.get_one(Estimate, invoice.estimate_id)
        project = session.get_one(Project, invoice.project_id)
        client = session.get_one(Client, invoice.client_id)
        accepted = session.scalars(select(Acceptance).where(Acceptance.estimate_id == estimate.id)).one()
    assert [(line.description, line.quantity_milli, line.amount_minor) for line in lines] == [
        ("Oak doors", 6000, 1440_00),
        ("Fitting", 8000, 400_00),
    ]
    assert (invoice.total_minor, invoice.balance_minor, invoice.tax_minor) == (1840_00, 1840_00, 0)
    assert invoice.due_on == TODAY + timedelta(days=6)
    assert (estimate.number, project.name, client.key) == ("EST-88", "Kitchen renovation", "dana-lee")
    assert 45 <= (NOW - accepted.accepted_at).days <= 55


def test_dana_owes_exactly_one_invoice(demo: Demo) -> None:
    with demo.session() as session:
        client = session.scalars(select(Client).where(Client.key == "dana-lee")).one()
        of_dana = select(Invoice).where(Invoice.client_id == client.id)
        owing = session.scalars(of_dana.where(Invoice.status.in_(OWING))).all()
        paid = session.scalars(of_dana.where(Invoice.status == InvoiceStatus.PAID)).all()
        upcoming = select(Appointment).where(Appointment.client_id == client.id, Appointment.starts_at > NOW)
        assert session.scalars(upcoming).first() is not None
    assert [invoice.number for invoice in owing] == ["INV-1042"]
    assert "INV-1019" in {invoice.number for invoice in paid}


def test_four_clients_owe_for_over_thirty_days(demo: Demo) -> None:
    with demo.session() as session:
        late = Invoice.due_on < TODAY - timedelta(days=30)
        query = (
            select(Client.name, Invoice.balance_minor, Invoice.due_on)
            .join(Client, Client.id == Invoice.client_id)
            .where(Invoice.status.in_(OWING), late, Invoice.currency == "USD")
        )
        owed = {name: (minor, (TODAY - due).days) for name, minor, due in session.execute(query) if due}
    assert owed["Okafor Dental"] == (6200_00, 62)
    assert owed["M. Alvarez"] == (3100_00, 48)
    assert len(owed) == 4
    assert sum(minor for minor, _ in owed.values()) == 12_480_00


def test_two_open_invoices_have_one_amount(demo: Demo) -> None:
    with demo.session() as session:
        query = select(Invoice.client_id).where(Invoice.status == InvoiceStatus.OPEN)
        query = query.group_by(Invoice.client_id, Invoice.balance_minor).having(func.count() == 2)
        assert len(session.scalars(query).all()) == 1


def test_one_payment_settles_two_invoices(demo: Demo) -> None:
    with demo.session() as session:
        query = select(Allocation.payment_id).where(Allocation.payment_id.is_not(None))
        query = query.group_by(Allocation.payment_id).having(func.count(Allocation.invoice_id.distinct()) == 2)
        assert len(session.scalars(query).all()) == 1


def test_one_overpayment_left_credit(demo: Demo) -> None:
    with demo.session() as session:
        client = session.scalars(select(Client).where(Client.key == "emily-tran")).one()
        received = session.scalar(select(func.sum(Payment.amount_minor)).where(Payment.client_id == client.id))
        used = session.scalar(select(func.sum(Allocation.amount_minor)).where(Allocation.client_id == client.id))
    assert (received, used) == (2000_00, 1920_00)


def test_two_contacts_share_one_phone(demo: Demo) -> None:
    with demo.session() as session:
        shared = select(AddressLink.address_id).group_by(AddressLink.address_id).having(func.count() == 2)
        address = session.scalars(select(Address).where(Address.id.in_(shared))).one()
        links = session.scalars(select(AddressLink.contact_id).where(AddressLink.address_id == address.id)).all()
        clients = session.scalars(select(ContactClient.client_id).where(ContactClient.contact_id.in_(links)))
        assert len(set(clients)) == 2


def test_one_contact_speaks_for_two_clients(demo: Demo) -> None:
    with demo.session() as session:
        query = select(ContactClient.contact_id).group_by(ContactClient.contact_id).having(func.count() == 2)
        contact = session.get_one(Contact, session.scalars(query).one())
    assert contact.key == "marc-dubois"


def test_one_client_has_nothing(demo: Demo) -> None:
    with demo.session() as session:
        client = session.scalars(select(Client).where(Client.key == "noah-brooks")).one()
    owned = (
        (Invoice, Invoice.client_id == client.id),
        (Estimate, Estimate.client_id == client.id),
        (Project, Project.client_id == client.id),
        (Request, Request.client_id == client.id),
        (Payment, Payment.client_id == client.id),
        (File, File.client_id == client.id),
        (Appointment, Appointment.client_id == client.id),
        (Conversation, Conversation.client_id == client.id),
    )
    assert [demo.count(table, where) for table, where in owned] == [0] * len(owned)


def test_ledger_holds(demo: Demo) -> None:
    assert demo.broken_rules() == []


def test_nothing_has_happened_in_the_future(demo: Demo) -> None:
    assert demo.count(Payment, Payment.started_at > NOW) == 0
    assert demo.count(Message, Message.created_at > NOW) == 0
    assert demo.count(Allocation, Allocation.allocated_at > NOW) == 0
    assert demo.count(Task, Task.done_on > TODAY) == 0
    assert demo.count(Invoice, Invoice.issued_on > TODAY) == 0


def test_invoice_files_print_number_and_total(demo: Demo) -> None:
    with demo.session() as session:
        query = (
            select(Invoice, FileVersion.sha256)
            .join(File, File.invoice_id == Invoice.id)
            .join(FileVersion, FileVersion.file_id == File.id)
            .where(File.kind == FileKind.INVOICE)
        )
        printed = session.execute(query).all()
    assert len(printed) == demo.count(Invoice, Invoice.issued_on.is_not(None))
    for invoice, sha256 in printed:
        text = PdfReader(demo.files.open(sha256)).pages[0].extract_text()
        digits = "".join(filter(str.isdigit, text))
        assert invoice.number in text
        assert str(invoice.total_minor) in digits


def test_same_seed_gives_same_data(demo: Demo, sqlite_template: Path, tmp_path: Path) -> None:
    again = Demo(tmp_path, sqlite_template)
    assert again.content_hash() == demo.content_hash()
    again.close()


@pytest.mark.parametrize(
    "now",
    [
        datetime(2027, 1, 1, 0, 5, tzinfo=UTC),  # New Year in Paris, still last year in New York
        datetime(2028, 3, 12, 7, 30, tzinfo=UTC),  # the hour that New York skips
    ],
)
def test_any_moment_gives_a_sound_demo(sqlite_template: Path, tmp_path: Path, now: datetime) -> None:
    made = Demo(tmp_path, sqlite_template, now=now)
    assert made.broken_rules() == []
    assert made.count(Payment, Payment.started_at > now) == 0
    assert made.count(Message, Message.created_at > now) == 0
    made.close()


def test_second_demo_is_refused(demo: Demo, tmp_path: Path) -> None:
    path = tmp_path / "copy.db"
    shutil.copyfile(demo.path, path)

    async def again() -> None:
        engines = open_engines(f"sqlite:///{path}")
        try:
            await create_demo(Door(engines), demo.files, NOW)
        finally:
            await engines.dispose()

    with pytest.raises(DemoExistsError) as refused:
        asyncio.run(again())
    assert refused.value.slug in {"harbor-and-pine", "atelier-lumiere"}


def test_large_demo_has_what_was_asked(run: Run, database: Database) -> None:
    run(create_large(database.door, clients=20, invoices=400, now=NOW, open_invoices=40))

    async def count(session: object) -> tuple[int, int, int, int]:
        assert hasattr(session, "scalar")
        bench = select(Client.id).where(Client.key == BENCH_CLIENT).scalar_subquery()
        owing = Invoice.status.in_(OWING)
        return (
            await session.scalar(select(func.count(Invoice.id))),
            await session.scalar(select(func.count(Client.id))),
            await session.scalar(select(func.count(Invoice.id)).where(Invoice.client_id == bench)),
            await session.scalar(select(func.count(Invoice.id)).where(owing)),
        )

    doctor = database.door.system(Scope.DOCTOR)
    invoices, clients, of_bench, owing = run(doctor.read(count))
    assert (invoices, clients, of_bench) == (400, 20, BENCH_INVOICES)
    assert 38 <= owing <= 44
    assert run(doctor.read(ledger_check.check)) == []


def test_second_large_demo_is_refused(run: Run, sqlite_door: Door) -> None:
    run(create_large(sqlite_door, clients=2, invoices=12, now=NOW))
    with pytest.raises(DemoExistsError):
        run(create_large(sqlite_door, clients=2, invoices=12, now=NOW))


def test_demo_can_be_made_on_postgresql(run: Run, postgres_database: Database, tmp_path: Path) -> None:
    door = postgres_database.door
    run(create_demo(door, FileStore(tmp_path), NOW))
    assert run(door.system(Scope.DOCTOR).read(ledger_check.check)) == []

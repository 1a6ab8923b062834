"""Writes files into the book: printed papers of the records, and what else is kept about a client."""

from dataclasses import dataclass
from datetime import date
from functools import partial

import phonenumbers
from sqlalchemy import select

from billing.demo.book import Book
from billing.documents.certificate import permit_pdf, warranty_pdf
from billing.documents.contract import contract_pdf
from billing.documents.estimate import estimate_pdf
from billing.documents.invoice import invoice_pdf
from billing.documents.values import (
    CertificatePaper,
    Clause,
    ContractPaper,
    EstimatePaper,
    InvoicePaper,
    Item,
    Letterhead,
    Party,
)
from billing.money import Money
from billing.tables.bills import Invoice, InvoiceLine
from billing.tables.files import File, FileKind, FileVersion, Visibility
from billing.tables.people import Client, Contact, ContactClient
from billing.tables.quotes import Estimate, EstimateLine, EstimateStatus, QuoteKind
from billing.tables.work import Project

_PDF = "application/pdf"


@dataclass(frozen=True)
class Belongs:
    """What a file is about, beside its client."""

    project: Project | None = None
    invoice: Invoice | None = None
    estimate: Estimate | None = None


@dataclass(frozen=True)
class Certificate:
    """A permit or warranty to be; days from today. issuer: the office that gave a permit."""

    number: str
    title: str
    starts: int
    ends: int
    facts: tuple[tuple[str, str], ...]
    text: tuple[str, ...]
    signed_by: str
    issuer: Letterhead | None = None


@dataclass(frozen=True)
class Stored:
    """A file to be: its bytes, what it is called, and who may see it."""

    kind: FileKind
    name: str
    content: bytes
    day: int
    media_type: str = _PDF
    stored_by: str = ""
    visibility: Visibility = Visibility.CLIENT


async def add_file(book: Book, client: Client, stored: Stored, about: Belongs) -> File:
    """A file with one version whose bytes are in the file store."""
    row = await book.put(
        File(
            business_id=book.business.id,
            client_id=client.id,
            kind=stored.kind,
            name=stored.name,
            visibility=stored.visibility,
            project_id=about.project.id if about.project else None,
            invoice_id=about.invoice.id if about.invoice else None,
            estimate_id=about.estimate.id if about.estimate else None,
        )
    )
    book.add(
        FileVersion(
            business_id=book.business.id,
            client_id=client.id,
            file_id=row.id,
            number=1,
            sha256=book.files.put(stored.content),
            size=len(stored.content),
            media_type=stored.media_type,
            stored_at=book.days.past(stored.day, book.clock()),
            stored_by=stored.stored_by,
        )
    )
    return row


async def print_invoice(book: Book, client: Client, invoice: Invoice, *, project: Project | None = None) -> File:
    """The invoice as it stands, as a PDF on file."""
    where = InvoiceLine.invoice_id == invoice.id
    rows = (await book.session.scalars(select(InvoiceLine).where(where).order_by(InvoiceLine.position))).all()
    money = partial(_money, invoice.currency)
    contact = await _first_contact(book, client)
    paper = InvoicePaper(
        letterhead=_letterhead(book, contact),
        party=_party(client, contact),
        number=invoice.number,
        title=invoice.title,
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        items=[_item(row, invoice.currency) for row in rows],
        subtotal=money(invoice.subtotal_minor),
        discount=money(invoice.discount_minor),
        discount_label=invoice.discount_label,
        tax=money(invoice.tax_minor),
        tax_label=invoice.tax_label,
        total=money(invoice.total_minor),
        settled=money(invoice.total_minor - invoice.balance_minor),
        balance=money(invoice.balance_minor),
        project=project.name if project else "",
        memo=invoice.memo,
    )
    name = f"{invoice.number} {invoice.title}.pdf"
    day = _offset(book, invoice.issued_on)
    stored = Stored(FileKind.INVOICE, name, invoice_pdf(paper), day)
    return await add_file(book, client, stored, Belongs(project=project, invoice=invoice))


async def print_estimate(book: Book, client: Client, estimate: Estimate, *, project: Project | None = None) -> File:
    """The estimate or proposal as a PDF on file."""
    where = EstimateLine.estimate_id == estimate.id
    rows = (await book.session.scalars(select(EstimateLine).where(where).order_by(EstimateLine.position))).all()
    money = partial(_money, estimate.currency)
    is_accepted = estimate.status is EstimateStatus.ACCEPTED and estimate.decided_at is not None
    contact = await _first_contact(book, client)
    paper = EstimatePaper(
        letterhead=_letterhead(book, contact),
        party=_party(client, contact),
        number=estimate.number,
        title=estimate.title,
        is_proposal=estimate.kind is QuoteKind.PROPOSAL,
        issued_on=estimate.issued_on,
        valid_until=estimate.valid_until,
        accepted_on=book.days.local_day(estimate.decided_at) if is_accepted and estimate.decided_at else None,
        items=[_item(row, estimate.currency) for row in rows],
        subtotal=money(estimate.subtotal_minor),
        tax=money(estimate.tax_minor),
        tax_label="",
        total=money(estimate.total_minor),
        project=project.name if project else "",
    )
    name = f"{estimate.number} {estimate.title}.pdf"
    day = _offset(book, estimate.issued_on)
    stored = Stored(FileKind.ESTIMATE, name, estimate_pdf(paper), day)
    return await add_file(book, client, stored, Belongs(project=project, estimate=estimate))


async def print_all(book: Book) -> None:
    """Every invoice and quote that was sent, as a PDF on file."""
    business, session = book.business.id, book.session
    clients = {client.id: client for client in book.clients.values()}
    found = await session.scalars(select(Project).where(Project.business_id == business))
    projects: dict[int | None, Project] = {project.id: project for project in found}
    quotes = select(Estimate).where(Estimate.business_id == business, Estimate.issued_on.is_not(None))
    for estimate in (await session.scalars(quotes.order_by(Estimate.id))).all():
        await print_estimate(book, clients[estimate.client_id], estimate, project=projects.get(estimate.project_id))
    bills = select(Invoice).where(Invoice.business_id == business, Invoice.issued_on.is_not(None))
    for invoice in (await session.scalars(bills.order_by(Invoice.id))).all():
        await print_invoice(book, clients[invoice.client_id], invoice, project=projects.get(invoice.project_id))


async def print_contract(
    book: Book, client: Client, estimate: Estimate, name: str, clauses: tuple[Clause, ...], about: Belongs
) -> File:
    """The contract over an accepted estimate, signed by the owner and the client's first contact."""
    if estimate.decided_at is None:
        raise ValueError(f"{estimate.number} was not decided: there is no contract over it")
    agreed_on = book.days.local_day(estimate.decided_at)
    owner = next(staff for staff in book.staff.values() if staff.role == "owner")
    contact = await _first_contact(book, client)
    paper = ContractPaper(
        letterhead=_letterhead(book, contact),
        party=_party(client, contact),
        number=estimate.number.replace(estimate.number.split("-")[0], "C"),
        title=estimate.title,
        agreed_on=agreed_on,
        price=Money(estimate.total_minor, estimate.currency),
        clauses=clauses,
        signed_by=(owner.name, contact.name),
    )
    day = _offset(book, agreed_on)
    stored = Stored(FileKind.CONTRACT, name, contract_pdf(paper), day, stored_by=owner.name)
    return await add_file(book, client, stored, about)


async def print_certificate(
    book: Book, client: Client, kind: FileKind, name: str, certificate: Certificate, about: Belongs
) -> File:
    """A permit or a warranty as a PDF on file."""
    contact = await _first_contact(book, client)
    paper = CertificatePaper(
        letterhead=certificate.issuer or _letterhead(book, contact),
        party=_party(client, contact),
        number=certificate.number,
        title=certificate.title,
        valid_from=book.days.day(certificate.starts),
        valid_until=book.days.day(certificate.ends),
        facts=certificate.facts,
        text=certificate.text,
        signed_by=certificate.signed_by,
    )
    content = permit_pdf(paper) if kind is FileKind.PERMIT else warranty_pdf(paper)
    stored = Stored(kind, name, content, certificate.starts, stored_by=certificate.signed_by)
    return await add_file(book, client, stored, about)


def _letterhead(book: Book, contact: Contact) -> Letterhead:
    business = book.business
    return Letterhead(
        name=business.name,
        trade=business.trade,
        postal=business.postal,
        phone=_spoken(business.phone),
        email=business.email,
        colour=business.colour,
        locale=contact.locale,
        language=contact.language,
    )


def _party(client: Client, contact: Contact) -> Party:
    return Party(client.name, client.postal, contact.name if client.company else "")


async def _first_contact(book: Book, client: Client) -> Contact:
    query = (
        select(Contact)
        .join(ContactClient, ContactClient.contact_id == Contact.id)
        .where(ContactClient.client_id == client.id)
        .order_by(ContactClient.is_primary.desc(), ContactClient.id)
    )
    return (await book.session.scalars(query.limit(1))).one()


def _item(row: InvoiceLine | EstimateLine, currency: str) -> Item:
    price, amount = Money(row.unit_price_minor, currency), Money(row.amount_minor, currency)
    return Item(row.description, row.quantity_milli, row.unit, price, amount)


def _spoken(phone: str) -> str:
    number = phonenumbers.parse(phone)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _money(currency: str, minor: int) -> Money:
    return Money(minor, currency)


def _offset(book: Book, day: date | None) -> int:
    return 0 if day is None else (day - book.days.today).days

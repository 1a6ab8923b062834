"""Writes quotes and bills into the book; every total is computed from lines, never typed."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from billing.demo.book import Book
from billing.money import Money, money_of_major, share_of
from billing.tables.bills import CreditNote, Invoice, InvoiceLine, InvoiceStatus
from billing.tables.payments import Allocation
from billing.tables.people import Client
from billing.tables.quotes import (
    Acceptance,
    Estimate,
    EstimateLine,
    EstimateStatus,
    QuoteKind,
)
from billing.tables.work import Project


@dataclass(frozen=True)
class Line:
    """What is sold: quantity and price per unit (major units) as people type them."""

    description: str
    quantity: str
    unit: str
    price: str

    def milli(self) -> int:
        """The quantity in thousandths."""
        return int(Decimal(self.quantity) * 1000)

    def price_minor(self, currency: str) -> int:
        """The price of one unit in minor units."""
        return money_of_major(Decimal(self.price), currency).minor

    def amount(self, currency: str) -> int:
        """The line's amount in minor units; a fraction of one is an error in the demo's content."""
        minor, rest = divmod(self.milli() * self.price_minor(currency), 1000)
        if rest:
            raise ValueError(f"{self} gives a fraction of a minor unit")
        return minor


def share_line(description: str, of_minor: int, percent: int, currency: str) -> Line:
    """A line that asks for a share of an amount: a deposit or a stage of an estimate."""
    share = Money(share_of(of_minor, percent * 100), currency)
    return Line(description, "1", "", str(share.major))


@dataclass(frozen=True)
class Tax:
    """A tax and its rate in thousandths of a percent: 8875 is 8.875 %."""

    label: str
    rate: int

    @property
    def basis_points(self) -> int:
        return (self.rate + 5) // 10

    def on(self, minor: int) -> int:
        """The tax on an amount in minor units, rounded half up."""
        return (abs(minor) * self.rate * 2 + 100_000) // 200_000


NO_TAX = Tax("", 0)


@dataclass(frozen=True)
class Discount:
    """A discount on the sum of the lines, in hundredths of a percent."""

    label: str
    basis_points: int


@dataclass(frozen=True)
class Quote:
    """An estimate or proposal to be; days from today."""

    number: str
    title: str
    lines: tuple[Line, ...]
    issued: int
    status: EstimateStatus
    decided: int | None = None
    kind: QuoteKind = QuoteKind.ESTIMATE
    valid_days: int = 30
    tax: Tax = NO_TAX


@dataclass(frozen=True)
class Bill:
    """An invoice to be; `due` in days from today, `terms` days before it was issued."""

    number: str
    title: str
    lines: tuple[Line, ...]
    due: int
    terms: int = 14
    tax: Tax = NO_TAX
    discount: Discount | None = None
    memo: str = ""
    is_draft: bool = False


async def add_quote(
    book: Book, client: Client, quote: Quote, *, project: Project | None = None, by: str = ""
) -> Estimate:
    """An estimate or proposal with its lines; an accepted one with its acceptance by contact `by`."""
    currency = client.currency
    subtotal = sum(line.amount(currency) for line in quote.lines)
    tax = quote.tax.on(subtotal)
    decided = None if quote.decided is None else book.days.past(quote.decided, book.clock())
    is_draft = quote.status is EstimateStatus.DRAFT
    row = await book.put(
        Estimate(
            business_id=book.business.id,
            client_id=client.id,
            number=quote.number,
            kind=quote.kind,
            status=quote.status,
            title=quote.title,
            project_id=project.id if project else None,
            currency=currency,
            subtotal_minor=subtotal,
            tax_minor=tax,
            total_minor=subtotal + tax,
            issued_on=None if is_draft else book.days.day(quote.issued),
            valid_until=None if is_draft else book.days.day(quote.issued + quote.valid_days),
            decided_at=decided,
        )
    )
    for position, line in enumerate(quote.lines, start=1):
        book.add(EstimateLine(estimate_id=row.id, **_line(book, client, line, position)))
    if quote.status is EstimateStatus.ACCEPTED and decided is not None:
        _accept(book, row, quote, decided, by)
    return row


def _accept(book: Book, estimate: Estimate, quote: Quote, at: datetime, by: str) -> None:
    content = f"{estimate.number}|{estimate.title}|{estimate.total_minor} {estimate.currency}|{quote.lines}"
    book.add(
        Acceptance(
            business_id=book.business.id,
            client_id=estimate.client_id,
            estimate_id=estimate.id,
            contact_id=book.contacts[by].id if by else None,
            accepted_at=at,
            how="web",
            content_sha256=hashlib.sha256(content.encode()).hexdigest(),
        )
    )


async def add_invoice(
    book: Book,
    client: Client,
    bill: Bill,
    *,
    project: Project | None = None,
    estimate: Estimate | None = None,
) -> Invoice:
    """An invoice with its lines, open (or a draft) until money.py settles it."""
    subtotal = sum(line.amount(client.currency) for line in bill.lines)
    given = bill.discount or Discount("", 0)
    discount = share_of(subtotal, given.basis_points)
    tax = bill.tax.on(subtotal - discount)
    row = await book.put(
        Invoice(
            business_id=book.business.id,
            client_id=client.id,
            number=bill.number,
            title=bill.title,
            memo=bill.memo,
            status=InvoiceStatus.DRAFT if bill.is_draft else InvoiceStatus.OPEN,
            project_id=project.id if project else None,
            estimate_id=estimate.id if estimate else None,
            currency=client.currency,
            subtotal_minor=subtotal,
            discount_minor=discount,
            discount_label=given.label,
            tax_minor=tax,
            tax_label=bill.tax.label,
            tax_basis_points=bill.tax.basis_points,
            total_minor=subtotal - discount + tax,
            balance_minor=subtotal - discount + tax,
            issued_on=None if bill.is_draft else book.days.day(bill.due - bill.terms),
            due_on=None if bill.is_draft else book.days.day(bill.due),
            sent_at=None if bill.is_draft else book.days.past(bill.due - bill.terms, book.clock(9, 12)),
        )
    )
    for position, line in enumerate(bill.lines, start=1):
        book.add(InvoiceLine(invoice_id=row.id, **_line(book, client, line, position)))
    return row


async def void(book: Book, invoice: Invoice) -> None:
    """The invoice was a mistake: nothing is owed on it."""
    invoice.status, invoice.balance_minor = InvoiceStatus.VOID, 0
    await book.keep()


async def add_credit_note(
    book: Book, invoice: Invoice, amount: str, reason: str, day: int, *, counts: bool = True
) -> CreditNote:
    """A credit of `amount` (major units); it counts once it is allocated."""
    minor = money_of_major(Decimal(amount), invoice.currency).minor
    note = await book.put(
        CreditNote(
            business_id=book.business.id,
            client_id=invoice.client_id,
            number=book.number("CN", 301),
            invoice_id=invoice.id,
            amount_minor=minor,
            currency=invoice.currency,
            reason=reason,
            issued_on=book.days.day(day),
        )
    )
    if counts:
        await settle(book, invoice, minor, day, credit_note_id=note.id)
    return note


async def settle(
    book: Book,
    invoice: Invoice,
    minor: int,
    day: int,
    *,
    payment_id: int | None = None,
    credit_note_id: int | None = None,
    retainer_id: int | None = None,
) -> None:
    """Allocate minor units of one source to the invoice, and bring its balance and status along."""
    book.add(
        Allocation(
            business_id=book.business.id,
            client_id=invoice.client_id,
            invoice_id=invoice.id,
            payment_id=payment_id,
            credit_note_id=credit_note_id,
            retainer_id=retainer_id,
            amount_minor=minor,
            allocated_at=book.days.past(day, book.clock()),
        )
    )
    await change_balance(book, invoice, -minor)


async def change_balance(book: Book, invoice: Invoice, minor: int) -> None:
    """Add minor units to what is owed; the status follows."""
    invoice.balance_minor += minor
    if invoice.balance_minor <= 0:
        invoice.status = InvoiceStatus.PAID
    elif invoice.balance_minor < invoice.total_minor:
        invoice.status = InvoiceStatus.PART_PAID
    else:
        invoice.status = InvoiceStatus.OPEN
    await book.keep()


def _line(book: Book, client: Client, line: Line, position: int) -> dict[str, object]:
    return {
        "business_id": book.business.id,
        "client_id": client.id,
        "position": position,
        "description": line.description,
        "quantity_milli": line.milli(),
        "unit": line.unit,
        "unit_price_minor": line.price_minor(client.currency),
        "amount_minor": line.amount(client.currency),
    }

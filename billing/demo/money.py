"""Writes money into the book: payments, refunds, retainers and payment plans."""

from dataclasses import dataclass
from decimal import Decimal

from billing.demo.bills import change_balance, settle
from billing.demo.book import Book
from billing.money import money_of_major
from billing.tables.bills import Invoice
from billing.tables.payments import (
    Payment,
    PaymentMethod,
    PaymentStatus,
    Refund,
    RefundStatus,
)
from billing.tables.people import Client
from billing.tables.plans import Instalment, InstalmentStatus, PaymentPlan, PlanStatus, Retainer


@dataclass(frozen=True)
class Part:
    """One instalment to be: day from today, amount in major units."""

    due: int
    amount: str
    status: InstalmentStatus


async def pay(
    book: Book,
    *invoices: Invoice,
    day: int,
    amount: str = "",
    method: PaymentMethod = PaymentMethod.CARD,
) -> Payment:
    """A payment that succeeded on `day` and settles the invoices in order; what is left over stays credit.

    amount: in major units; all that the invoices need when it is not given.
    """
    first = invoices[0]
    minor = _minor(amount, first.currency) if amount else sum(invoice.balance_minor for invoice in invoices)
    payment = await _payment(book, first, minor, day, method, PaymentStatus.SUCCEEDED)
    left = minor
    for invoice in invoices:
        part = min(left, invoice.balance_minor)
        if part > 0:
            await settle(book, invoice, part, day, payment_id=payment.id)
            left -= part
    return payment


async def pay_again(book: Book, invoice: Invoice, *, day: int) -> Payment:
    """A card payment of the whole total though nothing is owed any more: all of it is credit."""
    return await _payment(book, invoice, invoice.total_minor, day, PaymentMethod.CARD, PaymentStatus.SUCCEEDED)


async def pay_later(
    book: Book,
    invoice: Invoice,
    *,
    day: int,
    amount: str = "",
    method: PaymentMethod = PaymentMethod.TRANSFER,
) -> Payment:
    """A payment that has begun and is not settled yet."""
    minor = _minor(amount, invoice.currency) if amount else invoice.balance_minor
    return await _payment(book, invoice, minor, day, method, PaymentStatus.PROCESSING)


async def fail_to_pay(
    book: Book, invoice: Invoice, *, day: int, failure: str, method: PaymentMethod = PaymentMethod.CARD
) -> Payment:
    """A payment of all that is owed that did not go through, and why."""
    payment = await _payment(book, invoice, invoice.balance_minor, day, method, PaymentStatus.FAILED)
    payment.failure = failure
    await book.keep()
    return payment


async def refund(
    book: Book,
    payment: Payment,
    reason: str,
    *,
    day: int,
    amount: str = "",
    invoice: Invoice | None = None,
    is_settled: bool = True,
) -> Refund:
    """Money given back (all of the payment by default); once settled it raises the invoice's balance again."""
    minor = _minor(amount, payment.currency) if amount else payment.amount_minor
    row = await book.put(
        Refund(
            business_id=book.business.id,
            client_id=payment.client_id,
            number=book.number("REF", 401),
            payment_id=payment.id,
            invoice_id=invoice.id if invoice else None,
            amount_minor=minor,
            currency=payment.currency,
            status=RefundStatus.SUCCEEDED if is_settled else RefundStatus.PENDING,
            reason=reason,
            requested_at=book.days.past(day, book.clock()),
            settled_at=book.days.past(day + 2, book.clock()) if is_settled else None,
            provider_ref=book.reference("re"),
        )
    )
    if invoice is not None and is_settled:
        await change_balance(book, invoice, minor)
    return row


async def add_retainer(book: Book, client: Client, title: str, amount: str, *, day: int) -> Retainer:
    """Money held in advance."""
    minor = _minor(amount, client.currency)
    return await book.put(
        Retainer(
            business_id=book.business.id,
            client_id=client.id,
            number=book.number("RET", 21),
            title=title,
            amount_minor=minor,
            remaining_minor=minor,
            currency=client.currency,
            received_on=book.days.day(day),
        )
    )


async def draw(book: Book, retainer: Retainer, invoice: Invoice, *, day: int, amount: str = "") -> None:
    """Settle an invoice, or part of it, from a retainer."""
    minor = _minor(amount, invoice.currency) if amount else min(invoice.balance_minor, retainer.remaining_minor)
    retainer.remaining_minor -= minor
    await settle(book, invoice, minor, day, retainer_id=retainer.id)


async def add_plan(book: Book, invoice: Invoice, *parts: Part, agreed: int) -> PaymentPlan:
    """A payment plan over the whole invoice; paid parts are paid by card on their day."""
    plan = await book.put(
        PaymentPlan(
            business_id=book.business.id,
            client_id=invoice.client_id,
            invoice_id=invoice.id,
            status=PlanStatus.ACTIVE,
            agreed_on=book.days.day(agreed),
        )
    )
    if sum(_minor(part.amount, invoice.currency) for part in parts) != invoice.total_minor:
        raise ValueError(f"the plan of {invoice.number} does not add up to its total")
    for position, part in enumerate(parts, start=1):
        is_paid = part.status is InstalmentStatus.PAID
        payment = await pay(book, invoice, day=part.due, amount=part.amount) if is_paid else None
        book.add(
            Instalment(
                business_id=book.business.id,
                client_id=invoice.client_id,
                payment_plan_id=plan.id,
                position=position,
                due_on=book.days.day(part.due),
                amount_minor=_minor(part.amount, invoice.currency),
                currency=invoice.currency,
                status=part.status,
                paid_at=payment.received_at if payment else None,
            )
        )
    return plan


async def _payment(
    book: Book, invoice: Invoice, minor: int, day: int, method: PaymentMethod, status: PaymentStatus
) -> Payment:
    at = book.days.past(day, book.clock())
    by_card = method is PaymentMethod.CARD
    return await book.put(
        Payment(
            business_id=book.business.id,
            client_id=invoice.client_id,
            number=book.number("PAY", 2001),
            status=status,
            method=method,
            amount_minor=minor,
            currency=invoice.currency,
            started_at=at,
            received_at=at if status is PaymentStatus.SUCCEEDED else None,
            provider="sandbox" if by_card else "manual",
            provider_ref=book.reference("ch") if by_card else None,
            invoice_id=invoice.id,
        )
    )


def _minor(amount: str, currency: str) -> int:
    return money_of_major(Decimal(amount), currency).minor

"""The ledger: what invoices still owe, what payments settle, and the invariants that hold between them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from billing.ledger_check import Finding, check
from billing.money import CurrencyMismatchError
from billing.tables.bills import Invoice, InvoiceStatus
from billing.tables.payments import (
    Allocation,
    Chargeback,
    Payment,
    PaymentStatus,
    Refund,
    RefundStatus,
)
from billing.tables.plans import Instalment, InstalmentStatus, PaymentPlan, PlanStatus

__all__ = ["Finding", "allocate", "check", "payable", "refresh_balance"]

COLLECTING = (InvoiceStatus.OPEN, InvoiceStatus.PART_PAID, InvoiceStatus.PAID, InvoiceStatus.UNCOLLECTIBLE)


class InvoiceNotFoundError(Exception):
    """No such invoice among the records the session may see: absent and not yours are one answer."""

    def __init__(self, invoice_id: int) -> None:
        super().__init__(f"no invoice {invoice_id} here")
        self.invoice_id = invoice_id


class InvoiceClosedError(Exception):
    """Money was meant for an invoice that takes none: a draft or a void one."""

    def __init__(self, number: str, status: InvoiceStatus) -> None:
        super().__init__(f"{number} is {status}: nothing can be settled on it")
        self.number, self.status = number, status


class OverAllocatedError(Exception):
    """More was to be allocated than `subject` (a payment or an invoice) has left, in minor units."""

    def __init__(self, subject: str, wanted_minor: int, left_minor: int) -> None:
        super().__init__(f"{subject} has {left_minor} left, not {wanted_minor}")
        self.subject, self.wanted_minor, self.left_minor = subject, wanted_minor, left_minor


class UnsettledPaymentError(Exception):
    """A payment that has not succeeded settles nothing."""

    def __init__(self, number: str, status: PaymentStatus) -> None:
        super().__init__(f"{number} is {status}")
        self.number, self.status = number, status


async def lock_invoice(session: AsyncSession, invoice_id: int) -> Invoice:
    """The invoice as it stands now, held against other writers until the transaction ends."""
    query = select(Invoice).where(Invoice.id == invoice_id).with_for_update()
    invoice = (await session.scalars(query.execution_options(populate_existing=True))).one_or_none()
    if invoice is None:
        raise InvoiceNotFoundError(invoice_id)
    return invoice


async def payable(session: AsyncSession, invoice: Invoice) -> int:
    """What can be asked for now, in minor units: the balance less payments on their way; never below 0."""
    if invoice.status not in COLLECTING:
        return 0
    meant_for_it = (Payment.invoice_id == invoice.id) & (Payment.status == PaymentStatus.PROCESSING)
    return max(0, invoice.balance_minor - await _sum(session, Payment.amount_minor, meant_for_it))


async def credit_left(session: AsyncSession, payment: Payment) -> int:
    """What a payment has not settled and nobody took back, in minor units."""
    if payment.status is not PaymentStatus.SUCCEEDED:
        return 0
    settled = await _sum(session, Allocation.amount_minor, Allocation.payment_id == payment.id)
    loose = _refunds_of(payment) & Refund.invoice_id.is_(None)
    returned = await _sum(session, Refund.amount_minor, loose)
    return max(0, payment.amount_minor - settled - returned - await charged_back(session, payment))


async def refundable(session: AsyncSession, payment: Payment) -> int:
    """What may still be given back of a payment, pending refunds counted as gone, in minor units."""
    if payment.status is not PaymentStatus.SUCCEEDED:
        return 0
    alive = (Refund.payment_id == payment.id) & (Refund.status != RefundStatus.FAILED)
    gone = await _sum(session, Refund.amount_minor, alive)
    return max(0, payment.amount_minor - gone - await charged_back(session, payment))


async def charged_back(session: AsyncSession, payment: Payment) -> int:
    """What the payer's bank holds or took of a payment; what was refunded before is not taken twice."""
    standing = (Chargeback.payment_id == payment.id) & (Chargeback.status != "won")
    taken = await _sum(session, Chargeback.amount_minor, standing)
    if not taken:
        return 0
    returned = await _sum(session, Refund.amount_minor, _refunds_of(payment))
    return min(taken, payment.amount_minor - returned)


async def allocate(
    session: AsyncSession, payment: Payment, parts: Sequence[tuple[Invoice, int]], now: datetime
) -> None:
    """Settle parts of invoices, (invoice, minor units) each; what is left of the payment stays credit.

    Nothing is written unless all fits. OverAllocatedError, CurrencyMismatchError, InvoiceClosedError,
    UnsettledPaymentError.
    """
    if payment.status is not PaymentStatus.SUCCEEDED:
        raise UnsettledPaymentError(payment.number, payment.status)
    wanted, left = sum(minor for _, minor in parts), await credit_left(session, payment)
    if wanted > left:
        raise OverAllocatedError(payment.number, wanted, left)
    for invoice, minor in parts:
        on_it = sum(other for same, other in parts if same.id == invoice.id)
        _refuse_unfit(payment, invoice, minor, on_it)
    for invoice, minor in parts:
        session.add(
            Allocation(
                business_id=payment.business_id,
                client_id=payment.client_id,
                invoice_id=invoice.id,
                payment_id=payment.id,
                amount_minor=minor,
                allocated_at=now,
            )
        )
    await session.flush()
    for invoice, _ in parts:
        await refresh_balance(session, invoice)


def _refuse_unfit(payment: Payment, invoice: Invoice, minor: int, on_it: int) -> None:
    if invoice.status not in COLLECTING:
        raise InvoiceClosedError(invoice.number, invoice.status)
    if invoice.currency != payment.currency:
        raise CurrencyMismatchError(invoice.currency, payment.currency)
    if minor <= 0 or on_it > invoice.balance_minor:
        raise OverAllocatedError(invoice.number, on_it, invoice.balance_minor)


async def refresh_balance(session: AsyncSession, invoice: Invoice) -> None:
    """Write the balance that allocations and refunds leave, the status that follows from it, and its plan.

    Drafts and void invoices keep their status; one written off becomes paid when the money comes after all.
    """
    settled = await _sum(session, Allocation.amount_minor, Allocation.invoice_id == invoice.id)
    back = (Refund.invoice_id == invoice.id) & (Refund.status == RefundStatus.SUCCEEDED)
    invoice.balance_minor = invoice.total_minor - settled + await _sum(session, Refund.amount_minor, back)
    invoice.status = _status_of(invoice)
    await session.flush()
    await _refresh_plan(session, invoice)


def _status_of(invoice: Invoice) -> InvoiceStatus:
    if invoice.status in (InvoiceStatus.DRAFT, InvoiceStatus.VOID):
        return invoice.status
    if invoice.balance_minor <= 0:
        return InvoiceStatus.PAID
    if invoice.status is InvoiceStatus.UNCOLLECTIBLE:
        return invoice.status
    return InvoiceStatus.OPEN if invoice.balance_minor == invoice.total_minor else InvoiceStatus.PART_PAID


async def _refresh_plan(session: AsyncSession, invoice: Invoice) -> None:
    """Instalments are settled in their order by whatever was paid on the invoice since it was issued."""
    plans = select(PaymentPlan).where(PaymentPlan.invoice_id == invoice.id, PaymentPlan.status != PlanStatus.BROKEN)
    plan = (await session.scalars(plans.order_by(PaymentPlan.id.desc()).limit(1))).one_or_none()
    if plan is None:
        return
    query = select(Instalment).where(Instalment.payment_plan_id == plan.id).order_by(Instalment.position)
    instalments = (await session.scalars(query)).all()
    # A plan may cover only what was left when it was agreed: count from its end.
    owed_after = sum(instalment.amount_minor for instalment in instalments)
    when = await session.scalar(select(func.max(Allocation.allocated_at)).where(Allocation.invoice_id == invoice.id))
    for instalment in instalments:
        owed_after -= instalment.amount_minor
        _mark(instalment, is_paid=invoice.balance_minor <= owed_after, when=when)
    done = invoice.balance_minor <= 0
    plan.status = PlanStatus.COMPLETED if done else PlanStatus.ACTIVE
    await session.flush()


def _mark(instalment: Instalment, *, is_paid: bool, when: datetime | None) -> None:
    if is_paid and instalment.status is not InstalmentStatus.PAID:
        instalment.status, instalment.paid_at = InstalmentStatus.PAID, when
    elif not is_paid and instalment.status is InstalmentStatus.PAID:
        instalment.status, instalment.paid_at = InstalmentStatus.SCHEDULED, None


def _refunds_of(payment: Payment) -> ColumnElement[bool]:
    return (Refund.payment_id == payment.id) & (Refund.status == RefundStatus.SUCCEEDED)


async def _sum(session: AsyncSession, column: InstrumentedAttribute[int], where: ColumnElement[bool]) -> int:
    total = await session.scalar(select(func.sum(column)).where(where))
    return int(total or 0)

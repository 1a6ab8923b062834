"""The ledger's invariants, recomputed from the rows: what `frontdesk doctor` reports."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from billing.tables.bills import CreditNote, Invoice, InvoiceLine, InvoiceStatus
from billing.tables.payments import (
    Allocation,
    Chargeback,
    Payment,
    PaymentStatus,
    Refund,
    RefundStatus,
)
from billing.tables.plans import Retainer

_BACK = Refund.status == RefundStatus.SUCCEEDED


@dataclass(frozen=True)
class Finding:
    """A rule that does not hold: the record's number, the rule, and both figures (minor units or a status)."""

    subject: str
    rule: str
    expected: str
    found: str


async def check(
    session: AsyncSession, *, business_id: int | None = None, client_id: int | None = None
) -> list[Finding]:
    """Every broken rule among the records the session sees, or of one business or client; none is good.

    A few grouped queries whatever the number of invoices; nothing is written.
    """
    within = _Within(business_id, client_id)
    return [
        *await _check_invoices(session, within),
        *await _check_payments(session, within),
        *await _check_sources(session, within),
        *await _check_currencies(session, within),
    ]


@dataclass(frozen=True)
class _Within:
    business_id: int | None
    client_id: int | None

    def of(self, table: type[Invoice | Payment | Allocation | Refund | Chargeback]) -> list[ColumnElement[bool]]:
        return self.by(table.business_id, table.client_id)

    def by(self, business: InstrumentedAttribute[int], client: InstrumentedAttribute[int]) -> list[ColumnElement[bool]]:
        wanted = ((business, self.business_id), (client, self.client_id))
        return [column == value for column, value in wanted if value is not None]


async def _check_invoices(session: AsyncSession, within: _Within) -> list[Finding]:
    lines = await _sums(
        session,
        InvoiceLine.invoice_id,
        InvoiceLine.amount_minor,
        within.by(InvoiceLine.business_id, InvoiceLine.client_id),
    )
    settled = await _sums(session, Allocation.invoice_id, Allocation.amount_minor, within.of(Allocation))
    back = await _sums(session, Refund.invoice_id, Refund.amount_minor, [_BACK, *within.of(Refund)])
    query = select(
        Invoice.id, Invoice.number, Invoice.status, Invoice.subtotal_minor, Invoice.total_minor, Invoice.balance_minor
    )
    findings: list[Finding] = []
    for row in await session.execute(query.where(*within.of(Invoice)).order_by(Invoice.id)):
        invoice_id, number, status, subtotal, total, balance = row
        findings += _compare(number, "subtotal is the sum of lines", lines.get(invoice_id, 0), subtotal)
        if status is InvoiceStatus.VOID:
            continue
        owed = total - settled.get(invoice_id, 0) + back.get(invoice_id, 0)
        findings += _compare(number, "balance is total - allocations + refunded", owed, balance)
        if not 0 <= balance <= max(total, 0):
            findings.append(Finding(number, "balance is between 0 and total", f"0..{total}", str(balance)))
        findings += _compare(number, "status follows balance", _status(status, balance, total), status)
    return findings


def _status(status: InvoiceStatus, balance: int, total: int) -> InvoiceStatus:
    if status is InvoiceStatus.DRAFT or (status is InvoiceStatus.UNCOLLECTIBLE and balance > 0):
        return status
    if balance <= 0:
        return InvoiceStatus.PAID
    return InvoiceStatus.OPEN if balance == total else InvoiceStatus.PART_PAID


async def _check_payments(session: AsyncSession, within: _Within) -> list[Finding]:
    settled = await _sums(session, Allocation.payment_id, Allocation.amount_minor, within.of(Allocation))
    back = await _sums(session, Refund.payment_id, Refund.amount_minor, [_BACK, *within.of(Refund)])
    loose = [_BACK, Refund.invoice_id.is_(None), *within.of(Refund)]
    loose_back = await _sums(session, Refund.payment_id, Refund.amount_minor, loose)
    standing = [Chargeback.status != "won", *within.of(Chargeback)]
    taken = await _sums(session, Chargeback.payment_id, Chargeback.amount_minor, standing)
    findings: list[Finding] = []
    query = select(Payment.id, Payment.number, Payment.status, Payment.amount_minor).where(*within.of(Payment))
    for payment_id, number, status, amount in await session.execute(query.order_by(Payment.id)):
        used, refunded = settled.get(payment_id, 0), back.get(payment_id, 0)
        if status is not PaymentStatus.SUCCEEDED:
            findings += _compare(number, "only a payment that succeeded settles or is refunded", 0, used + refunded)
            continue
        findings += _at_most(number, "refunds are at most the payment", amount, refunded)
        held = min(taken.get(payment_id, 0), amount - refunded)
        spent = used + loose_back.get(payment_id, 0) + max(held, 0)
        findings += _at_most(
            number, "allocations, loose refunds and chargebacks are at most the payment", amount, spent
        )
    return findings


async def _check_sources(session: AsyncSession, within: _Within) -> list[Finding]:
    of = within.of(Allocation)
    notes = await _sums(session, Allocation.credit_note_id, Allocation.amount_minor, of)
    retainers = await _sums(session, Allocation.retainer_id, Allocation.amount_minor, of)
    findings: list[Finding] = []
    query = select(CreditNote.id, CreditNote.number, CreditNote.amount_minor)
    query = query.where(*within.by(CreditNote.business_id, CreditNote.client_id)).order_by(CreditNote.id)
    for note_id, number, amount in await session.execute(query):
        findings += _at_most(number, "allocations are at most the credit note", amount, notes.get(note_id, 0))
    held = select(Retainer.id, Retainer.number, Retainer.amount_minor, Retainer.remaining_minor)
    held = held.where(*within.by(Retainer.business_id, Retainer.client_id)).order_by(Retainer.id)
    for retainer_id, number, amount, remaining in await session.execute(held):
        left = amount - retainers.get(retainer_id, 0)
        findings += _compare(number, "what remains is the retainer - allocations", left, remaining)
        findings += _at_most(number, "allocations are at most the retainer", amount, amount - left)
    return findings


async def _check_currencies(session: AsyncSession, within: _Within) -> list[Finding]:
    query = (
        select(Payment.number, Invoice.currency, Payment.currency)
        .join(Allocation, Allocation.payment_id == Payment.id)
        .join(Invoice, Allocation.invoice_id == Invoice.id)
        .where(Invoice.currency != Payment.currency, *within.of(Payment))
        .order_by(Payment.id)
    )
    rule = "a payment settles invoices of its own currency"
    return [Finding(number, rule, wanted, found) for number, wanted, found in await session.execute(query)]


def _compare(subject: str, rule: str, expected: object, found: object) -> Iterator[Finding]:
    if expected != found:
        yield Finding(subject, rule, str(expected), str(found))


def _at_most(subject: str, rule: str, limit: int, found: int) -> Iterator[Finding]:
    if found > limit:
        yield Finding(subject, rule, f"at most {limit}", str(found))


async def _sums(
    session: AsyncSession,
    key: InstrumentedAttribute[int] | InstrumentedAttribute[int | None],
    amount: InstrumentedAttribute[int],
    where: list[ColumnElement[bool]],
) -> dict[int, int]:
    query = select(key, func.sum(amount)).where(key.is_not(None), *where).group_by(key)
    return {int(owner): int(total) for owner, total in await session.execute(query) if owner is not None}

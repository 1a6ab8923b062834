"""Payments and refunds of one client, and the movements of an account over a period."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.tables.bills import CreditNote, Invoice, InvoiceStatus
from billing.tables.payments import Allocation, Payment, PaymentStatus, Refund, RefundStatus
from billing.tables.plans import Retainer

Kind = Literal["invoice", "payment", "credit", "refund", "retainer"]


async def list_payments(session: AsyncSession, *, invoice_id: int | None = None, limit: int = 20) -> Sequence[Payment]:
    """Payments in every state, newest first; of one invoice: those meant for it or settling part of it."""
    query = select(Payment).order_by(Payment.started_at.desc(), Payment.id.desc()).limit(limit)
    if invoice_id is not None:
        settling = select(Allocation.payment_id).where(Allocation.invoice_id == invoice_id)
        query = query.where(or_(Payment.invoice_id == invoice_id, Payment.id.in_(settling)))
    return (await session.scalars(query)).all()


async def invoices_settled(session: AsyncSession, payment_ids: Sequence[int]) -> dict[int, list[Invoice]]:
    """For each payment the invoices it settles a part of."""
    parts = (await session.scalars(select(Allocation).where(Allocation.payment_id.in_(payment_ids)))).all()
    rows = await session.scalars(select(Invoice).where(Invoice.id.in_({part.invoice_id for part in parts})))
    by_id = {row.id: row for row in rows}
    settled: dict[int, list[Invoice]] = {}
    for part in parts:
        if part.payment_id is not None and part.invoice_id in by_id:
            settled.setdefault(part.payment_id, []).append(by_id[part.invoice_id])
    return settled


async def list_refunds(session: AsyncSession, *, invoice_id: int | None = None) -> Sequence[Refund]:
    """Refunds in every state, newest first."""
    query = select(Refund).order_by(Refund.requested_at.desc(), Refund.id.desc())
    if invoice_id is not None:
        settling = select(Allocation.payment_id).where(Allocation.invoice_id == invoice_id)
        query = query.where(or_(Refund.invoice_id == invoice_id, Refund.payment_id.in_(settling)))
    return (await session.scalars(query)).all()


async def find_payment(session: AsyncSession, payment_id: int) -> Payment | None:
    """A payment that the session may see."""
    return (await session.scalars(select(Payment).where(Payment.id == payment_id))).one_or_none()


@dataclass(frozen=True)
class Movement:
    """One line of a statement. amount: minor units, positive when it raises what is owed. row: where it stands."""

    kind: Kind
    day: date
    amount_minor: int
    currency: str
    row: Invoice | Payment | CreditNote | Refund | Retainer


async def movements(session: AsyncSession, zone: str) -> list[Movement]:
    """All that ever raised or lowered what a client owes, oldest first; days are those of `zone`.

    Void and draft invoices never counted. A credit note counts from its day once a part of it is allocated.
    """
    found = [
        *await _invoices(session),
        *await _payments(session, ZoneInfo(zone)),
        *await _credits(session),
        *await _retainers(session),
        *await _refunds(session, ZoneInfo(zone)),
    ]
    return sorted(found, key=lambda movement: (movement.day, movement.kind, movement.row.id))


async def _invoices(session: AsyncSession) -> list[Movement]:
    query = select(Invoice).where(Invoice.status.not_in([InvoiceStatus.DRAFT, InvoiceStatus.VOID]))
    rows = await session.scalars(query)
    return [Movement("invoice", row.issued_on, row.total_minor, row.currency, row) for row in rows if row.issued_on]


async def _payments(session: AsyncSession, zone: ZoneInfo) -> list[Movement]:
    rows = await session.scalars(select(Payment).where(Payment.status == PaymentStatus.SUCCEEDED))
    return [Movement("payment", _day(_came(row), zone), -row.amount_minor, row.currency, row) for row in rows]


def _came(payment: Payment) -> datetime:
    return payment.received_at or payment.started_at


async def _credits(session: AsyncSession) -> list[Movement]:
    used = select(Allocation.credit_note_id).where(Allocation.credit_note_id.is_not(None))
    rows = await session.scalars(select(CreditNote).where(CreditNote.id.in_(used)))
    return [Movement("credit", row.issued_on, -row.amount_minor, row.currency, row) for row in rows]


async def _retainers(session: AsyncSession) -> list[Movement]:
    rows = await session.scalars(select(Retainer))
    return [Movement("retainer", row.received_on, -row.amount_minor, row.currency, row) for row in rows]


async def _refunds(session: AsyncSession, zone: ZoneInfo) -> list[Movement]:
    rows = await session.scalars(select(Refund).where(Refund.status == RefundStatus.SUCCEEDED))
    return [
        Movement("refund", _day(row.settled_at or row.requested_at, zone), row.amount_minor, row.currency, row)
        for row in rows
    ]


def _day(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()

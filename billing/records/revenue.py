"""What was invoiced and what came in over a period, by currency, and the payments of a period."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.tables.bills import CreditNote, Invoice, InvoiceStatus
from billing.tables.payments import Chargeback, Payment, PaymentStatus, Refund, RefundStatus
from billing.tables.people import Client

NOT_BILLED = (InvoiceStatus.DRAFT, InvoiceStatus.VOID)
Sums = dict[str, tuple[int, int]]  # currency → minor units, how many


@dataclass(frozen=True)
class Revenue:
    """One currency's period in minor units, each with how many there were.

    invoiced by issue day, less nothing; credited: credit notes; received: payments that succeeded; refunded and
    taken back (chargebacks that stand) left us again in the period.
    """

    currency: str
    invoiced: tuple[int, int] = (0, 0)
    credited: tuple[int, int] = (0, 0)
    received: tuple[int, int] = (0, 0)
    refunded: tuple[int, int] = (0, 0)
    taken_back: tuple[int, int] = (0, 0)

    @property
    def kept(self) -> int:
        """Received less what left us again, in minor units."""
        return self.received[0] - self.refunded[0] - self.taken_back[0]


@dataclass(frozen=True)
class PaymentList:
    """Payments of a period with their clients, newest first; sums of those that succeeded by currency."""

    payments: Sequence[tuple[Payment, Client]]
    received: Sums = field(default_factory=dict)
    unsettled: Sequence[tuple[Payment, Client]] = ()  # processing or failed
    numbers: dict[int, str] = field(default_factory=dict)  # payment id → invoice it was meant for


async def revenue(session: AsyncSession, first: date, last: date, start: datetime, end: datetime) -> list[Revenue]:
    """Each currency's figures for the days first..last, which begin at `start` and end before `end` (UTC)."""
    invoiced = _grouped(Invoice, Invoice.total_minor).where(
        Invoice.issued_on.between(first, last), Invoice.status.not_in(NOT_BILLED)
    )
    credited = _grouped(CreditNote, CreditNote.amount_minor).where(CreditNote.issued_on.between(first, last))
    received = _grouped(Payment, Payment.amount_minor).where(*_succeeded(start, end))
    refunded = _grouped(Refund, Refund.amount_minor).where(
        Refund.status == RefundStatus.SUCCEEDED, Refund.settled_at >= start, Refund.settled_at < end
    )
    taken_back = _grouped(Chargeback, Chargeback.amount_minor).where(
        Chargeback.status != "won", Chargeback.opened_at >= start, Chargeback.opened_at < end
    )
    sums = [await _sums(session, found) for found in (invoiced, credited, received, refunded, taken_back)]
    nothing = (0, 0)
    return [
        Revenue(currency, *(found.get(currency, nothing) for found in sums))
        for currency in sorted({currency for found in sums for currency in found})
    ]


def _grouped(table: Any, amount: Any) -> Select[*tuple[Any, ...]]:
    return select(table.currency, func.sum(amount), func.count(table.id)).group_by(table.currency)


async def _sums(session: AsyncSession, found: Select[*tuple[Any, ...]]) -> Sums:
    return {currency: (int(minor), int(count)) for currency, minor, count in await session.execute(found)}


def _succeeded(start: datetime, end: datetime) -> tuple[ColumnElement[bool], ...]:
    # received_at is indexed with the business: payments outside the period are never read.
    return (
        Payment.status == PaymentStatus.SUCCEEDED,
        Payment.received_at >= start,
        Payment.received_at < end,
    )


async def payments_between(
    session: AsyncSession, start: datetime, end: datetime, *, limit: int, client_id: int | None = None
) -> PaymentList:
    """Payments received from `start` until before `end` (UTC), at most `limit` shown, with their sums.

    Those begun in the period that never succeeded are given apart.
    """
    owner = () if client_id is None else (Payment.client_id == client_id,)
    came = (*_succeeded(start, end), *owner)
    waits = (Payment.received_at.is_(None), Payment.started_at >= start, Payment.started_at < end, *owner)
    # One client's are few: sorted by an expression, they are found by client and not by walking all days.
    moment = func.coalesce(Payment.received_at, Payment.started_at)
    newest = Payment.received_at.desc() if client_id is None else moment.desc()
    shown = await _with_clients(session, came, newest, limit)
    unsettled = await _with_clients(session, waits, Payment.started_at.desc(), limit)
    sums = await _sums(session, _grouped(Payment, Payment.amount_minor).where(*came))
    ids = {payment.invoice_id for payment, _ in (*shown, *unsettled) if payment.invoice_id}
    found = await session.scalars(select(Invoice).where(Invoice.id.in_(ids))) if ids else ()
    numbers = {row.id: row.number for row in found}
    meant = {p.id: numbers[p.invoice_id] for p, _ in (*shown, *unsettled) if p.invoice_id in numbers}
    return PaymentList(shown, sums, unsettled, meant)


async def _with_clients(
    session: AsyncSession, where: tuple[ColumnElement[bool], ...], order: ColumnElement[Any], limit: int
) -> list[tuple[Payment, Client]]:
    found = select(Payment, Client).join(Client, Client.id == Payment.client_id).where(*where)
    rows = await session.execute(found.order_by(order, Payment.id.desc()).limit(limit))
    return [(payment, client) for payment, client in rows]

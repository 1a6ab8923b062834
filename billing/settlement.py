"""How a provider's payments share out over the invoice they were meant for, in whatever order their news came."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.ledger import COLLECTING, charged_back, lock_invoice, refresh_balance
from billing.tables.bills import Invoice
from billing.tables.payments import Allocation, Payment, PaymentStatus, Refund, RefundStatus

MANUAL = "manual"


@dataclass(frozen=True)
class Claim:
    """One payment's wish to settle an invoice, in minor units.

    kept: the payment less everything that was given or taken back. elsewhere: what it settles on other
    invoices. returned_here: refunds that name this invoice.
    """

    kept: int
    elsewhere: int
    returned_here: int


def share_out(room: int, claims: Sequence[Claim]) -> list[int]:
    """What each claim, first come first served, has on the invoice, in minor units.

    A refunded part stays allocated, and the refund raises the balance again: the history stays readable and
    the sum is the same. The result depends on the claims alone, so events may come in any order.
    """
    shares = []
    for claim in claims:
        settled = max(0, min(claim.kept - claim.elsewhere, room))
        room -= settled
        shares.append(settled + claim.returned_here)
    return shares


async def settle(session: AsyncSession, invoice_id: int) -> Invoice:
    """Rewrite the allocations of the provider payments meant for an invoice, and its balance.

    Payments recorded by hand, credit notes and retainers stand as they are; what these payments settle on
    other invoices stands too, unless more was taken back than they have left.
    """
    invoice = await lock_invoice(session, invoice_id)
    payments = await _payments_meant_for(session, invoice)
    allocations = await _allocations_of(session, payments)
    refunds = await _refunds_of(session, payments)
    claims = [await _claim(session, payment, invoice, allocations, refunds) for payment in payments]
    room = await _room(session, invoice, payments)
    for payment, share in zip(payments, share_out(room, claims), strict=True):
        mine = [row for row in allocations if row.payment_id == payment.id and row.invoice_id == invoice.id]
        await _write_share(session, payment, invoice, mine, share)
    await session.flush()
    await refresh_balance(session, invoice)
    return invoice


async def _payments_meant_for(session: AsyncSession, invoice: Invoice) -> Sequence[Payment]:
    query = select(Payment).where(
        Payment.invoice_id == invoice.id,
        Payment.status == PaymentStatus.SUCCEEDED,
        Payment.provider != MANUAL,
    )
    in_order = query.order_by(Payment.received_at, Payment.provider_ref, Payment.id)
    return (await session.scalars(in_order)).all()


async def _allocations_of(session: AsyncSession, payments: Sequence[Payment]) -> list[Allocation]:
    ids = [payment.id for payment in payments]
    query = select(Allocation).where(Allocation.payment_id.in_(ids))
    return list((await session.scalars(query.order_by(Allocation.invoice_id, Allocation.id))).all())


async def _refunds_of(session: AsyncSession, payments: Sequence[Payment]) -> Sequence[Refund]:
    ids = [payment.id for payment in payments]
    query = select(Refund).where(Refund.payment_id.in_(ids), Refund.status == RefundStatus.SUCCEEDED)
    return (await session.scalars(query)).all()


async def _claim(
    session: AsyncSession,
    payment: Payment,
    invoice: Invoice,
    allocations: list[Allocation],
    refunds: Sequence[Refund],
) -> Claim:
    mine = [refund for refund in refunds if refund.payment_id == payment.id]
    kept = payment.amount_minor - sum(refund.amount_minor for refund in mine)
    kept -= await charged_back(session, payment)
    other = [row for row in allocations if row.payment_id == payment.id and row.invoice_id != invoice.id]
    returned_elsewhere = sum(r.amount_minor for r in mine if r.invoice_id not in (None, invoice.id))
    elsewhere = sum(row.amount_minor for row in other) - returned_elsewhere
    if elsewhere > kept:
        await _release(session, other, elsewhere - kept, allocations)
        elsewhere = kept
    here = sum(refund.amount_minor for refund in mine if refund.invoice_id == invoice.id)
    return Claim(kept, elsewhere, here)


async def _release(
    session: AsyncSession, rows: Sequence[Allocation], minor: int, allocations: list[Allocation]
) -> None:
    """Take `minor` off the allocations to other invoices, the newest invoice first."""
    for row in reversed(rows):
        if not minor:
            return
        taken = min(minor, row.amount_minor)
        minor -= taken
        invoice = await lock_invoice(session, row.invoice_id)
        if taken == row.amount_minor:
            allocations.remove(row)
            await session.delete(row)
        else:
            row.amount_minor -= taken
        await session.flush()
        await refresh_balance(session, invoice)


async def _room(session: AsyncSession, invoice: Invoice, payments: Sequence[Payment]) -> int:
    """What is left for these payments to settle once everything else that settles the invoice is counted."""
    if invoice.status not in COLLECTING:
        return 0
    ours = {payment.id for payment in payments}
    settled = await session.scalars(select(Allocation).where(Allocation.invoice_id == invoice.id))
    others = sum(row.amount_minor for row in settled if row.payment_id not in ours)
    returned = await session.scalars(
        select(Refund).where(Refund.invoice_id == invoice.id, Refund.status == RefundStatus.SUCCEEDED)
    )
    others -= sum(refund.amount_minor for refund in returned if refund.payment_id not in ours)
    return max(0, invoice.total_minor - others)


async def _write_share(
    session: AsyncSession, payment: Payment, invoice: Invoice, rows: Sequence[Allocation], share: int
) -> None:
    for spare in rows[1:] if share else rows:
        await session.delete(spare)
    if share and rows:
        rows[0].amount_minor = share
        rows[0].allocated_at = payment.received_at or rows[0].allocated_at
    elif share:
        session.add(
            Allocation(
                business_id=invoice.business_id,
                client_id=invoice.client_id,
                invoice_id=invoice.id,
                payment_id=payment.id,
                amount_minor=share,
                allocated_at=payment.received_at or payment.started_at,
            )
        )

"""What one provider event does to payments, refunds and chargebacks; the same end in any order of events."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.changes.numbers import add_numbered
from billing.gateway import EventKind, ProviderEvent
from billing.ledger import lock_invoice
from billing.settlement import settle
from billing.tables.payments import (
    Chargeback,
    LinkStatus,
    Payment,
    PaymentLink,
    PaymentStatus,
    Refund,
    RefundStatus,
)

FIRST_REFUND = "REF-1001"


class Effect(StrEnum):
    """What an event did."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    PROCESSING = "processing"
    LEDGER = "ledger"  # a refund or chargeback was written
    NOTHING = "nothing new"
    NOT_OURS = "not a payment of ours"
    TOO_EARLY = "too early"
    REFUSED = "refused"


@dataclass(frozen=True)
class Result:
    """The effect of an event, the payment it is about, and why where it was refused."""

    effect: Effect
    payment: Payment | None = None
    outcome: str = ""


async def apply_to_ledger(session: AsyncSession, event: ProviderEvent) -> Result:
    """Apply one event inside the caller's transaction."""
    payment = await _held_payment(session, event)
    if payment is None:
        return Result(Effect.NOT_OURS)
    if payment.currency != event.amount.currency:
        return Result(Effect.REFUSED, payment, f"currency {event.amount.currency} is not {payment.currency}")
    return await _HANDLERS[event.kind](session, payment, event)


async def _held_payment(session: AsyncSession, event: ProviderEvent) -> Payment | None:
    """The payment, held with its invoice; the invoice first, as everywhere, so that writers never cross."""
    query = select(Payment).where(
        Payment.business_id == event.business_id,
        Payment.provider == event.provider,
        Payment.provider_ref == event.reference,
    )
    payment = (await session.scalars(query)).one_or_none()
    if payment is None:
        return None
    if payment.invoice_id is not None:
        await lock_invoice(session, payment.invoice_id)
    held = query.with_for_update().execution_options(populate_existing=True)
    return (await session.scalars(held)).one()


async def _payment_succeeded(session: AsyncSession, payment: Payment, event: ProviderEvent) -> Result:
    if payment.amount_minor != event.amount.minor:
        return Result(Effect.REFUSED, payment, f"amount {event.amount.minor} is not {payment.amount_minor}")
    is_new = payment.status is not PaymentStatus.SUCCEEDED
    known = payment.received_at or event.occurred_at
    payment.status, payment.failure = PaymentStatus.SUCCEEDED, ""
    payment.received_at = min(known, event.occurred_at)
    if payment.payment_link_id is not None:
        link = select(PaymentLink).where(PaymentLink.id == payment.payment_link_id)
        (await session.scalars(link)).one().status = LinkStatus.PAID
    await _settle(session, payment)
    return Result(Effect.SUCCEEDED if is_new else Effect.NOTHING, payment)


async def _payment_failed(session: AsyncSession, payment: Payment, event: ProviderEvent) -> Result:
    """A failed try; success, whenever it is told, has the last word: providers take success back otherwise."""
    if payment.status is not PaymentStatus.PROCESSING:
        return Result(Effect.NOTHING, payment)
    payment.status, payment.failure = PaymentStatus.FAILED, event.reason
    await session.flush()
    return Result(Effect.FAILED, payment)


async def _payment_processing(_session: AsyncSession, payment: Payment, _event: ProviderEvent) -> Result:
    is_under_way = payment.status is PaymentStatus.PROCESSING
    return Result(Effect.PROCESSING if is_under_way else Effect.NOTHING, payment)


async def _refund(session: AsyncSession, payment: Payment, event: ProviderEvent) -> Result:
    if payment.status is not PaymentStatus.SUCCEEDED:
        return Result(Effect.TOO_EARLY, payment)
    query = select(Refund).where(Refund.payment_id == payment.id, Refund.provider_ref == event.part)
    refund = (await session.scalars(query)).one_or_none()
    if refund is None:
        known = await session.scalars(select(Refund).where(Refund.payment_id == payment.id))
        taken = sum(other.amount_minor for other in known if other.status is not RefundStatus.FAILED)
        if taken + event.amount.minor > payment.amount_minor and event.kind is not EventKind.REFUND_FAILED:
            # Perhaps an earlier refund came back and we have not heard of it yet; never more than was paid.
            return Result(Effect.TOO_EARLY, payment)
        refund = await _add_refund(session, payment, event)
    elif refund.amount_minor != event.amount.minor:
        return Result(Effect.REFUSED, payment, f"amount {event.amount.minor} is not {refund.amount_minor}")
    is_new = _advance(refund, event)
    await session.flush()
    await _settle(session, payment)
    return Result(Effect.LEDGER if is_new else Effect.NOTHING, payment)


_REFUND_STATUS = {
    EventKind.REFUND_PENDING: RefundStatus.PENDING,
    EventKind.REFUND_SUCCEEDED: RefundStatus.SUCCEEDED,
    EventKind.REFUND_FAILED: RefundStatus.FAILED,
}
_REFUND_ORDER = tuple(_REFUND_STATUS.values())  # a refund that went through can still come back; never the reverse


def _advance(refund: Refund, event: ProviderEvent) -> bool:
    """Move a refund forward; the same status told twice keeps the earlier moment."""
    told = _REFUND_STATUS[event.kind]
    refund.requested_at = min(refund.requested_at, event.occurred_at)
    if _REFUND_ORDER.index(told) < _REFUND_ORDER.index(refund.status):
        return False
    is_new = told is not refund.status
    refund.status = told
    if told is not RefundStatus.PENDING:
        known = event.occurred_at if is_new else refund.settled_at or event.occurred_at
        refund.settled_at = min(known, event.occurred_at)
    return is_new


async def _add_refund(session: AsyncSession, payment: Payment, event: ProviderEvent) -> Refund:
    def make(number: str) -> Refund:
        return Refund(
            business_id=payment.business_id,
            client_id=payment.client_id,
            number=number,
            payment_id=payment.id,
            invoice_id=payment.invoice_id,
            amount_minor=event.amount.minor,
            currency=event.amount.currency,
            status=RefundStatus.PENDING,
            reason=event.reason,
            requested_at=event.occurred_at,
            settled_at=None,
            provider_ref=event.part,
        )

    return await add_numbered(session, Refund, payment.business_id, FIRST_REFUND, make)


_CHARGEBACK_STATUS = {
    EventKind.CHARGEBACK_OPENED: "open",
    EventKind.CHARGEBACK_WON: "won",
    EventKind.CHARGEBACK_LOST: "lost",
}


async def _chargeback(session: AsyncSession, payment: Payment, event: ProviderEvent) -> Result:
    if payment.status is not PaymentStatus.SUCCEEDED:
        return Result(Effect.TOO_EARLY, payment)
    told = _CHARGEBACK_STATUS[event.kind]
    query = select(Chargeback).where(Chargeback.payment_id == payment.id, Chargeback.provider_ref == event.part)
    row = (await session.scalars(query)).one_or_none()
    is_new = row is None or (row.status == "open" and told != "open")
    if row is None:
        row = _new_chargeback(payment, event)
        session.add(row)
    row.opened_at = min(row.opened_at, event.occurred_at)
    if is_new:
        row.status = told
    await session.flush()
    await _settle(session, payment)
    return Result(Effect.LEDGER if is_new else Effect.NOTHING, payment)


def _new_chargeback(payment: Payment, event: ProviderEvent) -> Chargeback:
    return Chargeback(
        business_id=payment.business_id,
        client_id=payment.client_id,
        payment_id=payment.id,
        amount_minor=event.amount.minor,
        currency=event.amount.currency,
        reason=event.reason,
        opened_at=event.occurred_at,
        provider_ref=event.part,
    )


async def _settle(session: AsyncSession, payment: Payment) -> None:
    await session.flush()
    if payment.invoice_id is not None:
        await settle(session, payment.invoice_id)


Handler = Callable[[AsyncSession, Payment, ProviderEvent], Awaitable[Result]]

_HANDLERS: dict[EventKind, Handler] = {
    EventKind.PAYMENT_PROCESSING: _payment_processing,
    EventKind.PAYMENT_SUCCEEDED: _payment_succeeded,
    EventKind.PAYMENT_FAILED: _payment_failed,
    EventKind.REFUND_PENDING: _refund,
    EventKind.REFUND_SUCCEEDED: _refund,
    EventKind.REFUND_FAILED: _refund,
    EventKind.CHARGEBACK_OPENED: _chargeback,
    EventKind.CHARGEBACK_WON: _chargeback,
    EventKind.CHARGEBACK_LOST: _chargeback,
}

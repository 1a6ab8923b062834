"""Payments with what they settle, refunds, links and provider events, for tests."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from billing.tables.bills import Invoice, InvoiceStatus
from billing.tables.payments import (
    Allocation,
    Chargeback,
    LinkStatus,
    Payment,
    PaymentEvent,
    PaymentLink,
    PaymentMethod,
    PaymentStatus,
    Refund,
    RefundStatus,
    SandboxCharge,
)
from billing.tables.people import Business, Client
from tests.factories.rows import add_row, next_number, owner_of
from tests.fakes.clock import NOW


async def make_payment(
    session: AsyncSession,
    *,
    client: Client,
    amount_minor: int = 100_00,
    settles: Sequence[tuple[Invoice, int]] = (),
    number: str = "",
    **given: Any,
) -> Payment:
    """A card payment that succeeded. settles: (invoice, minor units) allocated, and taken off balances."""
    dull: dict[str, Any] = {
        "status": PaymentStatus.SUCCEEDED,
        "method": PaymentMethod.CARD,
        "currency": client.currency,
        "started_at": NOW - timedelta(days=1),
        "received_at": NOW - timedelta(days=1),
    }
    row = Payment(
        **owner_of(client),
        number=number or f"PAY-{next_number()}",
        amount_minor=amount_minor,
        **(dull | given),
    )
    payment = await add_row(session, row)
    for invoice, minor in settles:
        await make_allocation(session, invoice=invoice, amount_minor=minor, payment_id=payment.id)
        invoice.balance_minor -= minor
        invoice.status = InvoiceStatus.PAID if invoice.balance_minor == 0 else InvoiceStatus.PART_PAID
    await session.flush()
    return payment


async def make_allocation(session: AsyncSession, *, invoice: Invoice, amount_minor: int, **source: Any) -> Allocation:
    """That a payment_id, credit_note_id or retainer_id settles an invoice; balances are left alone."""
    row = Allocation(**owner_of(invoice), invoice_id=invoice.id, amount_minor=amount_minor, allocated_at=NOW, **source)
    return await add_row(session, row)


async def make_refund(session: AsyncSession, *, payment: Payment, amount_minor: int = 10_00, **given: Any) -> Refund:
    """A settled refund of a payment."""
    dull: dict[str, Any] = {
        "number": f"RF-{next_number()}",
        "amount_minor": amount_minor,
        "currency": payment.currency,
        "status": RefundStatus.SUCCEEDED,
        "requested_at": NOW,
        "settled_at": NOW,
    }
    return await add_row(session, Refund(**owner_of(payment), payment_id=payment.id, **(dull | given)))


async def make_payment_link(session: AsyncSession, *, invoice: Invoice, **given: Any) -> PaymentLink:
    """An open link for all that is payable, good for a week."""
    dull: dict[str, Any] = {
        "token_sha256": f"{next_number():064x}",
        "currency": invoice.currency,
        "status": LinkStatus.OPEN,
        "created_at": NOW,
        "expires_at": NOW + timedelta(days=7),
    }
    return await add_row(session, PaymentLink(**owner_of(invoice), invoice_id=invoice.id, **(dull | given)))


async def make_payment_event(session: AsyncSession, *, business: Business, **given: Any) -> PaymentEvent:
    """A provider's event that is not applied yet."""
    dull: dict[str, Any] = {
        "provider": "sandbox",
        "event_id": f"evt-{next_number()}",
        "kind": "payment.succeeded",
        "body": {},
        "occurred_at": NOW,
        "received_at": NOW,
    }
    return await add_row(session, PaymentEvent(business_id=business.id, **(dull | given)))


async def make_chargeback(session: AsyncSession, *, payment: Payment, **given: Any) -> Chargeback:
    """A chargeback of ten that is open."""
    dull: dict[str, Any] = {"amount_minor": 10_00, "currency": payment.currency, "opened_at": NOW}
    return await add_row(session, Chargeback(**owner_of(payment), payment_id=payment.id, **(dull | given)))


async def make_sandbox_charge(session: AsyncSession, *, business: Business, **given: Any) -> SandboxCharge:
    """A charge that the sandbox provider remembers as succeeded."""
    number = next_number()
    dull: dict[str, Any] = {
        "reference": f"ch-{number}",
        "idempotency_key": f"charge-{number}",
        "link_token_sha256": f"{number:064x}",
        "amount_minor": 10_00,
        "currency": business.currency,
        "state": "succeeded",
        "created_at": NOW,
    }
    return await add_row(session, SandboxCharge(business_id=business.id, **(dull | given)))

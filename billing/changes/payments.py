"""Payments: begun through a link, recorded by hand, and their credit put to use."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.changes.links import BadAmountError
from billing.changes.numbers import add_numbered
from billing.ledger import COLLECTING, InvoiceClosedError, allocate, lock_invoice
from billing.records.links import LinkState, LinkView, find_payment_by_reference, view_link
from billing.settlement import MANUAL
from billing.tables.bills import Invoice
from billing.tables.payments import (
    Payment,
    PaymentLink,
    PaymentMethod,
    PaymentStatus,
)

FIRST_NUMBER = "PAY-1001"


class LinkNotFoundError(Exception):
    """No payment link has this token."""


class PaymentNotFoundError(Exception):
    """No such payment among the records the session may see."""

    def __init__(self, payment_id: int) -> None:
        super().__init__(f"no payment {payment_id} here")
        self.payment_id = payment_id


class LinkClosedError(Exception):
    """A link through which nothing can be paid now; `view` says why."""

    def __init__(self, view: LinkView) -> None:
        super().__init__(f"link for {view.invoice_number} is {view.state}")
        self.view = view


class AmountChangedError(Exception):
    """What the payer was shown is not what is asked now; `view` has the new amount."""

    def __init__(self, view: LinkView, shown_minor: int) -> None:
        super().__init__(f"shown {shown_minor}, now {view.amount.minor}")
        self.view, self.shown_minor = view, shown_minor


async def begin_payment(
    session: AsyncSession, *, token_sha256: str, shown_minor: int, reference: str, provider: str, now: datetime
) -> Payment:
    """The payment that a press of the pay button begins, processing until the provider tells its outcome.

    From here on it lowers what is payable, so that a second tab, another link or a double press finds
    nothing left to ask. reference: the same one again gives the same payment, whatever became of it.
    LinkNotFoundError, LinkClosedError, AmountChangedError.
    """
    link = await session.scalar(select(PaymentLink).where(PaymentLink.token_sha256 == token_sha256))
    if link is None:
        raise LinkNotFoundError
    invoice = await lock_invoice(session, link.invoice_id)
    await session.refresh(link)  # a newer link may have replaced it while we waited for the invoice
    known = await find_payment_by_reference(session, link.business_id, provider, reference)
    if known is not None:
        return known
    view = await view_link(session, link, invoice, now)
    if view.state is not LinkState.PAYABLE:
        raise LinkClosedError(view)
    if view.amount.minor != shown_minor:
        raise AmountChangedError(view, shown_minor)
    return await _add(
        session,
        invoice,
        status=PaymentStatus.PROCESSING,
        method=PaymentMethod.CARD,
        amount_minor=shown_minor,
        started_at=now,
        provider=provider,
        provider_ref=reference,
        payment_link_id=link.id,
    )


async def record_manual_payment(
    session: AsyncSession,
    invoice_id: int,
    amount_minor: int,
    method: PaymentMethod,
    now: datetime,
    idempotency_key: str,
    by_staff_id: int,
) -> Payment:
    """Money that came by transfer, cash or check, in minor units of the invoice's currency.

    Settles the invoice as far as it goes; the rest stays credit of the client. The same key again gives the
    same payment. BadAmountError, InvoiceNotFoundError, InvoiceClosedError.
    """
    if amount_minor <= 0:
        raise BadAmountError(amount_minor)
    invoice = await lock_invoice(session, invoice_id)
    reference = f"staff:{by_staff_id}:{idempotency_key}"  # who recorded it stays readable on the row
    known = await find_payment_by_reference(session, invoice.business_id, MANUAL, reference)
    if known is not None:
        return known
    if invoice.status not in COLLECTING:
        raise InvoiceClosedError(invoice.number, invoice.status)
    payment = await _add(
        session,
        invoice,
        status=PaymentStatus.SUCCEEDED,
        method=method,
        amount_minor=amount_minor,
        started_at=now,
        received_at=now,
        provider=MANUAL,
        provider_ref=reference,
    )
    settles = min(amount_minor, invoice.balance_minor)
    if settles > 0:
        await allocate(session, payment, [(invoice, settles)], now)
    return payment


async def allocate_credit(
    session: AsyncSession, payment_id: int, parts: Sequence[tuple[int, int]], now: datetime
) -> Payment:
    """Settle further invoices, (invoice id, minor units) each, with what a payment has left.

    PaymentNotFoundError, InvoiceNotFoundError and what ledger.allocate raises.
    """
    invoices = {invoice_id: await lock_invoice(session, invoice_id) for invoice_id in sorted({i for i, _ in parts})}
    query = select(Payment).where(Payment.id == payment_id).with_for_update()
    payment = (await session.scalars(query.execution_options(populate_existing=True))).one_or_none()
    if payment is None:
        raise PaymentNotFoundError(payment_id)
    await allocate(session, payment, [(invoices[invoice_id], minor) for invoice_id, minor in parts], now)
    return payment


async def _add(
    session: AsyncSession,
    invoice: Invoice,
    *,
    status: PaymentStatus,
    method: PaymentMethod,
    amount_minor: int,
    started_at: datetime,
    provider: str,
    provider_ref: str,
    received_at: datetime | None = None,
    payment_link_id: int | None = None,
) -> Payment:
    def make(number: str) -> Payment:
        return Payment(
            business_id=invoice.business_id,
            client_id=invoice.client_id,
            number=number,
            status=status,
            method=method,
            amount_minor=amount_minor,
            currency=invoice.currency,
            started_at=started_at,
            received_at=received_at,
            provider=provider,
            provider_ref=provider_ref,
            payment_link_id=payment_link_id,
            invoice_id=invoice.id,
        )

    return await add_numbered(session, Payment, invoice.business_id, FIRST_NUMBER, make)

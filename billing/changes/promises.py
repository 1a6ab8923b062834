"""Promises to pay are noted here."""

from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from billing.records.invoices import find_invoice
from billing.records.plans import find_promise
from billing.tables.bills import Invoice
from billing.tables.plans import PaymentPromise


async def note_promise(
    session: AsyncSession,
    *,
    invoice_id: int,
    contact_id: int | None,
    promised_for: date,
    words: str,
    now: datetime,
    idempotency_key: str,
) -> Invoice | None:
    """Note for which day payment was promised; the invoice, or None when the session cannot see it."""
    invoice = await find_invoice(session, invoice_id)
    if invoice is None or await find_promise(session, idempotency_key):
        return invoice
    session.add(
        PaymentPromise(
            business_id=invoice.business_id,
            client_id=invoice.client_id,
            invoice_id=invoice.id,
            contact_id=contact_id,
            promised_for=promised_for,
            amount_minor=None,
            made_at=now,
            words=words,
            idempotency_key=idempotency_key,
        )
    )
    await session.flush()
    return invoice

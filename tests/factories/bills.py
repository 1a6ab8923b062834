"""Invoices with their lines, and credit notes, for tests."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from billing.tables.bills import CreditNote, Invoice, InvoiceLine, InvoiceStatus
from billing.tables.people import Client
from tests.factories.rows import add_row, line_of, next_number, owner_of
from tests.fakes.clock import TODAY


async def make_invoice(
    session: AsyncSession,
    *,
    client: Client,
    number: str = "",
    lines: Sequence[tuple[str, int, int]] = (("Work", 1, 100_00),),
    **given: Any,
) -> Invoice:
    """An open invoice due in a week. lines: (description, quantity, unit price in minor units)."""
    subtotal = sum(quantity * price for _, quantity, price in lines)
    total = subtotal - given.get("discount_minor", 0) + given.get("tax_minor", 0)
    dull: dict[str, Any] = {
        "title": "Work",
        "status": InvoiceStatus.OPEN,
        "currency": client.currency,
        "subtotal_minor": subtotal,
        "total_minor": total,
        "balance_minor": total,
        "issued_on": TODAY - timedelta(days=7),
        "due_on": TODAY + timedelta(days=7),
    }
    row = Invoice(**owner_of(client), number=number or f"INV-{next_number()}", **(dull | given))
    invoice = await add_row(session, row)
    session.add_all(
        InvoiceLine(**owner_of(client), invoice_id=invoice.id, position=position, **line_of(*line))
        for position, line in enumerate(lines, 1)
    )
    await session.flush()
    return invoice


async def make_credit_note(session: AsyncSession, *, invoice: Invoice, **given: Any) -> CreditNote:
    """Ten given back on an invoice, not allocated."""
    dull: dict[str, Any] = {
        "number": f"CN-{next_number()}",
        "amount_minor": 10_00,
        "currency": invoice.currency,
        "reason": "Scratch",
        "issued_on": TODAY,
    }
    return await add_row(session, CreditNote(**owner_of(invoice), invoice_id=invoice.id, **(dull | given)))

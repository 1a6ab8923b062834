"""Payment links: made, and replaced by newer ones."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.ledger import COLLECTING, lock_invoice, payable
from billing.tables.bills import Invoice
from billing.tables.payments import LinkStatus, PaymentLink

LIFETIME = timedelta(days=7)


class NothingDueError(Exception):
    """A link was wanted for an invoice of which nothing can be asked: settled, not yet sent, or on its way.

    on_its_way_minor: what payments under way will settle, in minor units.
    """

    def __init__(self, number: str, balance_minor: int, on_its_way_minor: int) -> None:
        super().__init__(f"nothing is due on {number}")
        self.number, self.balance_minor, self.on_its_way_minor = number, balance_minor, on_its_way_minor


class BadAmountError(Exception):
    """An amount to ask for or to record that is not above zero, in minor units."""

    def __init__(self, amount_minor: int) -> None:
        super().__init__(f"an amount is above zero, not {amount_minor}")
        self.amount_minor = amount_minor


async def create_link(
    session: AsyncSession,
    *,
    invoice_id: int,
    asked_minor: int | None,
    token_sha256: str,
    now: datetime,
    conversation_id: int | None,
    contact_id: int | None,
    idempotency_key: str | None,
) -> PaymentLink:
    """A new link for an invoice, good for seven days; older open links of the invoice are replaced by it.

    asked_minor: None asks for all that is payable when the link is opened; more than that is cut down then.
    A repeated idempotency key leaves one open link: the same for the same token; under a new token a new
    one, since a caller that repeats never got to hand out the first. NothingDueError, BadAmountError,
    InvoiceNotFoundError.
    """
    if asked_minor is not None and asked_minor <= 0:
        raise BadAmountError(asked_minor)
    invoice = await lock_invoice(session, invoice_id)
    known = await _known(session, idempotency_key)
    if known is not None and known.token_sha256 == token_sha256:
        return known
    due = await payable(session, invoice)
    if due <= 0:
        on_its_way = max(0, invoice.balance_minor) if invoice.status in COLLECTING else 0
        raise NothingDueError(invoice.number, invoice.balance_minor, on_its_way)
    await _replace_open_links(session, invoice_id)
    link = _link_to(invoice, asked_minor, token_sha256, now)
    link.conversation_id, link.contact_id = conversation_id, contact_id
    link.idempotency_key = idempotency_key if known is None else None
    session.add(link)
    await session.flush()
    return link


def _link_to(invoice: Invoice, asked_minor: int | None, token_sha256: str, now: datetime) -> PaymentLink:
    return PaymentLink(
        business_id=invoice.business_id,
        client_id=invoice.client_id,
        token_sha256=token_sha256,
        invoice_id=invoice.id,
        asked_minor=asked_minor,
        currency=invoice.currency,
        status=LinkStatus.OPEN,
        created_at=now,
        expires_at=now + LIFETIME,
    )


async def cancel_links(session: AsyncSession, invoice_id: int) -> int:
    """Cancel the open links of an invoice (it was voided or is disputed); answers how many there were."""
    links = await _open_links(session, invoice_id)
    for link in links:
        link.status = LinkStatus.CANCELLED
    return len(links)


async def _known(session: AsyncSession, idempotency_key: str | None) -> PaymentLink | None:
    if idempotency_key is None:
        return None
    query = select(PaymentLink).where(PaymentLink.idempotency_key == idempotency_key)
    return (await session.scalars(query)).one_or_none()


async def _replace_open_links(session: AsyncSession, invoice_id: int) -> None:
    for link in await _open_links(session, invoice_id):
        link.status = LinkStatus.REPLACED


async def _open_links(session: AsyncSession, invoice_id: int) -> list[PaymentLink]:
    query = select(PaymentLink).where(PaymentLink.invoice_id == invoice_id, PaymentLink.status == LinkStatus.OPEN)
    return list((await session.scalars(query)).all())

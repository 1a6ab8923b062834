"""What a payment link says at the moment it is opened."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.ledger import COLLECTING, payable
from billing.money import Money
from billing.tables.bills import Invoice
from billing.tables.payments import LinkStatus, Payment, PaymentLink, PaymentStatus
from billing.tables.people import Business, Contact


class LinkState(StrEnum):
    """Where a link stands for somebody who opens it now."""

    PAYABLE = "payable"
    PROCESSING = "processing"
    PAID = "paid"
    NOTHING_DUE = "nothing_due"
    REPLACED = "replaced"
    EXPIRED = "expired"


@dataclass(frozen=True)
class LinkView:
    """A link as its opener may see it, and what paying through it needs.

    amount: what is asked now; of a payment under way or made, its own amount; zero when nothing is asked.
    is_part: less than the whole balance is asked. reference: the payment of this link under way or made.
    """

    state: LinkState
    link_id: int
    business_id: int
    business: str
    colour: str
    business_locale: str
    contact_locale: str
    invoice_id: int
    invoice_number: str
    amount: Money
    is_part: bool = False
    reference: str = ""
    provider: str = ""


async def find_link(session: AsyncSession, token_sha256: str, now: datetime) -> LinkView | None:
    """The link behind a hashed token, asking for the lesser of what was asked and what is payable now.

    Reads only. None when there is no such link.
    """
    link = await session.scalar(select(PaymentLink).where(PaymentLink.token_sha256 == token_sha256))
    if link is None:
        return None
    invoice = (await session.scalars(select(Invoice).where(Invoice.id == link.invoice_id))).one()
    return await view_link(session, link, invoice, now)


async def view_link(session: AsyncSession, link: PaymentLink, invoice: Invoice, now: datetime) -> LinkView:
    """The view of a link and invoice that are already read."""
    paid = await _latest_payment(session, link)
    due = await payable(session, invoice)
    asked = due if link.asked_minor is None else min(link.asked_minor, due)
    state = _state(link, invoice, paid, asked, now)
    shown = paid.amount_minor if paid else asked
    business = (await session.scalars(select(Business).where(Business.id == link.business_id))).one()
    return LinkView(
        state=state,
        link_id=link.id,
        business_id=link.business_id,
        business=business.name,
        colour=business.colour,
        business_locale=business.locale,
        contact_locale=await _contact_locale(session, link),
        invoice_id=invoice.id,
        invoice_number=invoice.number,
        amount=Money(shown, link.currency),
        is_part=state is LinkState.PAYABLE and asked < invoice.balance_minor,
        reference=(paid.provider_ref or "") if paid else "",
        provider=paid.provider if paid else "",
    )


def _state(link: PaymentLink, invoice: Invoice, paid: Payment | None, asked: int, now: datetime) -> LinkState:
    """What matters most to the opener comes first: their own payment, then whether anything is due at all."""
    if paid is not None and paid.status is PaymentStatus.PROCESSING:
        return LinkState.PROCESSING
    if paid is not None or link.status is LinkStatus.PAID:
        return LinkState.PAID
    if invoice.balance_minor <= 0 or invoice.status not in COLLECTING:
        return LinkState.NOTHING_DUE
    if link.status in (LinkStatus.REPLACED, LinkStatus.CANCELLED):
        return LinkState.REPLACED
    if link.status is LinkStatus.EXPIRED or now >= link.expires_at:
        return LinkState.EXPIRED
    # With a balance but nothing to ask, all of it is on its way through another link.
    return LinkState.PAYABLE if asked > 0 else LinkState.PROCESSING


async def _latest_payment(session: AsyncSession, link: PaymentLink) -> Payment | None:
    """The link's payment that was made, else the one under way; failed tries do not count."""
    alive = (PaymentStatus.SUCCEEDED, PaymentStatus.PROCESSING)
    query = select(Payment).where(Payment.payment_link_id == link.id, Payment.status.in_(alive))
    # "succeeded" sorts after "processing".
    return (await session.scalars(query.order_by(Payment.status.desc(), Payment.id.desc()).limit(1))).one_or_none()


async def _contact_locale(session: AsyncSession, link: PaymentLink) -> str:
    if link.contact_id is None:
        return ""
    contact = await session.scalar(select(Contact).where(Contact.id == link.contact_id))
    return contact.locale if contact is not None else ""


async def find_payment_by_reference(
    session: AsyncSession, business_id: int, provider: str, reference: str
) -> Payment | None:
    """The payment that a provider knows by this reference."""
    query = select(Payment).where(
        Payment.business_id == business_id, Payment.provider == provider, Payment.provider_ref == reference
    )
    return (await session.scalars(query)).one_or_none()

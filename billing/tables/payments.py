"""Money as it moves: payments, allocations, refunds, chargebacks, links, and the provider's events."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from billing.database import Base, text_enum
from billing.tables.owned import OfClient, Owned, child_of, of_client, owner_key, same_business


class PaymentStatus(StrEnum):
    """A payment is processing until the provider settles it."""

    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class PaymentMethod(StrEnum):
    """How money came."""

    CARD = "card"
    TRANSFER = "transfer"
    CASH = "cash"
    CHECK = "check"


class LinkStatus(StrEnum):
    """A payment link is open until it is paid, replaced by a newer one, expired or cancelled."""

    OPEN = "open"
    PAID = "paid"
    REPLACED = "replaced"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class RefundStatus(StrEnum):
    """Where a refund is."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class Payment(OfClient, Base):
    """Money from a client, in minor units. `provider_ref` is the provider's id, unique within it."""

    __tablename__ = "payment"
    __table_args__ = (
        owner_key(),
        of_client(),
        child_of("payment_link"),
        child_of("invoice"),
        UniqueConstraint("business_id", "number"),
        UniqueConstraint("business_id", "provider", "provider_ref"),
        CheckConstraint("amount_minor > 0", name="amount"),
        Index(None, "business_id", "received_at"),
        Index(None, "payment_link_id"),
        Index(None, "invoice_id"),
    )
    number: Mapped[str]
    status: Mapped[PaymentStatus] = mapped_column(text_enum(PaymentStatus))
    method: Mapped[PaymentMethod] = mapped_column(text_enum(PaymentMethod))
    amount_minor: Mapped[int]
    currency: Mapped[str]
    started_at: Mapped[datetime]
    received_at: Mapped[datetime | None]  # when it succeeded
    failure: Mapped[str] = mapped_column(default="")
    provider: Mapped[str] = mapped_column(default="manual")
    provider_ref: Mapped[str | None]
    payment_link_id: Mapped[int | None]
    invoice_id: Mapped[int | None]  # what it was meant for; what it settles stands in allocations


class Allocation(OfClient, Base):
    """What part of a payment, credit note or retainer settles which invoice."""

    __tablename__ = "allocation"
    __table_args__ = (
        child_of("invoice"),
        child_of("payment"),
        child_of("credit_note"),
        child_of("retainer"),
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint(
            "(CASE WHEN payment_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN credit_note_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN retainer_id IS NULL THEN 0 ELSE 1 END) = 1",
            name="one_source",
        ),
        Index(None, "invoice_id"),
        Index(None, "payment_id"),
        Index(None, "credit_note_id"),
        Index(None, "retainer_id"),
    )
    invoice_id: Mapped[int]
    payment_id: Mapped[int | None]
    credit_note_id: Mapped[int | None]
    retainer_id: Mapped[int | None]
    amount_minor: Mapped[int]
    allocated_at: Mapped[datetime]


class Refund(OfClient, Base):
    """Money given back of a payment; `invoice_id` is the invoice whose balance it raises again."""

    __tablename__ = "refund"
    __table_args__ = (
        owner_key(),
        child_of("payment"),
        child_of("invoice"),
        UniqueConstraint("business_id", "number"),
        CheckConstraint("amount_minor > 0", name="amount"),
        Index(None, "invoice_id"),
        Index(None, "payment_id"),
    )
    number: Mapped[str]
    payment_id: Mapped[int]
    invoice_id: Mapped[int | None]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    status: Mapped[RefundStatus] = mapped_column(text_enum(RefundStatus))
    reason: Mapped[str] = mapped_column(default="")
    requested_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    provider_ref: Mapped[str | None]


class Chargeback(OfClient, Base):
    """A payment the payer's bank takes back."""

    __tablename__ = "chargeback"
    __table_args__ = (
        child_of("payment"),
        UniqueConstraint("business_id", "provider_ref"),
        Index(None, "payment_id"),
    )
    payment_id: Mapped[int]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    status: Mapped[str] = mapped_column(default="open")
    opened_at: Mapped[datetime]
    provider_ref: Mapped[str | None]


class PaymentLink(OfClient, Base):
    """A way to pay one invoice: a hashed token, what was asked (None: all that is payable), until when."""

    __tablename__ = "payment_link"
    __table_args__ = (
        owner_key(),
        child_of("invoice"),
        same_business("conversation"),
        same_business("contact"),
        UniqueConstraint("token_sha256"),
        Index(None, "invoice_id"),
        CheckConstraint("asked_minor IS NULL OR asked_minor > 0", name="asked"),
    )
    token_sha256: Mapped[str]
    invoice_id: Mapped[int]
    asked_minor: Mapped[int | None]
    currency: Mapped[str]
    status: Mapped[LinkStatus] = mapped_column(text_enum(LinkStatus), default=LinkStatus.OPEN)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    conversation_id: Mapped[int | None]  # where the receipt goes
    contact_id: Mapped[int | None]
    idempotency_key: Mapped[str | None] = mapped_column(unique=True)


class PaymentEvent(Owned, Base):
    """What a provider told us, stored by its own id before we act on it."""

    __tablename__ = "payment_event"
    __table_args__ = (UniqueConstraint("business_id", "provider", "event_id"), Index(None, "applied_at"))
    provider: Mapped[str]
    event_id: Mapped[str]
    kind: Mapped[str]
    body: Mapped[dict[str, Any]]
    occurred_at: Mapped[datetime]
    received_at: Mapped[datetime]
    applied_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(default="")


class SandboxCharge(Owned, Base):
    """The sandbox provider's own memory of a charge: what a real provider would keep on its side."""

    __tablename__ = "sandbox_charge"
    __table_args__ = (
        UniqueConstraint("reference"),
        UniqueConstraint("idempotency_key"),
        Index(None, "settles_at"),
    )
    reference: Mapped[str]
    idempotency_key: Mapped[str]
    link_token_sha256: Mapped[str]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    state: Mapped[str]
    settles_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

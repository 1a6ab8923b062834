"""Retainers, payment plans with their instalments, and promises to pay."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from billing.database import Base, text_enum
from billing.tables.owned import OfClient, child_of, of_client, owner_key, same_business


class PlanStatus(StrEnum):
    """The life of a payment plan."""

    ACTIVE = "active"
    COMPLETED = "completed"
    BROKEN = "broken"


class InstalmentStatus(StrEnum):
    """Where one instalment stands."""

    SCHEDULED = "scheduled"
    PAID = "paid"
    MISSED = "missed"


class Retainer(OfClient, Base):
    """Money held in advance for a client, in minor units; what is left is amount minus allocations."""

    __tablename__ = "retainer"
    __table_args__ = (owner_key(), of_client(), UniqueConstraint("business_id", "number"))
    number: Mapped[str]
    title: Mapped[str]
    amount_minor: Mapped[int]
    remaining_minor: Mapped[int]
    currency: Mapped[str]
    received_on: Mapped[date]


class PaymentPlan(OfClient, Base):
    """An agreement to settle one invoice in parts."""

    __tablename__ = "payment_plan"
    __table_args__ = (owner_key(), child_of("invoice"), Index(None, "invoice_id"))
    invoice_id: Mapped[int]
    status: Mapped[PlanStatus] = mapped_column(text_enum(PlanStatus))
    agreed_on: Mapped[date]
    instalments: Mapped[list["Instalment"]] = relationship(
        viewonly=True, lazy="raise", order_by="Instalment.position",
        primaryjoin="PaymentPlan.id == foreign(Instalment.payment_plan_id)",
    )  # fmt: skip


class Instalment(OfClient, Base):
    """One part of a plan, in minor units of the invoice's currency."""

    __tablename__ = "instalment"
    __table_args__ = (
        child_of("payment_plan"),
        UniqueConstraint("payment_plan_id", "position"),
        CheckConstraint("amount_minor > 0", name="amount"),
    )
    payment_plan_id: Mapped[int]
    position: Mapped[int]
    due_on: Mapped[date]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    status: Mapped[InstalmentStatus] = mapped_column(text_enum(InstalmentStatus))
    paid_at: Mapped[datetime | None]


class PaymentPromise(OfClient, Base):
    """That a contact said an invoice would be paid by a day."""

    __tablename__ = "payment_promise"
    __table_args__ = (
        child_of("invoice"),
        same_business("contact"),
        Index(None, "invoice_id"),
        Index(None, "contact_id"),
    )
    invoice_id: Mapped[int]
    contact_id: Mapped[int | None]
    promised_for: Mapped[date]
    amount_minor: Mapped[int | None]
    made_at: Mapped[datetime]
    words: Mapped[str] = mapped_column(default="")
    idempotency_key: Mapped[str | None] = mapped_column(unique=True)

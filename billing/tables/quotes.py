"""Estimates and proposals, their lines, and how they were accepted."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from billing.database import Base, text_enum
from billing.tables.owned import OfClient, child_of, of_client, owner_key, same_business


class QuoteKind(StrEnum):
    """An estimate may vary with the work; a proposal is an offer at a price."""

    ESTIMATE = "estimate"
    PROPOSAL = "proposal"


class EstimateStatus(StrEnum):
    """The life of a quote."""

    DRAFT = "draft"
    SENT = "sent"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"


class Estimate(OfClient, Base):
    """What the business offered to do, for how much (minor units), until when."""

    __tablename__ = "estimate"
    __table_args__ = (
        owner_key(),
        of_client(),
        child_of("project"),
        UniqueConstraint("business_id", "number"),
        CheckConstraint("total_minor >= 0", name="total"),
        Index(None, "project_id"),
    )
    number: Mapped[str]
    kind: Mapped[QuoteKind] = mapped_column(text_enum(QuoteKind))
    status: Mapped[EstimateStatus] = mapped_column(text_enum(EstimateStatus))
    title: Mapped[str]
    project_id: Mapped[int | None]
    currency: Mapped[str]
    subtotal_minor: Mapped[int]
    tax_minor: Mapped[int] = mapped_column(default=0)
    total_minor: Mapped[int]
    issued_on: Mapped[date | None]
    valid_until: Mapped[date | None]
    decided_at: Mapped[datetime | None]
    lines: Mapped[list["EstimateLine"]] = relationship(
        viewonly=True, lazy="raise", order_by="EstimateLine.position",
        primaryjoin="Estimate.id == foreign(EstimateLine.estimate_id)",
    )  # fmt: skip


class EstimateLine(OfClient, Base):
    """One line of a quote; quantity in thousandths of its unit."""

    __tablename__ = "estimate_line"
    __table_args__ = (child_of("estimate"), UniqueConstraint("estimate_id", "position"))
    estimate_id: Mapped[int]
    position: Mapped[int]
    description: Mapped[str]
    quantity_milli: Mapped[int] = mapped_column(default=1000)
    unit: Mapped[str] = mapped_column(default="")
    unit_price_minor: Mapped[int]
    amount_minor: Mapped[int]


class Acceptance(OfClient, Base):
    """Who accepted a quote, how, when, and the hash of what was accepted."""

    __tablename__ = "acceptance"
    __table_args__ = (
        child_of("estimate"),
        same_business("contact"),
        UniqueConstraint("estimate_id"),
        Index(None, "contact_id"),
    )
    estimate_id: Mapped[int]
    contact_id: Mapped[int | None]
    accepted_at: Mapped[datetime]
    how: Mapped[str]
    content_sha256: Mapped[str]

"""Invoices with their lines, and credit notes."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from billing.database import Base, text_enum
from billing.tables.owned import OfClient, child_of, of_client, owner_key


class InvoiceStatus(StrEnum):
    """The life of an invoice. Overdue is not a status: it is an open balance past its due day."""

    DRAFT = "draft"
    OPEN = "open"
    PART_PAID = "part_paid"
    PAID = "paid"
    VOID = "void"
    UNCOLLECTIBLE = "uncollectible"


OWING = (InvoiceStatus.OPEN, InvoiceStatus.PART_PAID)


class Invoice(OfClient, Base):
    """A bill in minor units of its currency.

    total = subtotal (sum of lines) - discount + tax. balance = total - allocations + refunded, written only
    together with allocations and refunds (billing/ledger.py). disputed_at: the client contests it.
    """

    __tablename__ = "invoice"
    __table_args__ = (
        owner_key(),
        of_client(),
        child_of("project"),
        child_of("estimate"),
        UniqueConstraint("business_id", "number"),
        CheckConstraint("total_minor = subtotal_minor - discount_minor + tax_minor", name="total"),
        CheckConstraint("discount_minor >= 0", name="discount"),
        # Only what is owed, however much was paid, with all that balances and aging ask of it. Over all invoices
        # the status misleads SQLite's planner, once it has statistics, into reading every one.
        Index(
            "ix_invoice_owing",
            "business_id",
            "status",
            "due_on",
            "currency",
            "client_id",
            "number",
            "balance_minor",
            "disputed_at",
            sqlite_where=text("status IN ('open', 'part_paid')"),
            postgresql_where=text("status IN ('open', 'part_paid')"),
        ),
        Index(None, "business_id", "issued_on"),
        Index(None, "project_id"),
        Index(None, "estimate_id"),
    )
    number: Mapped[str]
    title: Mapped[str]
    memo: Mapped[str] = mapped_column(default="")
    status: Mapped[InvoiceStatus] = mapped_column(text_enum(InvoiceStatus))
    project_id: Mapped[int | None]
    estimate_id: Mapped[int | None]
    currency: Mapped[str]
    subtotal_minor: Mapped[int]
    discount_minor: Mapped[int] = mapped_column(default=0)
    discount_label: Mapped[str] = mapped_column(default="")
    tax_minor: Mapped[int] = mapped_column(default=0)
    tax_label: Mapped[str] = mapped_column(default="")
    tax_basis_points: Mapped[int] = mapped_column(default=0)
    total_minor: Mapped[int]
    balance_minor: Mapped[int]
    issued_on: Mapped[date | None]
    due_on: Mapped[date | None]
    sent_at: Mapped[datetime | None]
    disputed_at: Mapped[datetime | None]
    lines: Mapped[list["InvoiceLine"]] = relationship(
        viewonly=True, lazy="raise", order_by="InvoiceLine.position",
        primaryjoin="Invoice.id == foreign(InvoiceLine.invoice_id)",
    )  # fmt: skip


class InvoiceLine(OfClient, Base):
    """One line of an invoice; quantity in thousandths of its unit."""

    __tablename__ = "invoice_line"
    __table_args__ = (child_of("invoice"), UniqueConstraint("invoice_id", "position"))
    invoice_id: Mapped[int]
    position: Mapped[int]
    description: Mapped[str]
    quantity_milli: Mapped[int] = mapped_column(default=1000)
    unit: Mapped[str] = mapped_column(default="")
    unit_price_minor: Mapped[int]
    amount_minor: Mapped[int]


class CreditNote(OfClient, Base):
    """An amount the business gives back against an invoice; it counts once it is allocated."""

    __tablename__ = "credit_note"
    __table_args__ = (
        owner_key(),
        child_of("invoice"),
        UniqueConstraint("business_id", "number"),
        CheckConstraint("amount_minor > 0", name="amount"),
        Index(None, "invoice_id"),
    )
    number: Mapped[str]
    invoice_id: Mapped[int | None]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    reason: Mapped[str]
    issued_on: Mapped[date]

"""Business, its clients, the contacts who speak for them, and its staff."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, synonym

from billing.database import Base, BigInt, text_enum
from billing.tables.owned import OfClient, Owned, business_key, of_client, same_business


class Role(StrEnum):
    """What a staff member may do."""

    OWNER = "owner"
    MANAGER = "manager"
    MEMBER = "member"


class ClientStatus(StrEnum):
    """Where the business stands with a client."""

    LEAD = "lead"
    ACTIVE = "active"
    PAST = "past"


class Business(Base):
    """One business: its zone (IANA), locale (Babel form), currency (ISO 4217) and opening hours.

    hours: {"mon": ["08:00", "17:00"], …} in the business's zone; a day that is missing is closed.
    """

    __tablename__ = "business"
    id: Mapped[int] = mapped_column(BigInt, primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    trade: Mapped[str] = mapped_column(default="")
    zone: Mapped[str]
    locale: Mapped[str]
    currency: Mapped[str]
    hours: Mapped[dict[str, Any]]
    phone: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    postal: Mapped[str] = mapped_column(default="")
    colour: Mapped[str] = mapped_column(default="#2f5d50")
    is_demo: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(BigInt, nullable=False, server_default=text("1"))

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 - declared_attr hands the class
        return {"version_id_col": cls.version}


class Client(OfClient, Base):
    """A customer of a business: a household or a company. Its own `client_id` is its id."""

    __tablename__ = "client"
    __table_args__ = (
        business_key(),
        same_business("staff", "manager_id"),
        UniqueConstraint("business_id", "key"),
    )
    client_id: Mapped[int] = synonym("id")  # the owner of a client's row is itself
    key: Mapped[str]
    name: Mapped[str]
    status: Mapped[ClientStatus] = mapped_column(text_enum(ClientStatus), default=ClientStatus.ACTIVE)
    company: Mapped[bool] = mapped_column(default=False)
    currency: Mapped[str]
    postal: Mapped[str] = mapped_column(default="")
    since: Mapped[datetime]
    manager_id: Mapped[int | None]


class Contact(Owned, Base):
    """A person who speaks for one or more clients. Phone in E.164; language and locale of their choice."""

    __tablename__ = "contact"
    __table_args__ = (business_key(), UniqueConstraint("business_id", "key"), Index(None, "business_id", "phone"))
    key: Mapped[str]
    name: Mapped[str]
    language: Mapped[str]
    locale: Mapped[str]
    phone: Mapped[str | None]
    email: Mapped[str | None]
    phone_since: Mapped[datetime | None]
    email_since: Mapped[datetime | None]
    preferences: Mapped[dict[str, Any]] = mapped_column(default=dict)


class ContactClient(OfClient, Base):
    """For which client a contact speaks, and as what."""

    __tablename__ = "contact_client"
    __table_args__ = (
        of_client(),
        same_business("contact"),
        UniqueConstraint("business_id", "client_id", "contact_id"),
        Index(None, "contact_id"),
    )
    contact_id: Mapped[int]
    title: Mapped[str] = mapped_column(default="")
    is_primary: Mapped[bool] = mapped_column(default=True)


class Staff(Owned, Base):
    """Somebody who works for the business. All columns here may be told to clients."""

    __tablename__ = "staff"
    __table_args__ = (business_key(), UniqueConstraint("business_id", "key"))
    key: Mapped[str]
    name: Mapped[str]
    title: Mapped[str]
    role: Mapped[Role] = mapped_column(text_enum(Role), default=Role.MEMBER)
    language: Mapped[str] = mapped_column(default="en")
    locale: Mapped[str] = mapped_column(default="en_US")
    phone: Mapped[str | None]
    email: Mapped[str | None]
    topics: Mapped[list[Any]] = mapped_column(default=list)  # what they answer for: "billing", "schedule", …

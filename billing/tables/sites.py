"""Websites of a business that carry its chat: where it may stand, and the visits that they vouch for."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from billing.database import Base, text_enum
from billing.tables.owned import Owned


class Signature(StrEnum):
    """How a website signs who its visitor is (RFC 7518); NONE: it does not, and visitors prove themselves."""

    NONE = "none"
    HS256 = "HS256"
    RS256 = "RS256"


class Site(Owned, Base):
    """A business's chat on websites. `origins`: where it may stand, each as "https://www.example.org".

    sealed: the key its signatures are checked with (a shared secret, or a public key in PEM), encrypted with the
    installation's key. It is never read by a principal.
    """

    __tablename__ = "site"
    __table_args__ = (UniqueConstraint("business_id"),)
    origins: Mapped[list[Any]] = mapped_column(default=list)
    signature: Mapped[Signature] = mapped_column(text_enum(Signature), default=Signature.NONE)
    sealed: Mapped[str] = mapped_column(default="")
    changed_at: Mapped[datetime]


class SiteVisit(Owned, Base):
    """A signed visit that was taken: its `jti` is good for once. Kept until it would have expired anyway."""

    __tablename__ = "site_visit"
    __table_args__ = (UniqueConstraint("business_id", "jti"),)
    jti: Mapped[str]
    expires_at: Mapped[datetime]

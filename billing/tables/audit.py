"""Anchors: the newest receipts of a business's conversations as they stood on a day, chained and keyed."""

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from billing.database import Base
from billing.tables.owned import Owned


class Anchor(Owned, Base):
    """One anchor. heads: [conversation, turn, seal] of each conversation that went on since the anchor before.

    key: the fingerprint of the key it is sealed with. previous: the seal of the anchor before.
    """

    __tablename__ = "anchor"
    __table_args__ = (UniqueConstraint("business_id", "number"),)
    number: Mapped[int]
    at: Mapped[datetime]
    heads: Mapped[list[Any]] = mapped_column(default=list)
    key: Mapped[str]
    previous: Mapped[str]
    seal: Mapped[str]

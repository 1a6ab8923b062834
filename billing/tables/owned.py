"""Who a row belongs to: the two mixins the access door filters by, and keys tying children to owners."""

from typing import Any

from sqlalchemy import BigInteger, ForeignKey, ForeignKeyConstraint, Integer, UniqueConstraint, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

_ID = BigInteger().with_variant(Integer(), "sqlite")


class Owned:
    """A row of one business. `version` counts its changes: evidence names the version it read."""

    id: Mapped[int] = mapped_column(_ID, primary_key=True)
    business_id: Mapped[int] = mapped_column(_ID, ForeignKey("business.id"), nullable=False)
    version: Mapped[int] = mapped_column(_ID, nullable=False, server_default=text("1"))

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 - declared_attr hands the class
        return {"version_id_col": cls.version}


class OfClient(Owned):
    """A row of one client of one business."""

    client_id: Mapped[int] = mapped_column(_ID, nullable=False)


def owner_key() -> UniqueConstraint:
    """The composite key that children of a client's row refer to."""
    return UniqueConstraint("business_id", "client_id", "id")


def business_key() -> UniqueConstraint:
    """The composite key that children of a business's row refer to."""
    return UniqueConstraint("business_id", "id")


def of_client() -> ForeignKeyConstraint:
    """Ties a row to a client of the same business."""
    return ForeignKeyConstraint(["business_id", "client_id"], ["client.business_id", "client.id"])


def child_of(parent: str, column: str | None = None) -> ForeignKeyConstraint:
    """Ties a client's row to a parent row of the same client and business."""
    return ForeignKeyConstraint(
        ["business_id", "client_id", column or f"{parent}_id"],
        [f"{parent}.business_id", f"{parent}.client_id", f"{parent}.id"],
    )


def same_business(parent: str, column: str | None = None) -> ForeignKeyConstraint:
    """Ties a row to a parent of the same business that is no client's (staff, contact, address)."""
    return ForeignKeyConstraint(["business_id", column or f"{parent}_id"], [f"{parent}.business_id", f"{parent}.id"])

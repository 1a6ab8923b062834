"""Files with their versions, and the links under which they are handed out."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from billing.database import Base, text_enum
from billing.tables.owned import OfClient, child_of, of_client, owner_key


class FileKind(StrEnum):
    """What a file is."""

    CONTRACT = "contract"
    ESTIMATE = "estimate"
    INVOICE = "invoice"
    RECEIPT = "receipt"
    STATEMENT = "statement"
    PERMIT = "permit"
    WARRANTY = "warranty"
    PHOTO = "photo"
    DRAWING = "drawing"
    OTHER = "other"


class Visibility(StrEnum):
    """Who may see a file."""

    CLIENT = "client"
    INTERNAL = "internal"


class File(OfClient, Base):
    """A file about a client. Internal ones are never shown to clients."""

    __tablename__ = "file"
    __table_args__ = (
        owner_key(),
        of_client(),
        child_of("project"),
        child_of("invoice"),
        child_of("estimate"),
        child_of("request"),
        Index(None, "client_id", "kind"),
        Index(None, "project_id"),
        Index(None, "invoice_id"),
        Index(None, "estimate_id"),
        Index(None, "request_id"),
    )
    kind: Mapped[FileKind] = mapped_column(text_enum(FileKind))
    name: Mapped[str]
    visibility: Mapped[Visibility] = mapped_column(text_enum(Visibility), default=Visibility.CLIENT)
    project_id: Mapped[int | None]
    invoice_id: Mapped[int | None]
    estimate_id: Mapped[int | None]
    request_id: Mapped[int | None]  # what a client sent with a request
    versions: Mapped[list["FileVersion"]] = relationship(
        viewonly=True, lazy="raise", order_by="FileVersion.number.desc()",
        primaryjoin="File.id == foreign(FileVersion.file_id)",
    )  # fmt: skip


class FileVersion(OfClient, Base):
    """The bytes of a file at one time, stored under their SHA-256."""

    __tablename__ = "file_version"
    __table_args__ = (owner_key(), child_of("file"), UniqueConstraint("file_id", "number"))
    file_id: Mapped[int]
    number: Mapped[int]
    sha256: Mapped[str]
    size: Mapped[int]
    media_type: Mapped[str]
    stored_at: Mapped[datetime]
    stored_by: Mapped[str] = mapped_column(default="")


class FileLink(OfClient, Base):
    """A hashed token under which one file version can be fetched for a while."""

    __tablename__ = "file_link"
    __table_args__ = (
        child_of("file_version"),
        UniqueConstraint("token_sha256"),
        Index(None, "file_version_id"),
    )
    token_sha256: Mapped[str]
    file_version_id: Mapped[int]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]

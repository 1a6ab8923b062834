"""Connections to providers, the addresses people write from, whose they are, one-time codes, and consent."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from billing.database import Base, text_enum
from billing.tables.owned import Owned, business_key, same_business


class LinkedBy(StrEnum):
    """How an address came to be known as somebody's."""

    RECORD = "record"  # the phone on file
    CODE = "code"  # a one-time code to another contact point on file
    STAFF = "staff"  # a member of staff vouched
    LINK = "link"  # a link that was sent to them
    CARD = "card"  # their own contact card, which the channel vouches for


class CodeMedium(StrEnum):
    """How a one-time code is sent."""

    SMS = "sms"
    EMAIL = "email"


class Connection(Owned, Base):
    """A business's account with a provider of a channel. `key` names it everywhere: "sms:harbor-and-pine".

    path: what is appended to the webhook's address, by which the secret is chosen; empty for the one of the settings.
    sealed: the account's secrets, encrypted with the installation's key. They are never read by a principal.
    """

    __tablename__ = "connection"
    __table_args__ = (UniqueConstraint("key"), UniqueConstraint("channel", "path"))
    key: Mapped[str]
    channel: Mapped[str]
    path: Mapped[str] = mapped_column(default="")
    account: Mapped[str]  # the provider's public id of the account
    sender: Mapped[str]  # the number in E.164, or the id of a messaging service
    sealed: Mapped[str] = mapped_column(default="")
    connected_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Address(Owned, Base):
    """Where somebody writes from on one connection: a phone in E.164, a chat id, a web session's name.

    last_changed_at: when the number was last said to have passed to somebody else, or a link was made.
    blocked_at: the provider said that nothing can be sent here, for `blocked_for`; nothing is, until they write again.
    locked_until: too many wrong codes came from here.
    """

    __tablename__ = "address"
    __table_args__ = (business_key(), UniqueConstraint("connection", "address"))
    connection: Mapped[str]
    channel: Mapped[str]
    address: Mapped[str]
    last_seen_at: Mapped[datetime | None]
    last_changed_at: Mapped[datetime | None]
    blocked_at: Mapped[datetime | None]
    blocked_for: Mapped[str] = mapped_column(default="", server_default="")
    locked_until: Mapped[datetime | None]


class AddressLink(Owned, Base):
    """That an address is known to be a contact's or a staff member's; several links mean it is shared.

    proved_at: when a one-time code, a card or staff last proved it; a proof lasts 30 minutes. phone: in E.164, the
    number on the card that made the link, which ends with the number.
    """

    __tablename__ = "address_link"
    __table_args__ = (
        same_business("address"),
        same_business("contact"),
        same_business("staff"),
        same_business("staff", "vouched_by_id"),
        CheckConstraint("(contact_id IS NULL) <> (staff_id IS NULL)", name="one_person"),
        Index(None, "address_id"),
        Index(None, "contact_id"),
        Index(None, "staff_id"),
    )
    address_id: Mapped[int]
    contact_id: Mapped[int | None]
    staff_id: Mapped[int | None]
    assurance: Mapped[int] = mapped_column(default=1)
    linked_by: Mapped[LinkedBy] = mapped_column(
        text_enum(LinkedBy), default=LinkedBy.RECORD, server_default=LinkedBy.RECORD.value
    )
    vouched_by_id: Mapped[int | None]
    phone: Mapped[str] = mapped_column(default="", server_default="")
    proved_at: Mapped[datetime | None]
    linked_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class OneTimeCode(Owned, Base):
    """A code that was sent to one contact point of a person, to prove an address theirs. Kept as a keyed hash."""

    __tablename__ = "one_time_code"
    __table_args__ = (
        same_business("address"),
        same_business("contact"),
        same_business("staff"),
        CheckConstraint("(contact_id IS NULL) <> (staff_id IS NULL)", name="one_person"),
        Index(None, "address_id", "created_at"),
        Index(None, "contact_id"),
        Index(None, "staff_id"),
    )
    address_id: Mapped[int]
    contact_id: Mapped[int | None]
    staff_id: Mapped[int | None]
    medium: Mapped[CodeMedium] = mapped_column(text_enum(CodeMedium))
    destination: Mapped[str]  # a phone in E.164 or an e-mail address
    code_hash: Mapped[str]
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]  # replaced by a newer one, or tried too often


class StartLink(Owned, Base):
    """A link by which a person goes on in another channel ("t.me/…?start=TOKEN"): for once, until it expires.

    conversation_id: the thread it was sent in, which is told when it was used. address_id: where it was used.
    It names who is expected and proves nothing: it may have been forwarded.
    """

    __tablename__ = "start_link"
    __table_args__ = (
        same_business("contact"),
        same_business("staff"),
        same_business("conversation"),
        same_business("address"),
        CheckConstraint("(contact_id IS NULL) <> (staff_id IS NULL)", name="one_person"),
        UniqueConstraint("token_sha256"),
        Index(None, "contact_id"),
        Index(None, "staff_id"),
    )
    token_sha256: Mapped[str]
    channel: Mapped[str]
    contact_id: Mapped[int | None]
    staff_id: Mapped[int | None]
    conversation_id: Mapped[int | None]
    address_id: Mapped[int | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Consent(Owned, Base):
    """What somebody agreed to or withdrew, in which words, when: a contact, or whoever writes from an address."""

    __tablename__ = "consent"
    __table_args__ = (
        same_business("contact"),
        same_business("address"),
        CheckConstraint("contact_id IS NOT NULL OR address_id IS NOT NULL", name="somebody"),
        Index(None, "contact_id"),
        Index(None, "address_id"),
    )
    contact_id: Mapped[int | None]
    address_id: Mapped[int | None]
    channel: Mapped[str]
    scope: Mapped[str]
    source: Mapped[str]
    wording: Mapped[str]
    is_given: Mapped[bool]
    at: Mapped[datetime]

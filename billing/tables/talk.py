"""Conversations, messages, turns with their journal, proposals, notes, and web sessions."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from billing.database import Base, BigInt, text_enum
from billing.tables.owned import OfClient, Owned, business_key, child_of, of_client, same_business


class Direction(StrEnum):
    """In: from the person. Out: to the person."""

    IN = "in"
    OUT = "out"


class Author(StrEnum):
    """Who wrote a message."""

    CLIENT = "client"
    STAFF = "staff"
    ASSISTANT = "assistant"
    SYSTEM = "system"  # receipts, notices, alerts


class Delivery(StrEnum):
    """In: received until answered. Out: queued, sent, delivered or failed."""

    RECEIVED = "received"
    ANSWERED = "answered"
    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    PARKED = "parked"


class TurnStatus(StrEnum):
    """A turn runs until its reply is committed, or is given up."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class ProposalStatus(StrEnum):
    """What became of a proposal."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"


class NoteKind(StrEnum):
    """What a note is: staff's own words, or what a change replaced."""

    INTERNAL = "internal"
    CHANGE = "change"


class Conversation(OfClient, Base):
    """One thread with one person on one connection. No client: staff's own thread, or an unknown sender's.

    answer_after: somebody may still be writing; no turn begins before.
    focus: what was spoken of last (bot/conversation.py writes it). holder_id: the staff member who took it.
    head_turn, head: the newest sealed turn and its seal, which the next one's receipt names.
    """

    __tablename__ = "conversation"
    __table_args__ = (
        business_key(),
        of_client(),
        same_business("contact"),
        same_business("staff"),
        same_business("staff", "holder_id"),
        UniqueConstraint("connection", "key"),
        Index(None, "client_id"),
        Index(None, "contact_id"),
        Index(None, "staff_id"),
    )
    client_id: Mapped[int | None] = mapped_column(BigInt)  # type: ignore[assignment]  # see above
    connection: Mapped[str]
    channel: Mapped[str]
    key: Mapped[str]
    address: Mapped[str]
    contact_id: Mapped[int | None]
    staff_id: Mapped[int | None]
    holder_id: Mapped[int | None]
    held_since: Mapped[datetime | None]
    language: Mapped[str] = mapped_column(default="")
    focus: Mapped[dict[str, Any]] = mapped_column(default=dict)
    context_since: Mapped[datetime | None]  # messages before it belong to another context
    head_turn: Mapped[int | None]
    head: Mapped[str] = mapped_column(default="")
    opened_at: Mapped[datetime]
    last_message_at: Mapped[datetime]
    answer_after: Mapped[datetime | None]


class Message(OfClient, Base):
    """One message; ids order a conversation. (connection, provider_id) makes an inbound one single."""

    __tablename__ = "message"
    __table_args__ = (
        business_key(),
        of_client(),
        same_business("conversation"),
        same_business("turn"),
        same_business("staff", "author_staff_id"),
        same_business("conversation", "about_id"),
        child_of("invoice"),
        UniqueConstraint("connection", "provider_id"),
        Index(None, "conversation_id", "id"),
        Index(None, "direction", "delivery", "conversation_id"),
        Index(None, "client_id", "created_at"),
        Index(None, "turn_id"),
        Index(None, "invoice_id"),
    )
    client_id: Mapped[int | None] = mapped_column(BigInt)  # type: ignore[assignment]  # staff's own thread
    conversation_id: Mapped[int]
    public_id: Mapped[str] = mapped_column(unique=True)
    direction: Mapped[Direction] = mapped_column(text_enum(Direction))
    author: Mapped[Author] = mapped_column(text_enum(Author))
    author_staff_id: Mapped[int | None]
    connection: Mapped[str]
    provider_id: Mapped[str | None]
    text: Mapped[str]
    choice: Mapped[str | None]
    assurance: Mapped[int] = mapped_column(default=0)  # how far the sender was proved when it came in
    attachments: Mapped[list[Any]] = mapped_column(default=list)
    language: Mapped[str] = mapped_column(default="")
    delivery: Mapped[Delivery] = mapped_column(text_enum(Delivery))
    turn_id: Mapped[int | None]
    invoice_id: Mapped[int | None]  # the invoice that this message sent, if it sent one
    about_id: Mapped[int | None]  # the client's conversation that this one tells staff of
    idempotency_key: Mapped[str | None] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(default="")
    parts: Mapped[int] = mapped_column(default=0, server_default="0")  # SMS segments it was sent in
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")  # times it was handed to the provider
    due_at: Mapped[datetime | None]  # not to be sent before, after a failed attempt
    sending_by: Mapped[str] = mapped_column(default="", server_default="")  # the process that is sending it
    sending_until: Mapped[datetime | None]
    redacted_at: Mapped[datetime | None]  # when a card number was taken out of it
    handed: Mapped[str] = mapped_column(default="", server_default="")  # ids of the parts that the provider has


class Turn(OfClient, Base):
    """One answer in the making: claimed by `owner` until `lease_until`, `fence` checked at every commit.

    Once it is done: its receipt (bot/receipts says what is sealed and how).
    context: what it was answered from beside its messages and journal. receipt: the commitments to its parts and the
    turn before it. salts: of the commitments, while the parts are kept. erasure: the seal of an erasure.
    """

    __tablename__ = "turn"
    __table_args__ = (
        business_key(),
        of_client(),
        same_business("conversation"),
        Index(None, "conversation_id", "id"),
        Index(None, "status", "lease_until"),
        Index(
            "uq_turn_running",
            "conversation_id",
            unique=True,
            sqlite_where=text("status = 'running'"),
            postgresql_where=text("status = 'running'"),
        ),
    )
    client_id: Mapped[int | None] = mapped_column(BigInt)  # type: ignore[assignment]  # staff's own thread
    conversation_id: Mapped[int]
    status: Mapped[TurnStatus] = mapped_column(text_enum(TurnStatus))
    owner: Mapped[str]
    fence: Mapped[int] = mapped_column(default=1)
    lease_until: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=1)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    asked_as: Mapped[dict[str, Any]] = mapped_column(default=dict)  # kind, assurance, contact or staff
    model: Mapped[str] = mapped_column(default="")
    prompt_version: Mapped[str] = mapped_column(default="")
    understanding: Mapped[dict[str, Any]] = mapped_column(default=dict)
    evidence: Mapped[list[Any]] = mapped_column(default=list)
    bindings: Mapped[list[Any]] = mapped_column(default=list)  # figure in the reply -> fact
    calls: Mapped[list[Any]] = mapped_column(default=list)
    timings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    outcome: Mapped[str] = mapped_column(default="")
    context: Mapped[dict[str, Any]] = mapped_column(default=dict)
    receipt: Mapped[dict[str, Any]] = mapped_column(default=dict)
    salts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    chain: Mapped[str] = mapped_column(default="")  # keyed hash over the receipt, and so over the one before
    erased_at: Mapped[datetime | None]
    erasure: Mapped[str] = mapped_column(default="")


class TurnStep(OfClient, Base):
    """The journal: what a model answered or a tool returned, under (turn, step)."""

    __tablename__ = "turn_step"
    __table_args__ = (of_client(), same_business("turn"), UniqueConstraint("turn_id", "step"))
    client_id: Mapped[int | None] = mapped_column(BigInt)  # type: ignore[assignment]  # staff's own thread
    turn_id: Mapped[int]
    step: Mapped[str]
    kind: Mapped[str]
    content: Mapped[dict[str, Any]]
    at: Mapped[datetime]


class Proposal(OfClient, Base):
    """Something that goes out or changes only on the person's own yes. `summary` is rendered by code.

    client_id is the client it touches; conversation_id is where it was proposed.
    """

    __tablename__ = "proposal"
    __table_args__ = (
        business_key(),
        of_client(),
        same_business("conversation"),
        same_business("contact"),
        same_business("staff"),
        same_business("turn"),
        Index(None, "conversation_id", "status"),
        Index(None, "client_id"),
        CheckConstraint("(contact_id IS NULL) <> (staff_id IS NULL)", name="one_person"),
    )
    client_id: Mapped[int | None] = mapped_column(BigInt)  # type: ignore[assignment]  # may touch no client
    conversation_id: Mapped[int]
    turn_id: Mapped[int | None]
    contact_id: Mapped[int | None]
    staff_id: Mapped[int | None]
    action: Mapped[str]
    arguments: Mapped[dict[str, Any]]
    subject: Mapped[str]  # printed name of the record: "INV-1042", "Okafor Dental"
    summary: Mapped[str]
    status: Mapped[ProposalStatus] = mapped_column(text_enum(ProposalStatus), default=ProposalStatus.PENDING)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    shown_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    idempotency_key: Mapped[str | None] = mapped_column(unique=True)


class Draft(Owned, Base):
    """What a channel shows of an answer that is still growing; the committed message takes its place there.

    provider_id: the channel's id of what it shows.
    """

    __tablename__ = "draft"
    __table_args__ = (same_business("turn"), UniqueConstraint("turn_id"))
    turn_id: Mapped[int]
    provider_id: Mapped[str]
    shown_at: Mapped[datetime]


class Note(OfClient, Base):
    """A note about a client; never in a model's context. A client's session sees only the notes of changes
    that clients made themselves.
    """

    __tablename__ = "note"
    __table_args__ = (of_client(), same_business("staff"), Index(None, "client_id"))
    kind: Mapped[NoteKind] = mapped_column(text_enum(NoteKind), default=NoteKind.INTERNAL)
    staff_id: Mapped[int | None]
    text: Mapped[str]
    created_at: Mapped[datetime]
    idempotency_key: Mapped[str | None] = mapped_column(unique=True)


class WebSession(Owned, Base):
    """A web chat's session: a hashed opaque token, who it is, how far that is proved, and its thread.

    origin: the website it was opened on; empty for our own pages. proved_at: when that site, or a code, proved who it
    is, which lasts 30 minutes; None where `assurance` holds as long as the session.
    """

    __tablename__ = "web_session"
    __table_args__ = (
        same_business("conversation"),
        same_business("contact"),
        same_business("staff"),
        of_client(),
        UniqueConstraint("token_sha256"),
        Index(None, "conversation_id"),
    )
    token_sha256: Mapped[str]
    conversation_id: Mapped[int]
    contact_id: Mapped[int | None]
    staff_id: Mapped[int | None]
    client_id: Mapped[int | None]
    assurance: Mapped[int]
    origin: Mapped[str] = mapped_column(default="", server_default="")
    proved_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

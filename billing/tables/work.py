"""Projects, tasks, appointments, time spent, and requests."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from billing.database import Base, BigInt, text_enum
from billing.tables.owned import OfClient, child_of, of_client, owner_key, same_business


class ProjectStatus(StrEnum):
    """The life of a project."""

    PLANNED = "planned"
    ACTIVE = "active"
    ON_HOLD = "on_hold"
    DONE = "done"
    CANCELLED = "cancelled"


class TaskStatus(StrEnum):
    """The life of a task."""

    TODO = "todo"
    DOING = "doing"
    BLOCKED = "blocked"
    DONE = "done"


class AppointmentStatus(StrEnum):
    """The life of an appointment."""

    BOOKED = "booked"
    DONE = "done"
    CANCELLED = "cancelled"


class RequestKind(StrEnum):
    """What a request asks for."""

    SERVICE = "service"
    CHANGE = "change"
    QUESTION = "question"
    COMPLAINT = "complaint"
    DISPUTE = "dispute"
    CALLBACK = "callback"
    DATA = "data"


class RequestStatus(StrEnum):
    """The life of a request."""

    NEW = "new"
    IN_PROGRESS = "in_progress"
    WAITING = "waiting"
    DONE = "done"
    DECLINED = "declined"


class Priority(StrEnum):
    """How soon a request wants attention."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class Project(OfClient, Base):
    """Work for a client. due_on is what was agreed, expected_on what is now expected."""

    __tablename__ = "project"
    __table_args__ = (
        owner_key(),
        of_client(),
        same_business("staff", "manager_id"),
        UniqueConstraint("business_id", "number"),
        Index(None, "business_id", "status"),
    )
    number: Mapped[str]
    name: Mapped[str]
    status: Mapped[ProjectStatus] = mapped_column(text_enum(ProjectStatus))
    description: Mapped[str] = mapped_column(default="")
    place: Mapped[str] = mapped_column(default="")
    manager_id: Mapped[int | None]
    started_on: Mapped[date | None]
    due_on: Mapped[date | None]
    expected_on: Mapped[date | None]
    finished_on: Mapped[date | None]
    delay_reason: Mapped[str] = mapped_column(default="")
    tasks: Mapped[list["Task"]] = relationship(
        viewonly=True, lazy="raise", order_by="Task.position",
        primaryjoin="Project.id == foreign(Task.project_id)",
    )  # fmt: skip


class Task(OfClient, Base):
    """One step of a project, in order."""

    __tablename__ = "task"
    __table_args__ = (
        owner_key(),
        child_of("project"),
        same_business("staff", "assignee_id"),
        UniqueConstraint("project_id", "position"),
        Index(None, "business_id", "status", "due_on"),
    )
    project_id: Mapped[int]
    position: Mapped[int]
    title: Mapped[str]
    status: Mapped[TaskStatus] = mapped_column(text_enum(TaskStatus))
    due_on: Mapped[date | None]
    done_on: Mapped[date | None]
    assignee_id: Mapped[int | None]


class Appointment(OfClient, Base):
    """A time agreed with a client."""

    __tablename__ = "appointment"
    __table_args__ = (
        owner_key(),
        of_client(),
        child_of("project"),
        same_business("staff"),
        CheckConstraint("ends_at > starts_at", name="order"),
        Index(None, "client_id", "starts_at"),
        Index(None, "business_id", "starts_at"),
        Index(None, "project_id"),
    )
    project_id: Mapped[int | None]
    staff_id: Mapped[int | None]
    purpose: Mapped[str]
    place: Mapped[str] = mapped_column(default="")
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    status: Mapped[AppointmentStatus] = mapped_column(text_enum(AppointmentStatus))


class TimeEntry(OfClient, Base):
    """Minutes somebody worked, and the invoice that bills them."""

    __tablename__ = "time_entry"
    __table_args__ = (
        child_of("project"),
        child_of("task"),
        child_of("invoice"),
        same_business("staff"),
        CheckConstraint("minutes > 0", name="minutes"),
        Index(None, "project_id"),
        Index(None, "task_id"),
        Index(None, "invoice_id"),
    )
    project_id: Mapped[int]
    task_id: Mapped[int | None]
    invoice_id: Mapped[int | None]
    staff_id: Mapped[int | None]
    worked_on: Mapped[date]
    minutes: Mapped[int]
    description: Mapped[str] = mapped_column(default="")


class Request(OfClient, Base):
    """Something asked of the business: work, a change, a call. No client: an unknown sender's."""

    __tablename__ = "request"
    __table_args__ = (
        owner_key(),
        of_client(),
        child_of("project"),
        child_of("invoice"),
        same_business("contact"),
        same_business("staff", "assignee_id"),
        same_business("conversation"),
        UniqueConstraint("business_id", "number"),
        Index(None, "business_id", "status"),
        Index(None, "conversation_id"),
    )
    client_id: Mapped[int | None] = mapped_column(BigInt)  # type: ignore[assignment]  # an unknown sender has no client
    number: Mapped[str]
    kind: Mapped[RequestKind] = mapped_column(text_enum(RequestKind))
    status: Mapped[RequestStatus] = mapped_column(text_enum(RequestStatus), default=RequestStatus.NEW)
    priority: Mapped[Priority] = mapped_column(text_enum(Priority), default=Priority.NORMAL)
    summary: Mapped[str]
    contact_id: Mapped[int | None]
    project_id: Mapped[int | None]
    invoice_id: Mapped[int | None]
    assignee_id: Mapped[int | None]
    conversation_id: Mapped[int | None]
    created_at: Mapped[datetime]
    due_on: Mapped[date | None]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(default="")
    idempotency_key: Mapped[str | None] = mapped_column(unique=True)

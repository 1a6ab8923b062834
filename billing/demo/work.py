"""Writes work into the book: projects with tasks, appointments, time entries, requests and notes."""

from dataclasses import dataclass
from datetime import timedelta

from billing.demo.book import Book
from billing.tables.bills import Invoice
from billing.tables.people import Client
from billing.tables.talk import Note
from billing.tables.work import (
    Appointment,
    AppointmentStatus,
    Priority,
    Project,
    ProjectStatus,
    Request,
    RequestKind,
    RequestStatus,
    Task,
    TaskStatus,
    TimeEntry,
)


@dataclass(frozen=True)
class Step:
    """A task to be: `due` in days from today; done ones were done on their day."""

    title: str
    status: TaskStatus
    due: int
    assignee: str


@dataclass(frozen=True)
class Job:
    """A project to be, at the client's place; days from today. expected: when it will end, if not as agreed."""

    number: str
    name: str
    status: ProjectStatus
    manager: str
    started: int | None
    due: int | None
    expected: int | None = None
    finished: int | None = None
    delay_reason: str = ""
    description: str = ""
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True)
class Visit:
    """An appointment to be: day from today (moved off weekends), clock in the business's zone, length."""

    purpose: str
    day: int
    clock: str
    minutes: int
    staff: str
    place: str = ""
    is_cancelled: bool = False


@dataclass(frozen=True)
class Wish:
    """A request to be; days from today."""

    kind: RequestKind
    status: RequestStatus
    summary: str
    opened: int
    priority: Priority = Priority.NORMAL
    assignee: str = ""
    due: int | None = None
    closed: int | None = None
    outcome: str = ""


async def add_project(book: Book, client: Client, job: Job) -> Project:
    """A project with its tasks."""
    days = book.days

    project = await book.put(
        Project(
            business_id=book.business.id,
            client_id=client.id,
            number=job.number,
            name=job.name,
            status=job.status,
            description=job.description,
            place=client.postal,
            manager_id=book.staff[job.manager].id,
            started_on=None if job.started is None else days.workday(job.started),
            due_on=None if job.due is None else days.day(job.due),
            expected_on=None if job.expected is None else days.day(job.expected),
            finished_on=None if job.finished is None else days.workday(job.finished),
            delay_reason=job.delay_reason,
        )
    )
    for position, step in enumerate(job.steps, start=1):
        is_done = step.status is TaskStatus.DONE
        book.add(
            Task(
                business_id=book.business.id,
                client_id=client.id,
                project_id=project.id,
                position=position,
                title=step.title,
                status=step.status,
                due_on=days.workday(step.due),
                done_on=days.workday(step.due) if is_done else None,
                assignee_id=book.staff[step.assignee].id,
            )
        )
    return project


async def add_appointment(book: Book, client: Client, visit: Visit, *, project: Project | None = None) -> Appointment:
    """An appointment; one in the past has taken place unless it was cancelled."""
    starts_at = book.days.at(book.days.workday(visit.day), visit.clock)
    status = AppointmentStatus.BOOKED if visit.day > 0 else AppointmentStatus.DONE
    return await book.put(
        Appointment(
            business_id=book.business.id,
            client_id=client.id,
            project_id=project.id if project else None,
            staff_id=book.staff[visit.staff].id,
            purpose=visit.purpose,
            place=visit.place or client.postal,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=visit.minutes),
            status=AppointmentStatus.CANCELLED if visit.is_cancelled else status,
        )
    )


async def log_time(
    book: Book,
    project: Project,
    staff: str,
    day: int,
    hours: float,
    description: str,
    *,
    invoice: Invoice | None = None,
) -> TimeEntry:
    """Hours somebody worked on a day, billed on the invoice if one is given."""
    return await book.put(
        TimeEntry(
            business_id=book.business.id,
            client_id=project.client_id,
            project_id=project.id,
            invoice_id=invoice.id if invoice else None,
            staff_id=book.staff[staff].id,
            worked_on=book.days.workday(day),
            minutes=round(hours * 60),
            description=description,
        )
    )


async def add_request(
    book: Book,
    client: Client,
    contact: str,
    wish: Wish,
    *,
    project: Project | None = None,
    invoice: Invoice | None = None,
) -> Request:
    """A request by a contact (key); closed ones have an outcome."""
    return await book.put(
        Request(
            business_id=book.business.id,
            client_id=client.id,
            number=book.number("REQ", 201),
            kind=wish.kind,
            status=wish.status,
            priority=wish.priority,
            summary=wish.summary,
            contact_id=book.contacts[contact].id,
            project_id=project.id if project else None,
            invoice_id=invoice.id if invoice else None,
            assignee_id=book.staff[wish.assignee].id if wish.assignee else None,
            created_at=book.days.past(wish.opened, book.clock()),
            due_on=None if wish.due is None else book.days.workday(wish.due),
            closed_at=None if wish.closed is None else book.days.past(wish.closed, book.clock()),
            outcome=wish.outcome,
        )
    )


async def add_note(book: Book, client: Client, staff: str, text: str, *, day: int) -> Note:
    """An internal note about a client."""
    return await book.put(
        Note(
            business_id=book.business.id,
            client_id=client.id,
            staff_id=book.staff[staff].id,
            text=text,
            created_at=book.days.past(day, book.clock()),
        )
    )

"""Projects, tasks, appointments, time and requests, for tests."""

from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from billing.tables.people import Client
from billing.tables.work import (
    Appointment,
    AppointmentStatus,
    Project,
    ProjectStatus,
    Request,
    RequestKind,
    Task,
    TaskStatus,
    TimeEntry,
)
from tests.factories.rows import add_row, next_number, owner_of
from tests.fakes.clock import NOW, TODAY


async def make_project(session: AsyncSession, *, client: Client, number: str = "", **given: Any) -> Project:
    """An active project without tasks."""
    dull: dict[str, Any] = {
        "name": "Kitchen",
        "status": ProjectStatus.ACTIVE,
        "started_on": TODAY - timedelta(days=20),
    }
    return await add_row(
        session, Project(**owner_of(client), number=number or f"PRJ-{next_number()}", **(dull | given))
    )


async def make_task(session: AsyncSession, *, project: Project, position: int = 1, **given: Any) -> Task:
    """A task still to do."""
    dull: dict[str, Any] = {"title": "Measure", "status": TaskStatus.TODO}
    return await add_row(session, Task(**owner_of(project), project_id=project.id, position=position, **(dull | given)))


async def make_appointment(session: AsyncSession, *, client: Client, **given: Any) -> Appointment:
    """An hour tomorrow."""
    dull: dict[str, Any] = {
        "purpose": "Visit",
        "starts_at": NOW + timedelta(days=1),
        "ends_at": NOW + timedelta(days=1, hours=1),
        "status": AppointmentStatus.BOOKED,
    }
    return await add_row(session, Appointment(**owner_of(client), **(dull | given)))


async def make_time_entry(session: AsyncSession, *, project: Project, **given: Any) -> TimeEntry:
    """An hour of work yesterday."""
    dull: dict[str, Any] = {"worked_on": TODAY - timedelta(days=1), "minutes": 60}
    return await add_row(session, TimeEntry(**owner_of(project), project_id=project.id, **(dull | given)))


async def make_request(session: AsyncSession, *, client: Client, number: str = "", **given: Any) -> Request:
    """A new request for service."""
    dull: dict[str, Any] = {"kind": RequestKind.SERVICE, "summary": "A door sticks", "created_at": NOW}
    return await add_row(
        session, Request(**owner_of(client), number=number or f"REQ-{next_number()}", **(dull | given))
    )

"""Projects of one client with their tasks, and appointments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from billing.tables.people import Staff
from billing.tables.work import Appointment, AppointmentStatus, Project, ProjectStatus

RUNNING = (ProjectStatus.PLANNED, ProjectStatus.ACTIVE, ProjectStatus.ON_HOLD)


@dataclass(frozen=True)
class ProjectStory:
    """One project with its tasks loaded, who leads it, and the next time agreed for it."""

    project: Project
    manager: Staff | None
    next_appointment: Appointment | None
    assignees: dict[int, Staff]


async def list_projects(session: AsyncSession) -> Sequence[Project]:
    """Every project the session may see, running ones first, the newest first."""
    query = select(Project).order_by(Project.started_on.desc(), Project.id.desc())
    rows = (await session.scalars(query)).all()
    return sorted(rows, key=lambda row: row.status not in RUNNING)


async def get_stories(session: AsyncSession, project_ids: Sequence[int], now: datetime) -> tuple[ProjectStory, ...]:
    """Projects with what is told of them, in the order of the ids; now: aware UTC."""
    query = select(Project).where(Project.id.in_(project_ids)).options(selectinload(Project.tasks))
    projects = {row.id: row for row in await session.scalars(query)}
    staff = await staff_by_id(session)
    coming = await list_appointments(session, now)
    return tuple(
        ProjectStory(
            project=projects[project_id],
            manager=staff.get(projects[project_id].manager_id or 0),
            next_appointment=next((a for a in coming if a.project_id == project_id), None),
            assignees={
                task.id: staff[task.assignee_id]
                for task in projects[project_id].tasks
                if task.assignee_id is not None and task.assignee_id in staff
            },
        )
        for project_id in project_ids
        if project_id in projects
    )


async def list_appointments(session: AsyncSession, now: datetime) -> Sequence[Appointment]:
    """Booked appointments that are not over, the next one first."""
    query = (
        select(Appointment)
        .where(Appointment.status == AppointmentStatus.BOOKED, Appointment.ends_at > now)
        .order_by(Appointment.starts_at, Appointment.id)
    )
    return (await session.scalars(query)).all()


async def staff_by_id(session: AsyncSession) -> dict[int, Staff]:
    """Everybody who works for the business, by id."""
    return {row.id: row for row in await session.scalars(select(Staff))}

"""Work of the whole business: running projects with their steps, tasks of one person, requests and who has them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from billing.records.projects import RUNNING
from billing.records.requests import WAITING
from billing.tables.people import Client
from billing.tables.work import Priority, Project, Request, RequestStatus, Task, TaskStatus

URGENCY = (Priority.URGENT, Priority.HIGH, Priority.NORMAL, Priority.LOW)


@dataclass(frozen=True)
class TaskOfClient:
    """A task with the project and client it is for."""

    task: Task
    project: Project
    client: Client


@dataclass(frozen=True)
class RequestList:
    """Requests with their clients (None: an unknown sender's), most urgent and oldest first, and how many fit."""

    requests: Sequence[tuple[Request, Client | None]]
    count: int
    urgent: int


async def running_projects(session: AsyncSession) -> list[tuple[Project, Client]]:
    """Projects that are not over, the one due first coming first, with their tasks."""
    due = func.coalesce(Project.expected_on, Project.due_on)
    found = (
        select(Project, Client)
        .join(Client, Client.id == Project.client_id)
        .where(Project.status.in_(RUNNING))
        .order_by(due.asc().nulls_last(), Project.id)
        .options(selectinload(Project.tasks))
    )
    return [(project, client) for project, client in await session.execute(found)]


async def open_tasks_of(session: AsyncSession, staff_id: int) -> list[TaskOfClient]:
    """What one member of staff still has to do in running projects, what is due first coming first."""
    found = (
        select(Task, Project, Client)
        .join(Project, Project.id == Task.project_id)
        .join(Client, Client.id == Task.client_id)
        .where(Task.assignee_id == staff_id, Task.status != TaskStatus.DONE, Project.status.in_(RUNNING))
        .order_by(Task.due_on.asc().nulls_last(), Task.id)
    )
    return [TaskOfClient(*row) for row in await session.execute(found)]


async def requests_in(
    session: AsyncSession, statuses: Sequence[RequestStatus], limit: int, *, assignee_id: int | None = None
) -> RequestList:
    """At most `limit` requests in these states; open ones the most urgent first, closed ones the newest first."""
    where: list[ColumnElement[bool]] = [Request.status.in_(statuses)]
    if assignee_id is not None:
        where.append(Request.assignee_id == assignee_id)
    rank = case(*((Request.priority == priority, place) for place, priority in enumerate(URGENCY)), else_=9)
    is_open = case((Request.status.in_(WAITING), 0), else_=1)
    found = (
        select(Request, Client)
        .outerjoin(Client, Client.id == Request.client_id)
        .where(*where)
        .order_by(is_open, case((Request.status.in_(WAITING), rank), else_=0), *_age(statuses))
        .limit(limit)
    )
    rows = [(request, client) for request, client in await session.execute(found)]
    count = await session.scalar(select(func.count(Request.id)).where(*where))
    pressing = Request.priority.in_((Priority.URGENT, Priority.HIGH))
    urgent = await session.scalar(select(func.count(Request.id)).where(*where, pressing))
    return RequestList(rows, count or 0, urgent or 0)


def _age(statuses: Sequence[RequestStatus]) -> tuple[ColumnElement[Any], ...]:
    if any(status in WAITING for status in statuses):
        return (Request.created_at.asc(), Request.id.asc())
    return (Request.closed_at.desc().nulls_last(), Request.id.desc())

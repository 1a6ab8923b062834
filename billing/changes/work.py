"""Requests as staff change them: state, urgency, and who has them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from billing.tables.work import Priority, Request, RequestStatus

CLOSED = (RequestStatus.DONE, RequestStatus.DECLINED)


@dataclass(frozen=True)
class RequestChange:
    """What shall be different; None leaves it. unassign: nobody has it any more."""

    status: RequestStatus | None = None
    priority: Priority | None = None
    assignee_id: int | None = None
    unassign: bool = False


async def update_request(
    session: AsyncSession, request_id: int, change: RequestChange, now: datetime
) -> Request | None:
    """Change a request that the session may see, and give it; None when there is none. now: aware UTC."""
    request = await session.get(Request, request_id)
    if request is None:
        return None
    if change.status is not None and change.status is not request.status:
        request.status = change.status
        request.closed_at = now if change.status in CLOSED else None
    if change.priority is not None:
        request.priority = change.priority
    if change.unassign:
        request.assignee_id = None
    elif change.assignee_id is not None:
        request.assignee_id = change.assignee_id
    await session.flush()
    return request

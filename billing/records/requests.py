"""Requests of one client: what was asked of the business, and where it stands."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.tables.work import Request, RequestStatus

WAITING = (RequestStatus.NEW, RequestStatus.IN_PROGRESS, RequestStatus.WAITING)


async def list_requests(session: AsyncSession) -> Sequence[Request]:
    """Every request of the client, open ones first, the newest first."""
    query = select(Request).where(Request.client_id.is_not(None)).order_by(Request.id.desc())
    rows = (await session.scalars(query)).all()
    return sorted(rows, key=lambda row: row.status not in WAITING)


async def find_by_key(session: AsyncSession, idempotency_key: str) -> Request | None:
    """The request that a call made before, when it is repeated."""
    query = select(Request).where(Request.idempotency_key == idempotency_key)
    return (await session.scalars(query)).one_or_none()

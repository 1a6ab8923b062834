"""Requests are written here: their numbers, and that a repeated call makes one."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door, Records
from billing.principal import Scope
from billing.records.requests import find_by_key
from billing.tables.bills import Invoice
from billing.tables.work import Priority, Request, RequestKind

T = TypeVar("T")
ATTEMPTS = 5  # a number taken in the same moment by another process is asked for again


@dataclass(frozen=True)
class NewRequest:
    """What is asked of the business. client_id None: an unknown sender's. created_at: aware UTC."""

    business_id: int
    client_id: int | None
    kind: RequestKind
    summary: str
    created_at: datetime
    idempotency_key: str
    priority: Priority = Priority.NORMAL
    contact_id: int | None = None
    project_id: int | None = None
    invoice_id: int | None = None
    assignee_id: int | None = None
    conversation_id: int | None = None


async def create_request(
    door: Door,
    records: Records,
    new: NewRequest,
    also: Callable[[AsyncSession, Request], Awaitable[None]] | None = None,
) -> Request:
    """Write the request and its number in one transaction; `also` writes what belongs to it in the same.

    A key that was used before gives the request made then. A client's session cannot see other clients'
    numbers, so the next one is read in the dispatch scope; the unique constraint decides between two that read
    the same one, and the later asks again. IntegrityError when the number stays taken.
    """
    for attempt in range(ATTEMPTS):
        number = await door.system(Scope.DISPATCH).read(lambda session: next_number(session, new.business_id))
        try:
            return await records.write(lambda session, number=number: _write(session, new, number, also))  # type: ignore[misc]  # mypy cannot type a default in a lambda
        except IntegrityError:
            if attempt == ATTEMPTS - 1:
                raise
    raise AssertionError("unreachable")


async def _write(
    session: AsyncSession,
    new: NewRequest,
    number: str,
    also: Callable[[AsyncSession, Request], Awaitable[None]] | None,
) -> Request:
    known = await find_by_key(session, new.idempotency_key)
    if known is not None:
        return known
    request = Request(
        business_id=new.business_id,
        client_id=new.client_id,
        number=number,
        kind=new.kind,
        priority=new.priority,
        summary=new.summary,
        contact_id=new.contact_id,
        project_id=new.project_id,
        invoice_id=new.invoice_id,
        assignee_id=new.assignee_id,
        conversation_id=new.conversation_id,
        created_at=new.created_at,
        idempotency_key=new.idempotency_key,
    )
    session.add(request)
    await session.flush()
    if also is not None:
        await also(session, request)
    return request


async def next_number(session: AsyncSession, business_id: int) -> str:
    """The number after the business's highest: REQ-1 for its first request."""
    query = (
        select(Request.number)
        .where(Request.business_id == business_id, Request.number.startswith("REQ-"))
        .order_by(func.length(Request.number).desc(), Request.number.desc())
        .limit(1)
    )
    highest = await session.scalar(query)
    digits = re.sub(r"\D", "", highest or "")
    return f"REQ-{int(digits or 0) + 1}"


async def mark_disputed(session: AsyncSession, invoice_id: int, now: datetime) -> None:
    """Note that the client contests an invoice; reminders rest from then on."""
    invoice = (await session.scalars(select(Invoice).where(Invoice.id == invoice_id))).one_or_none()
    if invoice is not None and invoice.disputed_at is None:
        invoice.disputed_at = now

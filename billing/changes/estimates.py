"""Estimates are accepted here: once, as they stood when they were shown."""

import hashlib
import json
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.records.estimates import find_estimate
from billing.tables.quotes import Acceptance, Estimate, EstimateStatus


class EstimateClosedError(Exception):
    """The estimate cannot be accepted: it is decided or no longer valid."""

    def __init__(self, number: str, status: EstimateStatus) -> None:
        super().__init__(f"{number} is {status} or past its last day")
        self.number, self.status = number, status


class EstimateChangedError(Exception):
    """The estimate is not the one that was shown any more."""

    def __init__(self, number: str) -> None:
        super().__init__(f"{number} was changed after it was shown")
        self.number = number


async def accept_estimate(
    session: AsyncSession,
    *,
    estimate_id: int,
    shown_sha256: str,
    contact_id: int | None,
    how: str,
    today: date,
    now: datetime,
) -> Estimate | None:
    """Accept an estimate whose content still has the hash that was shown; None when it cannot be seen.

    An estimate this contact has accepted already stays as it is. EstimateClosedError, EstimateChangedError.
    """
    estimate = await find_estimate(session, estimate_id)
    if estimate is None:
        return None
    query = select(Acceptance).where(Acceptance.estimate_id == estimate_id)
    if (await session.scalars(query)).one_or_none() is not None:
        return estimate
    if not is_open(estimate, today):
        raise EstimateClosedError(estimate.number, estimate.status)
    if content_sha256(estimate) != shown_sha256:
        raise EstimateChangedError(estimate.number)
    estimate.status, estimate.decided_at = EstimateStatus.ACCEPTED, now
    session.add(
        Acceptance(
            business_id=estimate.business_id,
            client_id=estimate.client_id,
            estimate_id=estimate.id,
            contact_id=contact_id,
            accepted_at=now,
            how=how,
            content_sha256=shown_sha256,
        )
    )
    await session.flush()
    return estimate


def is_open(estimate: Estimate, today: date) -> bool:
    """Whether it waits for a decision on this day."""
    is_valid = estimate.valid_until is None or estimate.valid_until >= today
    return estimate.status is EstimateStatus.SENT and is_valid


def content_sha256(estimate: Estimate) -> str:
    """What was offered, as a hash: number, title, lines, tax and total; its lines must be loaded."""
    lines = [
        [line.position, line.description, line.quantity_milli, line.unit, line.unit_price_minor, line.amount_minor]
        for line in estimate.lines
    ]
    content = [estimate.number, estimate.title, estimate.currency, lines, estimate.tax_minor, estimate.total_minor]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()

"""Estimates with their lines, and acceptances, for tests."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from billing.tables.people import Client
from billing.tables.quotes import Acceptance, Estimate, EstimateLine, EstimateStatus, QuoteKind
from tests.factories.rows import add_row, line_of, next_number, owner_of
from tests.fakes.clock import NOW, TODAY


async def make_estimate(
    session: AsyncSession,
    *,
    client: Client,
    number: str = "",
    lines: Sequence[tuple[str, int, int]] = (("Work", 1, 100_00),),
    **given: Any,
) -> Estimate:
    """A sent estimate. lines: (description, quantity, unit price in minor units)."""
    subtotal = sum(quantity * price for _, quantity, price in lines)
    dull: dict[str, Any] = {
        "kind": QuoteKind.ESTIMATE,
        "status": EstimateStatus.SENT,
        "title": "Work",
        "currency": client.currency,
        "subtotal_minor": subtotal,
        "total_minor": subtotal + given.get("tax_minor", 0),
        "issued_on": TODAY - timedelta(days=5),
        "valid_until": TODAY + timedelta(days=25),
    }
    row = Estimate(**owner_of(client), number=number or f"EST-{next_number()}", **(dull | given))
    estimate = await add_row(session, row)
    session.add_all(
        EstimateLine(**owner_of(client), estimate_id=estimate.id, position=position, **line_of(*line))
        for position, line in enumerate(lines, 1)
    )
    await session.flush()
    return estimate


async def make_acceptance(session: AsyncSession, *, estimate: Estimate, **given: Any) -> Acceptance:
    """That somebody accepted an estimate in the portal."""
    dull: dict[str, Any] = {"accepted_at": NOW, "how": "portal", "content_sha256": "0" * 64}
    return await add_row(session, Acceptance(**owner_of(estimate), estimate_id=estimate.id, **(dull | given)))

"""Anchors, for tests."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from billing.tables.audit import Anchor
from billing.tables.people import Business
from tests.factories.rows import add_row
from tests.fakes.clock import NOW


async def make_anchor(session: AsyncSession, *, business: Business, number: int = 1, **given: Any) -> Anchor:
    """An anchor over no conversation."""
    dull: dict[str, Any] = {"at": NOW, "heads": [], "key": "key", "previous": "", "seal": "seal"}
    return await add_row(session, Anchor(business_id=business.id, number=number, **(dull | given)))

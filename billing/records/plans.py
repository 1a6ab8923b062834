"""Payment plans of one client with their instalments, and promises to pay."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from billing.tables.plans import PaymentPlan, PaymentPromise


async def list_plans(session: AsyncSession, invoice_id: int | None = None) -> Sequence[PaymentPlan]:
    """Plans with their instalments, the newest first; of one invoice or of all."""
    query = (
        select(PaymentPlan)
        .options(selectinload(PaymentPlan.instalments))
        .order_by(PaymentPlan.agreed_on.desc(), PaymentPlan.id.desc())
    )
    if invoice_id is not None:
        query = query.where(PaymentPlan.invoice_id == invoice_id)
    return (await session.scalars(query)).all()


async def find_promise(session: AsyncSession, idempotency_key: str) -> PaymentPromise | None:
    """The promise that a call noted before, when it is repeated."""
    query = select(PaymentPromise).where(PaymentPromise.idempotency_key == idempotency_key)
    return (await session.scalars(query)).one_or_none()


async def last_promise(session: AsyncSession, invoice_id: int) -> PaymentPromise | None:
    """The promise noted last for an invoice."""
    query = select(PaymentPromise).where(PaymentPromise.invoice_id == invoice_id)
    return (await session.scalars(query.order_by(PaymentPromise.id.desc()).limit(1))).one_or_none()

"""Estimates and proposals of one client, and one with its lines and acceptance."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from billing.tables.bills import Invoice, InvoiceStatus
from billing.tables.files import File, Visibility
from billing.tables.quotes import Acceptance, Estimate, EstimateStatus
from billing.tables.work import Project


@dataclass(frozen=True)
class EstimateStory:
    """One estimate with its lines loaded, and what came of it."""

    estimate: Estimate
    acceptance: Acceptance | None
    project: Project | None
    files: tuple[File, ...]
    invoices: tuple[Invoice, ...]


async def list_estimates(session: AsyncSession, *, with_lines: bool = False) -> Sequence[Estimate]:
    """Every estimate and proposal a client may see, newest first: drafts are never shown."""
    query = (
        select(Estimate)
        .where(Estimate.status != EstimateStatus.DRAFT)
        .order_by(Estimate.issued_on.desc(), Estimate.id.desc())
    )
    if with_lines:
        query = query.options(selectinload(Estimate.lines))
    return (await session.scalars(query)).all()


async def find_estimate(session: AsyncSession, estimate_id: int) -> Estimate | None:
    """An estimate with its lines that the session may see and a client may be shown."""
    query = (
        select(Estimate)
        .where(Estimate.id == estimate_id, Estimate.status != EstimateStatus.DRAFT)
        .options(selectinload(Estimate.lines))
    )
    return (await session.scalars(query)).one_or_none()


async def find_story(session: AsyncSession, estimate_id: int) -> EstimateStory | None:
    """One estimate and what came of it."""
    estimate = await find_estimate(session, estimate_id)
    if estimate is None:
        return None
    accepted = select(Acceptance).where(Acceptance.estimate_id == estimate_id)
    files = select(File).where(File.estimate_id == estimate_id, File.visibility == Visibility.CLIENT)
    billed = select(Invoice).where(
        Invoice.estimate_id == estimate_id,
        Invoice.status.not_in([InvoiceStatus.DRAFT, InvoiceStatus.VOID]),
    )
    project = select(Project).where(Project.id == estimate.project_id)
    return EstimateStory(
        estimate=estimate,
        acceptance=(await session.scalars(accepted)).one_or_none(),
        project=(await session.scalars(project)).one_or_none(),
        files=tuple(await session.scalars(files.order_by(File.id))),
        invoices=tuple(await session.scalars(billed.order_by(Invoice.id))),
    )

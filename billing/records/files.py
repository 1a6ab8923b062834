"""Files of one client: what may be handed out, with its newest version."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from billing.tables.bills import Invoice, InvoiceStatus
from billing.tables.files import File, FileVersion, Visibility
from billing.tables.quotes import Estimate, EstimateStatus
from billing.tables.work import Project


@dataclass(frozen=True)
class Stored:
    """A file with its newest version, and the printed names of what it belongs to ("" for nothing)."""

    file: File
    version: FileVersion
    project: str = ""
    invoice: str = ""
    estimate: str = ""


async def list_files(session: AsyncSession) -> tuple[Stored, ...]:
    """Files a client may be given, newest first; internal ones and those of drafts never."""
    shown = select(File).where(File.visibility == Visibility.CLIENT).order_by(File.id)
    query = shown.options(selectinload(File.versions))
    files = [file for file in await session.scalars(query) if file.versions]
    projects = {row.id: row.name for row in await session.scalars(select(Project))}
    bills = await session.scalars(select(Invoice).where(Invoice.id.in_(_ids(files, "invoice_id"))))
    quotes = await session.scalars(select(Estimate).where(Estimate.id.in_(_ids(files, "estimate_id"))))
    invoices = {row.id: row for row in bills}
    estimates = {row.id: row for row in quotes}
    given = [
        Stored(
            file=file,
            version=file.versions[0],
            project=projects.get(file.project_id or 0, ""),
            invoice=invoices[file.invoice_id].number if file.invoice_id in invoices else "",
            estimate=estimates[file.estimate_id].number if file.estimate_id in estimates else "",
        )
        for file in files
        if not _of_draft(file, invoices, estimates)
    ]
    return tuple(sorted(given, key=lambda stored: stored.version.stored_at, reverse=True))


def _ids(files: Sequence[File], column: str) -> set[int]:
    return {getattr(file, column) for file in files if getattr(file, column)}


def _of_draft(file: File, invoices: dict[int, Invoice], estimates: dict[int, Estimate]) -> bool:
    invoice, estimate = invoices.get(file.invoice_id or 0), estimates.get(file.estimate_id or 0)
    if invoice is not None and invoice.status is InvoiceStatus.DRAFT:
        return True
    return estimate is not None and estimate.status is EstimateStatus.DRAFT

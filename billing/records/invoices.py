"""Invoices of one client: lists, what is owed, and one invoice with everything that explains it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from billing.tables.bills import OWING, CreditNote, Invoice, InvoiceStatus
from billing.tables.files import File, FileKind, Visibility
from billing.tables.payments import Allocation, Payment, PaymentStatus, Refund, RefundStatus
from billing.tables.quotes import Acceptance, Estimate
from billing.tables.talk import Direction, Message
from billing.tables.work import Project, Task, TimeEntry


@dataclass(frozen=True)
class InvoiceStory:
    """One invoice and what stands behind it. Amounts in minor units of its currency.

    The lines of invoice and estimate are loaded. paid: succeeded payments with the part of each that settles this
    invoice; credited: the same of credit notes; processing: payments meant for it that are not settled yet.
    minutes: time billed by it.
    """

    invoice: Invoice
    project: Project | None
    estimate: Estimate | None
    acceptance: Acceptance | None
    paid: tuple[tuple[Payment, int], ...]
    credited: tuple[tuple[CreditNote, int], ...]
    from_retainer_minor: int
    refunds: tuple[Refund, ...]
    processing: tuple[Payment, ...]
    minutes: int
    tasks: tuple[Task, ...]
    files: tuple[File, ...]
    sent_messages: tuple[Message, ...]


async def list_invoices(session: AsyncSession, *, with_lines: bool = False) -> Sequence[Invoice]:
    """Every invoice a client may see, newest first: drafts are never shown."""
    query = (
        select(Invoice)
        .where(Invoice.status != InvoiceStatus.DRAFT)
        .order_by(Invoice.issued_on.desc(), Invoice.id.desc())
    )
    if with_lines:
        query = query.options(selectinload(Invoice.lines))
    return (await session.scalars(query)).all()


async def list_owing(session: AsyncSession) -> Sequence[Invoice]:
    """Invoices with something left to pay, the one due first coming first."""
    query = (
        select(Invoice).where(Invoice.status.in_(OWING), Invoice.balance_minor > 0).order_by(Invoice.due_on, Invoice.id)
    )
    return (await session.scalars(query)).all()


async def find_invoice(session: AsyncSession, invoice_id: int) -> Invoice | None:
    """An invoice that the session may see and a client may be shown."""
    query = select(Invoice).where(Invoice.id == invoice_id, Invoice.status != InvoiceStatus.DRAFT)
    return (await session.scalars(query)).one_or_none()


async def project_names(session: AsyncSession, invoices: Sequence[Invoice]) -> dict[int, str]:
    """The names of the projects that these invoices belong to, by project id."""
    ids = {invoice.project_id for invoice in invoices if invoice.project_id}
    rows = await session.scalars(select(Project).where(Project.id.in_(ids)))
    return {row.id: row.name for row in rows}


async def owed_by_currency(session: AsyncSession, today: date) -> dict[str, tuple[int, int]]:
    """What is owed, and how much of it is overdue on `today`, per currency, in minor units; one query."""
    overdue = func.sum(Invoice.balance_minor).filter(Invoice.due_on < today)
    query = (
        select(Invoice.currency, func.sum(Invoice.balance_minor), overdue)
        .where(Invoice.status.in_(OWING))
        .group_by(Invoice.currency)
    )
    rows = await session.execute(query)
    return {currency: (int(owed or 0), int(late or 0)) for currency, owed, late in rows}


async def get_story(session: AsyncSession, invoice_id: int) -> InvoiceStory:
    """Everything behind one invoice; sqlalchemy.exc.NoResultFound when the session cannot see it."""
    invoice, project, estimate, acceptance = (await session.execute(_with_origin(invoice_id))).one()
    minutes, tasks = await _work_billed(session, invoice_id)
    paid, credited, from_retainer = await _settled_by(session, invoice_id)
    return InvoiceStory(
        invoice=invoice,
        project=project,
        estimate=estimate,
        acceptance=acceptance,
        paid=paid,
        credited=credited,
        from_retainer_minor=from_retainer,
        refunds=await _refunds(session, invoice_id),
        processing=await processing_for(session, invoice_id),
        minutes=minutes,
        tasks=tasks,
        files=await _files(session, invoice),
        sent_messages=await _messages(session, invoice_id),
    )


def _with_origin(invoice_id: int) -> Select[Invoice, Project, Estimate, Acceptance]:
    """An invoice with its project and the estimate behind it, where there are such."""
    return (
        select(Invoice, Project, Estimate, Acceptance)
        .outerjoin(Project, Project.id == Invoice.project_id)
        .outerjoin(Estimate, Estimate.id == Invoice.estimate_id)
        .outerjoin(Acceptance, Acceptance.estimate_id == Estimate.id)
        .where(Invoice.id == invoice_id)
        .options(selectinload(Invoice.lines), selectinload(Estimate.lines))
    )


async def processing_for(session: AsyncSession, invoice_id: int) -> tuple[Payment, ...]:
    """Payments meant for the invoice that have not settled yet."""
    query = select(Payment).where(Payment.invoice_id == invoice_id, Payment.status == PaymentStatus.PROCESSING)
    return tuple(await session.scalars(query))


async def _settled_by(
    session: AsyncSession, invoice_id: int
) -> tuple[tuple[tuple[Payment, int], ...], tuple[tuple[CreditNote, int], ...], int]:
    query = (
        select(Allocation.amount_minor, Allocation.retainer_id, Payment, CreditNote)
        .outerjoin(Payment, Payment.id == Allocation.payment_id)
        .outerjoin(CreditNote, CreditNote.id == Allocation.credit_note_id)
        .where(Allocation.invoice_id == invoice_id)
        .order_by(Allocation.allocated_at)
    )
    parts = (await session.execute(query)).all()
    paid = tuple((payment, minor) for minor, _, payment, _ in parts if payment is not None)
    credited = tuple((note, minor) for minor, _, _, note in parts if note is not None)
    return paid, credited, sum(minor for minor, retainer_id, _, _ in parts if retainer_id)


async def _refunds(session: AsyncSession, invoice_id: int) -> tuple[Refund, ...]:
    query = select(Refund).where(Refund.invoice_id == invoice_id, Refund.status != RefundStatus.FAILED)
    return tuple(await session.scalars(query.order_by(Refund.requested_at)))


async def _work_billed(session: AsyncSession, invoice_id: int) -> tuple[int, tuple[Task, ...]]:
    query = select(TimeEntry.minutes, Task).outerjoin(Task, Task.id == TimeEntry.task_id)
    entries = (await session.execute(query.where(TimeEntry.invoice_id == invoice_id))).all()
    tasks = {task.id: task for _, task in entries if task is not None}
    ordered = sorted(tasks.values(), key=lambda task: task.position)
    return sum(minutes for minutes, _ in entries), tuple(ordered)


async def _files(session: AsyncSession, invoice: Invoice) -> tuple[File, ...]:
    of_invoice = File.invoice_id == invoice.id
    behind = of_invoice | (File.estimate_id == invoice.estimate_id) if invoice.estimate_id else of_invoice
    query = select(File).where(behind, File.visibility == Visibility.CLIENT).order_by(File.id)
    return tuple(sorted(await session.scalars(query), key=lambda file: file.kind is not FileKind.INVOICE))


async def _messages(session: AsyncSession, invoice_id: int) -> tuple[Message, ...]:
    query = select(Message).where(Message.invoice_id == invoice_id, Message.direction == Direction.OUT)
    return tuple(await session.scalars(query.order_by(Message.created_at)))

"""What clients owe: open balances by client, project and currency, aging, and money held for a client."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, bindparam, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.tables.bills import OWING, Invoice
from billing.tables.payments import Allocation, Chargeback, Payment, PaymentStatus, Refund, RefundStatus
from billing.tables.people import Client
from billing.tables.work import Project

NUMBER_SEPARATOR = ","

Columns = tuple[Any, ...]


@dataclass(frozen=True)
class Owed:
    """Open invoices of one group in one currency, in minor units.

    overdue and disputed are parts of `owed`; oldest_due is the earliest due day; numbers are the invoices'.
    Invoices of no project are a group with record_id 0 and no name.
    """

    table: str
    record_id: int
    name: str
    version: int
    currency: str
    owed: int
    overdue: int
    disputed: int
    invoices: int
    oldest_due: date | None
    numbers: tuple[str, ...]

    def days_overdue(self, today: date) -> int:
        """Days since the oldest due day; 0 when nothing is late."""
        return max((today - self.oldest_due).days, 0) if self.oldest_due else 0


@dataclass(frozen=True)
class Aging:
    """Open balances of one currency by days overdue, in minor units; each bucket as (amount, invoices)."""

    currency: str
    current: tuple[int, int]
    days_30: tuple[int, int]
    days_60: tuple[int, int]
    days_90: tuple[int, int]
    older: tuple[int, int]
    disputed: int

    @property
    def total(self) -> int:
        """All buckets together, in minor units."""
        return sum(amount for amount, _ in self.buckets)

    @property
    def buckets(self) -> tuple[tuple[int, int], ...]:
        """From not yet due to the oldest."""
        return (self.current, self.days_30, self.days_60, self.days_90, self.older)


async def owed_by_client(
    session: AsyncSession, today: date, *, overdue_days: int | None = None, client_id: int | None = None
) -> list[Owed]:
    """Open balances by client and currency, oldest due day first, in one query.

    overdue_days: only invoices more than so many days past their due day (0: all that is late).
    """
    found = _sums(today, overdue_days, Client.id, Client.name, Client.version, Invoice.currency)
    found = found.join(Client, Client.id == Invoice.client_id)
    if client_id is not None:
        found = found.where(Invoice.client_id == client_id)
    return [_owed("client", row) for row in await session.execute(found)]


async def owed_by_project(session: AsyncSession, today: date, *, overdue_days: int | None = None) -> list[Owed]:
    """Open balances by project and currency, oldest first; those of no project are a row without a name."""
    found = _sums(today, overdue_days, Project.id, Project.name, Project.version, Invoice.currency)
    found = found.outerjoin(Project, Project.id == Invoice.project_id)
    return [_owed("project", row) for row in await session.execute(found)]


def _sums(today: date, overdue_days: int | None, *groups: Any) -> Select[*Columns]:
    found = select(
        *groups,
        func.sum(Invoice.balance_minor),
        _sum_where(Invoice.due_on < today),
        _sum_where(Invoice.disputed_at.is_not(None)),
        func.count(Invoice.id),
        func.min(Invoice.due_on),
        func.aggregate_strings(Invoice.number, NUMBER_SEPARATOR),
    ).where(_is_owing())
    if overdue_days is not None:
        found = found.where(Invoice.due_on < today - timedelta(days=overdue_days))
    oldest_first = func.min(Invoice.due_on).asc().nulls_last()
    return found.select_from(Invoice).group_by(*groups).order_by(oldest_first, func.sum(Invoice.balance_minor).desc())


def _is_owing() -> ColumnElement[bool]:
    # Written out, not bound: so the databases see that ix_invoice_owing holds these rows, and paid invoices,
    # however many, are never read.
    return Invoice.status.in_(bindparam("owing", OWING, expanding=True, literal_execute=True))


def _sum_where(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, Invoice.balance_minor), else_=0))


def _owed(table: str, row: Row[*Columns]) -> Owed:
    record_id, name, version, currency, owed, overdue, disputed, invoices, oldest, numbers = row
    return Owed(
        table, record_id or 0, name or "", version or 0, currency, int(owed), int(overdue), int(disputed),
        int(invoices), oldest, tuple(sorted(numbers.split(NUMBER_SEPARATOR))),
    )  # fmt: skip


async def aging(session: AsyncSession, today: date) -> list[Aging]:
    """Open balances by days overdue, one row a currency, in one query."""
    steps = [today - timedelta(days=days) for days in (0, 30, 60, 90)]
    due = Invoice.due_on
    conditions = (
        due.is_(None) | (due >= steps[0]),
        (due < steps[0]) & (due >= steps[1]),
        (due < steps[1]) & (due >= steps[2]),
        (due < steps[2]) & (due >= steps[3]),
        due < steps[3],
    )
    counts = [func.sum(case((condition, 1), else_=0)) for condition in conditions]
    found = (
        select(
            Invoice.currency,
            *map(_sum_where, conditions),
            *counts,
            _sum_where(Invoice.disputed_at.is_not(None)),
        )
        .where(_is_owing())
        .group_by(Invoice.currency)
        .order_by(Invoice.currency)
    )
    return [_aging(row) for row in await session.execute(found)]


def _aging(row: Row[*Columns]) -> Aging:
    currency, *figures = tuple(row)
    numbers = [int(figure) for figure in figures]
    current, days_30, days_60, days_90, older = zip(numbers[:5], numbers[5:10], strict=True)
    return Aging(currency, current, days_30, days_60, days_90, older, numbers[10])


async def credit_of(session: AsyncSession, client_ids: Sequence[int]) -> dict[tuple[int, str], int]:
    """Money received of these clients that settles no invoice: (client id, currency) → minor units."""
    held: dict[tuple[int, str], int] = {}
    if not client_ids:
        return held
    given_back = _given_back().where(Refund.client_id.in_(client_ids))
    parts = ((1, _received()), (-1, _allocated()), (-1, given_back), (-1, _taken_back()))
    for sign, statement in parts:
        for client_id, currency, minor in await session.execute(
            statement.where(Payment.client_id.in_(client_ids)).group_by(Payment.client_id, Payment.currency)
        ):
            held[client_id, currency] = held.get((client_id, currency), 0) + sign * int(minor)
    return {owner: minor for owner, minor in held.items() if minor > 0}


def _received() -> Select[*Columns]:
    amount = func.sum(Payment.amount_minor)
    return select(Payment.client_id, Payment.currency, amount).where(Payment.status == PaymentStatus.SUCCEEDED)


def _allocated() -> Select[*Columns]:
    amount = func.sum(Allocation.amount_minor)
    return select(Payment.client_id, Payment.currency, amount).join(Allocation, Allocation.payment_id == Payment.id)


def _given_back() -> Select[*Columns]:
    """Refunds that raised no invoice's balance: they were paid out of what was held."""
    return (
        select(Payment.client_id, Payment.currency, func.sum(Refund.amount_minor))
        .join(Refund, Refund.payment_id == Payment.id)
        .where(Refund.invoice_id.is_(None), Refund.status == RefundStatus.SUCCEEDED)
    )


def _taken_back() -> Select[*Columns]:
    """What payers' banks hold or took: no longer ours, whatever it settled."""
    return (
        select(Payment.client_id, Payment.currency, func.sum(Chargeback.amount_minor))
        .join(Chargeback, Chargeback.payment_id == Payment.id)
        .where(Chargeback.status != "won")
    )

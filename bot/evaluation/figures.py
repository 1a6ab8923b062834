"""Figures that scenarios name by handle, `{INV-1042.balance}`: read from the records, written as the reader would.

They are read here and not taken from the reply's own evidence: a wrong figure must not prove itself.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.database import Base
from billing.money import Money
from billing.tables.bills import OWING, CreditNote, Invoice, InvoiceLine
from billing.tables.payments import Payment, Refund
from billing.tables.people import Business, Client, Contact, Staff
from billing.tables.plans import Instalment, PaymentPlan
from billing.tables.quotes import Estimate, EstimateLine
from billing.tables.work import Appointment, Project, Request
from bot.evidence import Fact, FactKind
from bot.showing import Reader, show_fact

HANDLE = re.compile(r"\{([^{}]+)\.([a-z_0-9]+)\}")
_NUMBERED: tuple[type[Base], ...] = (Invoice, Estimate, Payment, Refund, CreditNote, Project, Request)
_KINDS = {"phone": FactKind.PHONE, "email": FactKind.EMAIL}


class UnknownFigureError(ValueError):
    """A scenario names a figure that no record holds."""


@dataclass(frozen=True)
class Figures:
    """The rows that handles may name: by printed number, "staff:KEY", "contact:KEY", "business" and sums.

    Sums of a client: {account.due}, {account.overdue}, {account.invoices}.
    """

    rows: Mapping[str, Mapping[str, Any]]

    def write(self, words: str, reader: Reader) -> str:
        """The words with every handle written out; UnknownFigureError for one that no record holds."""
        is_pattern = len(words) > 2 and words[0] == words[-1] == "/"

        def shown(match: re.Match[str]) -> str:
            figure = self._shown(match.group(1), match.group(2), reader)
            return re.escape(" ".join(figure.split())) if is_pattern else figure

        return HANDLE.sub(shown, words)

    def _shown(self, subject: str, name: str, reader: Reader) -> str:
        values = self.rows.get(subject, {})
        if name not in values:
            raise UnknownFigureError(f"no record holds {{{subject}.{name}}}")
        value = values[name]
        return show_fact(Fact(subject, name, _kind(name, value), value), reader)


def _kind(name: str, value: Any) -> FactKind:
    if isinstance(value, Money):
        return FactKind.MONEY
    if isinstance(value, datetime):
        return FactKind.DATETIME
    if isinstance(value, date):
        return FactKind.DATE
    return FactKind.COUNT if isinstance(value, int) else _KINDS.get(name, FactKind.TEXT)


async def read_figures(session: AsyncSession, business_id: int, client_id: int | None, today: date) -> Figures:
    """The figures of one business; {account.…} are of one client."""
    rows: dict[str, dict[str, Any]] = {}
    for table in _NUMBERED:
        for row in await session.scalars(select(table).where(_of(table, business_id))):
            rows[str(getattr(row, "number", ""))] = _values(row)
    people: Any
    for prefix, people in (("staff", Staff), ("contact", Contact), ("client", Client)):
        for person in await session.scalars(select(people).where(_of(people, business_id))):
            rows[f"{prefix}:{person.key}"] = _values(person) | {"first": person.name.split()[0]}
    rows["business"] = _values(await session.get_one(Business, business_id))
    await _parts(session, business_id, rows)
    if client_id is not None:
        rows["account"] = await _account(session, client_id, today)
    return Figures(rows)


def _of(table: Any, business_id: int) -> Any:
    return table.business_id == business_id


def _values(row: Any) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for column in row.__mapper__.column_attrs:
        value = getattr(row, column.key)
        if value is None:
            continue
        if column.key.endswith("_minor"):
            values[column.key.removesuffix("_minor")] = Money(value, row.currency)
        elif isinstance(value, (str, int, date)):
            values[column.key] = value
    for name in [name for name, value in values.items() if isinstance(value, datetime)]:
        values[name.removesuffix("_at") + "_on"] = values[name].date()
    return values


async def _parts(session: AsyncSession, business_id: int, rows: dict[str, dict[str, Any]]) -> None:
    """Lines of bills and quotes as {INV-7.line_1}; instalments as {INV-7.part_1} and {INV-7.part_1_on}; visits."""
    table: Any
    owner: Any
    for table, owner in ((InvoiceLine, Invoice), (EstimateLine, Estimate)):
        column = f"{owner.__tablename__}_id"
        pairs = await session.execute(
            select(table, owner).join(owner, owner.id == getattr(table, column)).where(_of(owner, business_id))
        )
        for line, row in pairs:
            rows[row.number][f"line_{line.position}"] = Money(line.amount_minor, row.currency)
    plans = await session.execute(
        select(Instalment, Invoice)
        .join(PaymentPlan, PaymentPlan.id == Instalment.payment_plan_id)
        .join(Invoice, Invoice.id == PaymentPlan.invoice_id)
        .where(_of(Invoice, business_id))
    )
    for part, invoice in plans:
        rows[invoice.number][f"part_{part.position}"] = Money(part.amount_minor, part.currency)
        rows[invoice.number][f"part_{part.position}_on"] = part.due_on
    for visit in await session.scalars(select(Appointment).where(_of(Appointment, business_id))):
        rows[f"visit:{visit.purpose}"] = _values(visit)


async def _account(session: AsyncSession, client_id: int, today: date) -> dict[str, Any]:
    query = select(Invoice).where(Invoice.client_id == client_id, Invoice.status.in_(OWING))
    owing = (await session.scalars(query)).all()
    if not owing:
        return {"invoices": 0}
    late = [one for one in owing if one.due_on is not None and one.due_on < today]
    currency = owing[0].currency
    return {
        "due": Money(sum(one.balance_minor for one in owing), currency),
        "overdue": Money(sum(one.balance_minor for one in late), currency),
        "invoices": len(owing),
    }

"""Tests of balances by client, project and currency, and of aging, on both databases."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from billing.principal import Principal, PrincipalKind, Scope
from billing.records.balances import Aging, Owed, aging, credit_of, owed_by_client, owed_by_project
from billing.tables.bills import InvoiceStatus
from billing.tables.people import Business, Client
from tests.conftest import Run
from tests.factories.bills import make_invoice
from tests.factories.payments import make_payment, make_refund
from tests.factories.people import make_business, make_client
from tests.factories.work import make_project
from tests.fakes.clock import NOW, TODAY
from tests.fakes.databases import Database
from tests.fakes.statements import plan_of, statements_of

T = TypeVar("T")


@dataclass(frozen=True)
class Rows:
    """A business with two clients who owe, one of them in two currencies; a stranger's business owes too."""

    business: Business
    late: Client
    early: Client


async def make_rows(session: AsyncSession) -> Rows:
    """Open, part-paid, paid, void, draft and disputed invoices."""
    business = await make_business(session)
    late = await make_client(session, business=business, name="Late")
    early = await make_client(session, business=business, name="Early")
    project = await make_project(session, client=late, name="Deck")
    await make_invoice(session, client=late, number="INV-1", due_on=TODAY - timedelta(days=62), project_id=project.id)
    await make_invoice(session, client=late, number="INV-2", due_on=TODAY, disputed_at=NOW)
    await make_invoice(session, client=late, number="INV-3", currency="EUR", due_on=TODAY - timedelta(days=1))
    await make_invoice(
        session, client=early, number="INV-4", status=InvoiceStatus.PART_PAID, balance_minor=40_00, due_on=None
    )
    for status in (InvoiceStatus.DRAFT, InvoiceStatus.PAID, InvoiceStatus.VOID, InvoiceStatus.UNCOLLECTIBLE):
        await make_invoice(session, client=early, status=status, due_on=TODAY - timedelta(days=9))
    stranger = await make_business(session)
    await make_invoice(session, client=await make_client(session, business=stranger, name="Not ours"))
    return Rows(business, late, early)


def as_staff(database: Database, rows: Rows, run: Run) -> Callable[[Callable[[AsyncSession], Awaitable[T]]], T]:
    """Reads in the name of somebody who works for the business."""
    staff = Principal(business_id=rows.business.id, kind=PrincipalKind.STAFF, assurance=2, role="owner")

    def read(work: Callable[[AsyncSession], Awaitable[T]]) -> T:
        found: T = run(database.door.records_for(staff).read(work))
        return found

    return read


def put(database: Database, run: Run, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
    """Rows written by the import scope."""
    made: T = run(database.door.system(Scope.IMPORT).write(work))
    return made


def test_each_client_owes_by_currency_oldest_first(database: Database, run: Run) -> None:
    rows = put(database, run, make_rows)
    found = as_staff(database, rows, run)(lambda session: owed_by_client(session, TODAY))
    assert [(row.name, row.currency, row.owed, row.overdue, row.disputed, row.numbers) for row in found] == [
        ("Late", "USD", 200_00, 100_00, 100_00, ("INV-1", "INV-2")),
        ("Late", "EUR", 100_00, 100_00, 0, ("INV-3",)),
        ("Early", "USD", 40_00, 0, 0, ("INV-4",)),
    ]
    assert [row.days_overdue(TODAY) for row in found] == [62, 1, 0]


def test_only_what_is_late_long_enough_counts(database: Database, run: Run) -> None:
    rows = put(database, run, make_rows)
    read = as_staff(database, rows, run)

    def numbers(days: int) -> list[str]:
        found: list[Owed] = read(lambda session: owed_by_client(session, TODAY, overdue_days=days))
        return [number for row in found for number in row.numbers]

    assert numbers(0) == ["INV-1", "INV-3"]
    assert numbers(61) == ["INV-1"]
    assert numbers(62) == []


def test_one_client_can_be_asked_for(database: Database, run: Run) -> None:
    rows = put(database, run, make_rows)
    read = as_staff(database, rows, run)
    found: list[Owed] = read(lambda session: owed_by_client(session, TODAY, client_id=rows.early.id))
    assert [(row.name, row.owed, row.oldest_due) for row in found] == [("Early", 40_00, None)]


def test_projects_owe_and_the_rest_is_one_group(database: Database, run: Run) -> None:
    rows = put(database, run, make_rows)
    found: list[Owed] = as_staff(database, rows, run)(lambda session: owed_by_project(session, TODAY))
    assert {(row.name, row.currency, row.owed) for row in found} == {
        ("Deck", "USD", 100_00), ("", "EUR", 100_00), ("", "USD", 140_00),
    }  # fmt: skip


def test_aging_has_five_buckets_a_currency(database: Database, run: Run) -> None:
    rows = put(database, run, make_rows)

    async def add(session: AsyncSession) -> None:
        for days in (30, 31, 60, 90, 91):
            await make_invoice(session, client=rows.late, due_on=TODAY - timedelta(days=days))

    put(database, run, add)
    found: list[Aging] = as_staff(database, rows, run)(lambda session: aging(session, TODAY))
    euros, dollars = found
    assert (euros.currency, euros.days_30, euros.total) == ("EUR", (100_00, 1), 100_00)
    assert dollars.buckets == ((140_00, 2), (100_00, 1), (200_00, 2), (200_00, 2), (100_00, 1))
    assert dollars.disputed == 100_00


def test_balances_and_aging_are_one_query_each(database: Database, run: Run) -> None:
    rows = put(database, run, make_rows)
    read = as_staff(database, rows, run)
    for question in (owed_by_client, owed_by_project, aging):
        with statements_of(database.engines, "FROM invoice") as seen:
            read(lambda session, question=question: question(session, TODAY))  # type: ignore[misc]  # a default in a lambda
        assert len(seen) == 1


def test_only_open_invoices_are_looked_up(sqlite_database: Database, run: Run) -> None:
    rows = put(sqlite_database, run, make_rows)
    read = as_staff(sqlite_database, rows, run)
    with statements_of(sqlite_database.engines, "FROM invoice") as seen:
        read(lambda session: owed_by_client(session, TODAY))
        read(lambda session: aging(session, TODAY))
    for statement, parameters in seen:
        plan = plan_of(sqlite_database.engines, statement, parameters)
        assert any("COVERING INDEX ix_invoice_owing (business_id=? AND status=?" in step for step in plan), plan


def test_a_client_session_sums_its_own_balance_only(database: Database, run: Run) -> None:
    rows = put(database, run, make_rows)
    client = Principal(business_id=rows.business.id, kind=PrincipalKind.CLIENT, assurance=1, client_id=rows.early.id)
    found: list[Owed] = run(database.door.records_for(client).read(lambda session: owed_by_client(session, TODAY)))
    assert [row.name for row in found] == ["Early"]


def test_credit_is_what_settles_nothing(database: Database, run: Run) -> None:
    rows = put(database, run, make_rows)

    async def add(session: AsyncSession) -> None:
        invoice = await make_invoice(session, client=rows.late)
        payment = await make_payment(session, client=rows.late, amount_minor=150_00, settles=[(invoice, 100_00)])
        await make_refund(session, payment=payment, amount_minor=5_00)
        await make_payment(session, client=rows.late, amount_minor=70_00, currency="EUR")

    put(database, run, add)
    read = as_staff(database, rows, run)
    held: dict[tuple[int, str], int] = read(lambda session: credit_of(session, [rows.late.id, rows.early.id]))
    assert held == {(rows.late.id, "USD"): 45_00, (rows.late.id, "EUR"): 70_00}


@pytest.mark.parametrize("ids", [[], [0]])
def test_nobody_has_no_credit(sqlite_database: Database, run: Run, ids: list[int]) -> None:
    rows = put(sqlite_database, run, make_rows)
    held: dict[tuple[int, str], int] = as_staff(sqlite_database, rows, run)(lambda session: credit_of(session, ids))
    assert held == {}

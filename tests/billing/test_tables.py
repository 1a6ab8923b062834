"""What the tables themselves guarantee, on both databases."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import CheckConstraint, Enum, Integer, Table, insert, inspect, select, text, update
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import class_mapper
from sqlalchemy.orm.exc import StaleDataError

from billing.boundary import LOOKED_UP
from billing.principal import Scope
from billing.schema import every_table
from billing.scopes import EVERY_TABLE
from billing.tables.bills import Invoice, InvoiceLine, InvoiceStatus
from billing.tables.owned import OfClient
from billing.tables.people import Business, Client, Contact, Staff
from billing.tables.talk import Conversation, Turn, TurnStatus
from tests.billing.villages import Village, by_name
from tests.factories.bills import make_invoice
from tests.factories.payments import make_allocation, make_payment
from tests.factories.people import make_business, make_client
from tests.factories.talk import make_message, make_turn
from tests.fakes.clock import NOW

Change = Callable[[AsyncSession, Any], Awaitable[Any]]


async def conversation_of(session: AsyncSession, near: Any) -> Any:
    """My conversation."""
    return await session.get_one(Conversation, near.mine.conversation)


async def _allocate(session: AsyncSession, near: Any, **sources: Any) -> None:
    invoice = await session.get_one(Invoice, near.mine.invoice)
    await make_allocation(session, invoice=invoice, amount_minor=1, **sources)


async def _second_running_turn(session: AsyncSession, near: Any) -> None:
    await make_turn(session, conversation=await conversation_of(session, near))


async def _message_twice(session: AsyncSession, near: Any) -> None:
    thread = await conversation_of(session, near)
    for _ in range(2):
        await make_message(session, conversation=thread, provider_id="the-same")


async def _invoice_with(session: AsyncSession, near: Any, **given: Any) -> None:
    await make_invoice(session, client=await session.get_one(Client, near.mine.client), **given)


async def _same_number(session: AsyncSession, near: Any) -> None:
    for _ in range(2):
        await _invoice_with(session, near, number="INV-1")


async def _payment_of_nothing(session: AsyncSession, near: Any) -> None:
    await make_payment(session, client=await session.get_one(Client, near.mine.client), amount_minor=0)


async def _line_of_another_client(session: AsyncSession, near: Any) -> None:
    lines = update(InvoiceLine).where(InvoiceLine.invoice_id == near.mine.invoice)
    await session.execute(lines.values(client_id=near.theirs.client))


async def _unknown_status(session: AsyncSession, near: Any) -> None:
    lost = text("update invoice set status = 'lost' where id = :id")
    await session.run_sync(lambda inner: inner.connection().execute(lost, {"id": near.mine.invoice}))


REFUSED: dict[str, Change] = {
    "an allocation of no source": _allocate,
    "an allocation of two sources": lambda session, near: _allocate(
        session, near, payment_id=near.mine.payment, retainer_id=near.mine.retainer
    ),
    "an allocation of another client's payment": lambda session, near: _allocate(
        session, near, payment_id=near.theirs.payment
    ),
    "a second running turn": _second_running_turn,
    "a message that came twice": _message_twice,
    "a total that does not add up": lambda session, near: _invoice_with(session, near, total_minor=1),
    "a number given twice": _same_number,
    "a payment of nothing": _payment_of_nothing,
    "a line of another client": _line_of_another_client,
    "a status that is none": _unknown_status,
}


@pytest.mark.parametrize("way", REFUSED)
def test_the_database_refuses(way: str, shared_village: Village) -> None:
    async def work(session: AsyncSession) -> None:
        await REFUSED[way](session, shared_village.near)
        await session.flush()

    with pytest.raises(IntegrityError):
        shared_village.write(Scope.IMPORT, work)


def test_a_finished_turn_makes_room(village: Village) -> None:
    async def work(session: AsyncSession) -> int:
        running = await session.get_one(Turn, village.near.mine.turn)
        running.status = TurnStatus.DONE
        await session.flush()
        await _second_running_turn(session, village.near)
        return len((await session.scalars(select(Turn).where(Turn.conversation_id == running.conversation_id))).all())

    assert village.write(Scope.IMPORT, work) == 2


def test_every_change_raises_the_version(village: Village) -> None:
    async def work(session: AsyncSession) -> list[int]:
        invoice = await session.get_one(Invoice, village.near.mine.invoice)
        before = invoice.version
        invoice.title = "Other"
        await session.flush()
        after = invoice.version
        invoice.title = "Other"
        await session.flush()
        return [after - before, invoice.version - before]

    assert village.write(Scope.IMPORT, work) == [1, 1]


def test_a_row_changed_meanwhile_is_stale(village: Village) -> None:
    async def work(session: AsyncSession) -> None:
        invoice = await session.get_one(Invoice, village.near.mine.invoice)
        meanwhile = update(Invoice).values(version=Invoice.version + 1)
        await session.execute(meanwhile, execution_options={"synchronize_session": False})
        invoice.title = "Other"
        await session.flush()

    with pytest.raises(StaleDataError):
        village.write(Scope.IMPORT, work)


def test_bulk_rows_begin_at_version_one(village: Village) -> None:
    async def work(session: AsyncSession) -> int | None:
        row = {"slug": "bulk", "name": "Bulk", "zone": "UTC", "locale": "en_US", "currency": "USD", "hours": {}}
        await session.execute(insert(Business.__table__), [row])  # type: ignore[arg-type]  # a mapped class's table is one
        return await session.scalar(select(Business.version).where(Business.slug == "bulk"))

    assert village.write(Scope.IMPORT, work) == 1


def test_moments_come_back_in_utc(village: Village) -> None:
    there = datetime(2026, 3, 1, 10, 30, tzinfo=timezone(timedelta(hours=-5)))

    async def work(session: AsyncSession) -> tuple[datetime | None, int]:
        invoice = await session.get_one(Invoice, village.near.mine.invoice)
        invoice.sent_at = there
        await session.flush()
        await session.refresh(invoice)
        later = select(Invoice.id).where(Invoice.sent_at > there - timedelta(seconds=1))
        return invoice.sent_at, len((await session.scalars(later)).all())

    found, count = village.write(Scope.IMPORT, work)
    assert found == there
    assert found.tzinfo is UTC
    assert count == 1


def test_naive_moments_are_refused(shared_village: Village) -> None:
    async def work(session: AsyncSession) -> None:
        invoice = await session.get_one(Invoice, shared_village.near.mine.invoice)
        invoice.sent_at = NOW.replace(tzinfo=None)
        await session.flush()

    with pytest.raises(StatementError, match="needs its zone"):
        shared_village.write(Scope.IMPORT, work)


def test_statuses_come_back_as_members(shared_village: Village) -> None:
    async def work(session: AsyncSession) -> set[InvoiceStatus]:
        return set(await session.scalars(select(Invoice.status)))

    found = shared_village.read(Scope.DOCTOR, work)
    assert found
    assert all(isinstance(status, InvoiceStatus) for status in found)
    assert all(isinstance(status, InvoiceStatus) for status in found)


def test_numbers_repeat_in_another_business(shared_village: Village) -> None:
    async def work(session: AsyncSession) -> None:
        for _ in range(2):
            business = await make_business(session)
            await make_invoice(session, client=await make_client(session, business=business), number="INV-1")

    shared_village.write(Scope.IMPORT, work)


def test_the_list_of_tables_is_whole() -> None:
    assert {table.__tablename__ for table in EVERY_TABLE} == set(every_table().tables)


@pytest.mark.parametrize("table", by_name(EVERY_TABLE))
def test_tables_keep_the_rules_of_the_schema(table: Any) -> None:
    mapper, made = class_mapper(table), inspect(table).local_table
    assert isinstance(made, Table)
    assert mapper.version_id_col is not None
    assert all(relation.lazy == "raise" and relation.viewonly for relation in mapper.relationships)
    for column in made.columns:
        assert not (isinstance(column.type, Enum) and column.type.native_enum)
        if isinstance(column.type, Integer) and column.name.endswith("_minor"):
            assert type(column.type).__name__ == "BigInteger"
    if issubclass(table, OfClient) and table is not Client:
        owners = [set(key.column_keys) for key in made.foreign_key_constraints]
        assert any({"business_id", "client_id"} <= columns for columns in owners)
    assert all(check.name for check in made.constraints if isinstance(check, CheckConstraint))


@pytest.mark.parametrize("table", by_name(EVERY_TABLE - {Business, Contact, Staff}))
def test_children_point_at_parents_of_their_owner(table: Any) -> None:
    """A key to an owned parent holds the business; to a client's parent, the client, or the door looks it up."""
    looked_up = {parent.__tablename__ for parent in LOOKED_UP} | {"staff", "address"}
    for key in inspect(table).local_table.foreign_key_constraints:
        if key.referred_table.name == "business":
            continue
        assert "business_id" in key.column_keys
        if key.referred_table.name not in looked_up:
            assert "client_id" in key.column_keys

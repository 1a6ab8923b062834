"""Payment links: made, replaced, and what they ask for when they are opened."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.changes.links import BadAmountError, NothingDueError, cancel_links, create_link
from billing.changes.payments import (
    AmountChangedError,
    LinkClosedError,
    LinkNotFoundError,
    begin_payment,
    record_manual_payment,
)
from billing.ledger import InvoiceNotFoundError
from billing.money import Money
from billing.principal import Principal, PrincipalKind, Scope
from billing.records.links import LinkState, LinkView, find_link
from billing.tables.bills import Invoice, InvoiceStatus
from billing.tables.payments import Payment, PaymentLink, PaymentMethod, PaymentStatus
from tests.conftest import Run
from tests.factories.bills import make_invoice
from tests.factories.people import make_business, make_client, make_contact, make_staff
from tests.factories.talk import make_conversation
from tests.fakes.clock import NOW
from tests.fakes.databases import Database

T = TypeVar("T")


@dataclass
class Room:
    """A client with an open invoice of $1,840.00, and how links are made, opened and paid in it."""

    door: Door
    client: Principal
    contact_id: int
    conversation_id: int
    invoice_id: int
    staff_id: int

    async def make(self, token: str, asked: int | None = None, **given: Any) -> PaymentLink:
        """As the client's own tool makes it."""
        dull: dict[str, Any] = {
            "invoice_id": self.invoice_id,
            "asked_minor": asked,
            "token_sha256": token,
            "now": NOW,
            "conversation_id": self.conversation_id,
            "contact_id": self.contact_id,
            "idempotency_key": None,
        }
        return await self.door.records_for(self.client).write(lambda session: create_link(session, **(dull | given)))

    async def open(self, token: str, now: datetime = NOW) -> LinkView:
        view = await self.door.system(Scope.PAYMENT_EVENT).read(lambda session: find_link(session, token, now))
        assert view is not None
        return view

    async def begin(self, token: str, shown: int, reference: str = "form-1") -> Payment:
        return await self.write(
            lambda session: begin_payment(
                session, token_sha256=token, shown_minor=shown, reference=reference, provider="sandbox", now=NOW
            )
        )

    async def write(self, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
        return await self.door.system(Scope.PAYMENT_EVENT).write(work)

    async def pay_by_hand(self, minor: int) -> None:
        staff = Principal(self.client.business_id, PrincipalKind.STAFF, 2, staff_id=self.staff_id)
        await self.door.records_for(staff).write(
            lambda session: record_manual_payment(
                session, self.invoice_id, minor, PaymentMethod.CASH, NOW, f"cash-{minor}", self.staff_id
            )
        )

    async def change(self, **columns: Any) -> None:
        async def work(session: AsyncSession) -> None:
            invoice = (await session.scalars(select(Invoice).where(Invoice.id == self.invoice_id))).one()
            for name, value in columns.items():
                setattr(invoice, name, value)

        await self.write(work)


async def a_room(door: Door) -> Room:
    async def work(session: AsyncSession) -> Room:
        business = await make_business(session, slug="harbor-and-pine", name="Harbor & Pine")
        client = await make_client(session, business=business)
        contact = await make_contact(session, business=business, clients=[client], locale="es_US", language="es")
        thread = await make_conversation(session, person=contact, client=client)
        staff = await make_staff(session, business=business)
        invoice = await make_invoice(session, client=client, number="INV-1042", lines=[("Doors", 1, 184_000)])
        principal = Principal(business.id, PrincipalKind.CLIENT, 1, client_id=client.id, contact_id=contact.id)
        return Room(door, principal, contact.id, thread.id, invoice.id, staff.id)

    return await door.system(Scope.IMPORT).write(work)


def test_link_shows_business_number_amount(run: Run, database: Database) -> None:
    async def work() -> None:
        room = await a_room(database.door)
        link = await room.make("t1")
        view = await room.open("t1")
        assert (view.business, view.invoice_number) == ("Harbor & Pine", "INV-1042")
        assert (view.state, view.amount, view.is_part) == (LinkState.PAYABLE, Money(184_000, "USD"), False)
        assert view.contact_locale == "es_US"
        assert link.expires_at == NOW + timedelta(days=7)

    run(work())


def test_newer_link_replaces_the_older(run: Run, database: Database) -> None:
    async def work() -> None:
        room = await a_room(database.door)
        await room.make("t1")
        await room.make("t2", 92_000)
        assert (await room.open("t1")).state is LinkState.REPLACED
        view = await room.open("t2")
        assert (view.state, view.amount.minor, view.is_part) == (LinkState.PAYABLE, 92_000, True)
        with pytest.raises(LinkClosedError):
            await room.begin("t1", 184_000)

    run(work())


def test_link_asks_for_what_is_payable_now(run: Run, sqlite_door: Door) -> None:
    async def work() -> None:
        room = await a_room(sqlite_door)
        await room.make("t1", 92_000)
        await room.pay_by_hand(140_000)
        view = await room.open("t1")
        assert (view.amount.minor, view.is_part) == (44_000, False)
        with pytest.raises(AmountChangedError) as changed:
            await room.begin("t1", 92_000)
        assert changed.value.view.amount.minor == 44_000
        assert (await room.begin("t1", 44_000)).amount_minor == 44_000

    run(work())


def test_asking_too_much_asks_for_all(run: Run, sqlite_door: Door) -> None:
    async def work() -> None:
        room = await a_room(sqlite_door)
        await room.make("t1", 999_999)
        assert (await room.open("t1")).amount.minor == 184_000

    run(work())


def test_paid_elsewhere_means_nothing_due(run: Run, sqlite_door: Door) -> None:
    async def work() -> None:
        room = await a_room(sqlite_door)
        await room.make("t1")
        await room.pay_by_hand(184_000)
        assert (await room.open("t1")).state is LinkState.NOTHING_DUE
        assert (await room.open("t1", NOW + timedelta(days=9))).state is LinkState.NOTHING_DUE
        with pytest.raises(LinkClosedError):
            await room.begin("t1", 184_000)
        with pytest.raises(NothingDueError) as nothing:
            await room.make("t2")
        assert (nothing.value.number, nothing.value.on_its_way_minor) == ("INV-1042", 0)

    run(work())


def test_link_expires_after_seven_days(run: Run, sqlite_door: Door) -> None:
    async def work() -> None:
        room = await a_room(sqlite_door)
        await room.make("t1")
        assert (await room.open("t1", NOW + timedelta(days=6, hours=23))).state is LinkState.PAYABLE
        assert (await room.open("t1", NOW + timedelta(days=7))).state is LinkState.EXPIRED

    run(work())


def test_void_invoice_asks_for_nothing(run: Run, sqlite_door: Door) -> None:
    async def work() -> None:
        room = await a_room(sqlite_door)
        await room.make("t1")
        await room.change(status=InvoiceStatus.VOID)
        assert (await room.open("t1")).state is LinkState.NOTHING_DUE
        with pytest.raises(NothingDueError):
            await room.make("t2")

    run(work())


def test_cancelled_link_cannot_be_paid(run: Run, sqlite_door: Door) -> None:
    async def work() -> None:
        room = await a_room(sqlite_door)
        await room.make("t1")
        assert await room.write(lambda session: cancel_links(session, room.invoice_id)) == 1
        assert (await room.open("t1")).state is LinkState.REPLACED

    run(work())


def test_payment_under_way_leaves_nothing_to_ask(run: Run, sqlite_door: Door) -> None:
    async def work() -> None:
        room = await a_room(sqlite_door)
        await room.make("t1")
        await room.begin("t1", 184_000)
        assert (await room.open("t1")).state is LinkState.PROCESSING
        with pytest.raises(NothingDueError) as nothing:
            await room.make("t2")
        assert nothing.value.on_its_way_minor == 184_000

    run(work())


def test_same_form_begins_one_payment(run: Run, database: Database) -> None:
    async def work() -> None:
        room = await a_room(database.door)
        await room.make("t1", 10_000)
        begun = await asyncio.gather(*(room.begin("t1", 10_000) for _ in range(4)))
        assert len({payment.id for payment in begun}) == 1
        assert begun[0].status is PaymentStatus.PROCESSING

    run(work())


def test_two_tabs_begin_one_payment(run: Run, database: Database) -> None:
    async def work() -> None:
        room = await a_room(database.door)
        await room.make("t1", 10_000)
        tries = (room.begin("t1", 10_000, f"form-{tab}") for tab in range(4))
        ends = await asyncio.gather(*tries, return_exceptions=True)
        assert sum(isinstance(end, Payment) for end in ends) == 1
        assert sum(isinstance(end, LinkClosedError) for end in ends) == 3

    run(work())


def test_replacing_while_paying_makes_one_payment(run: Run, database: Database) -> None:
    async def work() -> None:
        room = await a_room(database.door)
        await room.make("t1")

        async def newer() -> Payment:
            await room.make("t2")
            return await room.begin("t2", 184_000, "form-2")

        ends = await asyncio.gather(room.begin("t1", 184_000), newer(), return_exceptions=True)
        assert sum(isinstance(end, Payment) for end in ends) == 1
        assert sum(isinstance(end, (LinkClosedError, NothingDueError)) for end in ends) == 1

    run(work())


def test_unknown_token_begins_nothing(run: Run, sqlite_door: Door) -> None:
    async def work() -> None:
        room = await a_room(sqlite_door)
        with pytest.raises(LinkNotFoundError):
            await room.begin("nobody's", 1)

    run(work())


def test_same_key_leaves_one_open_link(run: Run, database: Database) -> None:
    async def work() -> None:
        room = await a_room(database.door)
        first = await room.make("t1", idempotency_key="turn:1:2")
        assert (await room.make("t1", idempotency_key="turn:1:2")).id == first.id
        await room.make("t2", idempotency_key="turn:1:2")
        await room.make("t3", idempotency_key="turn:1:2")
        states = [(await room.open(token)).state for token in ("t1", "t2", "t3")]
        assert states == [LinkState.REPLACED, LinkState.REPLACED, LinkState.PAYABLE]

    run(work())


def test_amount_must_be_above_zero(run: Run, sqlite_door: Door) -> None:
    async def work() -> None:
        room = await a_room(sqlite_door)
        for asked in (0, -5):
            with pytest.raises(BadAmountError):
                await room.make("t1", asked)

    run(work())


def test_link_for_anothers_invoice_is_absent(run: Run, database: Database) -> None:
    async def work() -> None:
        room = await a_room(database.door)

        async def a_neighbour(session: AsyncSession) -> int:
            invoice = (await session.scalars(select(Invoice).where(Invoice.id == room.invoice_id))).one()
            business = await make_business(session)
            client = await make_client(session, business=business)
            assert client.id != invoice.client_id
            return (await make_invoice(session, client=client)).id

        foreign = await database.door.system(Scope.IMPORT).write(a_neighbour)
        for invoice_id in (foreign, 10_000):
            with pytest.raises(InvoiceNotFoundError):
                await room.make("t1", invoice_id=invoice_id)

    run(work())

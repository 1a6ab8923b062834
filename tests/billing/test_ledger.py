"""What payments settle, what invoices still owe, and the invariants between them."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.changes.payments import allocate_credit, record_manual_payment
from billing.ledger import (
    InvoiceClosedError,
    InvoiceNotFoundError,
    OverAllocatedError,
    UnsettledPaymentError,
    allocate,
    check,
    credit_left,
    lock_invoice,
    payable,
    refresh_balance,
    refundable,
)
from billing.money import CurrencyMismatchError
from billing.principal import Principal, PrincipalKind, Scope
from billing.settlement import Claim, share_out
from billing.tables.bills import Invoice, InvoiceStatus
from billing.tables.payments import Chargeback, Payment, PaymentMethod, PaymentStatus
from billing.tables.people import Client, Staff
from billing.tables.plans import Instalment, InstalmentStatus, PaymentPlan, PlanStatus
from tests.conftest import Run
from tests.factories.bills import make_credit_note, make_invoice
from tests.factories.payments import make_allocation, make_payment, make_refund
from tests.factories.people import make_business, make_client, make_staff
from tests.fakes.clock import NOW
from tests.fakes.databases import Database


async def a_client(session: AsyncSession) -> Client:
    return await make_client(session, business=await make_business(session))


def write(run: Run, door: Door, work: Any) -> Any:
    return run(door.system(Scope.IMPORT).write(work))


def test_payment_settles_several_invoices(run: Run, sqlite_door: Door) -> None:
    async def work(session: AsyncSession) -> None:
        client = await a_client(session)
        kitchen = await make_invoice(session, client=client)
        deck = await make_invoice(session, client=client)
        payment = await make_payment(session, client=client, amount_minor=150_00)
        await allocate(session, payment, [(kitchen, 100_00), (deck, 20_00)], NOW)
        assert (kitchen.balance_minor, kitchen.status) == (0, InvoiceStatus.PAID)
        assert (deck.balance_minor, deck.status) == (80_00, InvoiceStatus.PART_PAID)
        assert await credit_left(session, payment) == 30_00
        assert await check(session) == []

    write(run, sqlite_door, work)


def test_more_than_is_left_is_refused(run: Run, sqlite_door: Door) -> None:
    async def work(session: AsyncSession) -> None:
        client = await a_client(session)
        invoice = await make_invoice(session, client=client)
        payment = await make_payment(session, client=client, amount_minor=500_00)
        for parts in ([(invoice, 100_01)], [(invoice, 60_00), (invoice, 60_00)], [(invoice, 0)]):
            with pytest.raises(OverAllocatedError):
                await allocate(session, payment, parts, NOW)
        small = await make_payment(session, client=client, amount_minor=10_00)
        with pytest.raises(OverAllocatedError):
            await allocate(session, small, [(invoice, 10_01)], NOW)
        assert invoice.balance_minor == 100_00

    write(run, sqlite_door, work)


def test_other_currency_is_refused(run: Run, sqlite_door: Door) -> None:
    async def work(session: AsyncSession) -> None:
        client = await a_client(session)
        invoice = await make_invoice(session, client=client)
        payment = await make_payment(session, client=client, currency="EUR")
        with pytest.raises(CurrencyMismatchError):
            await allocate(session, payment, [(invoice, 10_00)], NOW)

    write(run, sqlite_door, work)


def test_unsettled_payments_settle_nothing(run: Run, sqlite_door: Door) -> None:
    async def work(session: AsyncSession) -> None:
        client = await a_client(session)
        invoice = await make_invoice(session, client=client)
        payment = await make_payment(session, client=client, status=PaymentStatus.PROCESSING)
        with pytest.raises(UnsettledPaymentError):
            await allocate(session, payment, [(invoice, 10_00)], NOW)
        assert await credit_left(session, payment) == 0

    write(run, sqlite_door, work)


def test_drafts_and_void_invoices_take_nothing(run: Run, sqlite_door: Door) -> None:
    async def work(session: AsyncSession) -> None:
        client = await a_client(session)
        payment = await make_payment(session, client=client)
        for status in (InvoiceStatus.DRAFT, InvoiceStatus.VOID):
            invoice = await make_invoice(session, client=client, status=status)
            assert await payable(session, invoice) == 0
            with pytest.raises(InvoiceClosedError):
                await allocate(session, payment, [(invoice, 10_00)], NOW)

    write(run, sqlite_door, work)


def test_payments_on_their_way_lower_payable(run: Run, sqlite_door: Door) -> None:
    async def work(session: AsyncSession) -> None:
        client = await a_client(session)
        invoice = await make_invoice(session, client=client)
        await make_payment(
            session,
            client=client,
            amount_minor=30_00,
            status=PaymentStatus.PROCESSING,
            invoice_id=invoice.id,
        )
        await make_payment(session, client=client, status=PaymentStatus.FAILED, invoice_id=invoice.id)
        assert await payable(session, invoice) == 70_00
        assert invoice.balance_minor == 100_00

    write(run, sqlite_door, work)


def test_refund_opens_the_invoice_again(run: Run, sqlite_door: Door) -> None:
    async def work(session: AsyncSession) -> None:
        client = await a_client(session)
        invoice = await make_invoice(session, client=client)
        payment = await make_payment(session, client=client, settles=[(invoice, 100_00)])
        await make_refund(session, payment=payment, amount_minor=25_00, invoice_id=invoice.id)
        await refresh_balance(session, invoice)
        assert (invoice.balance_minor, invoice.status) == (25_00, InvoiceStatus.PART_PAID)
        await make_refund(session, payment=payment, amount_minor=75_00, invoice_id=invoice.id)
        await refresh_balance(session, invoice)
        assert (invoice.balance_minor, invoice.status) == (100_00, InvoiceStatus.OPEN)
        assert await refundable(session, payment) == 0
        assert await check(session) == []

    write(run, sqlite_door, work)


def test_chargeback_after_refund_counts_once(run: Run, sqlite_door: Door) -> None:
    async def work(session: AsyncSession) -> None:
        client = await a_client(session)
        payment = await make_payment(session, client=client)
        await make_refund(session, payment=payment, amount_minor=40_00)
        owner = {"business_id": client.business_id, "client_id": client.id}
        session.add(Chargeback(**owner, payment_id=payment.id, amount_minor=100_00, currency="USD", opened_at=NOW))
        await session.flush()
        assert await credit_left(session, payment) == 0
        assert await refundable(session, payment) == 0
        assert await check(session) == []

    write(run, sqlite_door, work)


def test_written_off_money_may_still_come(run: Run, sqlite_door: Door) -> None:
    async def work(session: AsyncSession) -> None:
        client = await a_client(session)
        invoice = await make_invoice(session, client=client, status=InvoiceStatus.UNCOLLECTIBLE)
        payment = await make_payment(session, client=client)
        statuses = []
        for minor in (60_00, 40_00):
            await allocate(session, payment, [(invoice, minor)], NOW)
            statuses.append(invoice.status)
        assert statuses == [InvoiceStatus.UNCOLLECTIBLE, InvoiceStatus.PAID]

    write(run, sqlite_door, work)


def test_instalments_are_paid_in_order(run: Run, sqlite_door: Door) -> None:
    async def work(session: AsyncSession) -> None:
        client = await a_client(session)
        invoice = await make_invoice(session, client=client, lines=[("Work", 1, 90_00)])
        instalments = await a_plan(session, invoice, [30_00, 30_00, 30_00])
        payment = await make_payment(session, client=client, amount_minor=90_00)
        await allocate(session, payment, [(invoice, 50_00)], NOW)
        scheduled = InstalmentStatus.SCHEDULED
        assert [row.status for row in instalments] == [InstalmentStatus.PAID, scheduled, scheduled]
        assert instalments[0].paid_at == NOW
        await allocate(session, payment, [(invoice, 40_00)], NOW + timedelta(days=1))
        assert {row.status for row in instalments} == {InstalmentStatus.PAID}
        assert (await session.scalars(select(PaymentPlan.status))).all() == [PlanStatus.COMPLETED]
        await make_refund(session, payment=payment, amount_minor=30_00, invoice_id=invoice.id)
        await refresh_balance(session, invoice)
        assert [row.status for row in instalments] == [InstalmentStatus.PAID] * 2 + [scheduled]

    write(run, sqlite_door, work)


async def a_plan(session: AsyncSession, invoice: Invoice, amounts: list[int]) -> list[Instalment]:
    owner = {"business_id": invoice.business_id, "client_id": invoice.client_id}
    today = NOW.date()
    plan = PaymentPlan(**owner, invoice_id=invoice.id, status=PlanStatus.ACTIVE, agreed_on=today)
    session.add(plan)
    await session.flush()
    rows = [
        Instalment(
            **owner,
            payment_plan_id=plan.id,
            position=position,
            due_on=today + timedelta(days=30 * position),
            amount_minor=amount,
            currency=invoice.currency,
            status=InstalmentStatus.SCHEDULED,
        )
        for position, amount in enumerate(amounts)
    ]
    session.add_all(rows)
    await session.flush()
    return rows


def test_each_broken_rule_is_found(run: Run, sqlite_door: Door) -> None:
    async def work(session: AsyncSession) -> None:
        client = await a_client(session)
        invoice = await make_invoice(session, client=client, number="INV-1", balance_minor=90_00)
        wrong_sum = await make_invoice(session, client=client, number="INV-2")
        wrong_sum.subtotal_minor = wrong_sum.total_minor = wrong_sum.balance_minor = 50_00
        await make_invoice(session, client=client, number="INV-3", status=InvoiceStatus.PAID)
        over = await make_payment(session, client=client, number="PAY-1", amount_minor=5_00)
        await make_allocation(session, invoice=invoice, amount_minor=10_00, payment_id=over.id)
        await make_refund(session, payment=over, amount_minor=6_00)
        failed = await make_payment(session, client=client, number="PAY-2", status=PaymentStatus.FAILED)
        await make_refund(session, payment=failed, amount_minor=1_00)
        euros = await make_payment(session, client=client, number="PAY-3", currency="EUR")
        await make_allocation(session, invoice=wrong_sum, amount_minor=1_00, payment_id=euros.id)
        note = await make_credit_note(session, invoice=wrong_sum, number="CN-1")
        await make_allocation(session, invoice=wrong_sum, amount_minor=11_00, credit_note_id=note.id)
        found = {(finding.subject, finding.rule) for finding in await check(session)}
        assert found == {
            ("INV-1", "status follows balance"),
            ("INV-2", "subtotal is the sum of lines"),
            ("INV-2", "balance is total - allocations + refunded"),
            ("INV-3", "status follows balance"),
            ("PAY-1", "refunds are at most the payment"),
            ("PAY-1", "allocations, loose refunds and chargebacks are at most the payment"),
            ("PAY-2", "only a payment that succeeded settles or is refunded"),
            ("PAY-3", "a payment settles invoices of its own currency"),
            ("CN-1", "allocations are at most the credit note"),
        }
        assert await check(session, client_id=client.id) == await check(session)
        assert await check(session, client_id=client.id + 1) == []

    write(run, sqlite_door, work)


async def a_desk(session: AsyncSession) -> tuple[Invoice, Invoice, Staff]:
    business = await make_business(session)
    client = await make_client(session, business=business)
    staff = await make_staff(session, business=business)
    return await make_invoice(session, client=client), await make_invoice(session, client=client), staff


def test_recorded_surplus_stays_credit(run: Run, database: Database) -> None:
    door = database.door
    first, second, staff = run(door.system(Scope.IMPORT).write(a_desk))
    priya = Principal(staff.business_id, PrincipalKind.STAFF, 2, staff_id=staff.id, role="manager")

    async def record(session: AsyncSession) -> Payment:
        return await record_manual_payment(session, first.id, 130_00, PaymentMethod.CHECK, NOW, "turn:1:1", staff.id)

    async def see(session: AsyncSession) -> tuple[int, int]:
        one, two = await lock_invoice(session, first.id), await lock_invoice(session, second.id)
        assert await check(session) == []
        return one.balance_minor, two.balance_minor

    records = door.records_for(priya)
    payment = run(records.write(record))
    assert run(records.write(record)).id == payment.id
    assert run(records.write(see)) == (0, 100_00)
    run(records.write(lambda session: allocate_credit(session, payment.id, [(second.id, 30_00)], NOW)))
    assert run(records.write(see)) == (0, 70_00)
    with pytest.raises(OverAllocatedError):
        run(records.write(lambda session: allocate_credit(session, payment.id, [(second.id, 1)], NOW)))


def test_payments_of_others_are_not_recorded(run: Run, database: Database) -> None:
    door = database.door
    invoice, _, _ = run(door.system(Scope.IMPORT).write(a_desk))
    _, _, stranger = run(door.system(Scope.IMPORT).write(a_desk))
    other = Principal(stranger.business_id, PrincipalKind.STAFF, 2, staff_id=stranger.id, role="manager")
    with pytest.raises(InvoiceNotFoundError):
        run(
            door.records_for(other).write(
                lambda session: record_manual_payment(
                    session, invoice.id, 1_00, PaymentMethod.CASH, NOW, "turn:1:1", stranger.id
                )
            )
        )


def test_payment_numbers_never_repeat(run: Run, sqlite_door: Door) -> None:
    invoice, _, staff = write(run, sqlite_door, a_desk)

    async def work(session: AsyncSession) -> list[str]:
        client = (await session.scalars(select(Client).where(Client.id == invoice.client_id))).one()
        for number in ("PAY-1009", "PAY-1010", "PAY-1009-X7", "PAY-1008"):
            await make_payment(session, client=client, number=number, amount_minor=1)
        made = [
            await record_manual_payment(session, invoice.id, 1, PaymentMethod.CASH, NOW, f"turn:{turn}", staff.id)
            for turn in range(2)
        ]
        return [payment.number for payment in made]

    assert write(run, sqlite_door, work) == ["PAY-1011", "PAY-1012"]


claims = st.builds(Claim, kept=st.integers(0, 200), elsewhere=st.integers(0, 50), returned_here=st.integers(0, 100))


@given(st.integers(0, 500), st.lists(claims, max_size=6))
def test_shares_never_pass_room_or_payment(room: int, wished: list[Claim]) -> None:
    shares = share_out(room, wished)
    net = [share - claim.returned_here for share, claim in zip(shares, wished, strict=True)]
    able = sum(max(0, claim.kept - claim.elsewhere) for claim in wished)
    assert all(part >= 0 for part in net)
    assert all(part <= max(0, claim.kept - claim.elsewhere) for part, claim in zip(net, wished, strict=True))
    assert sum(net) == min(room, able)


def test_clients_own_ledger_can_be_checked(run: Run, database: Database) -> None:
    door = database.door

    async def two_clients(session: AsyncSession) -> Client:
        client = await a_client(session)
        await make_payment(session, client=client, settles=[(await make_invoice(session, client=client), 40_00)])
        other = await make_client(session, business=await make_business(session))
        await make_invoice(session, client=other, balance_minor=1)
        return client

    client = run(door.system(Scope.IMPORT).write(two_clients))
    dana = Principal(client.business_id, PrincipalKind.CLIENT, 1, client_id=client.id)
    assert run(door.records_for(dana).read(check)) == []
    assert {finding.rule for finding in run(door.system(Scope.DOCTOR).read(check))} == {
        "balance is total - allocations + refunded",
        "status follows balance",
    }

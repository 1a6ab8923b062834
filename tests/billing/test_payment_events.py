"""Provider events: stored once, applied in any order, each once, to one and the same end."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.gateway import EventKind
from billing.payment_events import apply_events, catch_up, store_event, stuck_events
from billing.principal import Scope
from billing.tables.bills import InvoiceStatus
from billing.tables.payments import (
    LinkStatus,
    PaymentEvent,
    PaymentStatus,
)
from tests.billing.provider_news import Scenario, Told, World, make_world, shuffles
from tests.conftest import Run
from tests.fakes.clock import NOW
from tests.fakes.databases import Database
from tests.fakes.gateway import FakeGateway


def one_payment(total: int = 100_00, amount: int = 100_00) -> Scenario:
    scenario = Scenario([total], [(0, amount)])
    scenario.tell(EventKind.PAYMENT_SUCCEEDED, 0, amount)
    return scenario


async def any_order(door: Door, scenario: Scenario, shuffled: list[Told], batch: int) -> None:
    ordered, other = await make_world(door, scenario), await make_world(door, scenario)
    for told in scenario.told:
        assert await ordered.store(told)
    assert await ordered.apply() == len(scenario.told)
    known = set()
    for at, told in enumerate(shuffled):
        assert await other.store(told) is (told.event_id not in known)
        known.add(told.event_id)
        if at % batch == 0:
            await other.apply()
    await other.apply()
    assert await other.end() == await ordered.end()
    assert succeeded(other) == succeeded(ordered)
    assert set(succeeded(other).values()) <= {1}
    failed = Counter(news.payment_id for news in other.ears.heard if news.kind == "failed")
    assert set(failed.values()) <= {1}
    assert await apply_events(door, other.ears.announce, NOW) == 0


def succeeded(world: World) -> Counter[int]:
    """How often the success of each payment, by its place, was announced."""
    return Counter(news.payment_id - world.first_payment for news in world.ears.heard if news.kind == "succeeded")


# The database is one for all examples: each makes businesses of its own in it.
one_database = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@settings(max_examples=8, deadline=None, suppress_health_check=one_database)
@given(shuffles())
def test_any_order_gives_one_end(run: Run, sqlite_door: Door, case: tuple[Scenario, list[Told], int]) -> None:
    run(any_order(sqlite_door, *case))


@pytest.mark.prove
@settings(max_examples=400, deadline=None, suppress_health_check=one_database)
@given(shuffles())
def test_any_order_in_full(run: Run, sqlite_door: Door, case: tuple[Scenario, list[Told], int]) -> None:
    run(any_order(sqlite_door, *case))


def everything_at_once() -> Scenario:
    """Each kind of event, on four payments of one invoice."""
    scenario = Scenario([100_00], [(0, 60_00), (0, 70_00), (0, 30_00), (0, 20_00)])
    for place, (_, minor) in enumerate(scenario.payments):
        scenario.tell(EventKind.PAYMENT_PROCESSING, place, minor)
        scenario.tell(EventKind.PAYMENT_FAILED, place, minor)
        if place < 3:
            scenario.tell(EventKind.PAYMENT_SUCCEEDED, place, minor)
            scenario.tell(EventKind.PAYMENT_SUCCEEDED, place, minor, copy=1)
    scenario.tell(EventKind.REFUND_PENDING, 0, 40_00, "re1")
    scenario.tell(EventKind.REFUND_SUCCEEDED, 0, 40_00, "re1")
    scenario.tell(EventKind.REFUND_FAILED, 0, 40_00, "re1")
    scenario.tell(EventKind.REFUND_SUCCEEDED, 0, 50_00, "re2")
    scenario.tell(EventKind.CHARGEBACK_OPENED, 1, 70_00, "cb1")
    scenario.tell(EventKind.CHARGEBACK_WON, 1, 70_00, "cb1")
    scenario.tell(EventKind.CHARGEBACK_OPENED, 2, 30_00, "cb2")
    scenario.tell(EventKind.CHARGEBACK_LOST, 2, 30_00, "cb2")
    return scenario


def test_reversed_news_gives_the_same_end(run: Run, sqlite_door: Door) -> None:
    scenario = everything_at_once()
    run(any_order(sqlite_door, scenario, scenario.told[::-1], batch=1))
    # What came too early waits and is sorted out then; with the payments there, the rest truly runs backwards.
    paid = [told for told in scenario.told if told.kind is EventKind.PAYMENT_SUCCEEDED]
    rest = [told for told in scenario.told[::-1] if told not in paid]
    run(any_order(sqlite_door, scenario, paid + rest + scenario.told, batch=1))


def test_success_settles_and_is_told(run: Run, database: Database) -> None:
    scenario = one_payment(total=184_000, amount=92_000)

    async def work() -> None:
        world = await make_world(database.door, scenario)
        await world.store(scenario.told[0])
        assert await world.apply() == 1
        end = await world.end()
        assert end["invoices"] == [(92_000, InvoiceStatus.PART_PAID)]
        assert end["links"] == [(0, LinkStatus.PAID)]
        (news,) = world.ears.heard
        assert (news.kind, news.amount_minor, news.left_minor) == ("succeeded", 92_000, 92_000)
        assert (news.conversation_id, news.occurred_at) == (world.thread_id, NOW)
        assert news.due_on is not None

    run(work())


def test_two_runs_at_once_share_events(run: Run, database: Database) -> None:
    scenario = Scenario([100_00], [(0, 10_00)] * 6)
    for place in range(6):
        scenario.tell(EventKind.PAYMENT_SUCCEEDED, place, 10_00)

    async def work() -> None:
        world = await make_world(database.door, scenario)
        stored = await asyncio.gather(*(world.store(told) for told in scenario.told * 2))
        assert sum(stored) == 6
        applied = await asyncio.gather(*(world.apply() for _ in range(4)))
        assert sum(applied) == 6
        assert (await world.end())["invoices"] == [(40_00, InvoiceStatus.PART_PAID)]
        assert world.ears.kinds == ["succeeded"] * 6

    run(work())


def test_refund_waits_for_its_payment(run: Run, sqlite_door: Door) -> None:
    scenario = one_payment()
    scenario.tell(EventKind.REFUND_SUCCEEDED, 0, 30_00, "re1")

    async def work() -> None:
        world = await make_world(sqlite_door, scenario)
        await world.store(scenario.told[1])
        assert await world.apply() == 0
        await world.store(scenario.told[0])
        assert await world.apply() == 2
        assert (await world.end())["invoices"] == [(30_00, InvoiceStatus.PART_PAID)]

    run(work())


def test_refunds_never_exceed_paid(run: Run, sqlite_door: Door) -> None:
    scenario = one_payment()
    for turn in range(3):
        scenario.tell(EventKind.REFUND_SUCCEEDED, 0, 60_00, f"re{turn}")

    async def work() -> None:
        world = await make_world(sqlite_door, scenario)
        for told in scenario.told:
            await world.store(told)
        assert await world.apply() == 2
        assert (await world.end())["invoices"] == [(60_00, InvoiceStatus.PART_PAID)]

    run(work())


def test_double_charge_becomes_credit(run: Run, sqlite_door: Door) -> None:
    scenario = Scenario([100_00], [(0, 100_00), (0, 100_00)])
    scenario.tell(EventKind.PAYMENT_SUCCEEDED, 0, 100_00)
    scenario.tell(EventKind.PAYMENT_SUCCEEDED, 1, 100_00)
    scenario.tell(EventKind.REFUND_SUCCEEDED, 0, 100_00, "re")

    async def work() -> None:
        world = await make_world(sqlite_door, scenario)
        for told in scenario.told[:2]:
            await world.store(told)
        await world.apply()
        assert (await world.end())["credit"] == {"p0": 0, "p1": 100_00}
        await world.store(scenario.told[2])
        await world.apply()
        end = await world.end()
        assert end["invoices"] == [(0, InvoiceStatus.PAID)]
        assert end["credit"] == {"p0": 0, "p1": 0}

    run(work())


def test_chargeback_opens_and_won_closes(run: Run, sqlite_door: Door) -> None:
    scenario = one_payment()
    scenario.tell(EventKind.CHARGEBACK_OPENED, 0, 100_00, "cb")
    scenario.tell(EventKind.CHARGEBACK_WON, 0, 100_00, "cb")

    async def work() -> None:
        world = await make_world(sqlite_door, scenario)
        for told, status in zip(scenario.told, ("paid", "open", "paid"), strict=True):
            await world.store(told)
            await world.apply()
            assert (await world.end())["invoices"][0][1] == status

    run(work())


def test_wrong_amount_or_currency_is_refused(run: Run, sqlite_door: Door) -> None:
    scenario = one_payment()
    scenario.told.append(Told(EventKind.PAYMENT_SUCCEEDED, 0, 99_99, 1, copy=1))

    async def work() -> None:
        world = await make_world(sqlite_door, scenario)
        await world.store(scenario.told[1])
        body = world.event(scenario.told[0]).body() | {"currency": "EUR"}
        await store_event(
            sqlite_door, business_id=world.business_id, provider="fake", event_id="euros",
            kind="payment.succeeded", body=body, occurred_at=NOW, now=NOW,
        )  # fmt: skip
        assert await world.apply() == 2
        assert (await world.end())["payments"] == [("p0", PaymentStatus.PROCESSING, None, "")]
        assert world.ears.heard == []

    run(work())


def test_foreign_payments_are_left_alone(run: Run, sqlite_door: Door) -> None:
    async def work() -> None:
        world = await make_world(sqlite_door, one_payment())
        other = await make_world(sqlite_door, Scenario([100_00]))
        await other.store(one_payment().told[0])
        assert await other.apply() == 1
        assert (await world.end())["invoices"] == [(100_00, InvoiceStatus.OPEN)]
        assert other.ears.heard == []

    run(work())


def test_broken_event_holds_up_no_other(run: Run, sqlite_door: Door, caplog: pytest.LogCaptureFixture) -> None:
    scenario = one_payment()

    async def work() -> None:
        world = await make_world(sqlite_door, scenario)
        await store_event(
            sqlite_door, business_id=world.business_id, provider="fake", event_id="broken",
            kind="payment.succeeded", body={}, occurred_at=NOW - timedelta(days=1), now=NOW,
        )  # fmt: skip
        await world.store(scenario.told[0])
        assert await world.apply() == 1
        assert await world.apply() == 0
        assert world.ears.kinds == ["succeeded"]
        logged = [record for record in caplog.records if record.name == "billing.payment_events"]
        assert len(logged) == 1

        async def stuck(session: AsyncSession) -> list[tuple[str, str]]:
            rows = await stuck_events(session, NOW + timedelta(hours=1))
            return [(row.event_id, row.outcome) for row in rows]

        found = await sqlite_door.system(Scope.DOCTOR).read(stuck)
        assert found == [("broken", "not applied: KeyError")]

    run(work())


def test_unheard_news_is_applied_later(run: Run, sqlite_door: Door) -> None:
    scenario = one_payment()

    async def work() -> None:
        world = await make_world(sqlite_door, scenario)
        await world.store(scenario.told[0])
        world.ears.deaf = True
        assert await world.apply() == 0
        assert (await world.end())["invoices"] == [(100_00, InvoiceStatus.OPEN)]
        world.ears.deaf = False
        assert await world.apply() == 1
        assert world.ears.kinds == ["succeeded"]

    run(work())


def test_lost_news_is_asked_for(run: Run, sqlite_door: Door) -> None:
    scenario = Scenario([100_00], [(0, 40_00), (0, 60_00)])

    async def work() -> None:
        world = await make_world(sqlite_door, scenario)
        gateway = FakeGateway(deliver=lambda body, signature: asyncio.sleep(0))
        settled = world.event(Told(EventKind.PAYMENT_SUCCEEDED, 0, 40_00, 0))
        gateway.charges["p0"] = settled
        assert await catch_up(sqlite_door, gateway, world.ears.announce, NOW + timedelta(minutes=14)) == 0
        assert await catch_up(sqlite_door, gateway, world.ears.announce, NOW + timedelta(minutes=15)) == 2
        payments = (await world.end())["payments"]
        assert payments[0][1] is PaymentStatus.SUCCEEDED
        assert payments[1][1:] == (PaymentStatus.FAILED, None, "never started")
        assert await catch_up(sqlite_door, gateway, world.ears.announce, NOW + timedelta(hours=1)) == 0

    run(work())


def test_events_keep_no_more_than_needed(run: Run, sqlite_door: Door) -> None:
    scenario = one_payment()

    async def work() -> PaymentEvent:
        world = await make_world(sqlite_door, scenario)
        await world.store(scenario.told[0])
        await world.apply()
        records = sqlite_door.system(Scope.DOCTOR)
        return await records.read(_only_event)

    row = run(work())
    assert set(row.body) == {"reference", "amount_minor", "currency", "part", "reason"}
    assert (row.outcome, row.applied_at) == ("succeeded", NOW + timedelta(hours=1))


async def _only_event(session: AsyncSession) -> PaymentEvent:
    return (await session.scalars(select(PaymentEvent))).one()

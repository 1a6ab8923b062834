"""What every payment gateway keeps to, the sandbox and the fake alike."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.gateway import ChargeOrder, EventKind, PaymentGateway, ProviderEvent, RefundOrder, SignatureError
from billing.money import Money
from billing.principal import Scope
from billing.sandbox_gateway import SUCCEEDS, SandboxGateway, sandbox_key
from tests.conftest import Run
from tests.factories.people import make_business
from tests.fakes.clock import NOW
from tests.fakes.gateway import FakeGateway


@dataclass
class Ear:
    """Keeps what a gateway delivers."""

    letters: list[tuple[bytes, str]] = field(default_factory=list)

    async def deliver(self, body: bytes, signature: str) -> None:
        self.letters.append((body, signature))

    def read(self, gateway: PaymentGateway) -> list[ProviderEvent]:
        events = [gateway.read_event(body, signature, NOW) for body, signature in self.letters]
        return [event for event in events if event is not None]


def _sandbox(door: Door, ear: Ear) -> PaymentGateway:
    return SandboxGateway(door, sandbox_key("secret"), lambda: NOW, ear.deliver)


def _fake(door: Door, ear: Ear) -> PaymentGateway:
    return FakeGateway(ear.deliver)


@pytest.fixture(params=[_sandbox, _fake], ids=["sandbox", "fake"])
def make(request: pytest.FixtureRequest) -> Callable[[Door, Ear], PaymentGateway]:
    chosen: Callable[[Door, Ear], PaymentGateway] = request.param
    return chosen


async def an_order(door: Door) -> ChargeOrder:
    async def work(session: AsyncSession) -> int:
        return (await make_business(session)).id

    business_id = await door.system(Scope.IMPORT).write(work)
    return ChargeOrder(business_id, "ref-1", "0" * 64, Money(92_000, "USD"), "INV-1042", instrument=SUCCEEDS)


Make = Callable[[Door, Ear], PaymentGateway]


def test_success_is_told_by_a_signed_event(run: Run, sqlite_door: Door, make: Make) -> None:
    async def work() -> None:
        ear, order = Ear(), await an_order(sqlite_door)
        gateway = make(sqlite_door, ear)
        await gateway.start(order)
        (event,) = ear.read(gateway)
        assert (event.kind, event.reference) == (EventKind.PAYMENT_SUCCEEDED, "ref-1")
        assert (event.amount, event.provider) == (Money(92_000, "USD"), gateway.name)
        assert event.business_id == order.business_id

    run(work())


def test_same_reference_is_one_charge(run: Run, sqlite_door: Door, make: Make) -> None:
    async def work() -> None:
        ear, order = Ear(), await an_order(sqlite_door)
        gateway = make(sqlite_door, ear)
        first, again = await gateway.start(order), await gateway.start(order)
        assert first == again
        assert len({event.event_id for event in ear.read(gateway)}) == 1

    run(work())


def test_same_key_is_one_refund(run: Run, sqlite_door: Door, make: Make) -> None:
    async def work() -> None:
        ear, order = Ear(), await an_order(sqlite_door)
        gateway = make(sqlite_door, ear)
        await gateway.start(order)
        wish = RefundOrder(order.business_id, "ref-1", "turn:9:1", Money(5_00, "USD"))
        assert await gateway.refund(wish) == await gateway.refund(wish)
        refunds = [event for event in ear.read(gateway) if event.kind is EventKind.REFUND_SUCCEEDED]
        assert len({event.event_id for event in refunds}) == 1
        assert refunds[0].part
        assert (refunds[0].reference, refunds[0].amount.minor) == ("ref-1", 5_00)

    run(work())


def test_charge_is_found_as_it_stands(run: Run, sqlite_door: Door, make: Make) -> None:
    async def work() -> None:
        order = await an_order(sqlite_door)
        gateway = make(sqlite_door, Ear())
        assert await gateway.find_charge(order.business_id, "ref-1") is None
        await gateway.start(order)
        found = await gateway.find_charge(order.business_id, "ref-1")
        assert found is not None
        assert found.kind is EventKind.PAYMENT_SUCCEEDED
        assert await gateway.find_charge(order.business_id + 1, "ref-1") is None

    run(work())


def test_forged_and_old_events_are_refused(run: Run, sqlite_door: Door, make: Make) -> None:
    async def work() -> None:
        ear, order = Ear(), await an_order(sqlite_door)
        gateway = make(sqlite_door, ear)
        await gateway.start(order)
        body, signature = ear.letters[0]
        forged = body.replace(b"92000", b"92001")
        assert forged != body
        late, early = NOW + timedelta(minutes=6), NOW - timedelta(minutes=6)
        for told, signed, now in [
            (forged, signature, NOW),
            (body, "", NOW),
            (body, signature[:-1] + ("0" if signature[-1] != "0" else "1"), NOW),
            (body, signature, late),
            (body, signature, early),
        ]:
            with pytest.raises(SignatureError):
                gateway.read_event(told, signed, now)
        assert gateway.read_event(body, signature, NOW + timedelta(minutes=4)) is not None

    run(work())

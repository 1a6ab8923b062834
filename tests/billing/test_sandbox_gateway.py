"""The sandbox provider: what each test card does, and how it reports."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.gateway import (
    ChargeOrder,
    EventKind,
    RefundOrder,
    SignatureError,
    Step,
    StepKind,
    UnreadableEventError,
)
from billing.money import Money
from billing.payment_events import take_in
from billing.principal import Scope
from billing.sandbox_gateway import (
    ASKS,
    DECLINES,
    SETTLES_LATE,
    SUCCEEDS,
    SandboxGateway,
    open_sandbox,
    read_signed,
    sandbox_key,
    sign,
)
from billing.tables.payments import Payment, PaymentEvent, PaymentStatus, SandboxCharge
from tests.conftest import Run
from tests.factories.bills import make_invoice
from tests.factories.payments import make_payment, make_payment_link
from tests.factories.people import make_business, make_client
from tests.fakes.clock import NOW
from tests.fakes.gateway import Ears

KEY = sandbox_key("secret")


@dataclass
class Till:
    """A payment that was begun, the sandbox that is to collect it, and a clock that can be moved."""

    door: Door
    gateway: SandboxGateway
    ears: Ears
    order: ChargeOrder
    clock: list[datetime] = field(default_factory=lambda: [NOW])

    async def start(self, instrument: str) -> Step:
        order = self.order
        return await self.gateway.start(
            ChargeOrder(order.business_id, order.reference, order.link_token_sha256, order.amount, "", "", instrument)
        )

    async def confirm(self, *, approved: bool) -> None:
        await self.gateway.confirm(self.order.business_id, self.order.reference, approved=approved)

    async def settle(self, after: timedelta) -> int:
        self.clock[0] = NOW + after
        return await self.gateway.settle_due(self.clock[0])

    async def payment(self) -> Payment:
        async def work(session: AsyncSession) -> Payment:
            return (await session.scalars(select(Payment))).one()

        return await self.door.system(Scope.PAYMENT_EVENT).read(work)

    async def charge(self) -> SandboxCharge:
        async def work(session: AsyncSession) -> SandboxCharge:
            return (await session.scalars(select(SandboxCharge))).one()

        return await self.door.system(Scope.PAYMENT_EVENT).read(work)


async def a_till(door: Door) -> Till:
    async def work(session: AsyncSession) -> ChargeOrder:
        client = await make_client(session, business=await make_business(session))
        invoice = await make_invoice(session, client=client)
        link = await make_payment_link(session, invoice=invoice)
        await make_payment(
            session, client=client, status=PaymentStatus.PROCESSING, provider="sandbox", provider_ref="ref-1",
            invoice_id=invoice.id, payment_link_id=link.id, started_at=NOW, received_at=None,
        )  # fmt: skip
        return ChargeOrder(client.business_id, "ref-1", link.token_sha256, Money(100_00, "USD"), invoice.number)

    order, ears, clock = await door.system(Scope.IMPORT).write(work), Ears(), [NOW]
    return Till(door, open_sandbox(door, "secret", lambda: clock[0], ears.announce), ears, order, clock)


def test_good_card_settles_at_once(run: Run, sqlite_door: Door) -> None:
    async def work() -> None:
        till = await a_till(sqlite_door)
        assert (await till.start(SUCCEEDS)).kind is StepKind.NOTHING
        payment = await till.payment()
        assert (payment.status, payment.received_at) == (PaymentStatus.SUCCEEDED, NOW)
        assert till.ears.kinds == ["succeeded"]
        assert await till.settle(timedelta(days=1)) == 0

    run(work())


def test_declined_card_takes_nothing(run: Run, sqlite_door: Door) -> None:
    async def work() -> None:
        till = await a_till(sqlite_door)
        await till.start(DECLINES)
        payment = await till.payment()
        assert (payment.status, payment.failure) == (PaymentStatus.FAILED, "insufficient funds")
        assert till.ears.kinds == ["failed"]
        assert till.ears.heard[0].left_minor == 100_00

    run(work())


@pytest.mark.parametrize(("approved", "kind"), [(True, "succeeded"), (False, "failed")])
def test_second_step_decides(run: Run, sqlite_door: Door, approved: bool, kind: str) -> None:
    async def work() -> None:
        till = await a_till(sqlite_door)
        assert (await till.start(ASKS)).kind is StepKind.CONFIRM
        assert await till.gateway.awaits_confirmation(till.order.business_id, "ref-1")
        assert till.ears.kinds == []
        await till.confirm(approved=approved)
        await till.confirm(approved=not approved)
        assert till.ears.kinds == [kind]
        assert not await till.gateway.awaits_confirmation(till.order.business_id, "ref-1")

    run(work())


def test_unanswered_second_step_is_given_up(run: Run, sqlite_door: Door) -> None:
    async def work() -> None:
        till = await a_till(sqlite_door)
        await till.start(ASKS)
        assert await till.settle(timedelta(minutes=14)) == 0
        assert await till.settle(timedelta(minutes=15)) == 1
        await till.confirm(approved=True)
        payment = await till.payment()
        assert (payment.status, payment.failure) == (PaymentStatus.FAILED, "not confirmed in time")
        assert till.ears.kinds == ["failed"]

    run(work())


def test_late_card_settles_later(run: Run, sqlite_door: Door) -> None:
    async def work() -> None:
        till = await a_till(sqlite_door)
        await till.start(SETTLES_LATE)
        assert till.ears.kinds == ["processing"]
        assert (await till.charge()).settles_at == NOW + timedelta(seconds=8)
        assert await till.settle(timedelta(seconds=7)) == 0
        assert await till.settle(timedelta(seconds=8)) == 1
        assert till.ears.kinds == ["processing", "succeeded"]
        assert (await till.payment()).received_at == NOW + timedelta(seconds=8)

    run(work())


def test_untold_outcome_is_told_later(run: Run, sqlite_door: Door) -> None:
    async def work() -> None:
        till = await a_till(sqlite_door)
        letters: list[bytes] = []

        async def crash(body: bytes, signature: str) -> None:
            letters.append(body)
            raise ConnectionError("the process died here")

        dying = SandboxGateway(sqlite_door, KEY, lambda: NOW, crash)
        with pytest.raises(ConnectionError):
            await dying.start(till.order.__class__(**(till.order.__dict__ | {"instrument": SUCCEEDS})))
        assert (await till.payment()).status is PaymentStatus.PROCESSING
        assert await till.settle(timedelta(seconds=1)) == 1
        assert till.ears.kinds == ["succeeded"]
        assert json.loads(letters[0])["id"] == f"sev_ref-1_{EventKind.PAYMENT_SUCCEEDED}"
        assert await till.settle(timedelta(seconds=2)) == 0

    run(work())


def test_refund_comes_back_as_event(run: Run, sqlite_door: Door) -> None:
    async def work() -> None:
        till = await a_till(sqlite_door)
        await till.start(SUCCEEDS)
        wish = RefundOrder(till.order.business_id, "ref-1", "turn:1:1", Money(30_00, "USD"), "scratched")
        await till.gateway.refund(wish)
        await till.gateway.refund(wish)

        async def kinds(session: AsyncSession) -> list[str]:
            return list((await session.scalars(select(PaymentEvent.kind).order_by(PaymentEvent.id))).all())

        stored = await sqlite_door.system(Scope.PAYMENT_EVENT).read(kinds)
        assert stored == ["payment.succeeded", "refund.succeeded"]

    run(work())


def test_only_test_cards_are_known(run: Run, sqlite_door: Door) -> None:
    till = run(a_till(sqlite_door))
    assert till.gateway.instrument_of("4242 4242-4242 4242") == SUCCEEDS
    assert till.gateway.instrument_of(" 4000000000000077 ") == SETTLES_LATE
    for card in ("", "4111 1111 1111 1111", "4242 4242 4242 424", "succeeds", "４２４２" * 4):
        assert till.gateway.instrument_of(card) is None


def test_stored_charge_holds_no_card(run: Run, sqlite_door: Door) -> None:
    async def work() -> None:
        till = await a_till(sqlite_door)
        await till.start(SUCCEEDS)
        charge = await till.charge()
        row = {column.key: getattr(charge, column.key) for column in SandboxCharge.__table__.columns}
        assert "4242" not in str(row)
        assert charge.state == "succeeded"

    run(work())


def a_body(**changed: object) -> bytes:
    told = {
        "id": "sev_1", "type": "payment.succeeded", "business": 1, "reference": "ref-1", "amount_minor": 100,
        "currency": "USD", "occurred_at": NOW.isoformat(), "part": "", "reason": "",
    }  # fmt: skip
    return json.dumps(told | changed).encode()


def test_signature_covers_moment_and_body() -> None:
    body = a_body()
    signature = sign(KEY, body, NOW)
    assert read_signed(KEY, body, signature, NOW) is not None
    older = sign(KEY, body, NOW - timedelta(minutes=6)).split(",")[1]
    stamp = signature.split(",")[0]
    bad = ["", "t=,v1=", "v1=abc", "t=1e9,v1=abc", f"{stamp},{older}", signature.replace("v1=", "v1=é"), stamp]
    for wrong in bad:
        with pytest.raises(SignatureError):
            read_signed(KEY, body, wrong, NOW)
    with pytest.raises(SignatureError):
        read_signed(sandbox_key("other"), body, signature, NOW)


def test_signed_nonsense_is_unreadable() -> None:
    for body in (b"", b"[]", b"{}", a_body(amount_minor="1"), a_body(currency="?"), a_body(occurred_at="soon")):
        with pytest.raises(UnreadableEventError):
            read_signed(KEY, body, sign(KEY, body, NOW), NOW)
    unknown = a_body(type="balance.available")
    assert read_signed(KEY, unknown, sign(KEY, unknown, NOW), NOW) is None


def test_wrong_signature_writes_nothing(run: Run, sqlite_door: Door) -> None:
    async def work() -> None:
        till = await a_till(sqlite_door)
        with pytest.raises(SignatureError):
            await take_in(
                sqlite_door, till.gateway.read_event, till.ears.announce, body=a_body(), signature="t=1,v1=0",
                now=NOW,
            )  # fmt: skip

        async def stored(session: AsyncSession) -> int:
            return len((await session.scalars(select(PaymentEvent))).all())

        assert await sqlite_door.system(Scope.PAYMENT_EVENT).read(stored) == 0

    run(work())

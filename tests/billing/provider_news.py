"""Scenarios of provider events, and the little worlds in which they happen."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.gateway import EventKind, ProviderEvent
from billing.ledger import check, credit_left
from billing.money import Money
from billing.payment_events import apply_events, store_provider_event
from billing.principal import Scope
from billing.tables.bills import Invoice
from billing.tables.payments import Allocation, Chargeback, Payment, PaymentLink, PaymentStatus, Refund
from tests.factories.bills import make_invoice
from tests.factories.payments import make_payment, make_payment_link
from tests.factories.people import make_business, make_client, make_contact
from tests.factories.talk import make_conversation
from tests.fakes.clock import NOW
from tests.fakes.gateway import Ears


@dataclass(frozen=True)
class Told:
    """One event of a scenario. payment: its place in the scenario; after: seconds after NOW."""

    kind: EventKind
    payment: int
    minor: int
    after: int
    part: str = ""
    reason: str = ""
    copy: int = 0  # the same news under another event id

    @property
    def event_id(self) -> str:
        return f"{self.kind}-{self.payment}-{self.part}-{self.copy}"


@dataclass
class Scenario:
    """Invoice totals; payments as (invoice, minor units); and what is told of them, in the order it happened."""

    totals: list[int]
    payments: list[tuple[int, int]] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)

    def tell(self, kind: EventKind, payment: int, minor: int, part: str = "", copy: int = 0) -> None:
        reason = "no money" if kind is EventKind.PAYMENT_FAILED else ""
        self.told.append(Told(kind, payment, minor, len(self.told), part, reason, copy))


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    scenario = Scenario(draw(st.lists(st.integers(10, 300), min_size=1, max_size=2)))
    for place in range(draw(st.integers(1, 4))):
        meant_for = draw(st.integers(0, len(scenario.totals) - 1))
        amount = draw(st.integers(1, 200))
        scenario.payments.append((meant_for, amount))
        if draw(st.booleans()):
            scenario.tell(EventKind.PAYMENT_PROCESSING, place, amount)
        outcomes = draw(st.sampled_from(["success", "success", "success twice", "retry", "failure"]))
        if outcomes in {"retry", "failure"}:
            scenario.tell(EventKind.PAYMENT_FAILED, place, amount)
        if outcomes == "failure":
            continue
        scenario.tell(EventKind.PAYMENT_SUCCEEDED, place, amount)
        if outcomes == "success twice":
            scenario.tell(EventKind.PAYMENT_SUCCEEDED, place, amount, copy=1)
        _draw_refunds(draw, scenario, place, amount)
        if draw(st.booleans()):
            scenario.tell(EventKind.CHARGEBACK_OPENED, place, amount, f"cb{place}")
            ends = [EventKind.CHARGEBACK_WON, EventKind.CHARGEBACK_LOST]
            for end in draw(st.sampled_from([[], ends[:1], ends[1:]])):
                scenario.tell(end, place, amount, f"cb{place}")
    return scenario


def _draw_refunds(draw: st.DrawFn, scenario: Scenario, place: int, amount: int) -> None:
    left = amount
    for turn in range(draw(st.integers(0, 3))):
        if left <= 0:
            return
        minor, part = draw(st.integers(1, left)), f"re{place}-{turn}"
        if draw(st.booleans()):
            scenario.tell(EventKind.REFUND_PENDING, place, minor, part)
        scenario.tell(EventKind.REFUND_SUCCEEDED, place, minor, part)
        if draw(st.integers(0, 3)) == 0:
            scenario.tell(EventKind.REFUND_FAILED, place, minor, part)
        else:
            left -= minor


@dataclass
class World:
    """One business in which a scenario happens."""

    door: Door
    business_id: int
    thread_id: int
    invoices: list[int]
    first_payment: int
    ears: Ears

    async def store(self, told: Told) -> bool:
        return await store_provider_event(self.door, self.event(told), NOW + timedelta(hours=1))

    def event(self, told: Told) -> ProviderEvent:
        return ProviderEvent(
            self.business_id, "fake", told.event_id, told.kind, f"p{told.payment}", Money(told.minor, "USD"),
            NOW + timedelta(seconds=told.after), told.part, told.reason,
        )  # fmt: skip

    async def apply(self) -> int:
        return await apply_events(self.door, self.ears.announce, NOW + timedelta(hours=1))

    async def end(self) -> dict[str, Any]:
        """Everything that may not depend on the order: all but printed numbers and row versions."""
        return await self.door.system(Scope.DOCTOR).read(self._end)

    async def _end(self, session: AsyncSession) -> dict[str, Any]:
        assert await check(session, business_id=self.business_id) == []
        rows = {table: await self._rows(session, table) for table in (Invoice, Payment, Allocation, Refund)}
        charged = await self._rows(session, Chargeback)
        links = await self._rows(session, PaymentLink)
        refs = {payment.id: payment.provider_ref for payment in rows[Payment]}
        credit = {refs[payment.id]: await credit_left(session, payment) for payment in rows[Payment]}
        _assert_conserved(rows, charged, credit)
        place = {invoice_id: at for at, invoice_id in enumerate(self.invoices)}
        return {
            "invoices": [(row.balance_minor, row.status) for row in rows[Invoice]],
            "payments": sorted((p.provider_ref, p.status, p.received_at, p.failure) for p in rows[Payment]),
            "allocations": sorted(
                (refs[a.payment_id], place[a.invoice_id], a.amount_minor, a.allocated_at) for a in rows[Allocation]
            ),
            "refunds": sorted(
                (r.provider_ref, r.amount_minor, r.status, r.requested_at, r.settled_at, place[r.invoice_id])
                for r in rows[Refund]
            ),
            "chargebacks": sorted((c.provider_ref, c.status, c.opened_at) for c in charged),
            "links": sorted((link.invoice_id - self.invoices[0], link.status) for link in links),
            "credit": credit,
        }

    async def _rows(self, session: AsyncSession, table: Any) -> list[Any]:
        query = select(table).where(table.business_id == self.business_id).order_by(table.id)
        return list((await session.scalars(query)).all())


def _assert_conserved(rows: dict[Any, list[Any]], charged: list[Any], credit: dict[str, int]) -> None:
    """Each cent that came is on an invoice, credit, or with the payer's bank; each that went back was there."""
    settled = sum(row.balance_minor for row in rows[Invoice])
    net = sum(a.amount_minor for a in rows[Allocation])
    back = [refund for refund in rows[Refund] if refund.status == "succeeded"]
    net -= sum(refund.amount_minor for refund in back)
    assert settled == sum(row.total_minor for row in rows[Invoice]) - net
    for payment in rows[Payment]:
        if payment.status != "succeeded":
            continue
        used = sum(a.amount_minor for a in rows[Allocation] if a.payment_id == payment.id)
        taken = sum(c.amount_minor for c in charged if c.payment_id == payment.id and c.status != "won")
        returned = sum(refund.amount_minor for refund in back if refund.payment_id == payment.id)
        held = min(taken, payment.amount_minor - returned)
        assert used + held + credit[payment.provider_ref] == payment.amount_minor


async def make_world(door: Door, scenario: Scenario, began: datetime = NOW) -> World:
    async def work(session: AsyncSession) -> World:
        business = await make_business(session)
        client = await make_client(session, business=business)
        person = await make_contact(session, business=business, clients=[client])
        thread = await make_conversation(session, person=person, client=client)
        invoices = [await make_invoice(session, client=client, lines=[("Work", 1, total)]) for total in scenario.totals]
        first = 0
        for place, (meant_for, minor) in enumerate(scenario.payments):
            link = await make_payment_link(session, invoice=invoices[meant_for], conversation_id=thread.id)
            payment = await make_payment(
                session, client=client, amount_minor=minor, status=PaymentStatus.PROCESSING, provider="fake",
                provider_ref=f"p{place}", payment_link_id=link.id, invoice_id=link.invoice_id, started_at=began,
                received_at=None,
            )  # fmt: skip
            first = first or payment.id
        return World(door, business.id, thread.id, [invoice.id for invoice in invoices], first, Ears())

    return await door.system(Scope.IMPORT).write(work)


@st.composite
def shuffles(draw: st.DrawFn) -> tuple[Scenario, list[Told], int]:
    scenario = draw(scenarios())
    again = draw(st.lists(st.sampled_from(scenario.told), max_size=4)) if scenario.told else []
    return scenario, list(draw(st.permutations(scenario.told + again))), draw(st.integers(1, 5))

"""A payment gateway in memory, and ears for the news it causes."""

import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from billing.gateway import (
    ChargeOrder,
    EventKind,
    ProviderEvent,
    RefundOrder,
    SignatureError,
    Step,
    StepKind,
    UnreadableEventError,
)
from billing.money import Money
from billing.payment_events import PaymentNews
from tests.fakes.clock import NOW

KEY = b"the fake's key"


@dataclass
class FakeGateway:
    """Every charge is settled at once as `outcome` says; its events are delivered, and kept in `told`."""

    deliver: Callable[[bytes, str], Awaitable[object]]
    outcome: EventKind = EventKind.PAYMENT_SUCCEEDED
    now: datetime = NOW
    charges: dict[str, ProviderEvent] = field(default_factory=dict)
    refunds: set[str] = field(default_factory=set)

    @property
    def name(self) -> str:
        return "fake"

    @property
    def form_targets(self) -> tuple[str, ...]:
        return ("https://pay.example.com",)

    async def start(self, order: ChargeOrder) -> Step:
        if order.reference not in self.charges:
            event = self._event(order.business_id, order.reference, order.amount, self.outcome)
            self.charges[order.reference] = event
            await self._send(event)
        return Step(StepKind.REDIRECT, f"https://pay.example.com/{order.reference}")

    async def refund(self, order: RefundOrder) -> str:
        part = f"refund-{order.idempotency_key}"
        if part not in self.refunds:
            self.refunds.add(part)
            await self._send(
                self._event(order.business_id, order.reference, order.amount, EventKind.REFUND_SUCCEEDED, part)
            )
        return part

    async def find_charge(self, business_id: int, reference: str) -> ProviderEvent | None:
        event = self.charges.get(reference)
        return event if event is not None and event.business_id == business_id else None

    def read_event(self, body: bytes, signature: str, now: datetime) -> ProviderEvent | None:
        stamp, _, mac = signature.partition(":")
        if not mac or not hmac.compare_digest(mac, _mac(stamp, body)):
            raise SignatureError("wrong" if mac else "missing")
        if abs(now.timestamp() - float(stamp)) > 300:
            raise SignatureError("too old")
        try:
            told = json.loads(body)
            return ProviderEvent(
                business_id=told["business_id"],
                provider=self.name,
                event_id=told["event_id"],
                kind=EventKind(told["kind"]),
                reference=told["reference"],
                amount=Money(told["amount_minor"], told["currency"]),
                occurred_at=datetime.fromisoformat(told["occurred_at"]).astimezone(UTC),
                part=told["part"],
            )
        except (KeyError, ValueError) as wrong:
            raise UnreadableEventError(str(wrong)) from wrong

    def sign(self, body: bytes, now: datetime) -> str:
        """A signature as the fake's provider makes it."""
        stamp = str(now.timestamp())
        return f"{stamp}:{_mac(stamp, body)}"

    def _event(self, business_id: int, reference: str, amount: Money, kind: EventKind, part: str = "") -> ProviderEvent:
        event_id = f"{part or reference}-{kind}"
        return ProviderEvent(business_id, self.name, event_id, kind, reference, amount, self.now, part)

    async def _send(self, event: ProviderEvent) -> None:
        named = {"business_id": event.business_id, "event_id": event.event_id, "kind": event.kind.value}
        body = json.dumps(named | event.body() | {"occurred_at": event.occurred_at.isoformat()}).encode()
        await self.deliver(body, self.sign(body, self.now))


def _mac(stamp: str, body: bytes) -> str:
    return hmac.new(KEY, stamp.encode() + body, hashlib.sha256).hexdigest()


@dataclass
class Ears:
    """Hears the news of payments; `deaf` makes hearing fail, as a broken announcement would."""

    heard: list[PaymentNews] = field(default_factory=list)
    deaf: bool = False

    async def announce(self, session: AsyncSession, news: PaymentNews) -> None:
        """Keep the news."""
        if self.deaf:
            raise RuntimeError("no announcement today")
        self.heard.append(news)

    @property
    def kinds(self) -> list[str]:
        """What was heard, in order."""
        return [news.kind for news in self.heard]

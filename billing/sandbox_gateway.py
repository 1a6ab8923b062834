"""The sandbox provider: test cards on our own page, outcomes as signed events, no network and no account."""

import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door, T, Work
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
from billing.payment_events import Announce, take_in
from billing.principal import Scope
from billing.tables.payments import SandboxCharge

NAME = "sandbox"
TOLERANCE = timedelta(minutes=5)
LATE_BY = timedelta(seconds=8)
CONFIRM_WITHIN = timedelta(minutes=15)

SUCCEEDS, DECLINES, ASKS, SETTLES_LATE = "succeeds", "declines", "asks", "settles_late"
_TEST_CARDS = {
    "4242424242424242": SUCCEEDS,
    "4000000000000002": DECLINES,
    "4000002500003155": ASKS,
    "4000000000000077": SETTLES_LATE,
}

# States of a charge; its settles_at is when the sandbox has to act next, None when it has told everything.
_SUCCEEDED, _DECLINED, _REFUSED, _ABANDONED = "succeeded", "declined", "refused", "abandoned"
_CONFIRMING, _LATE = "confirming", "late"
_FIRST_STATE = {SUCCEEDS: _SUCCEEDED, DECLINES: _DECLINED, ASKS: _CONFIRMING, SETTLES_LATE: _LATE}
_FAILURES = {
    _DECLINED: "insufficient funds",
    _REFUSED: "refused by the payer",
    _ABANDONED: "not confirmed in time",
}

Deliver = Callable[[bytes, str], Awaitable[object]]
Clock = Callable[[], datetime]


def sign(key: bytes, body: bytes, now: datetime) -> str:
    """The signature header of an event: `t=<unix seconds>,v1=<HMAC-SHA256 over "t.body">`."""
    stamp = str(int(now.timestamp()))
    return f"t={stamp},v1={_mac(key, stamp, body)}"


def read_signed(key: bytes, body: bytes, signature: str, now: datetime) -> ProviderEvent | None:
    """A sandbox event whose signature holds and is at most five minutes away from `now`.

    None for a kind we do not know. SignatureError, UnreadableEventError.
    """
    _check_signature(key, body, signature, now)
    try:
        told = json.loads(body)
        if told["type"] not in {kind.value for kind in EventKind}:
            return None
        return ProviderEvent(
            business_id=int(told["business"]),
            provider=NAME,
            event_id=str(told["id"]),
            kind=EventKind(told["type"]),
            reference=str(told["reference"]),
            amount=Money(told["amount_minor"], told["currency"]),
            occurred_at=datetime.fromisoformat(told["occurred_at"]).astimezone(UTC),
            part=str(told["part"]),
            reason=str(told["reason"]),
        )
    except (KeyError, TypeError, ValueError) as wrong:
        raise UnreadableEventError(f"sandbox event: {wrong!r}") from wrong


def _check_signature(key: bytes, body: bytes, signature: str, now: datetime) -> None:
    if not signature:
        raise SignatureError("missing")
    parts = dict(part.split("=", 1) for part in signature.split(",") if "=" in part)
    stamp, told = parts.get("t", ""), parts.get("v1", "")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
        raise SignatureError("malformed")
    if not hmac.compare_digest(_mac(key, stamp, body).encode(), told.encode("utf-8", "replace")):
        raise SignatureError("wrong")
    if abs(now.timestamp() - int(stamp)) > TOLERANCE.total_seconds():
        raise SignatureError("too old")


def _mac(key: bytes, stamp: str, body: bytes) -> str:
    return hmac.new(key, stamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def sandbox_key(secret: str) -> bytes:
    """The signing key of sandbox events, made from the installation's secret for this one purpose."""
    return hmac.new(secret.encode(), b"sandbox provider events", hashlib.sha256).digest()


def open_sandbox(door: Door, secret: str, clock: Clock, announce: Announce) -> "SandboxGateway":
    """The sandbox as it is used: its events come in by the same way as those of a provider over HTTP."""
    key = sandbox_key(secret)

    async def deliver(body: bytes, signature: str) -> bool:
        read = gateway.read_event
        return await take_in(door, read, announce, body=body, signature=signature, now=clock())

    gateway = SandboxGateway(door, key, clock, deliver)
    return gateway


@dataclass(frozen=True)
class SandboxGateway:
    """Charges that live in `sandbox_charge`.

    Each row is committed before its event is told, and marked after: what a crash leaves untold is told by
    the next `settle_due`, under the same event id.
    """

    door: Door
    key: bytes
    clock: Clock
    deliver: Deliver

    @property
    def name(self) -> str:
        return NAME

    @property
    def form_targets(self) -> tuple[str, ...]:
        return ()

    def read_event(self, body: bytes, signature: str, now: datetime) -> ProviderEvent | None:
        return read_signed(self.key, body, signature, now)

    def instrument_of(self, card: str) -> str | None:
        """What a test card does; None for every other number. The number goes no further than this."""
        return _TEST_CARDS.get("".join(card.split()).replace("-", ""))

    async def start(self, order: ChargeOrder) -> Step:
        now = self.clock()

        async def work(session: AsyncSession) -> SandboxCharge:
            charge = await _hold(session, order.business_id, order.reference)
            if charge is None:
                charge = _new_charge(order, now)
                session.add(charge)
                await session.flush()
            return charge

        try:
            charge = await self._write(work)
        except IntegrityError:  # the same order at the same moment: the other one made the row
            charge = await self._write(work)
        if charge.state == _LATE:
            await self._tell(charge, EventKind.PAYMENT_PROCESSING, charge.created_at)
        elif charge.state != _CONFIRMING and charge.settles_at is not None:
            await self._tell_outcome(charge)
        return Step(StepKind.CONFIRM if charge.state == _CONFIRMING else StepKind.NOTHING)

    async def awaits_confirmation(self, business_id: int, reference: str) -> bool:
        """Whether the charge waits for its second step."""
        charge = await self._read(business_id, reference)
        return charge is not None and charge.state == _CONFIRMING

    async def confirm(self, business_id: int, reference: str, *, approved: bool) -> None:
        """Decide a charge that waits for its second step; on any other it does nothing."""
        now = self.clock()
        ends = {_CONFIRMING: _SUCCEEDED if approved else _REFUSED}
        charge = await self._decide(business_id, reference, ends, now)
        if charge is not None:
            await self._tell_outcome(charge)

    async def settle_due(self, now: datetime) -> int:
        """Settle late charges that are due, give up unconfirmed ones, tell what a crash left untold."""

        async def read(session: AsyncSession) -> list[SandboxCharge]:
            due = select(SandboxCharge).where(SandboxCharge.settles_at <= now)
            return list((await session.scalars(due.order_by(SandboxCharge.settles_at).limit(500))).all())

        charges = await self.door.system(Scope.PAYMENT_EVENT).read(read)
        ends = {_LATE: _SUCCEEDED, _CONFIRMING: _ABANDONED}
        for charge in charges:
            if charge.state not in ends:
                await self._tell_outcome(charge)
                continue
            decided = await self._decide(charge.business_id, charge.reference, ends, now)
            if decided is not None:  # else another run was faster, and tells it
                await self._tell_outcome(decided)
        return len(charges)

    async def refund(self, order: RefundOrder) -> str:
        """Give back at once; the refund's id follows from the key, so the same key is the same refund."""
        part = "sre_" + hashlib.sha256(order.idempotency_key.encode()).hexdigest()[:24]
        body = _body(
            business_id=order.business_id,
            event_id=f"sev_{part}_{EventKind.REFUND_SUCCEEDED}",
            kind=EventKind.REFUND_SUCCEEDED,
            reference=order.reference,
            amount=order.amount,
            occurred_at=self.clock(),
            part=part,
            reason=order.reason,
        )
        await self.deliver(body, sign(self.key, body, self.clock()))
        return part

    async def find_charge(self, business_id: int, reference: str) -> ProviderEvent | None:
        charge = await self._read(business_id, reference)
        if charge is None:
            return None
        body = _charge_body(charge, _kind_of(charge), charge.created_at)
        return read_signed(self.key, body, sign(self.key, body, self.clock()), self.clock())

    async def _decide(
        self, business_id: int, reference: str, ends: dict[str, str], now: datetime
    ) -> SandboxCharge | None:
        async def work(session: AsyncSession) -> SandboxCharge | None:
            charge = await _hold(session, business_id, reference)
            if charge is None or charge.state not in ends:
                return None
            charge.state, charge.settles_at = ends[charge.state], now
            await session.flush()
            return charge

        return await self._write(work)

    async def _tell_outcome(self, charge: SandboxCharge) -> None:
        await self._tell(charge, _kind_of(charge), charge.settles_at or charge.created_at)

        async def told(session: AsyncSession) -> None:
            row = await _hold(session, charge.business_id, charge.reference)
            if row is not None:
                row.settles_at = None

        await self._write(told)

    async def _tell(self, charge: SandboxCharge, kind: EventKind, occurred_at: datetime) -> None:
        body = _charge_body(charge, kind, occurred_at)
        await self.deliver(body, sign(self.key, body, self.clock()))

    async def _read(self, business_id: int, reference: str) -> SandboxCharge | None:
        records = self.door.system(Scope.PAYMENT_EVENT)
        return await records.read(lambda session: _find(session, business_id, reference))

    async def _write(self, work: Work[T]) -> T:
        return await self.door.system(Scope.PAYMENT_EVENT).write(work)


async def _find(session: AsyncSession, business_id: int, reference: str) -> SandboxCharge | None:
    return (await session.scalars(_charge(business_id, reference))).one_or_none()


async def _hold(session: AsyncSession, business_id: int, reference: str) -> SandboxCharge | None:
    return (await session.scalars(_charge(business_id, reference).with_for_update())).one_or_none()


def _charge(business_id: int, reference: str) -> Select[SandboxCharge]:
    mine = SandboxCharge.business_id == business_id
    return select(SandboxCharge).where(mine, SandboxCharge.reference == reference)


def _new_charge(order: ChargeOrder, now: datetime) -> SandboxCharge:
    state = _FIRST_STATE[order.instrument]
    waits = {_LATE: LATE_BY, _CONFIRMING: CONFIRM_WITHIN}
    return SandboxCharge(
        business_id=order.business_id,
        reference=order.reference,
        idempotency_key=order.reference,
        link_token_sha256=order.link_token_sha256,
        amount_minor=order.amount.minor,
        currency=order.amount.currency,
        state=state,
        settles_at=now + waits.get(state, timedelta()),
        created_at=now,
    )


def _kind_of(charge: SandboxCharge) -> EventKind:
    if charge.state in (_LATE, _CONFIRMING):
        return EventKind.PAYMENT_PROCESSING
    return EventKind.PAYMENT_SUCCEEDED if charge.state == _SUCCEEDED else EventKind.PAYMENT_FAILED


def _charge_body(charge: SandboxCharge, kind: EventKind, occurred_at: datetime) -> bytes:
    return _body(
        business_id=charge.business_id,
        event_id=f"sev_{charge.reference}_{kind}",
        kind=kind,
        reference=charge.reference,
        amount=Money(charge.amount_minor, charge.currency),
        occurred_at=occurred_at,
        reason=_FAILURES.get(charge.state, ""),
    )


def _body(
    *,
    business_id: int,
    event_id: str,
    kind: EventKind,
    reference: str,
    amount: Money,
    occurred_at: datetime,
    part: str = "",
    reason: str = "",
) -> bytes:
    told: dict[str, Any] = {
        "id": event_id,
        "type": kind.value,
        "business": business_id,
        "reference": reference,
        "amount_minor": amount.minor,
        "currency": amount.currency,
        "occurred_at": occurred_at.isoformat(),
        "part": part,
        "reason": reason,
    }
    return json.dumps(told, separators=(",", ":")).encode()

"""What providers tell us: stored once under their own id, then applied in any order, each once."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.event_effects import Effect, apply_to_ledger
from billing.gateway import EventKind, PaymentGateway, ProviderEvent
from billing.money import Money
from billing.principal import Scope
from billing.tables.bills import Invoice
from billing.tables.payments import Payment, PaymentEvent, PaymentLink, PaymentStatus

logger = logging.getLogger(__name__)

BATCH = 500
UNSTARTED_AFTER = timedelta(minutes=15)

EventReader = Callable[[bytes, str, datetime], ProviderEvent | None]


@dataclass(frozen=True)
class PaymentNews:
    """A payment that was settled, failed, or is on its way, as the transaction that applies it sees it.

    kind: "succeeded", "failed" or "processing". left_minor: what the invoice still owes afterwards.
    conversation_id: where the link was sent, which is where the receipt goes.
    """

    business_id: int
    client_id: int
    payment_id: int
    payment_number: str
    payment_version: int
    amount_minor: int
    currency: str
    invoice_id: int
    invoice_number: str
    invoice_version: int
    left_minor: int
    due_on: date | None
    conversation_id: int | None
    kind: str
    occurred_at: datetime
    failure: str = ""


Announce = Callable[[AsyncSession, PaymentNews], Awaitable[None]]


async def take_in(
    door: Door, read: EventReader, announce: Announce, *, body: bytes, signature: str, now: datetime
) -> bool:
    """A provider's request: checked, stored, applied. False when it was known or does not concern us.

    Every provider comes in here, over HTTP or from within. SignatureError and UnreadableEventError before
    anything is written; once it is stored, nothing that goes wrong while applying is the provider's matter.
    """
    event = read(body, signature, now)
    if event is None or not await store_provider_event(door, event, now):
        return False
    await apply_events(door, announce, now)
    return True


async def store_provider_event(door: Door, event: ProviderEvent, now: datetime) -> bool:
    """Store an event of a gateway; False when it was known."""
    return await store_event(
        door,
        business_id=event.business_id,
        provider=event.provider,
        event_id=event.event_id,
        kind=event.kind,
        body=event.body(),
        occurred_at=event.occurred_at,
        now=now,
    )


async def store_event(
    door: Door,
    *,
    business_id: int,
    provider: str,
    event_id: str,
    kind: str,
    body: dict[str, Any],
    occurred_at: datetime,
    now: datetime,
) -> bool:
    """Store what a provider told us (ProviderEvent.body form); False when its id is known already."""
    row = PaymentEvent(
        business_id=business_id,
        provider=provider,
        event_id=event_id,
        kind=kind,
        body=body,
        occurred_at=occurred_at,
        received_at=now,
    )
    records = door.system(Scope.PAYMENT_EVENT)
    try:
        return await records.write(lambda session: _store_once(session, row))
    except IntegrityError:
        # Two deliveries at once: the other one was faster. Any other broken rule is not ours to hide.
        if await records.read(lambda session: _is_known(session, row)):
            return False
        raise


async def _store_once(session: AsyncSession, row: PaymentEvent) -> bool:
    if await _is_known(session, row):
        return False
    session.add(row)
    await session.flush()
    return True


async def _is_known(session: AsyncSession, row: PaymentEvent) -> bool:
    same = (
        PaymentEvent.business_id == row.business_id,
        PaymentEvent.provider == row.provider,
        PaymentEvent.event_id == row.event_id,
    )
    return await session.scalar(select(PaymentEvent.id).where(*same)) is not None


async def apply_events(door: Door, announce: Announce, now: datetime) -> int:
    """Apply all stored events that were not applied yet, each in its own transaction; answers how many were.

    What comes before its time (a refund before its payment) stays and is tried again; an event that cannot be
    applied is logged, stays, and holds up no other. Two runs at once share the work.
    """
    applied, progress = 0, True
    while progress:
        progress = False
        for event_id in await _waiting(door):
            if await _apply(door, announce, event_id, now):
                applied, progress = applied + 1, True
    return applied


async def _waiting(door: Door) -> list[int]:
    async def read(session: AsyncSession) -> list[int]:
        query = select(PaymentEvent.id).where(PaymentEvent.applied_at.is_(None))
        return list((await session.scalars(query.order_by(PaymentEvent.occurred_at, PaymentEvent.id))).all())

    return await door.system(Scope.PAYMENT_EVENT).read(read)


async def _apply(door: Door, announce: Announce, event_id: int, now: datetime) -> bool:
    async def work(session: AsyncSession) -> bool:
        return await _apply_one(session, announce, event_id, now)

    records = door.system(Scope.PAYMENT_EVENT)
    try:
        return await records.write(work)
    except Exception as error:  # whatever is wrong with one event, the others go on
        outcome = f"not applied: {type(error).__name__}"
        if await records.write(lambda session: _note(session, event_id, outcome)):
            logger.exception("payment event %s was not applied; it is tried again at each run", event_id)
        return False


async def _note(session: AsyncSession, event_id: int, outcome: str) -> bool:
    """Write beside an event why it waits; False when that stood there already, so that it is logged once."""
    row = (await session.scalars(select(PaymentEvent).where(PaymentEvent.id == event_id))).one()
    is_new = row.applied_at is None and row.outcome != outcome
    if is_new:
        row.outcome = outcome
    return is_new


async def stuck_events(session: AsyncSession, now: datetime) -> list[PaymentEvent]:
    """For `doctor`: events that have waited an hour for something that should have come with them."""
    query = select(PaymentEvent).where(
        PaymentEvent.applied_at.is_(None), PaymentEvent.received_at <= now - timedelta(hours=1)
    )
    return list((await session.scalars(query.order_by(PaymentEvent.id))).all())


async def _apply_one(session: AsyncSession, announce: Announce, event_id: int, now: datetime) -> bool:
    query = select(PaymentEvent).where(PaymentEvent.id == event_id, PaymentEvent.applied_at.is_(None))
    row = (await session.scalars(query.with_for_update())).one_or_none()
    if row is None:
        return False
    event = _provider_event(row)
    result = await apply_to_ledger(session, event)
    if result.effect is Effect.TOO_EARLY:
        return False
    row.applied_at, row.outcome = now, result.outcome or result.effect
    await session.flush()
    if result.effect in _NEWS and result.payment is not None:
        await announce(session, await _news(session, result.payment, event, _NEWS[result.effect]))
    elif result.effect is Effect.REFUSED:
        logger.error("payment event %s of %s refused: %s", row.event_id, row.provider, row.outcome)
    return True


_NEWS = {Effect.SUCCEEDED: "succeeded", Effect.FAILED: "failed", Effect.PROCESSING: "processing"}


def _provider_event(row: PaymentEvent) -> ProviderEvent:
    return ProviderEvent(
        business_id=row.business_id,
        provider=row.provider,
        event_id=row.event_id,
        kind=EventKind(row.kind),
        reference=row.body["reference"],
        amount=Money(row.body["amount_minor"], row.body["currency"]),
        occurred_at=row.occurred_at,
        part=row.body.get("part", ""),
        reason=row.body.get("reason", ""),
    )


async def _news(session: AsyncSession, payment: Payment, event: ProviderEvent, kind: str) -> PaymentNews:
    invoice = (await session.scalars(select(Invoice).where(Invoice.id == payment.invoice_id))).one()
    where = select(PaymentLink.conversation_id).where(PaymentLink.id == payment.payment_link_id)
    return PaymentNews(
        business_id=payment.business_id,
        client_id=payment.client_id,
        payment_id=payment.id,
        payment_number=payment.number,
        payment_version=payment.version,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        invoice_id=invoice.id,
        invoice_number=invoice.number,
        invoice_version=invoice.version,
        left_minor=invoice.balance_minor,
        due_on=invoice.due_on,
        conversation_id=await session.scalar(where) if payment.payment_link_id else None,
        kind=kind,
        occurred_at=event.occurred_at,
        failure=payment.failure,
    )


async def catch_up(door: Door, gateway: PaymentGateway, announce: Announce, now: datetime) -> int:
    """Ask the provider about payments that have been on their way for long; answers how many it settled.

    Heals lost events and a process that died between writing a payment and starting its charge: what the
    provider never heard of has failed, so that the invoice can be paid again.
    """

    async def read(session: AsyncSession) -> list[Payment]:
        query = select(Payment).where(
            Payment.status == PaymentStatus.PROCESSING,
            Payment.provider == gateway.name,
            Payment.started_at <= now - UNSTARTED_AFTER,
        )
        return list((await session.scalars(query.order_by(Payment.id).limit(BATCH))).all())

    for payment in await door.system(Scope.PAYMENT_EVENT).read(read):
        reference = payment.provider_ref or ""
        event = await gateway.find_charge(payment.business_id, reference)
        if event is None:
            event = _never_started(payment, reference, now)
        if event.kind is not EventKind.PAYMENT_PROCESSING:
            await store_provider_event(door, event, now)
    return await apply_events(door, announce, now)


def _never_started(payment: Payment, reference: str, now: datetime) -> ProviderEvent:
    return ProviderEvent(
        business_id=payment.business_id,
        provider=payment.provider,
        event_id=f"never-started:{reference}",
        kind=EventKind.PAYMENT_FAILED,
        reference=reference,
        amount=Money(payment.amount_minor, payment.currency),
        occurred_at=now,
        reason="never started",
    )

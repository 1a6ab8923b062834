"""Retainers and payment plans, for tests."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from billing.tables.bills import Invoice
from billing.tables.people import Client
from billing.tables.plans import Instalment, InstalmentStatus, PaymentPlan, PaymentPromise, PlanStatus, Retainer
from tests.factories.rows import add_row, next_number, owner_of
from tests.fakes.clock import NOW, TODAY


async def make_retainer(session: AsyncSession, *, client: Client, amount_minor: int = 500_00, **given: Any) -> Retainer:
    """A retainer of which nothing is used."""
    dull: dict[str, Any] = {
        "number": f"RET-{next_number()}",
        "title": "Retainer",
        "remaining_minor": amount_minor,
        "currency": client.currency,
        "received_on": TODAY,
    }
    return await add_row(session, Retainer(**owner_of(client), amount_minor=amount_minor, **(dull | given)))


async def make_plan(
    session: AsyncSession, *, invoice: Invoice, parts: Sequence[tuple[date, int]], **given: Any
) -> PaymentPlan:
    """An active plan. parts: (due day, minor units), all still scheduled."""
    dull: dict[str, Any] = {"status": PlanStatus.ACTIVE, "agreed_on": TODAY}
    plan = await add_row(session, PaymentPlan(**owner_of(invoice), invoice_id=invoice.id, **(dull | given)))
    session.add_all(
        Instalment(
            **owner_of(invoice), payment_plan_id=plan.id, position=position, due_on=due_on,
            amount_minor=minor, currency=invoice.currency, status=InstalmentStatus.SCHEDULED,
        )
        for position, (due_on, minor) in enumerate(parts, 1)
    )  # fmt: skip
    await session.flush()
    return plan


async def make_promise(session: AsyncSession, *, invoice: Invoice, **given: Any) -> PaymentPromise:
    """A promise to pay an invoice tomorrow."""
    dull: dict[str, Any] = {"promised_for": TODAY + timedelta(days=1), "made_at": NOW}
    return await add_row(session, PaymentPromise(**owner_of(invoice), invoice_id=invoice.id, **(dull | given)))

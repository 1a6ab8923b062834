"""Paying in parts and later: payment plans, and promises to pay by a day."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from billing.changes.promises import note_promise
from billing.records import plans as records
from billing.records.invoices import find_invoice
from billing.tables.bills import OWING, Invoice
from billing.tables.people import Staff
from billing.tables.plans import Instalment, InstalmentStatus, PaymentPlan, PlanStatus
from bot.evidence import Answer, FactKind, calculated
from bot.tools import facts
from bot.tools.context import ToolContext, facts_of
from bot.tools.days import parse_day
from bot.tools.invoices import resolve_invoice
from bot.tools.topics import offer_to_ask, who_answers
from bot.wording import label

FURTHEST = timedelta(days=90)


async def payment_plan(context: ToolContext, invoice: str = "") -> Answer:
    """Paying in parts: the agreed plan with its instalments, what is next or missed; or that there is none.

    invoice: what the person called it; empty for the one with a plan, the one spoken of or the only open one.
    """
    plans = await context.records.read(records.list_plans)
    running = [plan for plan in plans if plan.status is not PlanStatus.COMPLETED]
    found: Invoice | Answer
    if not invoice.strip() and len(running) == 1:
        found = await _invoice_of(context, running[0])
    else:
        found = await resolve_invoice(context, invoice, phrase="say_plan_of", owing_first=True)
    if isinstance(found, Answer):
        return found
    plan = next((plan for plan in plans if plan.invoice_id == found.id), None)
    helper = await context.records.read(lambda session: who_answers(session, "plans", context.principal.client_id))
    data = facts.invoice_facts(context, found) | {
        "plan": _plan(context, found, plan) if plan else "",
        "helper": facts.person_facts(helper),
    }
    mentions = (facts.mention_invoice(found),)
    if plan is not None or not data["is_owing"]:
        return Answer("plan", data, _pay_button(context, found), mentions)
    offer = offer_to_ask(context, "plans", "ask_plan_reason", found)
    return Answer("plan", data, mentions=mentions, proposal=offer)


async def _invoice_of(context: ToolContext, plan: PaymentPlan) -> Invoice | Answer:
    found = await context.records.read(partial(find_invoice, invoice_id=plan.invoice_id))
    return found or await resolve_invoice(context, "", owing_first=True)


def _pay_button(context: ToolContext, invoice: Invoice) -> tuple[Any, ...]:
    if invoice.status not in OWING:
        return ()
    return (facts.button(label(context.language, "pay"), label(context.language, "say_pay", number=invoice.number)),)


def _plan(context: ToolContext, invoice: Invoice, plan: PaymentPlan) -> facts.Data:
    of = facts_of(f"plan {invoice.number}", plan)
    parts = plan.instalments
    paid = [part for part in parts if part.status is InstalmentStatus.PAID]
    missed = [part for part in parts if _is_missed(context, part)]
    coming = [part for part in parts if part not in paid and part not in missed]
    subject = of.subject
    return {
        "status": str(plan.status),
        "agreed_on": of.date("agreed_on", plan.agreed_on),
        "count": facts.count(subject, "count", len(parts), "instalments"),
        "paid": facts.count(subject, "paid", len(paid), "instalments paid"),
        "missed": [_part(context, subject, part) for part in missed],
        "next": _part(context, subject, coming[0]) if coming else "",
        "parts": [_part(context, subject, part) for part in parts[:8]],
    }


def _is_missed(context: ToolContext, part: Instalment) -> bool:
    late = part.status is InstalmentStatus.SCHEDULED and part.due_on < context.today
    return late or part.status is InstalmentStatus.MISSED


def _part(context: ToolContext, subject: str, part: Instalment) -> facts.Data:
    of = facts_of(f"{subject} part {part.position}", part)
    return {
        "amount": of.money("amount", part.amount_minor, part.currency, "amount_minor"),
        "due_on": of.date("due_on", part.due_on),
        "status": "missed" if _is_missed(context, part) else str(part.status),
        **facts.distance(context, of.subject, part.due_on),
    }


async def plan_promise_to_pay(context: ToolContext, invoice: str = "", date: str = "") -> Answer:
    """Note that the person will pay an invoice by a day; it changes neither the due day nor the amount.

    invoice: what the person called it. date: the day in their words ("next Friday", "el 15").
    """
    found = await resolve_invoice(context, invoice, phrase="say_promise", owing_first=True)
    if isinstance(found, Answer):
        return found
    data = facts.invoice_facts(context, found)
    mentions = (facts.mention_invoice(found),)
    if not data["is_owing"]:
        return Answer("promise_refused", data | {"why": "nothing_due", "latest": ""}, (), mentions, error=True)
    day = parse_day(date, context.today, context.language) if date.strip() else None
    why = _refusal(context, day)
    if day is None or why:
        latest = calculated(
            "promise", "latest", FactKind.DATE, context.today + FURTHEST, what="last day a promise can name"
        )
        return Answer("promise_refused", data | {"why": why, "latest": latest}, (), mentions, error=True)
    return Answer(
        "proposal_promise_to_pay",
        data | _promised(day, data, found),
        mentions=mentions,
        proposal={
            "action": "promise_to_pay",
            "arguments": {"invoice_id": found.id, "day": day.isoformat()},
            "subject": found.number,
        },
    )


def _refusal(context: ToolContext, day: date | None) -> str:
    if day is None:
        return "unclear"
    if day < context.today:
        return "past"
    return "too_far" if day > context.today + FURTHEST else ""


def _promised(day: date, data: facts.Data, invoice: Invoice) -> facts.Data:
    what = "the day the person named"
    return {
        "promised_for": calculated(invoice.number, "promised_for", FactKind.DATE, day, what=what),
        "is_after_due": invoice.due_on is not None and day > invoice.due_on,
        "was_late": data["when"] == "past",
    }


async def carry_out_promise_to_pay(context: ToolContext, arguments: Mapping[str, Any]) -> Answer:
    """Note the promise."""
    day = date.fromisoformat(str(arguments["day"]))
    note = partial(
        note_promise,
        invoice_id=int(arguments["invoice_id"]),
        contact_id=context.principal.contact_id,
        promised_for=day,
        words=context.words[:500],
        now=context.now,
        idempotency_key=context.key,
    )

    async def work(session: AsyncSession) -> tuple[Invoice | None, Staff | None]:
        return await note(session), await who_answers(session, "billing", context.principal.client_id)

    invoice, helper = await context.records.write(work)
    if invoice is None:
        return Answer("nothing", {"noun": "invoice", "there": [], "more": False}, error=True)
    data = facts.invoice_facts(context, invoice)
    data |= _promised(day, data, invoice) | {"helper": facts.person_facts(helper)}
    return Answer("promise_noted", data, _pay_button(context, invoice), (facts.mention_invoice(invoice),))

"""Payments: whether money came, refunds, links to pay, and the account's statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from billing.changes.links import NothingDueError, create_link
from billing.ledger import payable
from billing.records import invoices as invoice_records
from billing.records import payments as records
from billing.tables.bills import Invoice
from billing.tables.payments import Payment, PaymentStatus, Refund
from billing.tables.people import Staff
from bot.evidence import Answer, Fact, FactKind
from bot.messages import Attachment, AttachmentKind, Mention
from bot.tools import facts
from bot.tools.amounts import UnclearAmountError, parse_amount
from bot.tools.context import ToolContext, facts_of
from bot.tools.invoices import resolve_invoice
from bot.tools.statements import statement_of
from bot.tools.topics import offer_to_ask, who_answers
from bot.wording import label

SHOWN = 3
RECENT = timedelta(days=14)  # a failed or late payment older than this is no news any more


@dataclass(frozen=True)
class _Seen:
    """What is on file about payments; `settled` by payment id."""

    payments: Sequence[Payment]
    settled: Mapping[int, Sequence[Invoice]]
    owing: Sequence[Invoice]
    helper: Staff | None


async def payment_status(context: ToolContext, invoice: str = "") -> Answer:
    """Whether a payment arrived: the latest payments with amount and time, what is still processing, what failed.

    invoice: what the person called the invoice; empty for payments on the whole account.
    """
    found = await _resolve_said(context, invoice, "say_payment")
    if isinstance(found, Answer):
        return found
    seen = await context.records.read(partial(_seen, context, found.id if found else None))
    received = [p for p in seen.payments if p.status is PaymentStatus.SUCCEEDED]
    last = received[0].started_at if received else None
    data: facts.Data = {
        "invoice": facts.invoice_facts(context, found) if found else "",
        "payments": [_received(context, payment, seen) for payment in received[:SHOWN]],
        "processing": _in_state(context, seen, PaymentStatus.PROCESSING),
        # A failure that was made good by a later payment is not brought up again.
        "failed": [
            facts.payment_facts(context, p)
            for p in seen.payments
            if p.status is PaymentStatus.FAILED
            and context.now - p.started_at < RECENT
            and (last is None or p.started_at > last)
        ][:1],
        "owing": [facts.invoice_facts(context, row) for row in seen.owing[:SHOWN]],
        "helper": facts.person_facts(seen.helper),
    }
    mentions = _payment_mentions(found, received, seen)
    is_missing = not (data["processing"] or data["failed"] or _is_recent(context, received) or _is_paid(found))
    offer = offer_to_ask(context, "billing", "look_for_payment", found) if is_missing else None
    data["offers"] = offer is not None
    return Answer("payment_status", data, _status_buttons(context, data, seen), mentions, proposal=offer)


async def _resolve_said(context: ToolContext, said: str, phrase: str) -> Invoice | Answer | None:
    """The invoice, when one was said; None for the whole account."""
    return await resolve_invoice(context, said, phrase=phrase) if said.strip() else None


async def _seen(context: ToolContext, invoice_id: int | None, session: AsyncSession) -> _Seen:
    payments = await records.list_payments(session, invoice_id=invoice_id)
    return _Seen(
        payments=payments,
        settled=await records.invoices_settled(session, [payment.id for payment in payments]),
        owing=await invoice_records.list_owing(session),
        helper=await who_answers(session, "billing", context.principal.client_id),
    )


def _is_recent(context: ToolContext, received: Sequence[Payment]) -> bool:
    return bool(received) and context.now - (received[0].received_at or received[0].started_at) < facts.RECENT


def _is_paid(invoice: Invoice | None) -> bool:
    return invoice is not None and invoice.balance_minor <= 0


def _received(context: ToolContext, payment: Payment, seen: _Seen) -> facts.Data:
    rows = seen.settled.get(payment.id, ())
    return facts.payment_facts(context, payment) | {
        "invoices": [facts.invoice_facts(context, row) for row in rows],
    }


def _in_state(context: ToolContext, seen: _Seen, status: PaymentStatus) -> list[facts.Data]:
    return [facts.payment_facts(context, row) for row in seen.payments if row.status is status][:SHOWN]


def _status_buttons(context: ToolContext, data: facts.Data, seen: _Seen) -> tuple[Attachment, ...]:
    say = partial(label, context.language)
    ask = facts.button(say("person"), say("say_person"))
    if data["failed"] and seen.owing:
        return (facts.button(say("pay_again"), say("say_pay", number=seen.owing[0].number)), ask)
    received = [payment for payment in seen.payments if payment.status is PaymentStatus.SUCCEEDED]
    return () if _is_recent(context, received) else (ask,)


def _payment_mentions(invoice: Invoice | None, received: Sequence[Payment], seen: _Seen) -> tuple[Mention, ...]:
    """The invoice asked about, else those the latest payment settled: "how much is left?" is then about them."""
    settled = seen.settled.get(received[0].id, ()) if received else ()
    about = [invoice] if invoice else list(settled)
    return (
        *(facts.mention_invoice(row) for row in about),
        *(Mention("payment", payment.number) for payment in received[:1]),
    )


async def refund_status(context: ToolContext, invoice: str = "") -> Answer:
    """Refunds: how much, whether it is on its way or done, and when.

    invoice: what the person called the invoice it belongs to; empty for all.
    """
    found = await _resolve_said(context, invoice, "say_refund")
    if isinstance(found, Answer):
        return found
    invoice_id = found.id if found else None

    async def work(session: AsyncSession) -> tuple[Sequence[Refund], Staff | None]:
        rows = await records.list_refunds(session, invoice_id=invoice_id)
        return rows, await who_answers(session, "refunds", context.principal.client_id)

    refunds, helper = await context.records.read(work)
    data = {
        "invoice": facts.invoice_facts(context, found) if found else "",
        "refunds": [_refund(context, refund) for refund in refunds[:SHOWN]],
        "helper": facts.person_facts(helper),
    }
    say = partial(label, context.language)
    if refunds:
        return Answer("refunds", data)
    offer = offer_to_ask(context, "refunds", "ask_refund", found)
    return Answer("refunds", data, (facts.button(say("person"), say("say_person")),), proposal=offer)


async def account_statement(context: ToolContext, period: str = "") -> Answer:
    """The account over a period: opening balance, invoices, payments, credits and closing balance.

    period: what was said ("last month", "this year", "2025"); empty for the last three months.
    """
    moves = await context.records.read(partial(records.movements, zone=context.business.zone))
    return statement_of(context, moves, period)


def _refund(context: ToolContext, refund: Refund) -> facts.Data:
    of = facts_of(refund.number, refund)
    settled = refund.settled_at
    return {
        "number": of.number(refund.number),
        "amount": of.money("amount", refund.amount_minor, refund.currency, "amount_minor"),
        "status": str(refund.status),
        "asked_on": of.date("asked_on", facts.local_day(context, refund.requested_at), "requested_at"),
        "settled_on": of.date("settled_on", facts.local_day(context, settled), "settled_at") if settled else "",
        "reason": of.text("reason", refund.reason) if refund.reason else "",
    }


async def plan_send_payment_link(context: ToolContext, invoice: str = "", amount: str = "") -> Answer:
    """Send a link on which the person pays an invoice; also answers how to pay.

    invoice: what the person called it; empty for the one spoken of or the only open one.
    amount: what they want to pay now ("half", "$500", "all"); empty for all that is due.
    """
    found = await resolve_invoice(context, invoice, phrase="say_pay", owing_first=True)
    if isinstance(found, Answer):
        return await _nothing_due(context, None) if _has_none(found) else found
    due = await context.records.read(lambda session: payable(session, found))
    if due <= 0:
        return await _nothing_due(context, found)
    try:
        said = parse_amount(amount, due, found.currency)
    except UnclearAmountError:
        data = {"invoice": facts.invoice_facts(context, found), "payable": _due_fact(found, due)}
        return Answer("amount_unclear", data, _amount_buttons(context, found), error=True)
    asked = None if said.minor is None or said.minor >= due else said.minor
    over = said.minor if said.minor is not None and said.minor > due else None
    return Answer(
        "proposal_send_payment_link",
        _link_data(context, found, due, asked, over),
        mentions=(facts.mention_invoice(found),),
        proposal={
            "action": "send_payment_link",
            "arguments": {"invoice_id": found.id, "asked_minor": asked, "named_minor": over},
            "subject": found.number,
        },
    )


def _has_none(answer: Answer) -> bool:
    return answer.kind == "nothing" and not answer.data["there"]


def _due_fact(invoice: Invoice, due: int) -> Fact:
    return facts.amount(
        invoice.number, "payable", due, invoice.currency, "balance less payments being processed",
        f"{invoice.number}.balance",
    )  # fmt: skip


def _link_data(context: ToolContext, invoice: Invoice, due: int, asked: int | None, over: int | None) -> facts.Data:
    """amount: what the link asks for; rest: what stays due after it; named: more than is due, as was asked."""
    number, currency = invoice.number, invoice.currency
    amount = due if asked is None else asked
    inputs = (f"{number}.balance",)
    return facts.invoice_facts(context, invoice) | {
        "amount": facts.amount(number, "amount", amount, currency, "lesser of asked and payable", *inputs),
        "rest": facts.amount(number, "rest", due - amount, currency, "payable less this amount", *inputs),
        "is_part": amount < due,
        "named": facts.amount(number, "named", over, currency, "the amount the person named") if over else "",
        "processing": facts.amount(
            number, "processing", max(0, invoice.balance_minor - due), currency, "payments not yet settled"
        ),
    }


def _amount_buttons(context: ToolContext, invoice: Invoice) -> tuple[Attachment, ...]:
    say = partial(label, context.language, number=invoice.number)
    return (
        facts.button(label(context.language, "pay_all"), say("say_pay")),
        facts.button(label(context.language, "pay_half"), say("say_pay_half")),
    )


async def _nothing_due(context: ToolContext, invoice: Invoice | None) -> Answer:
    seen = await context.records.read(partial(_seen, context, invoice.id if invoice else None))
    processing = _in_state(context, seen, PaymentStatus.PROCESSING)
    received = [p for p in seen.payments if p.status is PaymentStatus.SUCCEEDED]
    others = [row for row in seen.owing if invoice is None or row.id != invoice.id]
    data = {
        "invoice": facts.invoice_facts(context, invoice) if invoice else "",
        "processing": processing,
        "last": facts.payment_facts(context, received[0]) if received else "",
        "others": [facts.invoice_facts(context, row) for row in others[:SHOWN]],
    }
    say = partial(label, context.language)
    buttons = tuple(
        facts.button(
            say("pay_this", number=f"{{{row.number}.number}}"), say("say_pay", number=row.number)
        )
        for row in others[:SHOWN]
    )  # fmt: skip
    mentions = (facts.mention_invoice(invoice),) if invoice else ()
    return Answer("link_nothing_due", data, buttons, mentions, error=True)


async def carry_out_send_payment_link(context: ToolContext, arguments: Mapping[str, Any]) -> Answer:
    """Make the link and attach it, asking for no more than is payable by now."""
    token = context.links.new_token()
    hashed = context.links.hash_token(token)

    async def work(session: AsyncSession) -> tuple[Invoice, int, int | None] | None:
        invoice = await invoice_records.find_invoice(session, int(arguments["invoice_id"]))
        if invoice is None:
            return None
        due = await payable(session, invoice)
        asked = arguments.get("asked_minor")
        asked = None if asked is None or asked >= due else int(asked)
        await create_link(
            session,
            invoice_id=invoice.id,
            asked_minor=asked,
            token_sha256=hashed,
            now=context.now,
            conversation_id=context.conversation_id or None,
            contact_id=context.principal.contact_id,
            idempotency_key=context.key,
        )
        return invoice, due, asked

    try:
        made = await context.records.write(work)
    except NothingDueError:
        made = None
    if made is None:
        invoice = await context.records.read(
            partial(invoice_records.find_invoice, invoice_id=int(arguments["invoice_id"]))
        )
        return await _nothing_due(context, invoice)
    return _link_sent(context, *made, token, arguments.get("named_minor"))


def _link_sent(
    context: ToolContext, invoice: Invoice, due: int, asked: int | None, token: str, named: int | None
) -> Answer:
    data = _link_data(context, invoice, due, asked, named)
    url = context.links.pay_url(token)
    data["url"] = Fact(invoice.number, "pay_link", FactKind.LINK, url, calculation="payment link made")
    text = label(context.language, "pay_amount", amount=str(data["amount"]))
    link = Attachment(AttachmentKind.LINK, text, url, extra={"role": "pay"})
    return Answer("link_sent", data, (link,), (facts.mention_invoice(invoice),))

"""Requests: asking the business for something, where it stands, and problems with a payment or a bill."""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from itertools import pairwise
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from billing.changes.requests import NewRequest, create_request, mark_disputed
from billing.records import payments as payment_records
from billing.records import requests as records
from billing.records.invoices import find_invoice
from billing.records.projects import staff_by_id
from billing.records.requests import WAITING
from billing.tables.bills import Invoice
from billing.tables.payments import Payment, PaymentStatus
from billing.tables.people import Staff
from billing.tables.work import Priority, Request, RequestKind
from bot.evidence import Answer, FactKind, calculated
from bot.messages import Mention
from bot.tools import facts
from bot.tools.context import ToolContext, facts_of
from bot.tools.hours import opening_facts
from bot.tools.invoices import resolve_invoice
from bot.tools.resolving import Candidate, Noun, plain, resolve
from bot.tools.topics import topic_of, who_answers
from bot.wording import label

SHOWN = 4
LONGEST = 1000  # characters of a summary
TWICE_WITHIN = timedelta(days=5)  # two equal payments this close may be one charged twice
URGENT = re.compile(
    r"\b(urgent|emergency|asap|right now|urgente|emergencia|notfall|urgence|leak|flood|fuga|"
    r"urgenza|emergenza|vazamento|perdita)\b"
)
TOPIC_OF_KIND = {
    RequestKind.SERVICE: "estimates",
    RequestKind.CHANGE: "changes",
    RequestKind.QUESTION: "",
    RequestKind.COMPLAINT: "complaints",
    RequestKind.DISPUTE: "disputes",
    RequestKind.CALLBACK: "",
    RequestKind.DATA: "data",
}
_KINDS = {
    RequestKind.COMPLAINT: r"complain|unhappy|queja|reclam|beschwer|plainte",
    RequestKind.DATA: r"\bdata\b|privacy|\bdatos\b|donnees|daten|\bdados\b|\bdati\b",
    RequestKind.CHANGE: r"chang|reschedul|cancel|cambi|reprogram|aplaz|anul|annul|deplac|ander|verschieb|storn|"
    r"mudar|mudanc|alterac|alterar|remarc|desmarc|spost|disdi|modific",
    RequestKind.QUESTION: r"question|pregunta|frage|pergunta|domanda",
}


async def plan_create_request(context: ToolContext, kind: str = "", summary: str = "", priority: str = "") -> Answer:
    """Ask the business for something: work, a visit, a change, a complaint, a question, a copy of one's data.

    kind: service, change, question, complaint or data. summary: what is wanted, in the person's words.
    priority: low, normal, high or urgent; empty unless the person said so.
    """
    words = (summary.strip() or context.words).strip()[:LONGEST]
    if not words:
        return Answer("request_unclear", {}, error=True)
    of_kind = _kind(kind, words)
    level = _priority(priority, words)
    helper = await _helper(context, TOPIC_OF_KIND[of_kind] or topic_of(words))
    data = {
        "request_kind": str(of_kind),
        "is_urgent": level is Priority.URGENT,
        "summary": calculated("request", "summary", FactKind.TEXT, words, what="the person's own words"),
        "helper": facts.person_facts(helper),
    }
    arguments = {"kind": str(of_kind), "summary": words, "priority": str(level)}
    return Answer(
        "proposal_create_request",
        data,
        proposal={"action": "create_request", "arguments": arguments, "subject": _short(words)},
    )


def _kind(said: str, words: str) -> RequestKind:
    known = {str(kind): kind for kind in RequestKind}
    if plain(said) in known:
        return known[plain(said)]
    text = plain(f"{said} {words}")
    return next((kind for kind, pattern in _KINDS.items() if re.search(pattern, text)), RequestKind.SERVICE)


def _priority(said: str, words: str) -> Priority:
    known = {str(level): level for level in Priority}
    if plain(said) in known:
        return known[plain(said)]
    return Priority.URGENT if URGENT.search(plain(f"{said} {words}")) else Priority.NORMAL


def _short(words: str) -> str:
    return words if len(words) <= 60 else words[:57].rsplit(" ", 1)[0] + "…"


async def _helper(context: ToolContext, topic: str) -> Staff | None:
    return await context.records.read(lambda session: who_answers(session, topic, context.principal.client_id))


async def carry_out_create_request(context: ToolContext, arguments: Mapping[str, Any]) -> Answer:
    """Write the request down for whom it concerns."""
    kind = RequestKind(arguments["kind"])
    helper = await _helper(context, TOPIC_OF_KIND[kind] or topic_of(str(arguments["summary"])))
    new = _new(context, kind, str(arguments["summary"]), helper, Priority(arguments["priority"]))
    request = await create_request(context.door, context.records, new)
    return _made(context, request, helper)


def _new(
    context: ToolContext, kind: RequestKind, summary: str, helper: Staff | None, priority: Priority,
    invoice_id: int | None = None,
) -> NewRequest:  # fmt: skip
    return NewRequest(
        business_id=context.business.id,
        client_id=context.principal.client_id,
        kind=kind,
        summary=summary[:LONGEST],
        created_at=context.now,
        idempotency_key=context.key,
        priority=priority,
        contact_id=context.principal.contact_id,
        invoice_id=invoice_id,
        assignee_id=helper.id if helper else None,
        conversation_id=context.conversation_id or None,
    )


def _made(context: ToolContext, request: Request, helper: Staff | None) -> Answer:
    data = {
        "number": facts_of(request.number, request).number(request.number),
        "request_kind": str(request.kind),
        "is_urgent": request.priority is Priority.URGENT,
        "helper": facts.person_facts(helper),
        "business": facts.business_facts(context),
        **opening_facts(context),
    }
    return Answer("request_created", data, mentions=(_mention(request),))


def _mention(request: Request) -> Mention:
    return Mention("request", request.number, _short(request.summary))


async def request_status(context: ToolContext, request: str = "") -> Answer:
    """What became of what was asked for: one request, or all that are open.

    request: its number or what it was about; empty for the one spoken of or all open ones.
    """

    async def work(session: AsyncSession) -> tuple[Sequence[Request], dict[int, Staff]]:
        return await records.list_requests(session), await staff_by_id(session)

    everything, staff = await context.records.read(work)
    candidates = [_candidate(row) for row in everything]
    in_focus = any(mention.kind == "request" for mention in context.mentions)
    if not request.strip() and not in_focus:
        return _several(context, everything, staff)
    found = resolve(context, Noun("request", "say_request"), request, candidates)
    if isinstance(found, Answer):
        return found
    return Answer("request", _facts(context, found.row, staff), mentions=(_mention(found.row),))


def _several(context: ToolContext, everything: Sequence[Request], staff: dict[int, Staff]) -> Answer:
    waiting = [row for row in everything if row.status in WAITING]
    shown = (waiting or everything[:1])[:SHOWN]
    if len(shown) == 1:
        return Answer("request", _facts(context, shown[0], staff), mentions=(_mention(shown[0]),))
    data = {
        "requests": [_facts(context, row, staff) for row in shown],
        "count": facts.count("requests", "count", len(waiting), "open requests"),
        "more": facts.count("requests", "more", max(0, len(waiting) - SHOWN), "requests not listed"),
    }
    return Answer("requests", data, mentions=tuple(_mention(row) for row in shown))


def _candidate(request: Request) -> Candidate[Request]:
    of = facts_of(request.number, request)
    shown: facts.Data = {
        "number": of.number(request.number),
        "summary": of.text("summary", _short(request.summary)),
    }
    return Candidate(
        row=request,
        number=request.number,
        words=(request.summary, str(request.kind)),
        shown=shown,
        label=f"{shown['number']} {shown['summary']}",
        day=request.created_at.date(),
        is_open=request.status in WAITING,
    )


def _facts(context: ToolContext, request: Request, staff: dict[int, Staff]) -> facts.Data:
    of = facts_of(request.number, request)
    closed = request.closed_at
    return {
        "number": of.number(request.number),
        "summary": of.text("summary", _short(request.summary)),
        "request_kind": str(request.kind),
        "status": str(request.status),
        "asked_on": of.date("asked_on", facts.local_day(context, request.created_at), "created_at"),
        "due_on": of.date("due_on", request.due_on) if request.due_on else "",
        "closed_on": of.date("closed_on", facts.local_day(context, closed), "closed_at") if closed else "",
        "outcome": of.text("outcome", request.outcome) if request.outcome else "",
        "who": facts.person_facts(staff.get(request.assignee_id or 0)),
    }


async def plan_report_payment_problem(context: ToolContext, invoice: str = "", problem: str = "") -> Answer:
    """Tell staff that something is wrong with a bill or a payment: failed, charged twice, a wrong amount, a
    charge nobody knows, a refund wanted.

    invoice: what the person called it; empty for the one spoken of or the only open one.
    problem: what is wrong, in the person's words.
    """
    found = await resolve_invoice(context, invoice, phrase="say_problem", words=problem.strip()[:LONGEST])
    if isinstance(found, Answer):
        return found
    words = (problem.strip() or context.words).strip()[:LONGEST] or label(context.language, "problem")
    what = problem_kind(words)
    payments = await context.records.read(partial(payment_records.list_payments, invoice_id=found.id))
    data = facts.invoice_facts(context, found) | _seen(context, payments, what)
    data["summary"] = calculated("request", "summary", FactKind.TEXT, words, what="the person's own words")
    data["helper"] = facts.person_facts(await _helper(context, _topic(what)))
    arguments = {"invoice_id": found.id, "problem": words, "what": what}
    return Answer(
        "proposal_report_payment_problem",
        data,
        mentions=(facts.mention_invoice(found),),
        proposal={"action": "report_payment_problem", "arguments": arguments, "subject": found.number},
    )


_PROBLEMS = (
    ("double", r"twice|double|two times|dos veces|doble|duplicad|deux fois|doppelt|zweimal"),
    ("refund", r"refund|money back|reembols|devoluci|devuelv|rembours|erstatt"),
    ("failed", r"fail|declin|reject|did(n.?t| not) (work|go)|not work|rechaz|no funciona|no pas|fall|refus|abgelehnt"),
    ("unknown", r"don.?t (know|recogni)|never (order|ask|agre)|what is this charge|no reconozc|nunca ped|inconnu"),
    ("wrong", r"wrong|incorrect|too (much|high)|overcharg|mistake|error|mal|equivocad|de mas|faux|trop|falsch|zu hoch"),
)


def problem_kind(words: str) -> str:
    """double, refund, failed, unknown or wrong; "other" when the words do not say."""
    text = plain(words)
    return next((kind for kind, pattern in _PROBLEMS if re.search(rf"\b({pattern})", text)), "other")


def _topic(what: str) -> str:
    return {"refund": "refunds", "failed": "billing", "double": "billing"}.get(what, "disputes")


def _seen(context: ToolContext, payments: Sequence[Payment], what: str) -> facts.Data:
    """What the records show about the problem: the failed payment, or two equal ones close together."""
    failed = [p for p in payments if p.status is PaymentStatus.FAILED]
    twice = _charged_twice([p for p in payments if p.status is PaymentStatus.SUCCEEDED])
    return {
        "what": what,
        "failed": facts.payment_facts(context, failed[0]) if failed and what == "failed" else "",
        "twice": [facts.payment_facts(context, p) for p in twice] if what == "double" else [],
    }


def _charged_twice(received: Sequence[Payment]) -> list[Payment]:
    for newer, older in pairwise(received):
        if newer.amount_minor == older.amount_minor and newer.started_at - older.started_at < TWICE_WITHIN:
            return [newer, older]
    return []


async def carry_out_report_payment_problem(context: ToolContext, arguments: Mapping[str, Any]) -> Answer:
    """Write it down for staff; a contested bill is marked so, which rests its reminders."""
    what, invoice_id = str(arguments["what"]), int(arguments["invoice_id"])
    helper = await _helper(context, _topic(what))
    is_contested = what in {"wrong", "unknown", "double"}

    async def also(session: AsyncSession, _request: Request) -> None:
        if is_contested:
            await mark_disputed(session, invoice_id, context.now)

    kind = RequestKind.DISPUTE if is_contested else RequestKind.QUESTION
    new = _new(context, kind, str(arguments["problem"]), helper, Priority.HIGH, invoice_id)
    request = await create_request(context.door, context.records, new, also)
    return await _reported(context, request, invoice_id, what, helper)


async def _reported(context: ToolContext, request: Request, invoice_id: int, what: str, helper: Staff | None) -> Answer:
    async def work(session: AsyncSession) -> tuple[Invoice | None, Sequence[Payment]]:
        invoice = await find_invoice(session, invoice_id)
        return invoice, await payment_records.list_payments(session, invoice_id=invoice_id)

    invoice, payments = await context.records.read(work)
    if invoice is None:
        raise LookupError("an invoice that was just reported is gone")
    data = _made(context, request, helper).data
    shown = {"invoice": facts.invoice_facts(context, invoice), **_seen(context, payments, what)}
    say = partial(label, context.language)
    again = facts.button(say("pay_again"), say("say_pay", number=invoice.number))
    attached = (again,) if what == "failed" and invoice.balance_minor > 0 else ()
    mentions = (facts.mention_invoice(invoice), _mention(request))
    return Answer("problem_reported", {**data, **shown}, attached, mentions)

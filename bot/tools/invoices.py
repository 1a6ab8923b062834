"""Invoices: the list of them, and one with everything that explains it."""

from collections.abc import Mapping, Sequence
from functools import partial

from babel.numbers import format_decimal
from sqlalchemy.ext.asyncio import AsyncSession

from billing.records import invoices as records
from billing.records.invoices import InvoiceStory
from billing.tables.bills import OWING, CreditNote, Invoice, InvoiceStatus
from billing.tables.files import FileKind
from billing.tables.payments import Payment
from bot.evidence import Answer, Fact, FactKind, calculated
from bot.messages import Attachment, Mention
from bot.tools import facts
from bot.tools.context import ToolContext, facts_of
from bot.tools.resolving import Candidate, Noun, nothing, plain, resolve
from bot.wording import label

FOLDED = 5  # how many a list shows before the rest is only counted
STATES = {
    "overdue": ("overdue", "late", "past due", "vencid", "atrasad", "retard", "uberfallig"),
    "paid": ("paid", "settled", "pagad", "payee", "reglee", "bezahlt"),
    "open": ("open", "unpaid", "due", "owing", "outstanding", "pendiente", "abiert", "ouvert", "offen"),
}


async def list_invoices(context: ToolContext, status: str = "") -> Answer:
    """The client's invoices with what is owed in all, what is overdue and what is due next.

    status: "open", "overdue", "paid" or "all"; empty means open.
    """
    wanted = _state(status)

    async def work(session: AsyncSession) -> tuple[Sequence[Invoice], dict[str, tuple[int, int]]]:
        return await records.list_invoices(session), await records.owed_by_currency(session, context.today)

    everything, owed = await context.records.read(work)
    chosen = [invoice for invoice in everything if _is_in(context, invoice, wanted)]
    if wanted in {"open", "overdue"}:
        chosen.sort(key=lambda invoice: (invoice.due_on or context.today, invoice.id))
    shown = [facts.invoice_facts(context, invoice) for invoice in chosen[:FOLDED]]
    data = {
        "wanted": wanted,
        "invoices": shown,
        "count": facts.count("invoices", "count", len(chosen), f"invoices that are {wanted}"),
        "more": facts.count("invoices", "more", max(0, len(chosen) - FOLDED), "invoices not listed"),
        "has_any": bool(everything),
        "owed": [_owed(currency, *sums) for currency, sums in owed.items() if sums[0]],
        "next": _next_due(context, everything),
        "paid_total": _sums(chosen, "total") if wanted == "paid" else [],
    }
    return Answer("invoices", data, _list_buttons(context, chosen), _mentions(chosen[:FOLDED]))


def _state(status: str) -> str:
    said = plain(status)
    if any(word in said for word in ("all", "every", "tod", "tous", "toutes", "alle")):
        return "all"
    # "unpaid" holds "paid": the longer word is looked at first.
    if "unpaid" in said or "sin pagar" in said:
        return "open"
    return next((state for state, words in STATES.items() if any(word in said for word in words)), "open")


def _is_in(context: ToolContext, invoice: Invoice, wanted: str) -> bool:
    owing = invoice.status in OWING and invoice.balance_minor > 0
    if wanted == "overdue":
        return owing and invoice.due_on is not None and invoice.due_on < context.today
    if wanted == "paid":
        return invoice.status is InvoiceStatus.PAID
    return owing if wanted == "open" else invoice.status is not InvoiceStatus.VOID


def _owed(currency: str, owed: int, overdue: int) -> dict[str, Fact]:
    subject = f"owed_{currency}"
    return {
        "total": facts.amount(subject, "total", owed, currency, "sum of open balances"),
        "overdue": facts.amount(subject, "overdue", overdue, currency, "sum of balances past their due day"),
    }


def _sums(invoices: Sequence[Invoice], name: str) -> list[Fact]:
    totals: dict[str, int] = {}
    for invoice in invoices:
        totals[invoice.currency] = totals.get(invoice.currency, 0) + invoice.total_minor
    return [
        facts.amount(f"paid_{currency}", name, minor, currency, "sum of the totals of paid invoices")
        for currency, minor in totals.items()
    ]


def _next_due(context: ToolContext, everything: Sequence[Invoice]) -> object:
    waiting = [i for i in everything if _is_in(context, i, "open") and i.due_on and i.due_on >= context.today]
    if not waiting:
        return ""
    return facts.invoice_facts(context, min(waiting, key=lambda invoice: (invoice.due_on, invoice.id)))


def _list_buttons(context: ToolContext, chosen: Sequence[Invoice]) -> tuple[Attachment, ...]:
    owing = [invoice for invoice in chosen if invoice.status in OWING and invoice.balance_minor > 0][:3]
    if len(owing) == 1:
        return (pay_button(context, owing[0], label(context.language, "pay")),)
    return tuple(
        pay_button(context, row, label(context.language, "pay_this", number=f"{{{row.number}.number}}"))
        for row in owing
    )


def pay_button(context: ToolContext, invoice: Invoice, text: str) -> Attachment:
    """A button that asks for a payment link."""
    return facts.button(text, label(context.language, "say_pay", number=invoice.number))


def _mentions(invoices: Sequence[Invoice]) -> tuple[Mention, ...]:
    return tuple(facts.mention_invoice(invoice) for invoice in invoices)


async def explain_invoice(context: ToolContext, invoice: str = "") -> Answer:
    """One invoice: what it is for, its lines, tax and discount, what was paid, what is left, when it is due,
    its project, the estimate behind it and its files. Answers every question about a single invoice.

    invoice: what the person called it ("1042", "the kitchen one", "my last bill"); empty for the one spoken of.
    """
    found = await resolve_invoice(context, invoice)
    if isinstance(found, Answer):
        return found
    story = await context.records.read(partial(records.get_story, invoice_id=found.id))
    data = story_facts(context, story)
    return Answer("invoice", data, _attachments(context, story), _story_mentions(story))


async def resolve_invoice(
    context: ToolContext, said: str, *, phrase: str = "say_invoice", words: str = "", owing_first: bool = False
) -> Invoice | Answer:
    """The invoice that `said` means, or the answer that asks back.

    Drafts are never meant; a void one only by its number. owing_first: when nothing was said, an invoice with
    nothing left to pay is not meant.
    """
    named = _may_name(said)

    async def work(session: AsyncSession) -> tuple[Sequence[Invoice], dict[int, str]]:
        everything = await records.list_invoices(session, with_lines=named)
        return everything, await records.project_names(session, everything) if named else {}

    everything, projects = await context.records.read(work)
    digits = any(character.isdigit() for character in said)
    meant = [i for i in everything if digits or i.status is not InvoiceStatus.VOID]
    noun = Noun("invoice", phrase, words)
    candidates = [_candidate(context, row, projects, with_lines=named) for row in meant]
    if owing_first and not plain(said):
        candidates = [candidate for candidate in candidates if candidate.is_open] or candidates[:1]
    if not candidates:
        return nothing(noun, candidates)
    chosen = resolve(context, noun, said, candidates)
    return chosen if isinstance(chosen, Answer) else chosen.row


def _may_name(said: str) -> bool:
    return bool(said.strip()) and not said.strip().isdigit()


def _candidate(
    context: ToolContext, invoice: Invoice, projects: Mapping[int, str], *, with_lines: bool
) -> Candidate[Invoice]:
    owing = invoice.status in OWING and invoice.balance_minor > 0
    shown = facts.invoice_facts(context, invoice)
    lines = [line.description for line in invoice.lines] if with_lines else []
    return Candidate(
        row=invoice,
        number=invoice.number,
        words=(invoice.title, projects.get(invoice.project_id or 0, ""), invoice.memo, *lines),
        shown=shown,
        label=f"{shown['number']} {shown['title']}",
        amounts=(invoice.total_minor, invoice.balance_minor),
        currency=invoice.currency,
        day=invoice.issued_on or context.today,
        due=invoice.due_on or context.today,
        is_open=owing,
        is_overdue=owing and invoice.due_on is not None and invoice.due_on < context.today,
    )


def story_facts(context: ToolContext, story: InvoiceStory) -> facts.Data:
    """Everything the phrasebook may say of one invoice."""
    invoice, number, currency = story.invoice, story.invoice.number, story.invoice.currency
    of = facts_of(number, invoice)
    refunded = sum(refund.amount_minor for refund in story.refunds)
    paid = sum(part for _, part in story.paid) + story.from_retainer_minor
    processing = sum(payment.amount_minor for payment in story.processing)
    credited = sum(part for _, part in story.credited)
    return facts.invoice_facts(context, invoice) | {
        "memo": of.text("memo", invoice.memo) if invoice.memo else "",
        "is_plain": [line.description.casefold() for line in invoice.lines] == [invoice.title.casefold()],
        "lines": _lines(context, invoice)[:6],
        "lines_more": facts.count(number, "lines_more", max(0, len(invoice.lines) - 6), "lines not listed"),
        "subtotal": of.money("subtotal", invoice.subtotal_minor, currency, "subtotal_minor"),
        "discount": of.money("discount", invoice.discount_minor, currency, "discount_minor"),
        "discount_label": of.text("discount_label", invoice.discount_label) if invoice.discount_label else "",
        "tax": of.money("tax", invoice.tax_minor, currency, "tax_minor"),
        "tax_label": of.text("tax_label", invoice.tax_label) if invoice.tax_label else "",
        "paid": facts.amount(number, "paid", paid - refunded, currency, "allocated payments less refunds"),
        "credited": facts.amount(number, "credited", credited, currency, "allocated credit notes"),
        "processing": facts.amount(number, "processing", processing, currency, "payments not yet settled"),
        "refunded": facts.amount(number, "refunded", refunded, currency, "sum of refunds"),
        "payments": [_part_paid(context, payment, part) for payment, part in story.paid],
        "credits": [_credit(note, part) for note, part in story.credited],
        "project": _project(story),
        "estimate": _estimate(context, story),
        "hours": _hours(context, story),
        "tasks": [facts_of(f"task_{n}", task).text("title", task.title) for n, task in enumerate(story.tasks)],
        "files": [facts_of(f"file_{n}", row).text("name", row.name) for n, row in enumerate(story.files)],
        "sent_on": _sent(context, story),
    }  # fmt: skip


def _lines(context: ToolContext, invoice: Invoice) -> list[facts.Data]:
    shown: list[facts.Data] = []
    for line in invoice.lines:
        of = facts_of(invoice.number, line)
        words = facts.quantity_words(line.quantity_milli, line.unit, line.description, context.locale)
        name = f"line_{line.position}"
        shown.append(
            {
                "what": of.text(name, words, "description"),
                "amount": of.money(f"{name}_amount", line.amount_minor, invoice.currency, "amount_minor"),
            }
        )
    return shown


def _part_paid(context: ToolContext, payment: Payment, part: int) -> facts.Data:
    shown = facts.payment_facts(context, payment)
    settles = facts.amount(
        payment.number, "settles", part, payment.currency, "part of the payment allocated to the invoice",
        f"payment:{payment.id}.amount_minor",
    )  # fmt: skip
    return shown | {"settles": settles}


def _credit(note: CreditNote, part: int) -> facts.Data:
    of = facts_of(note.number, note)
    return {
        "number": of.number(note.number),
        "amount": facts.amount(note.number, "settles", part, note.currency, "part of the note allocated"),
        "reason": of.text("reason", note.reason),
    }


def _project(story: InvoiceStory) -> facts.Data | str:
    if story.project is None:
        return ""
    of = facts_of(story.project.number, story.project)
    return {
        "number": of.number(story.project.number),
        "name": of.name("name", story.project.name),
        "place": of.text("place", story.project.place) if story.project.place else "",
        "status": str(story.project.status),
    }


def _estimate(context: ToolContext, story: InvoiceStory) -> facts.Data | str:
    estimate, acceptance = story.estimate, story.acceptance
    if estimate is None:
        return ""
    data = facts.estimate_facts(estimate)
    over = story.invoice.total_minor - estimate.total_minor
    # Staged work is billed from one estimate in several invoices: less than its total is a part of it.
    data["compared"] = "same" if over == 0 else "more" if over > 0 else "part"
    offered = {(line.description.casefold(), line.amount_minor) for line in estimate.lines}
    billed = {(line.description.casefold(), line.amount_minor) for line in story.invoice.lines}
    data["prices_match"] = billed <= offered
    data["difference"] = facts.amount(
        story.invoice.number, "difference", abs(over), story.invoice.currency,
        "invoice total less estimate total", f"{story.invoice.number}.total", f"{estimate.number}.total",
    )  # fmt: skip
    data["accepted_on"], data["by_you"] = "", False
    if acceptance is not None:
        of = facts_of(estimate.number, acceptance)
        day = facts.local_day(context, acceptance.accepted_at)
        data["accepted_on"] = of.date("accepted_on", day, "accepted_at")
        mine = context.principal.contact_id
        data["by_you"] = mine is not None and acceptance.contact_id == mine
    return data


def _hours(context: ToolContext, story: InvoiceStory) -> Fact | str:
    if not story.minutes:
        return ""
    shown = format_decimal(round(story.minutes / 60, 2), locale=context.locale)
    return calculated(story.invoice.number, "hours", FactKind.TEXT, shown, what="sum of time entries billed")


def _sent(context: ToolContext, story: InvoiceStory) -> Fact | str:
    moment = story.sent_messages[-1].created_at if story.sent_messages else story.invoice.sent_at
    if moment is None:
        return ""
    day = facts.local_day(context, moment)
    if story.sent_messages:
        return facts_of(story.invoice.number, story.sent_messages[-1]).date("sent_on", day, "created_at")
    return facts_of(story.invoice.number, story.invoice).date("sent_on", day, "sent_at")


def _attachments(context: ToolContext, story: InvoiceStory) -> tuple[Attachment, ...]:
    invoice, number = story.invoice, story.invoice.number
    say = partial(label, context.language)
    data = facts.invoice_facts(context, invoice)
    rows = [(say("total"), data["total"])]
    if data["is_part_paid"]:
        rows.append((say("left"), data["balance"]))
    if data["is_owing"]:
        rows.append((say("due"), data["due_on"]))
    attached = [facts.card(f"{data['number']} {data['title']}", rows, role="invoice")]
    if data["is_owing"]:
        attached.append(pay_button(context, invoice, say("pay")))
    if any(file.kind is FileKind.INVOICE for file in story.files):
        attached.append(facts.button(say("show_pdf"), say("say_pdf", number=number)))
    attached.append(facts.button(say("person"), say("say_person")))
    return tuple(attached)


def _story_mentions(story: InvoiceStory) -> tuple[Mention, ...]:
    mentions = [facts.mention_invoice(story.invoice)]
    if story.project:
        mentions.append(Mention("project", story.project.number, story.project.name))
    if story.estimate:
        mentions.append(Mention("estimate", story.estimate.number, story.estimate.title))
    return tuple(mentions)

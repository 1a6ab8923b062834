"""Rows as facts: what several tools say of an invoice, a payment, an estimate, a person in the same words."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.numbers import format_decimal

from billing.money import Money
from billing.tables.bills import OWING, Invoice, InvoiceStatus
from billing.tables.payments import Payment
from billing.tables.people import Staff
from billing.tables.quotes import Estimate
from bot.evidence import Fact, FactKind, calculated
from bot.messages import Attachment, AttachmentKind, Mention
from bot.tools.context import ToolContext, facts_of

Data = dict[str, object]
BUSINESS = "business"
RECENT = timedelta(days=7)  # a payment this young answers "did you get it?" with yes


def invoice_facts(context: ToolContext, invoice: Invoice) -> Data:
    """An invoice in one line: number, title, total, balance, due day and how far away that is.

    when: "past" | "today" | "tomorrow" | "future" | "" (nothing due); days: whole days between, not negative.
    """
    of = facts_of(invoice.number, invoice)
    owing = invoice.status in OWING and invoice.balance_minor > 0
    data: Data = {
        "number": of.number(invoice.number),
        "title": of.text("title", invoice.title),
        "total": of.money("total", invoice.total_minor, invoice.currency, "total_minor"),
        "balance": of.money("balance", invoice.balance_minor, invoice.currency, "balance_minor"),
        "status": str(invoice.status),
        "is_owing": owing,
        "is_paid": invoice.status is InvoiceStatus.PAID,
        "is_part_paid": owing and invoice.balance_minor < invoice.total_minor,
        "is_disputed": invoice.disputed_at is not None,
        "issued_on": of.date("issued_on", invoice.issued_on) if invoice.issued_on else "",
        "due_on": of.date("due_on", invoice.due_on) if invoice.due_on else "",
    }
    return data | distance(context, invoice.number, invoice.due_on if owing else None)


def distance(context: ToolContext, subject: str, day: date | None, name: str = "days") -> Data:
    """How far a due day is from today: "when" as a word and "days" as a fact ("" without a day)."""
    if day is None:
        return {"when": "", name: ""}
    between = (day - context.today).days
    word = {0: "today", 1: "tomorrow"}.get(between, "past" if between < 0 else "future")
    fact = calculated(subject, name, FactKind.DAYS, abs(between), what="days from today", inputs=(f"{subject}.due_on",))
    return {"when": word, name: fact}


def payment_facts(context: ToolContext, payment: Payment) -> Data:
    """A payment: amount, when it came (or began), how, and whether that is today in the reader's zone."""
    of = facts_of(payment.number, payment)
    moment = payment.received_at or payment.started_at
    column = "received_at" if payment.received_at else "started_at"
    return {
        "number": of.number(payment.number),
        "amount": of.money("amount", payment.amount_minor, payment.currency, "amount_minor"),
        "at": of.moment("at", moment, column),
        "on": of.date("on", local_day(context, moment), column),
        "is_recent": context.now - moment < RECENT,
        "is_today": local_day(context, moment) == local_day(context, context.now),
        "method": str(payment.method),
        "failure": of.text("failure", payment.failure) if payment.failure else "",
    }


def local_day(context: ToolContext, moment: datetime) -> date:
    """The calendar day of a moment in the reader's zone."""
    return moment.astimezone(ZoneInfo(context.zone)).date()


def estimate_facts(estimate: Estimate) -> Data:
    """An estimate or proposal in one line."""
    of = facts_of(estimate.number, estimate)
    return {
        "number": of.number(estimate.number),
        "title": of.text("title", estimate.title),
        "total": of.money("total", estimate.total_minor, estimate.currency, "total_minor"),
        "quote": str(estimate.kind),
        "status": str(estimate.status),
        "issued_on": of.date("issued_on", estimate.issued_on) if estimate.issued_on else "",
        "valid_until": of.date("valid_until", estimate.valid_until) if estimate.valid_until else "",
    }


def person_facts(staff: Staff | None) -> Data | str:
    """Somebody who works for the business, with what clients may be told; "" for nobody."""
    if staff is None:
        return ""
    of = facts_of(staff.key, staff)
    return {
        "name": of.name("name", staff.name),
        "first": of.name("first", staff.name.split()[0], "name"),
        "title": of.text("title", staff.title),
        "phone": of.fact("phone", FactKind.PHONE, staff.phone) if staff.phone else "",
        "email": of.fact("email", FactKind.EMAIL, staff.email) if staff.email else "",
    }


def business_facts(context: ToolContext) -> Data:
    """How the business is reached."""
    card = context.business

    def fact(name: str, kind: FactKind, value: str) -> Fact | str:
        record = f"business:{card.id}"
        return Fact(BUSINESS, name, kind, value, record, name, card.version) if value else ""

    return {
        "name": fact("name", FactKind.NAME, card.name),
        "phone": fact("phone", FactKind.PHONE, card.phone),
        "email": fact("email", FactKind.EMAIL, card.email),
        "postal": fact("postal", FactKind.TEXT, card.postal),
    }


def amount(subject: str, name: str, minor: int, currency: str, what: str, *inputs: str) -> Fact:
    """A calculated amount in minor units."""
    return calculated(subject, name, FactKind.MONEY, Money(minor, currency), what=what, inputs=inputs)


def count(subject: str, name: str, value: int, what: str) -> Fact:
    """How many there are."""
    return calculated(subject, name, FactKind.COUNT, value, what=what)


def moment(subject: str, name: str, value: datetime, what: str) -> Fact:
    """A calculated point in time, aware UTC."""
    return calculated(subject, name, FactKind.DATETIME, value, what=what)


def quantity_words(quantity_milli: int, unit: str, description: str, locale: str) -> str:
    """What a line bills, in words: "6 oak doors", "8 h fitting", "Site survey" for a single one."""
    if quantity_milli == 1000 and not unit:
        return description
    shown = format_decimal(quantity_milli / 1000, locale=locale)
    # German nouns keep their capital.
    words = description if locale.startswith("de") else _inside_sentence(description)
    return " ".join(part for part in (shown, unit, words) if part)


def _inside_sentence(words: str) -> str:
    # "Oak doors" → "oak doors", but "PVC pipes" and "INV" stay.
    return words[:1].lower() + words[1:] if words[1:2].islower() else words


def button(text: str, value: str) -> Attachment:
    """A button whose value is what the person would type."""
    return Attachment(AttachmentKind.BUTTON, text, value)


def card(title: str, rows: Sequence[tuple[str, object]], **extra: str) -> Attachment:
    """A card of label and figure; empty figures are left out."""
    shown = tuple((name, str(value)) for name, value in rows if str(value))
    return Attachment(AttachmentKind.CARD, title, rows=shown, extra=extra)


def mention_invoice(invoice: Invoice) -> Mention:
    """What "this one" means after an invoice was spoken of."""
    return Mention("invoice", invoice.number, invoice.title)

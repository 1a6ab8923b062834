"""What the business is owed and what it earned: balances, aging, revenue, payments."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from billing.money import Money
from billing.records.balances import Aging, Owed, aging, credit_of, owed_by_client, owed_by_project
from billing.records.revenue import PaymentList, Revenue, payments_between, revenue
from billing.tables.payments import Payment
from billing.tables.people import Client
from bot.evidence import Answer, Fact, FactKind, calculated
from bot.messages import Attachment, Mention
from bot.tools.amounts import UnclearAmountError, parse_amount
from bot.tools.balances import credit_facts, owed_facts, total_facts, unique_subjects
from bot.tools.charts import aging_charts, balance_charts, revenue_charts
from bot.tools.clients import client_mention, name_of, resolve_client
from bot.tools.context import ToolContext
from bot.tools.days import Period
from bot.tools.facts import Data, amount, button, count, payment_facts
from bot.tools.naming import bare
from bot.tools.periods import moments_of, period_facts, period_of
from bot.wording import label

SUBJECT = "outstanding"
SHOWN = 10
OFFERED = 3
LATELY = timedelta(days=30)
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
EDGES = (1, 30, 31, 60, 61, 90)
BUCKETS = ("current", "days_30", "days_60", "days_90", "older")
GROUPS = {
    "currency": re.compile(r"\b(currenc|moneda|divisa|devise|monnaie|wahrung)"),
    "project": re.compile(r"\b(project|job|proyecto|obra|projet|chantier|projekt)"),
}
LATE = re.compile(r"\b(overdue|late|past due|vencid|atrasad|mora|retard|impay|uberfallig)")
UNITS = (
    (re.compile(r"\b(month|mes|mois|monat)"), 30),
    (re.compile(r"\b(week|semana|semaine|woche)"), 7),
    (re.compile(r"\b(year|ano|an|jahr)"), 365),
)


async def outstanding_balances(
    context: ToolContext, group: str = "", minimum: str = "", overdue_days: str = ""
) -> Answer:
    """Who owes the business money: open balances, the oldest first, with totals by currency.

    group: "client" (usual), "project" or "currency". minimum: only balances of at least this much ("1000").
    overdue_days: only what is more than so many days late ("30"); "0" for all that is late.
    """
    by = _group(group)
    days = parse_days(overdue_days)

    async def read(session: AsyncSession) -> tuple[list[Owed], dict[tuple[int, str], int]]:
        find = owed_by_project if by == "project" else owed_by_client
        rows = await find(session, context.today, overdue_days=days)
        ids = [row.record_id for row in rows[:SHOWN]] if by == "client" else []
        return rows, await credit_of(session, ids) if ids else {}

    found, credit = await context.records.read(read)
    rows, least = _at_least(found, minimum)
    if not rows:
        return Answer("nobody_owes", _asked(context, by, days, least, minimum))
    subjects = unique_subjects(rows, by)
    shown = [] if by == "currency" else rows[:SHOWN]
    data = {
        **_asked(context, by, days, least, minimum),
        "rows": [owed_facts(context, row, name) for row, name in zip(shown, subjects, strict=False)],
        **_how_many(rows, len(shown), context),
        "totals": total_facts(rows, SUBJECT),
        "credits": _credits(shown, subjects, credit),
    }
    named = shown if by == "client" else []
    mentions = tuple(dict.fromkeys(Mention("client", row.name, row.name) for row in named))
    attached = (*balance_charts(context.language, data), *_offers(context, mentions))
    return Answer("balances", data, attached, mentions)


def _group(said: str) -> str:
    words = bare(said)
    return next((group for group, pattern in GROUPS.items() if pattern.search(words)), "client")


def parse_days(said: str) -> int | None:
    """The days in "30", "over 60 days", "a month", "two weeks late"; 0 in "overdue"; None in nothing."""
    words = bare(said)
    digits = re.search(r"\d{1,4}", words)
    each = next((days for pattern, days in UNITS if pattern.search(words)), 1)
    if digits:
        return int(digits.group()) * each
    if each > 1:
        return each * (2 if re.search(r"\b(two|dos|deux|zwei)\b", words) else 1)
    return 0 if LATE.search(words) else None


def _at_least(rows: Sequence[Owed], said: str) -> tuple[list[Owed], dict[str, int]]:
    """The rows that owe at least what was said, and what that is in each currency that it can be read in."""
    if not said.strip():
        return list(rows), {}
    least: dict[str, int] = {}
    for currency in {row.currency for row in rows}:
        try:
            minor = parse_amount(said, 0, currency).minor
        except UnclearAmountError:
            continue
        if minor:
            least[currency] = minor
    if not least:
        return list(rows), {}
    return [row for row in rows if row.owed >= least.get(row.currency, row.owed + 1)], least


def _asked(context: ToolContext, by: str, days: int | None, least: dict[str, int], minimum: str) -> Data:
    """What the list was narrowed to, in words and facts. least_unclear: the minimum could not be read."""
    currency = context.business.currency if context.business.currency in least else next(iter(least), "")
    return {
        "group": by,
        "over_days": calculated(SUBJECT, "over_days", FactKind.DAYS, days, what="as asked") if days else "",
        "only_late": days is not None,
        "least": calculated(SUBJECT, "least", FactKind.MONEY, Money(least[currency], currency), what="as asked")
        if currency
        else "",
        "least_unclear": bool(minimum.strip()) and not least,
    }


def _how_many(rows: Sequence[Owed], shown: int, context: ToolContext) -> Data:
    """How many owe, how many of them are late, and how many of either are not in the list."""

    def several(name: str, some: Sequence[Owed], what: str) -> Fact:
        return count(SUBJECT, name, len({row.record_id for row in some}), what)

    late = [row for row in rows if row.days_overdue(context.today)]
    late_shown = [row for row in rows[:shown] if row.days_overdue(context.today)]
    return {
        "groups": several("groups", rows, "those who owe"),
        "late": several("late", late, "those who are late"),
        "more": count(SUBJECT, "more", len(rows) - shown, "those not shown") if 0 < shown < len(rows) else "",
        "late_more": count(SUBJECT, "late_more", len(late) - len(late_shown), "late ones not shown")
        if len(late) > len(late_shown) and shown
        else "",
    }


def _credits(rows: Sequence[Owed], subjects: Sequence[str], credit: dict[tuple[int, str], int]) -> list[Data]:
    """Those in the list for whom money is held that settles nothing yet."""
    found: list[Data] = []
    for row, subject in zip(rows, subjects, strict=False):
        held = credit.get((row.record_id, row.currency))
        if held:
            name = owed_name(row, subject)
            found.append({"name": name, "credit": credit_facts({row.currency: held}, subject)[0]})
    return found


def owed_name(row: Owed, subject: str) -> Fact:
    """The name of a group as a fact."""
    return Fact(subject, "name", FactKind.NAME, row.name, f"{row.table}:{row.record_id}", "name", row.version)


def _offers(context: ToolContext, mentions: Sequence[Mention]) -> tuple[Attachment, ...]:
    return tuple(
        button(mention.key, label(context.language, "about_client_say", client=mention.key))
        for mention in mentions[:OFFERED]
    )


async def aging_report(context: ToolContext) -> Answer:
    """How old the open balances are: not yet due, 1–30, 31–60, 61–90 and over 90 days late, by currency."""
    rows = await context.records.read(lambda session: aging(session, context.today))
    if not rows:
        return Answer("nobody_owes", _asked(context, "client", None, {}, ""))
    edges = [calculated("aging", f"edge_{day}", FactKind.DAYS, day, what="bucket edge") for day in EDGES]
    data: Data = {"edges": edges, "currencies": [_aging(row) for row in rows]}
    return Answer("aging", data, aging_charts(context.language, data, BUCKETS))


def _aging(row: Aging) -> Data:
    subject = f"aging {row.currency}"
    data: Data = {
        "currency": row.currency,
        "total": amount(subject, "total", row.total, row.currency, "sum of open balances"),
        "disputed": amount(subject, "disputed", row.disputed, row.currency, "sum of disputed balances"),
        "late": amount(subject, "late", row.total - row.current[0], row.currency, "total less not yet due"),
    }
    for name, (minor, invoices) in zip(BUCKETS, row.buckets, strict=True):
        data[name] = {
            "amount": amount(subject, name, minor, row.currency, "sum of balances by days late"),
            "invoices": count(subject, f"{name}_invoices", invoices, "open invoices by days late"),
        }
    return data


async def revenue_report(context: ToolContext, period: str = "") -> Answer:
    """What was invoiced and what came in over a period, by currency, refunds taken off.

    period: "last month", "this year", "Q3", "since March"; empty for this month.
    """
    asked = period_of(period or "this month", context.today, context.language)
    if asked is None:
        return Answer("period_unclear", {}, error=True)
    start, end = moments_of(asked, context.business.zone)
    rows = await context.records.read(lambda session: revenue(session, asked.first, asked.last, start, end))
    data = {**period_facts(asked), "currencies": [_revenue(row) for row in rows]}
    return Answer("revenue", data, revenue_charts(context.language, data))


def _revenue(row: Revenue) -> Data:
    subject = f"revenue {row.currency}"

    def money(name: str, minor: int, what: str) -> Fact:
        return amount(subject, name, minor, row.currency, what)

    return {
        "currency": row.currency,
        "invoiced": money("invoiced", row.invoiced[0], "sum of the totals of invoices issued in the period"),
        "invoices": count(subject, "invoices", row.invoiced[1], "invoices issued in the period"),
        "credited": money("credited", row.credited[0], "sum of credit notes issued in the period"),
        "received": money("received", row.received[0], "sum of payments received in the period"),
        "payments": count(subject, "payments", row.received[1], "payments received in the period"),
        "refunded": money("refunded", row.refunded[0], "sum of refunds settled in the period"),
        "taken_back": money("taken_back", row.taken_back[0], "sum of chargebacks opened in the period"),
        "kept": money("kept", row.kept, "received less refunded and taken back"),
        "gave_back": row.kept != row.received[0],
    }


async def list_payments(context: ToolContext, period: str = "", client: str = "") -> Answer:
    """Payments that came in, newest first, with their sum; what is still processing or failed is said apart.

    period: "today", "last week", "October"; empty for the last thirty days. client: only this client's.
    """
    owner: Client | None = None
    if client.strip():
        found = await resolve_client(context, client)
        if isinstance(found, Answer):
            return found
        owner = found
    asked = period_of(period, context.today, context.language) if period.strip() else None
    if asked is None and period.strip():
        return Answer("period_unclear", {}, error=True)
    start, end = _between(context, asked, owner)
    client_id = owner.id if owner else None
    seen = await context.records.read(
        lambda session: payments_between(session, start, end, limit=SHOWN, client_id=client_id)
    )
    return _payments(context, seen, asked, owner)


def _between(context: ToolContext, asked: Period | None, owner: Client | None) -> tuple[datetime, datetime]:
    """The asked period; without one all of a client's payments, else the last thirty days of everybody's."""
    if asked is not None:
        return moments_of(asked, context.business.zone)
    if owner is not None:
        return BEGINNING, context.now + timedelta(seconds=1)
    return moments_of(Period(context.today - LATELY, context.today), context.business.zone)


def _payments(context: ToolContext, seen: PaymentList, asked: Period | None, owner: Client | None) -> Answer:
    there = sum(several for _, several in seen.received.values())
    usual = Period(context.today - LATELY, context.today)
    data = {
        **period_facts(asked or usual),
        "is_ever": asked is None and owner is not None,
        "client": name_of(owner) if owner else "",
        "payments": [_payment(context, seen, *pair) for pair in seen.payments],
        "unsettled": [_payment(context, seen, *pair) for pair in seen.unsettled],
        "totals": [
            amount("payments", f"total_{currency.lower()}", minor, currency, "sum of payments received")
            for currency, (minor, _) in sorted(seen.received.items())
        ],
        "count": count("payments", "count", there, "payments received"),
        "more": count("payments", "more", there - SHOWN, "payments not listed") if there > SHOWN else "",
    }
    mentions = (client_mention(owner),) if owner else ()
    return Answer("payments", data, mentions=mentions)


def _payment(context: ToolContext, seen: PaymentList, payment: Payment, client: Client) -> Data:
    number = seen.numbers.get(payment.id, "")
    record = f"invoice:{payment.invoice_id}"
    return {
        **payment_facts(context, payment),
        "client": name_of(client),
        "state": str(payment.status),
        "invoice": Fact(number, "number", FactKind.NUMBER, number, record, "number") if number else "",
    }

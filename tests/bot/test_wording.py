"""The phrasebook: every kind of answer in every language, bound to its evidence."""

import asyncio
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.database import open_engines
from bot.evidence import Answer, Fact, FactKind
from bot.tools import estimates, files, invoices, knowledge, payments, people, plans, projects, requests
from bot.wording import PHRASEBOOK, UnknownKindError, each, label, plural, render
from tests.bot.shop import Desk, Run, in_days, other_principal, say, spoken_of
from tests.bot.test_knowledge_tools import OnePage
from tests.bot.test_phrasebook_languages import LOCALES, must_read_well, spoken
from tests.factories.bills import make_invoice
from tests.factories.files import make_file
from tests.factories.payments import make_payment, make_refund
from tests.factories.plans import make_plan
from tests.factories.quotes import make_estimate
from tests.factories.work import make_appointment, make_project, make_request, make_task
from tests.fakes.clock import NOW

INTENTS = (
    "", "balance", "invoices_due", "invoice_purpose", "invoice_due_date", "invoice_why_high", "invoice_project",
    "invoice_paid_so_far", "invoice_amount", "invoice_estimate", "payment_received", "payment_last", "pay_how",
    "plan_wanted", "plan_status", "more_time", "estimate_amount", "estimate_where", "project_progress",
    "project_next_step", "project_finish", "projects_active", "callback", "contact_who", "contact_number",
)  # fmt: skip


@pytest.fixture(scope="module")
def every_sample(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Answer]:
    """An answer of each kind, in most of its shapes: made once, worded in every language."""
    path = tmp_path_factory.mktemp("samples") / "frontdesk.db"
    shutil.copyfile(sqlite_template, path)
    engines = open_engines(f"sqlite:///{path}")
    with asyncio.Runner() as runner:
        made = list(samples(rich(Door(engines), runner.run)))
        runner.run(engines.dispose())
    return made


@pytest.mark.parametrize("language", sorted(LOCALES))
def test_every_sample_reads_well(language: str, every_sample: list[Answer]) -> None:
    for answer in every_sample:
        for intent in asked_of(answer.kind):
            must_read_well(spoken(answer, language, intent), language, answer.kind)


def test_samples_are_of_every_kind_and_short(every_sample: list[Answer]) -> None:
    seen = {answer.kind for answer in every_sample}
    assert seen >= OWN_KINDS, OWN_KINDS - seen
    for answer in every_sample:
        if answer.kind != "plan":  # which shows all its parts
            assert say(answer).count("\n") <= 7, say(answer)


def test_an_unknown_kind_is_an_error() -> None:
    with pytest.raises(UnknownKindError):
        render(Answer("no such kind"), intent="", language="en")


def test_an_unknown_language_speaks_english() -> None:
    assert render(Answer("no_permission"), intent="", language="xx") == "I can only talk about your own account here."
    assert label("xx", "pay") == "Pay"


def test_facts_are_written_as_handles() -> None:
    fact = Fact("INV-1", "balance", FactKind.MONEY, 1, "invoice:1")
    assert each([{"what": "doors", "amount": fact}, {"what": "", "amount": fact}], "what", "amount") == [
        "doors {INV-1.balance}", "{INV-1.balance}",
    ]  # fmt: skip


def test_one_is_singular() -> None:
    day = Fact("x", "days", FactKind.DAYS, 1)
    assert plural(day, "day", "days") == "day"
    assert plural(2, "day", "days") == "days"


def asked_of(kind: str) -> list[str]:
    """The intents that a kind's template tells apart, and none."""
    words = (PHRASEBOOK / "en" / f"{kind}.j2").read_text("utf-8")
    return ["", *(intent for intent in INTENTS if intent and f'"{intent}"' in words)]


OWN_KINDS = {
    "invoices", "invoice", "payment_status", "refunds", "proposal_send_payment_link", "link_sent", "link_nothing_due",
    "amount_unclear", "choose", "nothing", "no_permission", "trouble", "plan", "proposal_promise_to_pay",
    "promise_noted", "promise_refused", "statement", "period_unclear", "estimate", "estimates", "estimate_closed",
    "estimate_changed", "proposal_accept_estimate", "estimate_accepted", "file", "files", "knowledge",
    "knowledge_nothing", "project", "projects", "appointments", "proposal_create_request", "request_unclear",
    "request_created", "request", "requests", "proposal_report_payment_problem", "problem_reported", "who",
    "proposal_hand_to_person", "handed_over", "handed_unknown", "contact_unclear", "contact_invalid", "contact_same",
    "proposal_update_contact", "contact_updated", "preference_unclear", "proposal_set_preference", "preference_set",
}  # fmt: skip


def rich(door: Door, run: Run) -> Desk:
    """The shop with a row of everything that is spoken of."""
    desk = Desk(door, run, knowledge=OnePage())

    async def add(session: AsyncSession) -> None:
        dana, project = desk.shop.dana, desk.shop.project
        for n, days in enumerate((-62, 0, 1)):
            await make_invoice(session, client=dana, number=f"INV-110{n}", title=f"Extra {n}", due_on=in_days(days))
        await make_task(session, project=project, position=1, status="done")
        await make_task(
            session, project=project, position=2, title="Fit", status="doing", assignee_id=desk.shop.owner.id
        )
        await make_task(session, project=project, position=3, title="Oil", status="blocked", due_on=in_days(5))
        await make_project(
            session, client=dana, number="PRJ-14", name="Deck", due_on=in_days(-2), expected_on=in_days(4),
            delay_reason="rain", place="Brooklyn", manager_id=desk.shop.owner.id,
        )  # fmt: skip
        for hours in (24, 48):
            start = NOW + timedelta(hours=hours)
            await make_appointment(
                session, client=dana, project_id=project.id, purpose="Visit", staff_id=desk.shop.owner.id,
                starts_at=start, ends_at=start + timedelta(hours=1),
            )  # fmt: skip
        await make_file(session, client=dana, kind="permit", name="Permit.pdf", project_id=project.id)
        await make_file(session, client=dana, kind="photo", name="Before.jpg")
        lines = (("Boards", 4, 5_00), ("Nails", 1, 2_00))
        await make_estimate(session, client=dana, number="EST-90", title="Deck", lines=lines)
        await make_estimate(session, client=dana, number="EST-91", title="Roof", valid_until=in_days(-3))
        await make_request(session, client=dana, number="REQ-1", summary="Oil the door", status="in_progress")
        await make_request(
            session, client=dana, number="REQ-2", summary="Fix the lamp", status="done", outcome="Fixed."
        )

    desk.add(add)
    return desk


def samples(desk: Desk) -> Iterator[Answer]:
    """An answer of each kind, in most of its shapes."""
    ask = desk.ask
    yield from (ask(invoices.list_invoices, state) for state in ("open", "overdue", "paid", "all"))
    yield from (ask(invoices.explain_invoice, number) for number in ("1042", "1019", "1100", "1101", "1102"))
    yield from _of_others(desk)
    yield from _of_money(desk)
    yield from _of_quotes_and_work(desk)
    yield from _of_requests(desk)
    yield from _of_people(desk)
    yield from (Answer("no_permission"), Answer("trouble"))


def _of_others(desk: Desk) -> Iterator[Answer]:
    """What a client with next to nothing is told."""
    other = other_principal(desk.shop)
    nobody = replace(other, client_id=987_654, contact_id=None)
    readers = (
        invoices.list_invoices, invoices.explain_invoice, payments.payment_status, payments.refund_status,
        plans.payment_plan, payments.account_statement, estimates.list_estimates, files.find_file,
        projects.project_status, projects.upcoming_appointments, requests.request_status, people.who_to_contact,
        payments.plan_send_payment_link,
    )  # fmt: skip
    for reader in readers:
        yield desk.ask(reader, principal=other)
        yield desk.ask(reader, principal=nobody)
    yield desk.ask(invoices.list_invoices, "overdue", principal=nobody)


def _of_money(desk: Desk) -> Iterator[Answer]:
    ask, do = desk.ask, desk.do
    yield ask(invoices.explain_invoice, "", mentions=())  # several open: which one?
    yield ask(payments.plan_send_payment_link)
    yield ask(payments.plan_send_payment_link, "1042", "part")
    for n, amount in enumerate(("", "half", "$9,999")):
        planned = ask(payments.plan_send_payment_link, "1042", amount)
        yield planned
        yield do(payments.carry_out_send_payment_link, planned, key=f"turn:{n}:pay")
    yield ask(payments.plan_send_payment_link, "1019")
    yield ask(plans.payment_plan, "1042")
    parts = [(in_days(-5), 900_00), (in_days(9), 940_00)]
    desk.add(lambda session: make_plan(session, invoice=desk.shop.kitchen, parts=parts))
    yield ask(plans.payment_plan)
    planned = ask(plans.plan_promise_to_pay, "1042", "in 10 days")
    yield planned
    yield do(plans.carry_out_promise_to_pay, planned)
    yield from (ask(plans.plan_promise_to_pay, "1042", day) for day in ("", "yesterday", "in 200 days"))
    yield ask(plans.plan_promise_to_pay, "1019", "friday")
    yield from _of_payments(desk)


def _of_payments(desk: Desk) -> Iterator[Answer]:
    dana = desk.shop.dana
    yield desk.ask(payments.payment_status, "1042")

    async def add(session: AsyncSession) -> None:
        old: dict[str, Any] = {"started_at": NOW - timedelta(days=30), "received_at": NOW - timedelta(days=30)}
        payment = await make_payment(session, client=dana, amount_minor=620_00, **old)
        await make_refund(session, payment=payment, amount_minor=10_00, status="succeeded", settled_at=NOW)
        await make_refund(session, payment=payment, amount_minor=11_00, status="pending", settled_at=None)
        await make_refund(session, payment=payment, amount_minor=12_00, status="failed", settled_at=None)

    desk.add(add)
    yield desk.ask(payments.payment_status)
    yield desk.ask(payments.refund_status)
    yield from (desk.ask(payments.account_statement, period) for period in ("", "last year", "blurb"))
    late: dict[str, Any] = {
        "received_at": None,
        "started_at": NOW - timedelta(hours=3),
        "invoice_id": desk.shop.kitchen.id,
    }
    desk.add(lambda session: make_payment(session, client=dana, amount_minor=5_00, status="processing", **late))
    yield desk.ask(payments.payment_status)
    desk.add(lambda session: make_payment(
        session, client=dana, amount_minor=6_00, status="failed", failure="card declined", **late
    ))  # fmt: skip
    yield desk.ask(payments.payment_status)
    desk.add(lambda session: make_payment(session, client=dana, amount_minor=7_00, number="PAY-9"))
    yield desk.ask(payments.payment_status)


def _of_quotes_and_work(desk: Desk) -> Iterator[Answer]:
    ask = desk.ask
    yield from (ask(estimates.list_estimates, said) for said in ("", "all", "EST-88", "EST-90", "EST-91", "declined"))
    planned = ask(estimates.plan_accept_estimate, "EST-90")
    yield planned
    assert planned.proposal is not None
    changed = {**planned.proposal, "arguments": planned.proposal["arguments"] | {"shown_sha256": "0" * 64}}
    yield desk.do(estimates.carry_out_accept_estimate, replace(planned, proposal=changed))
    yield desk.do(estimates.carry_out_accept_estimate, planned)
    yield from (ask(estimates.plan_accept_estimate, number) for number in ("EST-90", "EST-91", "EST-7"))
    yield from (ask(files.find_file, query) for query in ("", "permit", "moon"))
    yield ask(projects.project_status)
    yield from (ask(projects.project_status, name) for name in ("kitchen", "deck", "moon"))
    yield ask(projects.upcoming_appointments)
    yield ask(knowledge.search_knowledge, "what deposit do you ask for")
    yield ask(knowledge.search_knowledge, "cars")


def _of_requests(desk: Desk) -> Iterator[Answer]:
    yield from (desk.ask(requests.request_status, said) for said in ("", "REQ-1", "REQ-2", "REQ-77"))
    yield desk.ask(requests.plan_create_request)
    for n, (kind, words) in enumerate((("service", "a shelf, urgent"), ("complaint", "too loud"), ("data", "my data"))):
        planned = desk.ask(requests.plan_create_request, kind, words)
        yield planned
        yield desk.do(requests.carry_out_create_request, planned, key=f"turn:{n}:request")
    yield desk.ask(requests.request_status)
    for n, words in enumerate(("declined card", "charged twice", "wrong amount", "refund please")):
        planned = desk.ask(requests.plan_report_payment_problem, "1042", words)
        yield planned
        yield desk.do(requests.carry_out_report_payment_problem, planned, key=f"turn:{n}:problem")


def _of_people(desk: Desk) -> Iterator[Answer]:
    ask, night = desk.ask, NOW + timedelta(hours=10)
    yield from (ask(people.who_to_contact, topic) for topic in ("", "billing"))
    yield ask(people.who_to_contact, now=night)
    planned = ask(people.plan_hand_to_person, "help")
    yield planned
    yield desk.do(people.carry_out_hand_to_person, planned, key="turn:1:hand", now=night)
    stranger = replace(other_principal(desk.shop), client_id=None, contact_id=None, assurance=0)
    planned = ask(people.plan_hand_to_person, "help", principal=stranger)
    yield planned
    yield desk.do(people.carry_out_hand_to_person, planned, key="turn:2:hand", principal=stranger, conversation_id=0)
    yield ask(people.who_to_contact, principal=stranger)
    for n, (name, value) in enumerate((("phone", "212 555 0199"), ("email", "a@b.example"), ("name", "Dana L"),
                                       ("address", "12 Elm Street, Brooklyn"), ("phone", "212 555 0199"),
                                       ("phone", "1"), ("email", "1"), ("name", "1"), ("address", "1"), ("phone", ""),
                                       ("email", ""), ("name", ""), ("address", ""), ("", ""))):  # fmt: skip
        answer = ask(people.plan_update_contact, name, value)
        yield answer
        if answer.proposal:
            yield desk.do(people.carry_out_update_contact, answer, key=f"turn:{n}:contact")
    for n, (name, value) in enumerate((("language", "es"), ("channel", "sms"), ("reminders", "off"), ("receipts", "on"),
                                       ("quiet_hours", "22 to 8"), ("language", "x"), ("channel", "x"),
                                       ("reminders", "x"), ("quiet_hours", "x"), ("", "x"))):  # fmt: skip
        answer = ask(people.plan_set_preference, name, value)
        yield answer
        if answer.proposal:
            yield desk.do(people.carry_out_set_preference, answer, key=f"turn:{n}:wish")
    yield ask(invoices.explain_invoice, "other", mentions=spoken_of("INV-1042"))

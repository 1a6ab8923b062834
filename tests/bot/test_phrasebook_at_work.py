"""What staff read, and what is said without a tool, in every language of the phrasebook."""

import asyncio
import shutil
from collections.abc import Coroutine, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.database import open_engines
from billing.tables.payments import PaymentStatus
from bot.evidence import Answer, Fact, FactKind
from bot.replies import fixed
from bot.tools.clients import client_overview, find_client
from bot.tools.context import ToolContext
from bot.tools.reports import aging_report, list_payments, outstanding_balances, revenue_report
from bot.tools.threads import (
    carry_out_add_note,
    carry_out_hand_back,
    carry_out_take_conversation,
    conversation_history,
    plan_add_note,
    plan_hand_back,
    plan_take_conversation,
)
from bot.tools.work import carry_out_update_request, list_requests, open_work, plan_update_request
from bot.tools.writing import (
    carry_out_propose_payment_link,
    carry_out_record_payment,
    plan_propose_message,
    plan_propose_payment_link,
    plan_record_payment,
)
from tests.bot.office import Office, build_office, priya, put
from tests.bot.shop import Run
from tests.bot.test_phrasebook_languages import LOCALES, must_read_well, spoken
from tests.factories.bills import make_invoice
from tests.factories.payments import make_payment, make_refund
from tests.factories.people import make_client, make_contact
from tests.factories.talk import make_message
from tests.factories.work import make_appointment, make_project, make_request, make_task
from tests.fakes.clock import NOW, TODAY

SMALLTALK = (
    "greeting", "thanks", "bye", "how_are_you", "identity", "abilities", "praise", "apology", "insult", "",
)  # fmt: skip
SAID_TO_BOTH = ("help", "clarify", "out_of_scope", "refuse", "prove_first", "unrecognised")


@dataclass(frozen=True)
class AtWork:
    """An office that tests read from; what was asked in it, and what was shown and then done."""

    door: Door
    run: Run
    office: Office
    asked: list[Answer]
    done: list[Answer]


@pytest.fixture(scope="module")
def work(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AtWork]:
    """The office with work, requests, talk and money of each sort, and its answers: made once for every language."""
    path = tmp_path_factory.mktemp("office") / "frontdesk.db"
    shutil.copyfile(sqlite_template, path)
    engines = open_engines(f"sqlite:///{path}")
    with asyncio.Runner() as runner:
        door, run = Door(engines), runner.run
        office = busy_office(door, run)
        context = priya(door, office)
        answers = [run(each) for each in (*asked(context), *planned(context))]
        yield AtWork(door, run, office, answers, list(carried_out(context, run)))
        run(engines.dispose())


def busy_office(door: Door, run: Run) -> Office:
    """The office with something of everything."""
    made: Office = run(build_office(door))

    async def add(session: AsyncSession) -> None:
        shop = made.shop
        await make_task(session, project=shop.project, title="Fit", due_on=TODAY - timedelta(days=2),
                        assignee_id=shop.owner.id)  # fmt: skip
        await make_project(session, client=made.marta, number="PRJ-20", name="Terraza", delay_reason="Rain.",
                           due_on=TODAY - timedelta(days=10), expected_on=TODAY + timedelta(days=5))  # fmt: skip
        await make_request(session, client=shop.dana, number="REQ-1", summary="A hinge squeaks", priority="urgent")
        await make_appointment(session, client=made.marta, purpose="Visit", starts_at=NOW + timedelta(days=1),
                               ends_at=NOW + timedelta(days=1, hours=1))  # fmt: skip
        await make_message(session, conversation=shop.thread, text="Hello", created_at=NOW - timedelta(hours=1))
        paid = await make_payment(session, client=shop.dana, amount_minor=620_00, number="PAY-1")
        await make_refund(session, payment=paid, amount_minor=20_00)
        await make_payment(session, client=made.marta, amount_minor=70_00, number="PAY-3", received_at=None,
                           status=PaymentStatus.FAILED, failure="declined")  # fmt: skip

    run(put(door, add))
    return made


def asked(context: ToolContext) -> Iterator[Coroutine[Any, Any, Answer]]:
    """What staff look up."""
    yield from (outstanding_balances(context, group=group) for group in ("", "project"))
    yield from (outstanding_balances(context, overdue_days=days) for days in ("0", "30", "90"))
    yield from (outstanding_balances(context, minimum=said) for said in ("$500", "lots", "999999"))
    yield aging_report(context)
    yield from (revenue_report(context, period=said) for said in ("this month", "in 2024", "blurb"))
    yield from (list_payments(context, client=said) for said in ("", "dana", "okafor"))
    yield from (client_overview(context, client=said) for said in ("dana", "alvarez", "okafor", "nobody here"))
    yield from (find_client(context, query=said) for said in ("dana", "zzz"))
    yield from (open_work(context, project=said) for said in ("", "terraza", "pool"))
    yield from (open_work(context, assignee=said) for said in ("me", "elena", "bob"))
    yield from (list_requests(context, status=said) for said in ("", "new", "done", "all"))
    yield from (conversation_history(context, client=said) for said in ("dana", "okafor"))


def planned(context: ToolContext) -> Iterator[Coroutine[Any, Any, Answer]]:
    """What staff are asked back, or shown before their yes."""
    yield from (plan_propose_payment_link(context, client="dana", amount=said) for said in ("", "half", "5000"))
    yield plan_propose_payment_link(context, invoice="INV-1019")
    yield plan_propose_payment_link(context, client="okafor", invoice="INV-1042")
    yield from (plan_propose_message(context, client="alvarez", text=said) for said in ("", "we start Monday"))
    yield from (
        plan_record_payment(context, invoice="INV-1042", amount=amount, method=method)
        for amount, method in (("500", "cash"), ("1840", "card"), ("500", ""), ("some", "check"), ("9000", "transfer"))
    )
    yield from (plan_add_note(context, client="dana", text=said) for said in ("", "likes oak"))
    yield from (plan_update_request(context, request="REQ-1", status=said) for said in ("", "done"))
    yield plan_update_request(context, request="REQ-1", assignee="elena", priority="low")
    yield plan_update_request(context, request="REQ-1", assignee="nobody")


def carried_out(context: ToolContext, run: Run) -> Iterator[Answer]:
    """What is shown before a yes and what is said after it."""
    for plan, carry_out in (
        (plan_add_note(context, client="dana", text="likes oak"), carry_out_add_note),
        (plan_take_conversation(context, client="dana"), carry_out_take_conversation),
        (plan_hand_back(context, client="dana"), carry_out_hand_back),
        (plan_update_request(context, request="REQ-1", status="done"), carry_out_update_request),
        (plan_propose_payment_link(context, client="dana"), carry_out_propose_payment_link),
        (plan_record_payment(context, invoice="INV-1042", amount="500", method="cash"), carry_out_record_payment),
    ):
        shown = run(plan)
        assert shown.proposal is not None, shown
        yield from (shown, run(carry_out(context, shown.proposal["arguments"])))


@pytest.mark.parametrize("language", sorted(LOCALES))
def test_staff_answers_read_well(language: str, work: AtWork) -> None:
    for answer in work.asked:
        for intent in ("", "balances_overdue"):
            must_read_well(spoken(answer, language, intent), language, answer.kind)


@pytest.mark.parametrize("language", sorted(LOCALES))
def test_what_staff_had_done_reads_well(language: str, work: AtWork) -> None:
    for answer in work.done:
        must_read_well(spoken(answer, language), language, answer.kind)


@pytest.mark.parametrize("language", sorted(LOCALES))
def test_what_is_said_without_a_tool_reads_well(language: str, work: AtWork) -> None:
    card = priya(work.door, work.office).business
    for staff in (True, False):
        for intent in SMALLTALK:
            must_read_well(spoken(fixed("smalltalk", card, staff=staff), language, intent), language, "smalltalk")
        for kind in SAID_TO_BOTH:
            for choices in ((), ("what you owe", "a document")):
                answer = fixed(kind, card, staff=staff, choices=choices)
                must_read_well(spoken(answer, language), language, kind)
    for answer in told(card):
        must_read_well(spoken(answer, language), language, answer.kind)


def told(card: Any) -> Iterator[Answer]:
    """Fixed answers and notices, with made-up names."""
    anna, bruno = (Fact(name, "name", FactKind.NAME, name) for name in ("Anna Keller", "Bruno"))
    number = Fact("REQ-7", "number", FactKind.NUMBER, "REQ-7", "request:7")
    summary = Fact("REQ-7", "summary", FactKind.TEXT, "Une question", "request:7")
    yield from (
        fixed(kind, card) for kind in ("declined", "opted_in", "opted_out", "trouble", "no_permission", "too_many")
    )
    yield fixed("opt_out_unsure", card)
    yield from (Answer("card_removed", {"invoice": invoice}) for invoice in ("", {"number": number}))
    yield from (Answer("client_opted_out", {"client": client, "text": summary}) for client in (anna, ""))
    yield from (fixed("ask_again", card, several=several) for several in (True, False))
    yield from (fixed(kind, card, staff=anna) for kind in ("notice_taken", "notice_freed"))
    yield from (fixed("which_client", card, parties=[anna, bruno], unclear=unclear) for unclear in (True, False))
    yield fixed("client_chosen", card, party=anna)
    yield fixed("proposal_outdated", card, client=anna)
    yield fixed("staff_unknown", card, there=[anna, bruno])
    for urgent, client in ((True, anna), (False, "")):
        data: Mapping[str, Any] = {"urgent": urgent, "number": number, "client": client, "summary": summary}
        yield Answer("staff_alert", data)


@pytest.mark.parametrize(
    ("language", "opening", "close"),
    [
        ("de", "Guten Tag Jonas,\nhier", "\nFreundliche Grüße"),
        ("fr", "Bonjour Jonas,\nvoici", "\nBien cordialement,"),
        ("it", "Buongiorno Jonas,\necco", "\nCordiali saluti,"),
        ("pt", "Olá, Jonas.\nSegue", "esta mensagem."),
    ],
)
@pytest.mark.parametrize(("days", "amount"), [(-3, ""), (0, ""), (1, ""), (9, "half")])
def test_letters_greet_and_close(work: AtWork, language: str, opening: str, close: str, days: int, amount: str) -> None:
    number = f"INV-{ord(language[0])}{days + 10}"

    async def add(session: AsyncSession) -> None:
        business = work.office.shop.business
        client = await make_client(session, business=business, name=f"Weber {number}")
        await make_contact(session, business=business, clients=[client], name="Jonas Weber",
                           language=language, locale=LOCALES[language])  # fmt: skip
        await make_invoice(session, client=client, number=number, due_on=TODAY + timedelta(days=days))

    work.run(put(work.door, add))
    context = priya(work.door, work.office)
    plan = work.run(plan_propose_payment_link(context, invoice=number, amount=amount))
    letter = str(plan.data["text"].value)
    must_read_well(letter, language, plan.kind)
    text, _, signature = letter.rpartition("\n")
    assert text.startswith(opening)
    assert text.endswith(close)
    assert signature == "Priya, Harbor & Pine"
    assert number in letter

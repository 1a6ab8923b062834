"""Tests of resolve_client, find_client and client_overview."""

from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.tables.people import Client
from bot.evidence import Answer
from bot.messages import Mention
from bot.tools.clients import client_overview, find_client, resolve_client, resolve_or_spot
from tests.bot.office import build_office, priya, put
from tests.bot.shop import say
from tests.conftest import Run
from tests.factories.bills import make_invoice
from tests.factories.payments import make_payment
from tests.factories.people import make_business, make_client, make_contact
from tests.factories.quotes import make_estimate
from tests.factories.talk import make_message
from tests.factories.work import make_appointment, make_request, make_task
from tests.fakes.clock import NOW, TODAY


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Okafor Dental", "Okafor Dental"),
        ("okafor", "Okafor Dental"),
        ("okafr dental", "Okafor Dental"),
        ("the okafor account", "Okafor Dental"),
        ("amara", "Okafor Dental"),
        ("alvarez", "M. Alvarez"),
        ("Marta Álvarez's", "M. Alvarez"),
        ("dana-lee", "Dana Lee"),
        ("INV-1042", "Dana Lee"),
        ("inv 1042's client", "Dana Lee"),
        ("1042", "Dana Lee"),
        ("EST-88", "Dana Lee"),
        ("marta@alvarez.example", "M. Alvarez"),
        ("(212) 555-0177", "M. Alvarez"),
    ],
)
def test_a_client_is_found_by_what_people_say(sqlite_door: Door, run: Run, said: str, name: str) -> None:
    office = run(build_office(sqlite_door))
    found = run(resolve_client(priya(sqlite_door, office), said))
    assert isinstance(found, Client), found
    assert found.name == name


def test_them_means_the_client_spoken_of(sqlite_door: Door, run: Run) -> None:
    office = run(build_office(sqlite_door))
    context = priya(sqlite_door, office, client_focus="M. Alvarez")
    for said in ("", "them", "this", "ese cliente"):
        found = run(resolve_client(context, said))
        assert isinstance(found, Client)
        assert found.name == "M. Alvarez"


def test_them_means_the_owner_of_the_invoice_spoken_of(sqlite_door: Door, run: Run) -> None:
    office = run(build_office(sqlite_door))
    context = priya(sqlite_door, office, mentions=(Mention("invoice", "INV-2001"),))
    found = run(resolve_client(context, "them"))
    assert isinstance(found, Client)
    assert found.name == "Okafor Dental"


def test_the_other_client_is_the_one_before(sqlite_door: Door, run: Run) -> None:
    office = run(build_office(sqlite_door))
    mentions = (Mention("client", "M. Alvarez"), Mention("client", "Dana Lee"))
    context = priya(sqlite_door, office, client_focus="M. Alvarez", mentions=mentions)
    found = run(resolve_client(context, "the other one"))
    assert isinstance(found, Client)
    assert found.name == "Dana Lee"


def test_two_fits_are_asked_back(sqlite_door: Door, run: Run) -> None:
    office = run(build_office(sqlite_door))

    async def add(session: AsyncSession) -> None:
        client = await make_client(session, business=office.shop.business, name="Okafor Roofing")
        await make_contact(session, business=office.shop.business, clients=[client], name="Ben Okafor")

    run(put(sqlite_door, add))
    answer = run(resolve_client(priya(sqlite_door, office, words="send okafor a link"), "okafor"))
    assert isinstance(answer, Answer)
    assert (answer.kind, answer.error) == ("choose", True)
    assert {button.value for button in answer.attachments} == {
        "send Okafor Dental a link",
        "send Okafor Roofing a link",
    }
    assert "Okafor Roofing" in say(answer)
    whole = run(resolve_client(priya(sqlite_door, office), "okafor dental"))
    assert isinstance(whole, Client)


def test_an_unknown_client_is_said_kindly(sqlite_door: Door, run: Run) -> None:
    office = run(build_office(sqlite_door))
    for said in ("zebra holdings", "INV-8888", "nobody@example.com"):
        answer = run(resolve_client(priya(sqlite_door, office), said))
        assert isinstance(answer, Answer)
        assert answer.kind == "client_unknown"
        assert "Dana Lee" in say(answer)
        assert say(answer, language="es").startswith("No encuentro")


def test_a_client_of_another_business_is_unknown(sqlite_door: Door, run: Run) -> None:
    office = run(build_office(sqlite_door))

    async def add(session: AsyncSession) -> None:
        stranger = await make_business(session, slug="stranger")
        client = await make_client(session, business=stranger, name="Zebra Holdings", key="zebra")
        await make_invoice(session, client=client, number="INV-4242")

    run(put(sqlite_door, add))
    for said in ("zebra holdings", "zebra", "INV-4242"):
        answer = run(resolve_client(priya(sqlite_door, office), said))
        assert isinstance(answer, Answer)
        assert answer.kind == "client_unknown"


def test_a_name_in_the_sentence_is_spotted(sqlite_door: Door, run: Run) -> None:
    office = run(build_office(sqlite_door))
    context = priya(sqlite_door, office, words="Okafor paid 500 in cash this morning", client_focus="Dana Lee")
    found = run(resolve_or_spot(context, ""))
    assert isinstance(found, Client)
    assert found.name == "Okafor Dental"


def test_finding_gives_people_and_how_to_reach_them(sqlite_door: Door, run: Run) -> None:
    office = run(build_office(sqlite_door))
    answer = run(find_client(priya(sqlite_door, office), query="marta"))
    text = say(answer, "client_find")
    assert text.startswith("M. Alvarez, a client since ")
    assert "Marta Alvarez, +1 212-555-0177, marta@alvarez.example." in text
    assert answer.mentions[0].key == "M. Alvarez"


def test_an_overview_tells_what_is_going_on(sqlite_door: Door, run: Run) -> None:
    office = run(build_office(sqlite_door))
    shop = office.shop

    async def add(session: AsyncSession) -> None:
        await make_task(session, project=shop.project, title="Fit the doors", due_on=TODAY + timedelta(days=2))
        await make_payment(session, client=shop.dana, amount_minor=620_00, number="PAY-7")
        await make_appointment(session, client=shop.dana, purpose="Final fitting")
        await make_request(session, client=shop.dana, number="REQ-5", summary="A hinge squeaks")
        await make_estimate(session, client=shop.dana, number="EST-99", title="Pantry shelves")
        await make_message(session, conversation=shop.thread, text="When do you come?")

    run(put(sqlite_door, add))
    answer = run(client_overview(priya(sqlite_door, office), client="dana"))
    text = say(answer, "client_overview")
    assert text.splitlines()[0] == "Dana Lee owes $1,840.00. We hold $620.00 in credit for them."
    for part in (
        "INV-1042 Kitchen cabinets: $1,840.00, due Tue 24 Nov",
        "Last payment: $620.00 yesterday at 10:00.",
        "Kitchen renovation is under way, next: Fit the doors (Fri 20 Nov)",
        "Estimate EST-99 (Pantry shelves, $100.00) waits for their answer",
        "Next appointment: Final fitting, Thu 19 Nov at 10:00.",
        "Open request REQ-5: A hinge squeaks",
        "Last message, today at 10:00, they wrote: “When do you come?”",
        "Dana Lee, +1 212-555-0101",
    ):
        assert part in text
    assert [mention.key for mention in answer.mentions] == ["Dana Lee", "INV-1042"]
    assert say(answer, language="es").startswith("Dana Lee debe ")


def test_a_late_client_is_said_to_be_late(sqlite_door: Door, run: Run) -> None:
    office = run(build_office(sqlite_door))
    context = priya(sqlite_door, office, client_focus="M. Alvarez")
    text = say(run(client_overview(context)), "client_overview")
    assert text.startswith("M. Alvarez owes $3,100.00, 48 days overdue.")
    assert "No payment so far." in text


def test_a_client_with_nothing_has_an_overview(sqlite_door: Door, run: Run) -> None:
    office = run(build_office(sqlite_door))

    async def add(session: AsyncSession) -> None:
        await make_client(session, business=office.shop.business, name="Quiet One", since=NOW)

    run(put(sqlite_door, add))
    text = say(run(client_overview(priya(sqlite_door, office), client="quiet one")))
    assert text.startswith("Quiet One owes nothing.")

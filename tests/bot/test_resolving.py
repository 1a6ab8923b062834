"""Which record is meant by what people say."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.tables.bills import InvoiceStatus
from bot.evidence import Answer
from bot.tools.invoices import explain_invoice
from bot.tools.resolving import Referent, plain, points_at
from tests.bot.shop import Desk, Run, in_days, other_principal, say, spoken_of
from tests.factories.bills import make_invoice
from tests.factories.work import make_project
from tests.fakes.clock import TODAY


def meant(answer: Answer) -> str:
    """The number of the invoice that was explained, or the kind of answer."""
    return answer.mentions[0].key if answer.kind == "invoice" else answer.kind


@pytest.mark.parametrize(
    "said",
    ["1042", "inv 1042", "INV-1042", "#1042", "invoice number 1042", "la factura 1042", "the kitchen one",
     "kitchen", "my kitchen bill", "the cabinets", "cabnets", "oak doors", "my last bill", "the latest invoice",
     "this", "it", "that one", "esta", "the open one", "unpaid", "$1,840", "the 1840 dollar one", "1840", "",
     "my invoice", "next"],
)  # fmt: skip
def test_words_lead_to_the_open_invoice(sqlite_door: Door, run: Run, said: str) -> None:
    assert meant(Desk(sqlite_door, run).ask(explain_invoice, said)) == "INV-1042"


@pytest.mark.parametrize(
    "said", ["1019", "the deposit", "the $620 one", "620 dollars", "the paid one", "my first bill"]
)
def test_words_lead_to_the_paid_invoice(sqlite_door: Door, run: Run, said: str) -> None:
    assert meant(Desk(sqlite_door, run).ask(explain_invoice, said)) == "INV-1019"


@pytest.mark.parametrize("said", ["2001", "INV-2001", "the reception desk", "9999", "the bathroom", "$77"])
def test_absent_and_not_yours_are_one_answer(sqlite_door: Door, run: Run, said: str) -> None:
    desk = Desk(sqlite_door, run)
    answer = desk.ask(explain_invoice, said)
    assert answer == desk.ask(explain_invoice, "8888")
    assert answer.error
    assert say(answer).startswith("I can't find that invoice on your account.")
    assert "INV-2001" not in say(answer)


def test_this_is_the_invoice_spoken_of_last(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run)
    assert meant(desk.ask(explain_invoice, "this", mentions=spoken_of("INV-1019", "INV-1042"))) == "INV-1019"
    assert meant(desk.ask(explain_invoice, "", mentions=spoken_of("INV-1019"))) == "INV-1019"


def test_other_is_the_one_spoken_of_before(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run)
    assert meant(desk.ask(explain_invoice, "the other one", mentions=spoken_of("INV-1042", "INV-1019"))) == "INV-1019"
    assert meant(desk.ask(explain_invoice, "other", mentions=spoken_of("INV-1042"))) == "INV-1019"


def test_a_mention_of_another_client_is_no_focus(sqlite_door: Door, run: Run) -> None:
    assert meant(Desk(sqlite_door, run).ask(explain_invoice, "this", mentions=spoken_of("INV-2001"))) == "INV-1042"


def test_two_open_invoices_are_asked_back(sqlite_door: Door, run: Run) -> None:
    desk = with_deck(sqlite_door, run)
    answer = desk.ask(explain_invoice, "")
    assert answer.kind == "choose"
    assert answer.error
    assert not answer.mentions
    assert say(answer) == "Kitchen cabinets (INV-1042, $1,840.00) or Deck repair (INV-1047, $620.00)?"
    assert [button.value for button in answer.attachments] == ["what is INV-1042", "what is INV-1047"]


def test_equal_amounts_are_asked_back_or_the_open_one_is_meant(sqlite_door: Door, run: Run) -> None:
    desk = with_deck(sqlite_door, run)
    assert meant(desk.ask(explain_invoice, "the $620 one")) == "INV-1047"
    desk.add(lambda session: make_invoice(
        session, client=desk.shop.dana, number="INV-1050", title="Railing", lines=(("Railing", 1, 620_00),)
    ))  # fmt: skip
    assert meant(desk.ask(explain_invoice, "the $620 one")) == "choose"


def test_overdue_words_find_the_late_one(sqlite_door: Door, run: Run) -> None:
    desk = with_deck(sqlite_door, run, due_in=-3)
    assert meant(desk.ask(explain_invoice, "the overdue one")) == "INV-1047"


def test_the_name_of_a_project_finds_its_invoice(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run)

    async def add(session: AsyncSession) -> None:
        project = await make_project(session, client=desk.shop.dana, name="Attic insulation")
        await make_invoice(session, client=desk.shop.dana, number="INV-1060", title="Stage one", project_id=project.id)

    desk.add(add)
    assert meant(desk.ask(explain_invoice, "the attic")) == "INV-1060"


def test_drafts_are_never_meant(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run)
    desk.add(lambda session: make_invoice(
        session, client=desk.shop.dana, number="INV-1099", title="Porch", status=InvoiceStatus.DRAFT
    ))  # fmt: skip
    assert meant(desk.ask(explain_invoice, "1099")) == "nothing"
    assert meant(desk.ask(explain_invoice, "the porch")) == "nothing"


def test_void_invoices_are_shown_only_by_number(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run)
    desk.add(lambda session: make_invoice(
        session, client=desk.shop.dana, number="INV-1098", title="Gutter", status=InvoiceStatus.VOID, balance_minor=0,
        issued_on=TODAY,
    ))  # fmt: skip
    assert meant(desk.ask(explain_invoice, "1098")) == "INV-1098"
    assert meant(desk.ask(explain_invoice, "the gutter")) == "nothing"
    assert meant(desk.ask(explain_invoice, "my last bill")) == "INV-1042"


def test_a_client_with_nothing_is_told_so(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run)
    nobody = replace(other_principal(desk.shop), client_id=999_999, contact_id=None)
    assert say(desk.ask(explain_invoice, "", principal=nobody)) == "I can't find an invoice on your account."


@pytest.mark.parametrize(
    ("said", "pointer"),
    [("this one", Referent.THIS), ("the other one", Referent.OTHER), ("my last bill", Referent.LAST),
     ("la última factura", Referent.LAST), ("la otra", Referent.OTHER), ("die letzte Rechnung", Referent.LAST),
     ("the last kitchen bill", None), ("kitchen", None)],
)  # fmt: skip
def test_pointing_words_are_known(said: str, pointer: Referent | None) -> None:
    assert points_at(said) is pointer


def test_accents_and_case_do_not_matter() -> None:
    assert plain(" Última FACTURA ") == "ultima factura"


def with_deck(door: Door, run: Run, *, due_in: int = 20) -> Desk:
    """Dana's two bills: the kitchen and a deck."""
    desk = Desk(door, run)
    desk.add(lambda session: make_invoice(
        session, client=desk.shop.dana, number="INV-1047", title="Deck repair", lines=(("Deck repair", 1, 620_00),),
        due_on=in_days(due_in), issued_on=TODAY - timedelta(days=10),
    ))  # fmt: skip
    return desk

"""The list of invoices, and one explained."""

from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.tables.bills import InvoiceStatus
from billing.tables.files import FileKind, Visibility
from bot.evidence import Fact
from bot.messages import AttachmentKind
from bot.tools.invoices import explain_invoice, list_invoices
from tests.bot.shop import Desk, Run, in_days, kitchen_of, say
from tests.factories.bills import make_credit_note, make_invoice
from tests.factories.files import make_file
from tests.factories.payments import make_allocation, make_payment
from tests.factories.work import make_task, make_time_entry
from tests.fakes.clock import NOW

WHAT = (
    "INV-1042 is for Kitchen cabinets: 6 oak doors $1,440.00 and 8 fitting $400.00, as in estimate EST-88 you "
    "accepted on Sat 3 Oct. It belongs to the project Kitchen renovation. $1,840.00 is due Tue 24 Nov."
)


@pytest.mark.parametrize(
    ("intent", "text"),
    [
        ("invoice_purpose", WHAT),
        ("invoice_show", WHAT),
        ("", WHAT),
        ("invoice_due_date", "INV-1042 is due Tue 24 Nov, in 6 days. $1,840.00 is left to pay."),
        ("invoice_amount", "$1,840.00 is left on INV-1042, due Tue 24 Nov."),
        ("invoice_project", "INV-1042 belongs to the project Kitchen renovation. It bills Kitchen cabinets."),
        ("invoice_paid_so_far", "Nothing is paid on INV-1042 yet. $1,840.00 is due Tue 24 Nov."),
        (
            "invoice_estimate",
            (
                "EST-88 is behind it: Kitchen cabinets, $1,840.00, which you accepted on Sat 3 Oct. "
                "INV-1042 bills exactly that."
            ),
        ),
    ],
)
def test_each_question_is_answered_first(sqlite_door: Door, run: Run, intent: str, text: str) -> None:
    assert say(Desk(sqlite_door, run).ask(explain_invoice, ""), intent) == text


def test_the_answer_is_spanish_for_its_reader(sqlite_door: Door, run: Run) -> None:
    answer = Desk(sqlite_door, run, language="es", locale="es_US").ask(explain_invoice, "esta")
    assert say(answer, "invoice_due_date", language="es") == (
        "INV-1042 vence el mar 24 nov, dentro de 6 días. Quedan $1,840.00 por pagar."
    )
    assert [button.value for button in answer.attachments[1:]] == ["pagar INV-1042", "quiero hablar con una persona"]


def test_the_card_carries_total_and_due_day(sqlite_door: Door, run: Run) -> None:
    card, pay, person = Desk(sqlite_door, run).ask(explain_invoice, "").attachments
    assert card.kind is AttachmentKind.CARD
    assert card.rows == (("Total", "{INV-1042.total}"), ("Due", "{INV-1042.due_on}"))
    assert (pay.label, pay.value) == ("Pay", "pay INV-1042")
    assert person.value == "I want to talk to a person"


def test_what_was_spoken_of_is_remembered(sqlite_door: Door, run: Run) -> None:
    mentions = Desk(sqlite_door, run).ask(explain_invoice, "").mentions
    assert [(mention.kind, mention.key) for mention in mentions] == [
        ("invoice", "INV-1042"), ("project", "PRJ-12"), ("estimate", "EST-88"),
    ]  # fmt: skip


def test_staged_billing_is_a_part_of_the_estimate(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run)
    desk.add(
        lambda session: make_invoice(
            session, client=desk.shop.dana, number="INV-1043", title="Fitting", lines=(("Fitting", 8, 50_00),),
            estimate_id=desk.shop.estimate.id,
        )
    )  # fmt: skip
    answer = desk.ask(explain_invoice, "1043")
    assert say(answer, "invoice_estimate").endswith("INV-1043 bills a part of it, at the prices agreed there.")
    assert "That is what estimate EST-88 says" in say(answer, "invoice_why_high")


def test_every_figure_names_its_record(sqlite_door: Door, run: Run) -> None:
    facts = Desk(sqlite_door, run).ask(explain_invoice, "").facts()
    assert all(isinstance(fact, Fact) and (fact.record or fact.calculation) for fact in facts)
    assert all(fact.version > 0 for fact in facts if fact.record)


def test_parts_paid_credited_and_on_their_way_are_told(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run)

    async def add(session: AsyncSession) -> None:
        kitchen = await kitchen_of(session)
        await make_payment(
            session, client=desk.shop.dana, amount_minor=500_00, settles=[(kitchen, 500_00)], number="PAY-1"
        )
        note = await make_credit_note(
            session, invoice=kitchen, amount_minor=40_00, number="CN-1", reason="Scratched door"
        )
        await make_allocation(session, invoice=kitchen, credit_note_id=note.id, amount_minor=40_00)
        await make_payment(
            session, client=desk.shop.dana, amount_minor=100_00, status="processing", invoice_id=kitchen.id
        )
        kitchen.status, kitchen.balance_minor = InvoiceStatus.PART_PAID, 1300_00

    desk.add(add)
    answer = desk.ask(explain_invoice, "1042")
    assert say(answer, "invoice_paid_so_far") == (
        "$500.00 is paid on INV-1042: $500.00 Tue 17 Nov. $40.00 was credited. $1,300.00 is left, due Tue 24 Nov. "
        "A payment of $100.00 is being processed."
    )
    assert "Credit note CN-1 takes off $40.00: Scratched door." in say(answer, "invoice_show")
    assert say(answer, "invoice_amount").startswith("$1,300.00 is left on INV-1042, due Tue 24 Nov. The total was")


def test_tax_discount_hours_and_files_are_told(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run)

    async def add(session: AsyncSession) -> None:
        invoice = await make_invoice(
            session, client=desk.shop.dana, number="INV-1070", title="Shelves", lines=(("Shelf", 4, 100_00),),
            discount_minor=40_00, discount_label="Neighbour discount", tax_minor=30_00, tax_label="Sales tax",
            project_id=desk.shop.project.id,
        )  # fmt: skip
        task = await make_task(session, project=desk.shop.project, title="Hang shelves")
        await make_time_entry(session, project=desk.shop.project, invoice_id=invoice.id, task_id=task.id, minutes=150)
        await make_file(
            session, client=desk.shop.dana, kind=FileKind.INVOICE, name="INV-1070.pdf", invoice_id=invoice.id
        )
        await make_file(
            session, client=desk.shop.dana, name="Costs.xlsx", invoice_id=invoice.id, visibility=Visibility.INTERNAL
        )

    desk.add(add)
    answer = desk.ask(explain_invoice, "1070")
    text = say(answer, "invoice_why_high")
    assert "Neighbour discount takes off $40.00." in text
    assert "Sales tax adds $30.00." in text
    assert "2.5 hours of work are in it." in text
    assert "It bills Hang shelves." in say(answer, "invoice_project")
    assert "send me the PDF of INV-1070" in [attachment.value for attachment in answer.attachments]
    assert [str(fact.value) for fact in answer.facts() if fact.subject.startswith("file_")] == ["INV-1070.pdf"]


@pytest.mark.parametrize(
    ("days", "text"),
    [
        (0, "INV-1080 is due today. $100.00 is left to pay."),
        (1, "INV-1080 is due tomorrow. $100.00 is left to pay."),
        (-1, "INV-1080 was due Tue 17 Nov, 1 day ago. $100.00 is left to pay."),
        (-62, "INV-1080 was due Thu 17 Sep, 62 days ago. $100.00 is left to pay."),
        (60, "INV-1080 is due Sun 17 Jan 2027, in 60 days. $100.00 is left to pay."),
    ],
)
def test_due_days_are_said_as_people_do(sqlite_door: Door, run: Run, days: int, text: str) -> None:
    desk = Desk(sqlite_door, run)
    desk.add(lambda session: make_invoice(session, client=desk.shop.dana, number="INV-1080", due_on=in_days(days)))
    assert say(desk.ask(explain_invoice, "1080"), "invoice_due_date") == text


def test_the_due_day_is_counted_in_the_business_zone(sqlite_door: Door, run: Run) -> None:
    late_evening = NOW.replace(hour=3) + timedelta(days=1)  # 22:00 of the same day in New York
    answer = Desk(sqlite_door, run, now=late_evening).ask(explain_invoice, "")
    assert say(answer, "invoice_due_date", now=late_evening).startswith("INV-1042 is due Tue 24 Nov, in 6 days.")


def test_open_invoices_are_listed_with_their_sum(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run)
    assert say(desk.ask(list_invoices, "open"), "balance") == (
        "$1,840.00 in all: INV-1042, Kitchen cabinets, due Tue 24 Nov, in 6 days."
    )
    desk.add(lambda session: make_invoice(
        session, client=desk.shop.dana, number="INV-1047", title="Deck repair", due_on=in_days(-3)
    ))  # fmt: skip
    answer = desk.ask(list_invoices, "")
    assert say(answer, "balance") == (
        "$1,940.00 in all, on 2 invoices; $100.00 of it is past due.\n"
        "• INV-1047 Deck repair: $100.00, was due Sun 15 Nov, 3 days ago\n"
        "• INV-1042 Kitchen cabinets: $1,840.00, due Tue 24 Nov"
    )
    assert say(answer, "invoices_due").startswith("INV-1042, Kitchen cabinets, is next: $1,840.00, due Tue 24 Nov")
    assert [button.value for button in answer.attachments] == ["pay INV-1047", "pay INV-1042"]


def test_overdue_paid_and_all_are_told_apart(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run)
    assert say(desk.ask(list_invoices, "overdue")).startswith("Nothing is past due. Next is INV-1042")
    assert say(desk.ask(list_invoices, "paid")) == (
        "$620.00 is paid, on 1 invoice.\n• INV-1019 Deposit: $620.00, paid\n$1,840.00 is still open."
    )
    assert say(desk.ask(list_invoices, "all")).startswith("2 invoices, $1,840.00 still open.")
    assert say(desk.ask(list_invoices, "unpaid")) == say(desk.ask(list_invoices, "open"))


def test_a_list_never_holds_drafts_or_others(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run)
    desk.add(lambda session: make_invoice(
        session, client=desk.shop.dana, number="INV-1099", status=InvoiceStatus.DRAFT
    ))  # fmt: skip
    text = say(desk.ask(list_invoices, "all"))
    assert "INV-1099" not in text
    assert "INV-2001" not in text


def test_long_lists_are_folded(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run)

    async def add(session: AsyncSession) -> None:
        for _ in range(6):
            await make_invoice(session, client=desk.shop.dana)

    desk.add(add)
    text = say(desk.ask(list_invoices, "open"), "balance")
    assert text.startswith("$2,440.00 in all, on 7 invoices.")
    assert text.endswith("and 2 more")

"""Clients of Harbor & Pine whose money took a detour: refunds, credit, a slow transfer, a declined card."""

from billing.demo.bills import Bill, Line, Quote, add_credit_note, add_invoice, add_quote
from billing.demo.book import Book
from billing.demo.harbor_and_pine.rates import SALES_TAX
from billing.demo.money import fail_to_pay, pay, pay_again, pay_later, refund
from billing.demo.talk import Said, add_conversation
from billing.demo.work import (
    Job,
    Step,
    Visit,
    Wish,
    add_appointment,
    add_project,
    add_request,
)
from billing.tables.payments import PaymentMethod
from billing.tables.quotes import EstimateStatus
from billing.tables.talk import Author
from billing.tables.work import ProjectStatus, RequestKind, RequestStatus, TaskStatus

_PANTRY = Job(
    number="P-25",
    name="Pantry",
    status=ProjectStatus.CANCELLED,
    manager="tom",
    started=None,
    due=-30,
)


async def write_jack(book: Book) -> None:
    """One refund that has arrived, after a cancelled job; one under way, after paying twice."""
    jack = book.clients["jack-sullivan"]
    project = await add_project(book, jack, _PANTRY)
    pantry = (Line("Pantry, deposit", "1", "", "900.00"),)
    deposit = await add_invoice(book, jack, Bill("INV-1013", "Pantry deposit", pantry, due=-66), project=project)
    first = await pay(book, deposit, day=-72)
    await add_credit_note(book, deposit, "900.00", "Job cancelled by agreement", -50)
    await refund(book, first, "Job cancelled by agreement", day=-50, invoice=deposit)
    door = Bill("INV-1033", "Front door repair", (Line("Repair", "4", "h", "95.00"),), due=-3, tax=SALES_TAX)
    repaired = await add_invoice(book, jack, door)
    await pay(book, repaired, day=-7)
    again = await pay_again(book, repaired, day=-6)
    await refund(book, again, "Paid twice", day=-2, is_settled=False)
    twice = Wish(
        RequestKind.QUESTION,
        RequestStatus.IN_PROGRESS,
        "Paid INV-1033 twice, asks for one payment back",
        opened=-2,
        assignee="elena",
        due=3,
    )
    await add_request(book, jack, "jack-sullivan", twice, invoice=repaired)


_GUEST_BATHROOM = Job(
    number="P-32",
    name="Guest bathroom",
    status=ProjectStatus.ACTIVE,
    manager="tom",
    started=-17,
    due=8,
    steps=(
        Step("Demolition", TaskStatus.DONE, -16, "tom"),
        Step("Plumbing", TaskStatus.DONE, -9, "tom"),
        Step("Tiles", TaskStatus.DOING, 2, "tom"),
        Step("Vanity and mirror", TaskStatus.TODO, 6, "sam"),
    ),
)


async def write_emily(book: Book) -> None:
    """Sent more than was owed: the rest is credit; a bathroom that runs on time."""
    emily = book.clients["emily-tran"]
    project = await add_project(book, emily, _GUEST_BATHROOM)
    lines = (
        Line("Demolition and plumbing", "16", "h", "120.00"),
        Line("Tiles, laid", "70", "sq ft", "26.00"),
        Line("Vanity and mirror", "1", "", "1150.00"),
    )
    quote = Quote("EST-85", "Guest bathroom", lines, -58, EstimateStatus.ACCEPTED, -53)
    estimate = await add_quote(book, emily, quote, project=project, by="emily-tran")
    first = await add_invoice(
        book, emily, Bill("INV-1035", "Demolition and plumbing", lines[:1], due=-1),
        project=project, estimate=estimate,
    )  # fmt: skip
    await pay(book, first, day=-5, amount="2000.00", method=PaymentMethod.CHECK)
    await add_appointment(book, emily, Visit("Vanity and mirror", 6, "10:00", 120, "sam"), project=project)


async def write_carlos(book: Book) -> None:
    """His transfer is on its way; writes Spanish."""
    carlos = book.clients["carlos-mendoza"]
    floor = (Line("Laminate floor, laid", "280", "sq ft", "6.25"), Line("Baseboards", "90", "ft", "4.00"))
    quote = Quote("EST-87", "Living room floor", floor, -44, EstimateStatus.ACCEPTED, -40)
    estimate = await add_quote(book, carlos, quote, by="carlos-mendoza")
    bill = Bill("INV-1040", "Living room floor", floor, due=5)
    invoice = await add_invoice(book, carlos, bill, estimate=estimate)
    await pay_later(book, invoice, day=-1)
    await add_conversation(
        book,
        carlos,
        "carlos-mendoza",
        Said(Author.ASSISTANT, -9, "11:15", "Su factura INV-1040 del piso de la sala está lista.", invoice=invoice),
        Said(Author.CLIENT, -1, "13:02", "ya hice la transferencia"),
        Said(
            Author.STAFF, -1, "13:20", "Gracias, Carlos. Suele tardar uno o dos días en llegar. Elena",
            staff="elena",
        ),
    )  # fmt: skip


async def write_fiona(book: Book) -> None:
    """Her card was declined, and the bill is three days late."""
    fiona = book.clients["fiona-walsh"]
    porch = (
        Line("Porch railing, cedar", "24", "ft", "38.00"),
        Line("Carpentry", "6", "h", "95.00"),
    )
    quote = Quote("EST-84", "Porch railing", porch, -61, EstimateStatus.ACCEPTED, -55)
    estimate = await add_quote(book, fiona, quote, by="fiona-walsh")
    bill = Bill("INV-1032", "Porch railing", porch, due=-3, memo="Includes two coats of oil.")
    invoice = await add_invoice(book, fiona, bill, estimate=estimate)
    await fail_to_pay(book, invoice, day=-4, failure="The card was declined by the bank.")
    call = Wish(
        RequestKind.CALLBACK,
        RequestStatus.DONE,
        "Please call about the color of the oil",
        opened=-25,
        assignee="sam",
        closed=-24,
        outcome="Sam called: natural oil, as on the sample.",
    )
    await add_request(book, fiona, "fiona-walsh", call)
    gate = (Line("Garden gate, cedar", "1", "", "740.00"),)
    await add_quote(book, fiona, Quote("EST-95", "Garden gate", gate, 0, EstimateStatus.DRAFT))

"""Clients of Harbor & Pine who have not paid yet."""

from billing.demo.bills import Bill, Line, Quote, add_invoice, add_quote
from billing.demo.book import Book
from billing.demo.money import pay
from billing.demo.talk import Said, add_conversation
from billing.demo.work import Job, Step, add_note, add_project
from billing.tables.payments import PaymentMethod
from billing.tables.quotes import EstimateStatus
from billing.tables.talk import Author
from billing.tables.work import ProjectStatus, TaskStatus

_PRACTICE = Job(
    number="P-22",
    name="Reception and treatment room 2",
    status=ProjectStatus.DONE,
    manager="tom",
    started=-150,
    due=-90,
    finished=-88,
    steps=(
        Step("Build the reception desk", TaskStatus.DONE, -120, "sam"),
        Step("Treatment room cabinets", TaskStatus.DONE, -98, "sam"),
        Step("Final walk-through", TaskStatus.DONE, -88, "tom"),
    ),
)


async def write_okafor(book: Book) -> None:
    """A finished dental practice whose last bill is two months late."""
    okafor = book.clients["okafor-dental"]
    project = await add_project(book, okafor, _PRACTICE)
    lines = (
        Line("Reception desk in walnut", "1", "", "5400.00"),
        Line("Treatment room cabinets", "8", "", "975.00"),
        Line("Installation", "40", "h", "95.00"),
    )
    quote = Quote("EST-61", "Reception and treatment room 2", lines, -178, EstimateStatus.ACCEPTED, -170)
    estimate = await add_quote(book, okafor, quote, project=project, by="amara-okafor")
    earlier = await add_invoice(
        book,
        okafor,
        Bill("INV-1006", "Reception desk", lines[:1], due=-120),
        project=project,
        estimate=estimate,
    )
    await pay(book, earlier, day=-118, method=PaymentMethod.TRANSFER)
    last_lines = (
        Line("Treatment room cabinets, second delivery", "4", "", "975.00"),
        Line("Installation", "20", "h", "95.00"),
        Line("Delivery and removal of the old cabinets", "1", "", "400.00"),
    )
    last = await add_invoice(
        book, okafor, Bill("INV-1014", "Treatment room cabinets", last_lines, due=-62),
        project=project, estimate=estimate,
    )  # fmt: skip
    await add_note(book, okafor, "elena", "Called twice about INV-1014, their bookkeeper is away.", day=-20)
    await add_conversation(
        book,
        okafor,
        "amara-okafor",
        Said(
            Author.ASSISTANT, -76, "11:02", "Your invoice INV-1014 for the treatment room is ready.",
            invoice=last,
        ),
        Said(Author.CLIENT, -20, "16:40", "Sorry, I will look at this with our bookkeeper next week."),
        Said(Author.STAFF, -20, "16:52", "Thank you Amara, just tell us what you need. Elena", staff="elena"),
    )  # fmt: skip


_BATHROOM = Job(
    number="P-26",
    name="Bathroom renovation",
    status=ProjectStatus.DONE,
    manager="tom",
    started=-110,
    due=-75,
    finished=-74,
    steps=(
        Step("Waterproofing", TaskStatus.DONE, -96, "tom"),
        Step("Tiles", TaskStatus.DONE, -84, "tom"),
        Step("Final walk-through", TaskStatus.DONE, -74, "tom"),
    ),
)


async def write_alvarez(book: Book) -> None:
    """A bathroom, half of it paid, the rest a month and a half late; writes Spanish."""
    alvarez = book.clients["marta-alvarez"]
    project = await add_project(book, alvarez, _BATHROOM)
    stages = (
        Line("Waterproofing and plumbing", "20", "h", "120.00"),
        Line("Tiles, laid", "62", "sq ft", "25.00"),
        Line("Shower screen", "1", "", "980.00"),
        Line("Fitting", "6", "h", "95.00"),
    )
    quote = Quote("EST-70", "Bathroom renovation", stages, -128, EstimateStatus.ACCEPTED, -121)
    estimate = await add_quote(book, alvarez, quote, project=project, by="marta-alvarez")
    first = await add_invoice(
        book, alvarez, Bill("INV-1010", "Bathroom, first stage", stages[:1], due=-88),
        project=project, estimate=estimate,
    )  # fmt: skip
    await pay(book, first, day=-90, method=PaymentMethod.CHECK)
    last = await add_invoice(
        book, alvarez, Bill("INV-1017", "Bathroom tiles and shower", stages[1:], due=-48),
        project=project, estimate=estimate,
    )  # fmt: skip
    await add_conversation(
        book,
        alvarez,
        "marta-alvarez",
        Said(Author.ASSISTANT, -62, "10:20", "Su factura INV-1017 del baño está lista.", invoice=last),
        Said(Author.CLIENT, -12, "18:05", "gracias, este mes no puedo, lo veo para el próximo"),
        Said(
            Author.STAFF, -12, "18:20",
            "Gracias por avisar, Marta. Si quiere, lo pasamos a un plan de pagos. Elena", staff="elena",
        ),
    )  # fmt: skip


async def write_hudson_yoga(book: Book) -> None:
    """The oldest debt: four months late, with a note of what was tried."""
    studio = book.clients["hudson-yoga"]
    floor = (Line("Sprung floor, sanding and oil", "360", "sq ft", "5.50"),)
    quote = Quote("EST-58", "Studio floor", floor, -158, EstimateStatus.ACCEPTED, -151)
    estimate = await add_quote(book, studio, quote, by="nina-patel")
    bill = Bill("INV-1004", "Studio floor", floor, due=-120)
    await add_invoice(book, studio, bill, estimate=estimate)
    await add_note(book, studio, "priya", "Two letters sent; she says the landlord should pay.", day=-70)


async def write_grace_kim(book: Book) -> None:
    """Paid half of her closet bill; the other half is five weeks late."""
    grace = book.clients["grace-kim"]
    lines = (
        Line("Walk-in closet, maple", "1", "", "1450.00"),
        Line("Carpentry", "10", "h", "95.00"),
    )
    quote = Quote("EST-79", "Walk-in closet", lines, -88, EstimateStatus.ACCEPTED, -83)
    estimate = await add_quote(book, grace, quote, by="grace-kim")
    closet = await add_invoice(book, grace, Bill("INV-1021", "Walk-in closet", lines, due=-35), estimate=estimate)
    await pay(book, closet, day=-33, amount="1200.00")
    shelf = (Line("Extra shelves, maple", "4", "", "60.00"),)
    offer = Quote("EST-94", "Extra closet shelves", shelf, -10, EstimateStatus.SENT)
    await add_quote(book, grace, offer)

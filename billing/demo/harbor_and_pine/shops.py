"""Companies among Harbor & Pine's clients: a bakery, a bookshop, a café and a cooperative."""

from billing.demo.bills import (
    Bill,
    Line,
    Quote,
    add_credit_note,
    add_invoice,
    add_quote,
    void,
)
from billing.demo.book import Book
from billing.demo.harbor_and_pine.rates import RETURNING, SALES_TAX
from billing.demo.money import pay
from billing.demo.talk import Said, add_conversation
from billing.demo.work import (
    Job,
    Step,
    Visit,
    Wish,
    add_appointment,
    add_project,
    add_request,
    log_time,
)
from billing.tables.payments import PaymentMethod
from billing.tables.quotes import EstimateStatus, QuoteKind
from billing.tables.talk import Author
from billing.tables.work import Priority, ProjectStatus, RequestKind, RequestStatus, TaskStatus

_COUNTERS = Job(
    number="P-33",
    name="New counters",
    status=ProjectStatus.ACTIVE,
    manager="sam",
    started=-20,
    due=9,
    steps=(
        Step("Left counter", TaskStatus.DONE, -6, "sam"),
        Step("Right counter", TaskStatus.DOING, 3, "sam"),
        Step("Glass fronts", TaskStatus.TODO, 8, "sam"),
    ),
)


async def write_panaderia(book: Book) -> None:
    """Two open invoices of one amount, on one project; writes Spanish."""
    bakery = book.clients["panaderia-lopez"]
    project = await add_project(book, bakery, _COUNTERS)
    left = (Line("Counter, left side", "1", "", "430.00"), Line("Carpentry", "2", "h", "95.00"))
    right = (Line("Counter, right side", "1", "", "430.00"), Line("Carpentry", "2", "h", "95.00"))
    quote = Quote("EST-90", "New counters", left + right, -34, EstimateStatus.ACCEPTED, -29)
    estimate = await add_quote(book, bakery, quote, project=project, by="rosa-lopez")
    first = await add_invoice(
        book, bakery, Bill("INV-1043", "Left counter", left, due=9), project=project, estimate=estimate
    )
    await log_time(book, project, "sam", -6, 2, "Built the left counter", invoice=first)
    second = Bill("INV-1046", "Right counter", right, due=12)
    await add_invoice(book, bakery, second, project=project, estimate=estimate)
    hood = Bill("INV-1015", "Repair of the oven hood", (Line("Repair", "4", "h", "120.00"),), due=-58, tax=SALES_TAX)
    repaired = await add_invoice(book, bakery, hood)
    await pay(book, repaired, day=-60)
    await add_appointment(
        book, bakery, Visit("Glass fronts", 8, "07:30", 120, "sam"), project=project
    )  # fmt: skip


async def write_book_barn(book: Book) -> None:
    """A bill for repairs that the client contests."""
    barn = book.clients["brooklyn-book-barn"]
    lines = (
        Line("Staircase repair", "9", "h", "95.00"),
        Line("Oak treads", "5", "", "64.00"),
        Line("Weekend surcharge", "1", "", "180.00"),
    )
    invoice = await add_invoice(book, barn, Bill("INV-1027", "Staircase repair", lines, due=-15, tax=SALES_TAX))
    invoice.disputed_at = book.days.past(-11, "15:20")
    await book.keep()
    dispute = Wish(
        RequestKind.DISPUTE,
        RequestStatus.IN_PROGRESS,
        "Contests the weekend surcharge: the work was done on a Thursday",
        opened=-11,
        priority=Priority.HIGH,
        assignee="priya",
        due=2,
    )
    await add_request(book, barn, "henry-cole", dispute, invoice=invoice)
    await add_conversation(
        book,
        barn,
        "henry-cole",
        Said(
            Author.ASSISTANT, -29, "09:40", "Your invoice INV-1027 for the staircase is ready.", invoice=invoice
        ),
        Said(Author.CLIENT, -11, "15:18", "why is there a weekend surcharge? sam was here on a thursday"),
        Said(
            Author.STAFF, -11, "15:31", "Thanks Henry. I am checking Sam's hours and come back to you. Priya",
            staff="priya",
        ),
    )  # fmt: skip


_TERRACE = Job(
    number="P-29",
    name="Café terrace",
    status=ProjectStatus.ACTIVE,
    manager="tom",
    started=-52,
    due=-6,
    expected=15,
    delay_reason="The composite boards came in the wrong color and were ordered again.",
    steps=(
        Step("Footings and frame", TaskStatus.DONE, -38, "tom"),
        Step("Deck boards", TaskStatus.BLOCKED, 4, "sam"),
        Step("Railing", TaskStatus.TODO, 10, "sam"),
        Step("Final walk-through", TaskStatus.TODO, 15, "tom"),
    ),
)


async def write_greenpoint_cafe(book: Book) -> None:
    """A terrace that is late, one payment that settled two invoices, a discount and a credit note."""
    cafe = book.clients["greenpoint-cafe"]
    project = await add_project(book, cafe, _TERRACE)
    frame = (Line("Footings and frame", "1", "", "3800.00"),)
    boards = (Line("Composite deck boards", "240", "sq ft", "11.50"), Line("Railing", "30", "ft", "42.00"))
    quote = Quote("EST-83", "Café terrace", frame + boards, -72, EstimateStatus.ACCEPTED, -66)
    estimate = await add_quote(book, cafe, quote, project=project, by="sofia-nowak")
    first = await add_invoice(
        book, cafe, Bill("INV-1022", "Terrace frame", frame, due=-33, discount=RETURNING),
        project=project, estimate=estimate,
    )  # fmt: skip
    doors = Bill("INV-1023", "Café door repair", (Line("Repair", "3", "h", "95.00"),), due=-31, tax=SALES_TAX)
    second = await add_invoice(book, cafe, doors)
    await pay(book, first, second, day=-34, method=PaymentMethod.TRANSFER)
    partly = Bill(
        "INV-1039", "Terrace boards, first delivery", (Line("Composite deck boards", "100", "sq ft", "11.50"),), due=4
    )
    third = await add_invoice(book, cafe, partly, project=project, estimate=estimate)
    await add_credit_note(book, third, "150.00", "For the wait over the wrong boards", -5)
    complaint = Wish(
        RequestKind.COMPLAINT,
        RequestStatus.WAITING,
        "The terrace is three weeks late and the season is running",
        opened=-7,
        priority=Priority.URGENT,
        assignee="tom",
        due=1,
    )
    await add_request(book, cafe, "sofia-nowak", complaint, project=project)
    await add_appointment(book, cafe, Visit("Deck boards arrive", 4, "08:00", 60, "tom"), project=project)
    off_day = Visit("Deck boards arrive", -8, "08:00", 60, "tom", is_cancelled=True)
    await add_appointment(book, cafe, off_day, project=project)


_LOBBY = Job(
    number="P-36",
    name="Lobby renovation",
    status=ProjectStatus.PLANNED,
    manager="priya",
    started=None,
    due=95,
)


async def write_red_hook(book: Book) -> None:
    """A cooperative that asks for many quotes: proposal sent, estimate declined, another expired."""
    coop = book.clients["red-hook-cooperative"]
    project = await add_project(book, coop, _LOBBY)
    lobby = (
        Line("Lobby millwork in white oak", "1", "", "38400.00"),
        Line("Stone floor", "620", "sq ft", "34.00"),
        Line("Mail room", "1", "", "12750.00"),
        Line("Site management", "9", "weeks", "2100.00"),
    )
    proposal = Quote("EST-92", "Lobby renovation", lobby, -16, EstimateStatus.SENT, kind=QuoteKind.PROPOSAL)
    await add_quote(book, coop, proposal, project=project)
    roof = (Line("Roof deck, composite", "1400", "sq ft", "29.00"),)
    await add_quote(book, coop, Quote("EST-74", "Roof deck", roof, -101, EstimateStatus.DECLINED, -90))
    bikes = (Line("Bike room racks and doors", "1", "", "6900.00"),)
    await add_quote(book, coop, Quote("EST-81", "Bike room", bikes, -63, EstimateStatus.EXPIRED))
    drawings = (Line("Design proposal with drawings", "1", "", "450.00"),)
    paid = await add_invoice(book, coop, Bill("INV-1036", "Design proposal", drawings, due=-2))
    await pay(book, paid, day=-4, method=PaymentMethod.CHECK)
    twice = await add_invoice(book, coop, Bill("INV-1037", "Design proposal", drawings, due=-2, memo="Sent twice."))
    await void(book, twice)
    stairs = (Line("Stair lights", "14", "", "85.00"), Line("Electrician", "11", "h", "120.00"))
    draft = Bill("INV-1049", "Stair lights", stairs, due=14, tax=SALES_TAX, is_draft=True)
    await add_invoice(book, coop, draft)
    board = Wish(
        RequestKind.QUESTION,
        RequestStatus.NEW,
        "Can the lobby work pause during the holidays?",
        opened=-1,
        assignee="priya",
        due=3,
    )
    await add_request(book, coop, "diane-foster", board, project=project)

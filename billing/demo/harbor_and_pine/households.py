"""Households among Harbor & Pine's clients, each with a turn of its own in how it pays."""

from billing.demo.bills import (
    Bill,
    Line,
    Quote,
    add_invoice,
    add_quote,
)
from billing.demo.book import Book
from billing.demo.harbor_and_pine.rates import SALES_TAX
from billing.demo.money import (
    Part,
    add_plan,
    add_retainer,
    draw,
)
from billing.demo.papers import (
    Belongs,
    Certificate,
    print_certificate,
)
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
from billing.tables.files import FileKind
from billing.tables.plans import InstalmentStatus
from billing.tables.quotes import EstimateStatus, QuoteKind
from billing.tables.work import ProjectStatus, RequestKind, RequestStatus, TaskStatus

_WINDOW_SEAT = Job(
    number="P-34",
    name="Window seat",
    status=ProjectStatus.ACTIVE,
    manager="sam",
    started=-15,
    due=6,
    steps=(
        Step("Build the frame", TaskStatus.DONE, -6, "sam"),
        Step("Upholstery", TaskStatus.DOING, 3, "sam"),
        Step("Fit and hand over", TaskStatus.TODO, 6, "sam"),
    ),
)


async def write_haddads(book: Book) -> None:
    """Brother and sister, two clients, one phone: his bill is due today, hers in ten days."""
    omar, leila = book.clients["omar-haddad"], book.clients["leila-haddad"]
    shelves = (Line("Built-in bookshelves, pine", "1", "", "1680.00"), Line("Painting", "5", "h", "70.00"))
    his = await add_quote(book, omar, Quote("EST-86", "Bookshelves", shelves, -60, EstimateStatus.ACCEPTED, -57),
                          by="omar-haddad")  # fmt: skip
    await add_invoice(book, omar, Bill("INV-1034", "Bookshelves", shelves, due=0), estimate=his)
    window = (Line("Window seat with storage", "1", "", "1240.00"),)
    project = await add_project(book, leila, _WINDOW_SEAT)
    hers = Quote("EST-91", "Window seat", window, -32, EstimateStatus.ACCEPTED, -27)
    estimate = await add_quote(book, leila, hers, project=project, by="leila-haddad")
    bill = Bill("INV-1044", "Window seat", window, due=10)
    await add_invoice(book, leila, bill, project=project, estimate=estimate)
    await add_appointment(book, leila, Visit("Hand over the window seat", 6, "16:00", 60, "sam"), project=project)


_ATTIC = Job(
    number="P-27",
    name="Attic room",
    status=ProjectStatus.ON_HOLD,
    manager="tom",
    started=-90,
    due=40,
    expected=75,
    delay_reason="The landmarks board has not decided on the skylight yet.",
    steps=(
        Step("Drawings", TaskStatus.DONE, -80, "priya"),
        Step("Landmarks approval", TaskStatus.BLOCKED, 12, "priya"),
    ),
)


async def write_chens(book: Book) -> None:
    """A maintenance retainer that pays small bills, and a project on hold."""
    chens = book.clients["chen-family"]
    retainer = await add_retainer(book, chens, "Maintenance, one year", "3000.00", day=-140)
    gutters = Bill(
        "INV-1007", "Gutter cleaning and repair", (Line("Repair", "5", "h", "95.00"),), due=-108, tax=SALES_TAX
    )
    first = await add_invoice(book, chens, gutters)
    await draw(book, retainer, first, day=-120)
    fence = (Line("Fence boards", "18", "", "21.50"), Line("Carpentry", "6", "h", "95.00"))
    second = await add_invoice(book, chens, Bill("INV-1029", "Fence repair", fence, due=-10, tax=SALES_TAX))
    await draw(book, retainer, second, day=-20)
    project = await add_project(book, chens, _ATTIC)
    attic = (
        Line("Attic room, framing and drywall", "1", "", "18900.00"),
        Line("Skylight", "2", "", "2450.00"),
        Line("Oak floor", "310", "sq ft", "16.50"),
    )
    offer = Quote("EST-76", "Attic room", attic, -99, EstimateStatus.ACCEPTED, -92, kind=QuoteKind.PROPOSAL)
    await add_quote(book, chens, offer, project=project, by="mei-chen")
    loft = Wish(RequestKind.SERVICE, RequestStatus.NEW, "Squeaking stairs to the second floor", opened=-2)
    await add_request(book, chens, "robert-chen", loft)
    await add_appointment(book, chens, Visit("Yearly check of roof and gutters", 20, "09:30", 90, "sam"))


_DECK = Job(
    number="P-24",
    name="Backyard deck",
    status=ProjectStatus.DONE,
    manager="tom",
    started=-125,
    due=-106,
    finished=-104,
    steps=(Step("Deck and steps", TaskStatus.DONE, -104, "tom"),),
)


async def write_anita(book: Book) -> None:
    """A payment plan with a missed instalment."""
    anita = book.clients["anita-desai"]
    deck = (Line("Cedar deck", "150", "sq ft", "32.00"), Line("Steps", "1", "", "600.00"))
    project = await add_project(book, anita, _DECK)
    quote = Quote("EST-64", "Backyard deck", deck, -138, EstimateStatus.ACCEPTED, -134)
    estimate = await add_quote(book, anita, quote, project=project, by="anita-desai")
    bill = Bill("INV-1009", "Backyard deck", deck, due=21, terms=122, memo="To be paid in four installments.")
    invoice = await add_invoice(book, anita, bill, project=project, estimate=estimate)
    await log_time(book, project, "tom", -108, 8, "Decking", invoice=invoice)
    await add_plan(
        book,
        invoice,
        Part(-69, "1350.00", InstalmentStatus.PAID),
        Part(-39, "1350.00", InstalmentStatus.PAID),
        Part(-9, "1350.00", InstalmentStatus.MISSED),
        Part(21, "1350.00", InstalmentStatus.SCHEDULED),
        agreed=-98,
    )
    warranty = Certificate(
        "W-64",
        "Cedar deck and steps",
        -104,
        1721,
        (("Covers", "Framing, footings, boards that lift"), ("Does not cover", "Graying of the wood")),
        ("Deck framing is guaranteed for five years. We come and repair free of charge.",),
        "Priya Raman",
    )
    about = Belongs(project=project)
    await print_certificate(book, anita, FileKind.WARRANTY, "Warranty deck.pdf", warranty, about)

"""Dana Lee's kitchen: the story that the demo opens with."""

from billing.demo.bills import Bill, Line, Quote, add_invoice, add_quote, share_line
from billing.demo.book import Book
from billing.demo.harbor_and_pine.rates import SALES_TAX
from billing.demo.money import pay
from billing.demo.papers import (
    Belongs,
    Certificate,
    Stored,
    add_file,
    print_certificate,
    print_contract,
)
from billing.demo.photo import draw_kitchen
from billing.demo.talk import Said, add_conversation
from billing.demo.work import (
    Job,
    Step,
    Visit,
    Wish,
    add_appointment,
    add_note,
    add_project,
    add_request,
    log_time,
)
from billing.documents.values import Clause, Letterhead
from billing.tables.bills import Invoice
from billing.tables.files import FileKind, Visibility
from billing.tables.payments import PaymentMethod
from billing.tables.quotes import Estimate, EstimateStatus
from billing.tables.talk import Author
from billing.tables.work import Project, ProjectStatus, RequestKind, RequestStatus, TaskStatus

DOORS = Line("Oak doors", "6", "", "240.00")
FITTING = Line("Fitting", "8", "h", "50.00")

CLAUSES = (
    Clause(
        "The work",
        "Harbor & Pine renovates the kitchen at 214 Union Street as described in estimate EST-88: demolition, "
        "oak cabinets and doors, quartz worktop, backsplash tiling, plumbing and electrical work.",
    ),
    Clause(
        "Price and payment",
        "The price above is fixed. 30% is due on acceptance, the rest as the stages are finished. Invoices are "
        "due 14 days after their date. The deposit is held in escrow until the work it covers is done.",
    ),
    Clause(
        "Changes",
        "Anything added, removed or swapped is written down as a change order with its price and its days, "
        "and is done once the client has approved it in writing.",
    ),
    Clause(
        "Time",
        "Work starts within six weeks of the deposit and takes about six weeks on site. We tell the client on "
        "the same day when the finish date moves, and why.",
    ),
    Clause(
        "Warranty",
        "Workmanship is guaranteed for two years from the final walk-through. Makers' warranties on cabinets "
        "and fittings are handed over with their papers.",
    ),
    Clause(
        "Cancellation",
        "The client may cancel without reason within three business days of signing and gets the whole deposit back.",
    ),
)

CITY = Letterhead(
    name="Borough Building Office",
    trade="Permits and inspections",
    postal="1 Borough Square, Brooklyn, NY 11201",
    phone="+1 212 555 0190",
    email="permits@boroughoffice.example",
    colour="#34506e",
    locale="en_US",
    language="en",
)

PERMIT = Certificate(
    number="BK-01187",
    title="Plumbing and electrical work in an existing kitchen",
    starts=-30,
    ends=335,
    facts=(
        ("Address", "214 Union Street, Brooklyn, NY 11231"),
        ("Contractor", "Harbor & Pine Renovations LLC"),
        ("Work", "Move the sink supply, two new circuits, no structural change"),
        ("Inspection", "Required before walls are closed"),
    ),
    text=("This permit must be posted where it can be seen from the street until the work is finished.",),
    signed_by="J. Alder, examiner",
    issuer=CITY,
)

WARRANTY = Certificate(
    number="W-88",
    title="Kitchen cabinets and oak doors",
    starts=-9,
    ends=721,
    facts=(
        ("Covers", "Doors that no longer close, hinges, runners, loose joints, finish that lifts"),
        ("Does not cover", "Normal wear, scratches, standing water, work altered by others"),
        ("Who comes", "Sam Whitfield, carpenter lead, within five business days"),
    ),
    text=(
        "We repair free of charge, labor and materials included.",
        "Send a photo and a sentence about what is wrong, or call the office.",
    ),
    signed_by="Priya Raman",
)

KITCHEN = Job(
    number="P-31",
    name="Kitchen renovation",
    status=ProjectStatus.ACTIVE,
    manager="tom",
    started=-24,
    due=18,
    description="New cabinets, worktop, tiles and lights in the existing kitchen.",
    steps=(
        Step("Remove the old kitchen", TaskStatus.DONE, -24, "tom"),
        Step("Plumbing and electrical rough-in", TaskStatus.DONE, -17, "tom"),
        Step("Fit cabinets and oak doors", TaskStatus.DONE, -9, "sam"),
        Step("Measure and cut the quartz worktop", TaskStatus.DOING, 2, "sam"),
        Step("Install the worktop", TaskStatus.TODO, 7, "sam"),
        Step("Tile the backsplash", TaskStatus.TODO, 11, "tom"),
        Step("Final walk-through", TaskStatus.TODO, 17, "tom"),
    ),
)

ESTIMATE = Quote(
    number="EST-88",
    title="Kitchen renovation",
    lines=(
        Line("Demolition and disposal", "1", "", "1150.00"),
        DOORS,
        FITTING,
        Line("Quartz worktop, cut and installed", "32", "sq ft", "85.00"),
        Line("Backsplash tiling", "28", "sq ft", "32.50"),
        Line("Plumbing and electrical", "12", "h", "120.00"),
    ),
    issued=-54,
    status=EstimateStatus.ACCEPTED,
    decided=-50,
)


async def write_dana(book: Book) -> None:
    """Her project, estimate, bills, visits, request and the messages about them."""
    dana = book.clients["dana-lee"]
    project = await add_project(book, dana, KITCHEN)
    estimate = await add_quote(book, dana, ESTIMATE, project=project, by="dana-lee")
    repair = Bill("INV-1003", "Porch step repair", (Line("Carpentry", "3", "h", "95.00"),), due=-180, tax=SALES_TAX)
    first = await add_invoice(book, dana, repair)
    await pay(book, first, day=-184, method=PaymentMethod.CHECK)
    share = share_line("Deposit, 30% of estimate EST-88", estimate.total_minor, 30, dana.currency)
    deposit_bill = Bill("INV-1019", "Kitchen deposit", (share,), due=-36)
    deposit = await add_invoice(book, dana, deposit_bill, project=project, estimate=estimate)
    await pay(book, deposit, day=-47)
    start_bill = Bill(
        "INV-1031",
        "Demolition",
        (Line("Demolition and disposal", "1", "", "1150.00"),),
        due=-8,
    )
    start = await add_invoice(book, dana, start_bill, project=project, estimate=estimate)
    await pay(book, start, day=-12)
    cabinets = await add_invoice(
        book, dana, Bill("INV-1042", "Kitchen cabinets", (DOORS, FITTING), due=6),
        project=project, estimate=estimate,
    )  # fmt: skip
    await log_time(book, project, "sam", -10, 5, "Fitted base and wall cabinets", invoice=cabinets)
    await log_time(book, project, "sam", -9, 3, "Hung and aligned the oak doors", invoice=cabinets)
    await log_time(book, project, "tom", -17, 6.5, "Plumbing and electrical rough-in")
    await _visits(book, project)
    await _words(book, cabinets)
    await _papers(book, project, estimate)


async def _visits(book: Book, project: Project) -> None:
    dana = book.clients["dana-lee"]
    for visit in (
        Visit("First visit and measuring", -60, "10:00", 60, "priya"),
        Visit("Worktop template", -5, "13:30", 45, "sam"),
        Visit("Worktop installation", 7, "09:00", 180, "sam"),
        Visit("Final walk-through", 17, "15:00", 60, "tom"),
    ):
        await add_appointment(book, dana, visit, project=project)
    under_cabinet = Wish(
        RequestKind.CHANGE,
        RequestStatus.IN_PROGRESS,
        "Add LED strips under the wall cabinets",
        opened=-6,
        assignee="tom",
        due=3,
    )
    await add_request(book, dana, "dana-lee", under_cabinet, project=project)
    tap = Wish(
        RequestKind.QUESTION,
        RequestStatus.DONE,
        "Can the faucet be brushed brass?",
        opened=-30,
        assignee="sam",
        closed=-29,
        outcome="Yes, at no extra cost; Sam has ordered it.",
    )
    await add_request(book, dana, "dana-lee", tap, project=project)


async def _words(book: Book, cabinets: Invoice) -> None:
    dana = book.clients["dana-lee"]
    await add_note(book, dana, "tom", "Neighbor downstairs works nights: no drilling before 10.", day=-23)
    await add_conversation(
        book,
        dana,
        "dana-lee",
        Said(Author.CLIENT, -24, "07:52", "morning, is the crew still coming at 8?"),
        Said(Author.STAFF, -24, "07:55", "Yes Dana, Sam and two helpers, at 8 sharp. Tom", staff="tom"),
        Said(
            Author.ASSISTANT,
            -8,
            "10:10",
            "Your invoice INV-1042 for the kitchen cabinets is ready. You find it with your files.",
            invoice=cabinets,
        ),
        Said(Author.CLIENT, -8, "12:31", "thanks, got it. the doors look great"),
    )


async def _papers(book: Book, project: Project, estimate: Estimate) -> None:
    dana, about = book.clients["dana-lee"], Belongs(project=project)
    both = Belongs(project=project, estimate=estimate)
    await print_contract(book, dana, estimate, "Contract kitchen renovation.pdf", CLAUSES, both)
    await print_certificate(book, dana, FileKind.PERMIT, "Building permit kitchen.pdf", PERMIT, about)
    await print_certificate(book, dana, FileKind.WARRANTY, "Warranty cabinets and doors.pdf", WARRANTY, about)
    photo = Stored(FileKind.PHOTO, "Kitchen after cabinets.jpg", draw_kitchen(), -9, "image/jpeg", "Sam Whitfield")
    await add_file(book, dana, photo, about)
    sheet = "Kitchen renovation, costing (internal)\nOak from the mill: 6 doors\nMargin to keep: 22 %\n"
    internal = Stored(
        FileKind.OTHER, "Costing kitchen internal.txt", sheet.encode(), -40, "text/plain", "Priya Raman",
        Visibility.INTERNAL,
    )  # fmt: skip
    await add_file(book, dana, internal, about)

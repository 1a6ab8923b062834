"""Private clients of Atelier Lumière."""

from billing.demo.atelier_lumiere.rates import MWST, TVA, TVA_LABOUR
from billing.demo.bills import (
    Bill,
    Line,
    Quote,
    add_credit_note,
    add_invoice,
    add_quote,
    share_line,
)
from billing.demo.book import Book
from billing.demo.money import Part, add_plan, pay, pay_later, refund
from billing.demo.papers import Belongs, Certificate, print_certificate, print_contract
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
from billing.documents.values import Clause
from billing.tables.files import FileKind
from billing.tables.payments import PaymentMethod
from billing.tables.plans import InstalmentStatus
from billing.tables.quotes import EstimateStatus, QuoteKind
from billing.tables.talk import Author
from billing.tables.work import ProjectStatus, RequestKind, RequestStatus, TaskStatus

_CLAUSES = (
    Clause(
        "Objet",
        "Atelier Lumière conçoit, fournit et pose l'éclairage décrit dans le devis accepté, réglages compris.",
    ),
    Clause(
        "Prix et règlement",
        "Le prix ci-dessus est ferme. 40 % à l'acceptation, 40 % à la livraison, 20 % après réception. "
        "Factures payables à 30 jours.",
    ),
    Clause("Garantie", "Deux ans sur l'installation, cinq ans sur les luminaires de l'atelier."),
)


_LIVING_ROOM = Job(
    number="PR-12",
    name="Éclairage du séjour",
    status=ProjectStatus.ACTIVE,
    manager="jonas",
    started=-28,
    due=14,
    steps=(
        Step("Plan d'éclairage", TaskStatus.DONE, -20, "claire"),
        Step("Commande des suspensions", TaskStatus.DONE, -13, "jonas"),
        Step("Pose des rails et des suspensions", TaskStatus.TODO, 8, "jonas"),
        Step("Réglages et réception", TaskStatus.TODO, 13, "claire"),
    ),
)


async def write_dubois(book: Book) -> None:
    """A family's living room in the making; Marc also speaks for a property company."""
    family = book.clients["famille-dubois"]
    project = await add_project(book, family, _LIVING_ROOM)
    lines = (
        Line("Suspensions en verre soufflé", "3", "", "690.00"),
        Line("Rail et variateur", "1", "", "480.00"),
        Line("Pose", "9", "h", "65.00"),
    )
    quote = Quote("DEV-61", "Éclairage du séjour", lines, -47, EstimateStatus.ACCEPTED, -42, tax=TVA)
    estimate = await add_quote(book, family, quote, project=project, by="marc-dubois")
    share = share_line("Acompte de 40 % sur le devis DEV-61, HT", estimate.subtotal_minor, 40, family.currency)
    deposit = await add_invoice(
        book, family, Bill("FAC-2031", "Acompte séjour", (share,), due=-10, terms=30, tax=TVA),
        project=project, estimate=estimate,
    )  # fmt: skip
    await pay(book, deposit, day=-30)
    delivery = await add_invoice(
        book, family, Bill("FAC-2043", "Suspensions du séjour", lines[:1], due=17, terms=30, tax=TVA),
        project=project, estimate=estimate,
    )  # fmt: skip
    await log_time(book, project, "claire", -22, 4, "Plan d'éclairage", invoice=delivery)
    about = Belongs(project=project, estimate=estimate)
    await print_contract(book, family, estimate, "Contrat éclairage séjour.pdf", _CLAUSES, about)
    await add_appointment(book, family, Visit("Pose des suspensions", 8, "09:30", 240, "jonas"), project=project)
    await add_conversation(
        book,
        family,
        "marc-dubois",
        Said(Author.ASSISTANT, -13, "10:05", "Votre facture FAC-2043 pour les suspensions est prête.",
             invoice=delivery),
        Said(Author.CLIENT, -13, "12:44", "merci, je regarde ça ce soir"),
    )  # fmt: skip


async def write_lea(book: Book) -> None:
    """An invoice due today and an estimate that waits for her answer."""
    lea = book.clients["lea-bernard"]
    lamp = (Line("Applique sur mesure", "2", "", "310.00"), Line("Pose", "2", "h", "65.00"))
    invoice = Bill("FAC-2036", "Appliques de l'entrée", lamp, due=0, terms=30, tax=TVA)
    await add_invoice(book, lea, invoice)
    office = (Line("Éclairage du bureau", "1", "", "870.00"), Line("Pose", "3", "h", "65.00"))
    await add_quote(book, lea, Quote("DEV-66", "Éclairage du bureau", office, -6, EstimateStatus.SENT, tax=TVA_LABOUR))
    wish = Wish(
        RequestKind.SERVICE,
        RequestStatus.NEW,
        "Le variateur de l'entrée bourdonne le soir",
        opened=-1,
        assignee="jonas",
        due=4,
    )
    await add_request(book, lea, "lea-bernard", wish)


_STAIRWELL = Job(
    number="PR-10",
    name="Beleuchtung Treppenhaus",
    status=ProjectStatus.DONE,
    manager="jonas",
    started=-120,
    due=-85,
    finished=-86,
    steps=(Step("Montage", TaskStatus.DONE, -90, "jonas"), Step("Abnahme", TaskStatus.DONE, -86, "claire")),
)


async def write_schneider(book: Book) -> None:
    """A stairwell in Cologne: a plan with a missed instalment, a SEPA transfer under way; writes German."""
    family = book.clients["familie-schneider"]
    project = await add_project(book, family, _STAIRWELL)
    lines = (Line("Lichtlinie Treppenhaus", "1", "", "2600.00"), Line("Montage", "14", "h", "65.00"))
    quote = Quote("DEV-52", "Beleuchtung Treppenhaus", lines, -150, EstimateStatus.ACCEPTED, -143, tax=MWST)
    estimate = await add_quote(book, family, quote, project=project, by="tobias-schneider")
    bill = Bill(
        "FAC-2019", "Beleuchtung Treppenhaus", lines, due=25, terms=105, tax=MWST, memo="Zahlbar in drei Raten."
    )
    invoice = await add_invoice(book, family, bill, project=project, estimate=estimate)
    await add_plan(
        book,
        invoice,
        Part(-35, "1404.00", InstalmentStatus.PAID),
        Part(-5, "1404.00", InstalmentStatus.MISSED),
        Part(25, "1404.00", InstalmentStatus.SCHEDULED),
        agreed=-78,
    )
    bulbs = (Line("Ersatzmodule LED", "6", "", "45.00"),)
    spare = await add_invoice(book, family, Bill("FAC-2041", "Ersatzmodule", bulbs, due=11, terms=30, tax=MWST))
    await pay_later(book, spare, day=-1)
    garden = (Line("Gartenbeleuchtung mit Plan", "1", "", "5400.00"),)
    offer = Quote("DEV-67", "Gartenbeleuchtung", garden, -9, EstimateStatus.SENT, kind=QuoteKind.PROPOSAL, tax=MWST)
    await add_quote(book, family, offer)
    await add_conversation(
        book,
        family,
        "tobias-schneider",
        Said(Author.CLIENT, -4, "19:12", "Guten Abend, die Rate kommt nächste Woche, tut mir leid."),
        Said(Author.STAFF, -3, "09:40", "Danke für die Nachricht, Herr Schneider. Jonas Weber", staff="jonas"),
    )


async def write_julien(book: Book) -> None:
    """Asked twice and said no: one estimate declined, one expired, nothing billed."""
    julien = book.clients["julien-garnier"]
    loft = (Line("Éclairage du loft", "1", "", "3900.00"),)
    small = (Line("Éclairage de la mezzanine", "1", "", "1450.00"),)
    for quote in (
        Quote("DEV-58", "Éclairage du loft", loft, -58, EstimateStatus.DECLINED, -49, tax=TVA),
        Quote("DEV-60", "Éclairage de la mezzanine", small, -48, EstimateStatus.EXPIRED, tax=TVA),
    ):
        await add_quote(book, julien, quote)


_FLAT = Job(
    number="PR-08",
    name="Beleuchtung Wohnung",
    status=ProjectStatus.DONE,
    manager="jonas",
    started=-160,
    due=-130,
    finished=-131,
)


async def write_petra(book: Book) -> None:
    """All is done: a refund for a lamp sent back, and a warranty on file; writes German."""
    petra = book.clients["petra-vogel"]
    project = await add_project(book, petra, _FLAT)
    lines = (Line("Pendelleuchten", "4", "", "380.00"), Line("Montage", "8", "h", "65.00"))
    bill = Bill("FAC-2012", "Beleuchtung Wohnung", lines, due=-98, terms=30, tax=MWST)
    invoice = await add_invoice(book, petra, bill, project=project)
    payment = await pay(book, invoice, day=-104, method=PaymentMethod.TRANSFER)
    await add_credit_note(book, invoice, "456.00", "Eine Leuchte zurückgenommen", -80)
    await refund(book, payment, "Eine Leuchte zurückgenommen", day=-80, amount="456.00", invoice=invoice)
    warranty = Certificate(
        "G-2012",
        "Pendelleuchten",
        -131,
        1695,
        (("Umfasst", "Leuchten, Dimmer, Aufhängung"), ("Nicht umfasst", "Leuchtmittel, Überspannung")),
        ("Wir reparieren kostenlos. Senden Sie ein Foto und die Rechnungsnummer.",),
        "Claire Fontaine",
    )
    about = Belongs(project=project)
    await print_certificate(book, petra, FileKind.WARRANTY, "Garantie Pendelleuchten.pdf", warranty, about)

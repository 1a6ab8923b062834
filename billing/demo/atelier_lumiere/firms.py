"""Companies among Atelier Lumière's clients."""

from billing.demo.atelier_lumiere.rates import LOYALTY, TVA
from billing.demo.bills import (
    NO_TAX,
    Bill,
    Line,
    Quote,
    add_credit_note,
    add_invoice,
    add_quote,
)
from billing.demo.book import Book
from billing.demo.money import add_retainer, draw, fail_to_pay, pay
from billing.demo.papers import Belongs, Certificate, print_certificate
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
)
from billing.documents.values import Letterhead
from billing.tables.files import FileKind
from billing.tables.payments import PaymentMethod
from billing.tables.quotes import EstimateStatus, QuoteKind
from billing.tables.talk import Author
from billing.tables.work import Priority, ProjectStatus, RequestKind, RequestStatus, TaskStatus

_PREFECTURE = Letterhead(
    name="Service des autorisations",
    trade="Établissements recevant du public",
    postal="1, place du Service, 75019 Paris",
    phone="+33 1 99 00 99 10",
    email="erp@autorisations.example",
    colour="#34506e",
    locale="fr_FR",
    language="fr",
)


async def write_tilleuls(book: Book) -> None:
    """Marc Dubois's property company: a paid entrance hall and a bill that is not due yet."""
    company = book.clients["sci-les-tilleuls"]
    hall = (Line("Éclairage du hall", "1", "", "2150.00"), Line("Pose", "12", "h", "65.00"))
    quote = Quote("DEV-55", "Éclairage du hall", hall, -130, EstimateStatus.ACCEPTED, -121, tax=TVA)
    estimate = await add_quote(book, company, quote, by="marc-dubois")
    first = await add_invoice(
        book, company, Bill("FAC-2017", "Éclairage du hall", hall, due=-60, terms=30, tax=TVA), estimate=estimate
    )
    await pay(book, first, day=-62, method=PaymentMethod.TRANSFER)
    yard = (Line("Bornes de la cour", "6", "", "185.00"),)
    await add_invoice(book, company, Bill("FAC-2042", "Bornes de la cour", yard, due=15, terms=30, tax=TVA))


_LOBBY = Job(
    number="PR-11",
    name="Lobby et restaurant",
    status=ProjectStatus.ACTIVE,
    manager="jonas",
    started=-64,
    due=-4,
    expected=24,
    delay_reason="La commission de sécurité a reporté sa visite de trois semaines.",
    steps=(
        Step("Lobby", TaskStatus.DONE, -25, "jonas"),
        Step("Visite de la commission de sécurité", TaskStatus.BLOCKED, 12, "claire"),
        Step("Restaurant", TaskStatus.TODO, 20, "jonas"),
    ),
)


async def write_hotel(book: Book) -> None:
    """A lobby that is late for lack of a permit, and a big bill half paid three weeks too late."""
    hotel = book.clients["hotel-belleville"]
    project = await add_project(book, hotel, _LOBBY)
    lobby = (Line("Lustre du lobby", "1", "", "7800.00"), Line("Pose", "30", "h", "65.00"))
    dining = (Line("Appliques du restaurant", "18", "", "240.00"),)
    quote = Quote("DEV-57", "Lobby et restaurant", lobby + dining, -95, EstimateStatus.ACCEPTED, -88, tax=TVA)
    estimate = await add_quote(book, hotel, quote, project=project, by="camille-moreau")
    first = await add_invoice(
        book, hotel, Bill("FAC-2027", "Lobby", lobby, due=-21, terms=30, tax=TVA),
        project=project, estimate=estimate,
    )  # fmt: skip
    await pay(book, first, day=-18, amount="6000.00", method=PaymentMethod.TRANSFER)
    permit = Certificate(
        "ERP-75019-388",
        "Travaux d'éclairage en établissement recevant du public",
        -70,
        295,
        (("Lieu", "41, rue de Belleville, 75019 Paris"), ("Réserve", "Visite avant ouverture du restaurant")),
        ("À présenter sur demande pendant toute la durée des travaux.",),
        "M. Aubry, instructeur",
        _PREFECTURE,
    )
    about = Belongs(project=project)
    await print_certificate(book, hotel, FileKind.PERMIT, "Autorisation de travaux.pdf", permit, about)
    late = Wish(
        RequestKind.COMPLAINT,
        RequestStatus.IN_PROGRESS,
        "Le restaurant doit ouvrir le mois prochain, où en est la visite ?",
        opened=-5,
        priority=Priority.HIGH,
        assignee="claire",
        due=2,
    )
    await add_request(book, hotel, "camille-moreau", late, project=project)
    await add_appointment(book, hotel, Visit("Visite de sécurité", 12, "10:00", 120, "claire"), project=project)


async def write_keller(book: Book) -> None:
    """An architect in Berlin, billed without tax; ten weeks late; writes German."""
    keller = book.clients["keller-architekten"]
    plan = (Line("Lichtplanung Bürohaus", "38", "h", "85.00"), Line("Reisekosten", "1", "", "420.00"))
    quote = Quote("DEV-49", "Lichtplanung Bürohaus", plan, -170, EstimateStatus.ACCEPTED, -160)
    estimate = await add_quote(book, keller, quote, by="anna-keller")
    memo = "Steuerschuldnerschaft des Leistungsempfängers."
    bill = Bill("FAC-2014", "Lichtplanung Bürohaus", plan, due=-75, terms=30, tax=NO_TAX, memo=memo)
    invoice = await add_invoice(book, keller, bill, estimate=estimate)
    await fail_to_pay(
        book, invoice, day=-40, failure="Die Bank hat die Überweisung zurückgegeben.", method=PaymentMethod.TRANSFER
    )
    await add_note(book, keller, "amelie", "Jonas ruft an, die Buchhaltung hat gewechselt.", day=-38)
    await add_conversation(
        book,
        keller,
        "anna-keller",
        Said(Author.ASSISTANT, -105, "09:50", "Ihre Rechnung FAC-2014 zur Lichtplanung liegt bereit.",
             invoice=invoice),
        Said(Author.CLIENT, -39, "11:03", "Die Überweisung kam zurück, wir versuchen es noch einmal."),
    )  # fmt: skip


async def write_cafe(book: Book) -> None:
    """A regular with a discount and a credit note; one bill contested."""
    cafe = book.clients["cafe-des-arts"]
    bar = (Line("Éclairage du bar", "1", "", "1900.00"), Line("Pose", "8", "h", "65.00"))
    bill = Bill("FAC-2022", "Éclairage du bar", bar, due=-45, terms=30, tax=TVA, discount=LOYALTY)
    first = await add_invoice(book, cafe, bill)
    await add_credit_note(book, first, "120.00", "Variateur remplacé tardivement", -50)
    await pay(book, first, day=-46)
    signs = (Line("Enseigne rétroéclairée", "1", "", "1350.00"),)
    second = await add_invoice(book, cafe, Bill("FAC-2030", "Enseigne", signs, due=-12, terms=30, tax=TVA))
    second.disputed_at = book.days.past(-8, "16:45")
    await book.keep()
    dispute = Wish(
        RequestKind.DISPUTE,
        RequestStatus.NEW,
        "Conteste l'enseigne : la couleur n'est pas celle de l'échantillon",
        opened=-8,
        priority=Priority.HIGH,
        assignee="claire",
        due=1,
    )
    await add_request(book, cafe, "luc-petit", dispute, invoice=second)


async def write_gallery(book: Book) -> None:
    """A retainer for the change of exhibitions, drawn on twice; an offer as a draft."""
    gallery = book.clients["galerie-nord"]
    retainer = await add_retainer(book, gallery, "Forfait expositions", "4000.00", day=-200)
    hours = (Line("Réglage pour l'exposition", "9", "h", "75.00"),)
    spring = await add_invoice(book, gallery, Bill("FAC-2011", "Exposition d'été", hours, due=-115, terms=30, tax=TVA))
    await draw(book, retainer, spring, day=-140)
    more = (Line("Réglage pour l'exposition", "14", "h", "75.00"),)
    autumn = await add_invoice(book, gallery, Bill("FAC-2034", "Exposition d'automne", more, due=-2, terms=30, tax=TVA))
    await draw(book, retainer, autumn, day=-25)
    rails = (Line("Rails et projecteurs", "1", "", "12400.00"),)
    offer = Quote("DEV-68", "Nouvelle salle", rails, 0, EstimateStatus.DRAFT, kind=QuoteKind.PROPOSAL, tax=TVA)
    await add_quote(book, gallery, offer)
    draft = Bill("FAC-2045", "Exposition d'hiver", hours, due=30, terms=30, tax=TVA, is_draft=True)
    await add_invoice(book, gallery, draft)

"""Documents open as PDF and say what they are about, in the reader's language and letters."""

from dataclasses import replace
from datetime import UTC, date, datetime
from io import BytesIO

import pytest
from pypdf import PdfReader

from billing.documents.certificate import permit_pdf, warranty_pdf
from billing.documents.contract import contract_pdf
from billing.documents.estimate import estimate_pdf
from billing.documents.invoice import invoice_pdf
from billing.documents.lettering import printable
from billing.documents.receipt import receipt_pdf
from billing.documents.statement import statement_pdf
from billing.documents.values import (
    CertificatePaper,
    Clause,
    ContractPaper,
    EstimatePaper,
    InvoicePaper,
    Item,
    Letterhead,
    Movement,
    Party,
    ReceiptPaper,
    StatementPaper,
)
from billing.money import Money

HARBOR = Letterhead(
    name="Harbor & Pine Renovations",
    trade="Kitchens",
    postal="48 Cooper's Wharf, Brooklyn, NY 11231",
    phone="+1 212-555-0140",
    email="office@harborandpine.example",
    colour="#2f5d50",
    locale="en_US",
    language="en",
)
ATELIER = replace(HARBOR, name="Atelier Lumière", locale="fr_FR", language="fr")
DANA = Party("Dana Lee", "214 Union Street, Brooklyn, NY 11231")
DAY = date(2026, 11, 14)


def text_of(pdf: bytes) -> str:
    """All words of a PDF, with plain spaces between them."""
    reader = PdfReader(BytesIO(pdf))
    return " ".join("\n".join(page.extract_text() for page in reader.pages).replace("\xa0", " ").split())


def dollars(minor: int) -> Money:
    return Money(minor, "USD")


def an_invoice(letterhead: Letterhead = HARBOR, currency: str = "USD") -> InvoicePaper:
    def money(minor: int) -> Money:
        return Money(minor, currency)

    return InvoicePaper(
        letterhead=letterhead,
        party=DANA,
        number="INV-1042",
        title="Kitchen cabinets",
        issued_on=DAY,
        due_on=date(2026, 11, 28),
        items=[
            Item("Oak doors", 6000, "", money(240_00), money(1440_00)),
            Item("Fitting", 8000, "h", money(50_00), money(400_00)),
        ],
        subtotal=money(1840_00),
        discount=money(0),
        discount_label="",
        tax=money(0),
        tax_label="",
        total=money(1840_00),
        settled=money(0),
        balance=money(1840_00),
        project="Kitchen renovation",
        estimate="EST-88",
    )


def an_estimate() -> EstimatePaper:
    bill = an_invoice()
    return EstimatePaper(
        letterhead=HARBOR,
        party=DANA,
        number="EST-88",
        title="Kitchen renovation",
        is_proposal=False,
        issued_on=DAY,
        valid_until=date(2026, 12, 14),
        accepted_on=None,
        items=bill.items,
        subtotal=bill.subtotal,
        tax=dollars(0),
        tax_label="",
        total=bill.total,
    )


def a_certificate() -> CertificatePaper:
    return CertificatePaper(
        letterhead=HARBOR,
        party=DANA,
        number="W-88",
        title="Cabinets",
        valid_from=DAY,
        valid_until=date(2028, 11, 13),
        facts=[("Covers", "Doors that no longer close")],
        text=["We repair free of charge."],
        signed_by="Priya Raman",
    )


def test_invoice_shows_lines_and_balance() -> None:
    text = text_of(invoice_pdf(an_invoice()))
    for shown in ("Invoice INV-1042", "Dana Lee", "Oak doors", "8 h", "$1,440.00", "November 28, 2026", "EST-88"):
        assert shown in text
    assert "Amount due $1,840.00" in text


def test_invoice_shows_discount_and_tax() -> None:
    paper = replace(
        an_invoice(),
        discount=dollars(184_00),
        discount_label="Returning customer",
        tax=dollars(146_97),
        tax_label="Sales tax",
        total=dollars(1802_97),
        settled=dollars(802_97),
        balance=dollars(1000_00),
    )
    text = text_of(invoice_pdf(paper))
    for shown in ("Subtotal $1,840.00", "Returning customer -$184.00", "Sales tax $146.97", "Total $1,802.97"):
        assert shown in text
    assert "Paid and credited -$802.97" in text
    assert "Amount due $1,000.00" in text


def test_paid_invoice_says_so() -> None:
    text = text_of(invoice_pdf(replace(an_invoice(), settled=dollars(1840_00), balance=dollars(0))))
    assert "Paid in full $0.00" in text
    assert "Please give INV-1042" not in text


def test_draft_invoice_says_so() -> None:
    assert "Draft: Invoice INV-1042" in text_of(invoice_pdf(replace(an_invoice(), issued_on=None, due_on=None)))


def test_french_invoice_prints_accents_and_euro() -> None:
    paper = replace(an_invoice(ATELIER, "EUR"), title="Éclairage du séjour – « Été »")
    text = text_of(invoice_pdf(paper))
    assert "Atelier Lumière" in text
    assert "Éclairage du séjour – « Été »" in text
    assert "Reste à payer 1 840,00 €" in text
    assert "28 novembre 2026" in text


@pytest.mark.parametrize(
    ("language", "locale", "word"),
    [("es", "es_US", "Factura"), ("de", "de_DE", "Rechnung"), ("pt", "pt_BR", "Fatura"), ("it", "it_IT", "Fattura")],
)
def test_labels_follow_the_language(language: str, locale: str, word: str) -> None:
    letterhead = replace(HARBOR, language=language, locale=locale)
    assert f"{word} INV-1042" in text_of(invoice_pdf(an_invoice(letterhead)))


def test_letters_without_a_sign_become_their_nearest() -> None:
    assert printable("Łukasz Żółć, São Paulo, 5 €") == "Lukasz Zólc, São Paulo, 5 €"
    assert printable("1\u202f840,00 €") == "1\u00a0840,00 €"
    assert printable("Ольга") == "?????"
    assert printable("a\u0000b\u200fc") == "abc"


def test_any_text_gives_a_pdf() -> None:
    strange = "Ольга 李 🙂 \u202e\u0000 " + "x" * 400
    paper = replace(an_invoice(), title=strange, party=Party(strange, strange), memo=strange)
    paper = replace(paper, items=[Item(strange, 1000, strange[:9], dollars(10**13), dollars(10**13))])
    assert "INV-1042" in text_of(invoice_pdf(paper))


def test_many_lines_repeat_their_headings() -> None:
    paper = replace(an_invoice(), items=list(an_invoice().items) * 40)
    pages = PdfReader(BytesIO(invoice_pdf(paper))).pages
    assert len(pages) > 2
    assert all("Description" in page.extract_text() for page in pages[:-1])
    assert f"Page 2 / {len(pages)}" in " ".join(pages[1].extract_text().split())


def test_same_values_give_the_same_bytes() -> None:
    assert invoice_pdf(an_invoice()) == invoice_pdf(an_invoice())


def test_estimate_shows_price_and_validity() -> None:
    text = text_of(estimate_pdf(an_estimate()))
    for shown in ("Estimate EST-88", "December 14, 2026", "Total $1,840.00"):
        assert shown in text
    assert "Accepted" not in text


def test_accepted_proposal_says_both() -> None:
    text = text_of(estimate_pdf(replace(an_estimate(), is_proposal=True, accepted_on=DAY)))
    assert "Proposal EST-88" in text
    assert "Accepted November 14, 2026" in text


def test_contract_shows_clauses_and_signers() -> None:
    paper = ContractPaper(
        letterhead=HARBOR,
        party=DANA,
        number="C-88",
        title="Kitchen renovation",
        agreed_on=DAY,
        price=dollars(8060_00),
        clauses=[Clause("The work", "We renovate the kitchen."), Clause("Time", "About six weeks.")],
        signed_by=("Priya Raman", "Dana Lee"),
    )
    text = text_of(contract_pdf(paper))
    for shown in ("Contract C-88", "$8,060.00", "1. The work", "2. Time", "Signed for Dana Lee"):
        assert shown in text


def test_warranty_and_permit_show_their_span() -> None:
    for pdf, kind in ((warranty_pdf(a_certificate()), "Warranty"), (permit_pdf(a_certificate()), "Permit")):
        text = text_of(pdf)
        assert f"{kind} W-88" in text
        assert "November 13, 2028" in text
        assert "Doors that no longer close" in text


def test_receipt_shows_what_was_settled_and_what_is_left() -> None:
    paper = ReceiptPaper(
        letterhead=HARBOR,
        party=DANA,
        number="PAY-2001",
        received_at=datetime(2026, 11, 15, 3, 32, tzinfo=UTC),
        zone="America/New_York",
        method="card",
        amount=dollars(2000_00),
        settles=[("INV-1042", "Kitchen cabinets", dollars(1840_00))],
        credit=dollars(160_00),
    )
    text = text_of(receipt_pdf(paper)).replace("\u202f", " ")
    for shown in ("Receipt PAY-2001", "$2,000.00", "INV-1042", "Left as credit $160.00", "November 14, 2026, 10:32"):
        assert shown in text


def test_statement_runs_from_opening_to_closing() -> None:
    movements = [
        Movement(DAY, "INV-1042 Kitchen cabinets", dollars(1840_00), dollars(0), dollars(1840_00)),
        Movement(DAY, "PAY-2001", dollars(0), dollars(920_00), dollars(920_00)),
    ]
    paper = StatementPaper(HARBOR, DANA, DAY, date(2026, 11, 30), dollars(0), movements, dollars(920_00))
    text = text_of(statement_pdf(paper))
    for shown in ("Account statement", "Balance before $0.00", "INV-1042", "Balance now $920.00"):
        assert shown in text
    empty = text_of(statement_pdf(replace(paper, movements=[], closing=dollars(0))))
    assert "Nothing in this period." in empty

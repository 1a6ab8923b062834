"""A permit or a warranty as PDF."""

from billing.documents.paper import Sheet
from billing.documents.values import CertificatePaper
from billing.documents.wording import show_day, word


def permit_pdf(paper: CertificatePaper) -> bytes:
    """What may be done where, from when until when; the letterhead is the office's that gave it."""
    return _certificate(paper, "permit")


def warranty_pdf(paper: CertificatePaper) -> bytes:
    """What is guaranteed, from when until when, and how to claim it."""
    return _certificate(paper, "warranty")


def _certificate(paper: CertificatePaper, kind: str) -> bytes:
    language, locale = paper.letterhead.language, paper.letterhead.locale
    sheet = Sheet(paper.letterhead, f"{word(kind, language)} {paper.number}")
    sheet.heading(word(kind, language), paper.number, paper.title)
    dates = (
        (word("valid_from", language), show_day(paper.valid_from, locale)),
        (word("valid_until", language), show_day(paper.valid_until, locale)),
    )
    sheet.parties(paper.party, dates)
    sheet.facts(paper.facts)
    for text in paper.text:
        sheet.prose(text)
    sheet.signatures((paper.signed_by, paper.letterhead.name))
    return sheet.to_bytes()

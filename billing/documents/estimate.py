"""An estimate or a proposal as PDF."""

from billing.documents.invoice import items_table
from billing.documents.paper import Sheet
from billing.documents.values import EstimatePaper
from billing.documents.wording import show_day, word
from billing.money import format_money


def estimate_pdf(paper: EstimatePaper) -> bytes:
    """The quote with its lines, its price and until when it holds."""
    language, locale = paper.letterhead.language, paper.letterhead.locale
    kind = word("proposal" if paper.is_proposal else "estimate", language)
    sheet = Sheet(paper.letterhead, f"{kind} {paper.number}")
    sheet.heading(kind, paper.number, paper.title)
    facts = [
        (word("issued", language), show_day(paper.issued_on, locale)),
        (word("valid_until", language), show_day(paper.valid_until, locale)),
    ]
    if paper.accepted_on is not None:
        facts.append((word("accepted", language), show_day(paper.accepted_on, locale)))
    if paper.project:
        facts.append((word("project", language), paper.project))
    sheet.parties(paper.party, facts)
    sheet.grid(*items_table(paper.items, language, locale))
    sums = []
    if paper.tax.minor:
        sums.append((word("subtotal", language), format_money(paper.subtotal, locale)))
        sums.append((paper.tax_label or word("tax", language), format_money(paper.tax, locale)))
    sheet.totals(sums, (word("total", language), format_money(paper.total, locale)))
    sheet.note(word("estimate_note", language))
    return sheet.to_bytes()

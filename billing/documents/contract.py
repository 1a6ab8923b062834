"""A contract as PDF."""

from billing.documents.paper import Sheet
from billing.documents.values import ContractPaper
from billing.documents.wording import show_day, word
from billing.money import format_money


def contract_pdf(paper: ContractPaper) -> bytes:
    """Parties, price, numbered clauses and two signatures: ours first, then the client's."""
    language, locale = paper.letterhead.language, paper.letterhead.locale
    kind = word("contract", language)
    sheet = Sheet(paper.letterhead, f"{kind} {paper.number}")
    sheet.heading(kind, paper.number, paper.title)
    facts = (
        (word("agreed", language), show_day(paper.agreed_on, locale)),
        (word("contract_price", language), format_money(paper.price, locale)),
    )
    sheet.parties(paper.party, facts)
    for number, clause in enumerate(paper.clauses, start=1):
        sheet.prose(clause.text, f"{number}. {clause.heading}")
    ours, theirs = paper.signed_by
    signed = word("signed_for", language)
    sheet.signatures((ours, f"{signed} {paper.letterhead.name}"), (theirs, f"{signed} {paper.party.name}"))
    return sheet.to_bytes()

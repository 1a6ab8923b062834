"""A receipt as PDF."""

from zoneinfo import ZoneInfo

from babel.dates import format_time

from billing.documents.paper import Column, Sheet
from billing.documents.values import ReceiptPaper
from billing.documents.wording import show_day, word
from billing.money import format_money


def receipt_pdf(paper: ReceiptPaper) -> bytes:
    """That the payment arrived, when, how, and which invoices it settled."""
    language, locale = paper.letterhead.language, paper.letterhead.locale
    local = paper.received_at.astimezone(ZoneInfo(paper.zone))
    sheet = Sheet(paper.letterhead, f"{word('receipt', language)} {paper.number}")
    sheet.heading(word("receipt", language), paper.number, format_money(paper.amount, locale))
    when = f"{show_day(local.date(), locale)}, {format_time(local, format='short', locale=locale)}"
    facts = ((word("received", language), when), (word("method", language), word(paper.method, language)))
    sheet.parties(paper.party, facts)
    columns = (
        Column(word("settles", language), 0.75),
        Column(word("amount", language), 0.25, is_figure=True),
    )
    rows = [(f"{number}  {title}".rstrip(), format_money(amount, locale)) for number, title, amount in paper.settles]
    sheet.grid(columns, rows)
    left = [(word("credit_left", language), format_money(paper.credit, locale))] if paper.credit.minor else []
    sheet.totals(left, (word("total", language), format_money(paper.amount, locale)))
    return sheet.to_bytes()

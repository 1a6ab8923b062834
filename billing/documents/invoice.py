"""An invoice as PDF."""

from collections.abc import Sequence

from billing.documents.paper import Column, Sheet
from billing.documents.values import InvoicePaper, Item
from billing.documents.wording import show_day, show_quantity, word
from billing.money import format_money


def invoice_pdf(paper: InvoicePaper) -> bytes:
    """The invoice with its lines, sums and what is still due; a draft says so."""
    language, locale = paper.letterhead.language, paper.letterhead.locale
    sheet = Sheet(paper.letterhead, f"{word('invoice', language)} {paper.number}")
    kind = word("invoice", language)
    if paper.issued_on is None:
        kind = f"{word('draft', language)}: {kind}"
    sheet.heading(kind, paper.number, paper.title)
    facts = [
        (word("issued", language), show_day(paper.issued_on, locale)),
        (word("due", language), show_day(paper.due_on, locale)),
        (word("project", language), paper.project),
        (word("estimate", language), paper.estimate),
    ]
    sheet.parties(paper.party, [fact for fact in facts if fact[1]])
    sheet.grid(*items_table(paper.items, language, locale))
    sheet.totals(_sums(paper), _last(paper))
    if paper.memo:
        sheet.note(paper.memo)
    if paper.balance.minor > 0:
        sheet.note(word("number_note", language).format(number=paper.number))
    return sheet.to_bytes()


def items_table(items: Sequence[Item], language: str, locale: str) -> tuple[Sequence[Column], Sequence[Sequence[str]]]:
    """Columns and rows of what is sold; bills and quotes show it alike."""
    columns = (
        Column(word("description", language), 0.46),
        Column(word("quantity", language), 0.18, is_figure=True),
        Column(word("price", language), 0.18, is_figure=True),
        Column(word("amount", language), 0.18, is_figure=True),
    )
    rows = [
        (
            item.description,
            show_quantity(item.quantity_milli, item.unit, locale),
            format_money(item.unit_price, locale),
            format_money(item.amount, locale),
        )
        for item in items
    ]
    return columns, rows


def _sums(paper: InvoicePaper) -> list[tuple[str, str]]:
    language, locale = paper.letterhead.language, paper.letterhead.locale
    sums = []
    if paper.subtotal != paper.total:
        sums.append((word("subtotal", language), format_money(paper.subtotal, locale)))
    if paper.discount.minor:
        label = paper.discount_label or word("discount", language)
        sums.append((label, format_money(-paper.discount, locale)))
    if paper.tax.minor:
        sums.append((paper.tax_label or word("tax", language), format_money(paper.tax, locale)))
    if paper.settled.minor:
        sums.append((word("total", language), format_money(paper.total, locale)))
        sums.append((word("settled", language), format_money(-paper.settled, locale)))
    return sums


def _last(paper: InvoicePaper) -> tuple[str, str]:
    language = paper.letterhead.language
    is_settled = paper.balance.minor <= 0 and paper.settled.minor > 0
    label = word("paid_full" if is_settled else "balance", language)
    return label, format_money(paper.balance, paper.letterhead.locale)

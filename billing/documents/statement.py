"""An account statement as PDF."""

from babel.dates import format_date

from billing.documents.paper import Column, Sheet
from billing.documents.values import Movement, StatementPaper
from billing.documents.wording import show_day, word
from billing.money import Money, format_money


def statement_pdf(paper: StatementPaper) -> bytes:
    """What was billed and paid in the period, with the balance after each movement."""
    language, locale = paper.letterhead.language, paper.letterhead.locale
    kind = word("statement", language)
    period = f"{show_day(paper.starts_on, locale)} – {show_day(paper.ends_on, locale)}"
    sheet = Sheet(paper.letterhead, f"{kind} {period}")
    sheet.heading(kind, "", period)
    opening = (word("opening", language), format_money(paper.opening, locale))
    sheet.parties(paper.party, (opening,))
    columns = (
        Column(word("day", language), 0.16),
        Column(word("description", language), 0.33),
        Column(word("charge", language), 0.17, is_figure=True),
        Column(word("credit", language), 0.17, is_figure=True),
        Column(word("running", language), 0.17, is_figure=True),
    )
    sheet.grid(columns, [_row(movement, locale) for movement in paper.movements])
    if not paper.movements:
        sheet.note(word("nothing", language))
    sheet.totals((), (word("closing", language), format_money(paper.closing, locale)))
    return sheet.to_bytes()


def _row(movement: Movement, locale: str) -> tuple[str, ...]:
    return (
        format_date(movement.day, format="medium", locale=locale),
        movement.text,
        _unless_nothing(movement.charge, locale),
        _unless_nothing(movement.credit, locale),
        format_money(movement.balance, locale),
    )


def _unless_nothing(money: Money, locale: str) -> str:
    return format_money(money, locale) if money.minor else ""

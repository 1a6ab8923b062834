"""Tests of revenue_report and list_payments."""

from datetime import date, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.tables.bills import InvoiceStatus
from billing.tables.payments import PaymentStatus
from bot.tools.days import Period
from bot.tools.periods import moments_of, period_of
from bot.tools.reports import list_payments, revenue_report
from tests.bot.office import Office, build_office, priya, put
from tests.bot.shop import say
from tests.conftest import Run
from tests.factories.bills import make_credit_note, make_invoice
from tests.factories.payments import make_payment, make_refund
from tests.fakes.clock import NOW, TODAY


@pytest.fixture
def office(sqlite_door: Door, run: Run) -> Office:
    """The office with a month of money: two payments, a refund, a credit note, a failed card."""
    made: Office = run(build_office(sqlite_door))

    async def add(session: AsyncSession) -> None:
        first = await make_payment(session, client=made.shop.dana, amount_minor=620_00, number="PAY-1")
        await make_refund(session, payment=first, amount_minor=20_00)
        await make_payment(
            session, client=made.marta, amount_minor=50_00, number="PAY-2", invoice_id=made.late.id,
            received_at=NOW - timedelta(hours=2),
        )  # fmt: skip
        await make_payment(
            session, client=made.marta, amount_minor=70_00, number="PAY-3", status=PaymentStatus.FAILED,
            received_at=None, failure="declined",
        )  # fmt: skip
        await make_payment(
            session, client=made.marta, amount_minor=999_00, number="PAY-4", received_at=NOW - timedelta(days=40)
        )
        await make_credit_note(session, invoice=made.late)
        await make_invoice(session, client=made.marta, status=InvoiceStatus.DRAFT)
        await make_invoice(session, client=made.marta, status=InvoiceStatus.VOID)

    run(put(sqlite_door, add))
    return made


def test_refunds_are_taken_off_what_came_in(sqlite_door: Door, run: Run, office: Office) -> None:
    answer = run(revenue_report(priya(sqlite_door, office), period="this month"))
    assert say(answer, "revenue") == (
        "$650.00 came in, Sun 1 Nov to Wed 18 Nov: $670.00 received, less $20.00 refunded.\n"
        "Invoiced: $5,040.00 (3 invoices), less $10.00 in credit notes.\n"
        "Payments: 2."
    )
    assert say(answer, "revenue", language="es").startswith("Entraron ")


def test_an_earlier_month_has_its_own_figures(sqlite_door: Door, run: Run, office: Office) -> None:
    answer = run(revenue_report(priya(sqlite_door, office), period="last month"))
    assert say(answer).splitlines()[0] == "$999.00 came in, Thu 1 Oct to Sat 31 Oct."


def test_a_quiet_period_is_said(sqlite_door: Door, run: Run, office: Office) -> None:
    answer = run(revenue_report(priya(sqlite_door, office), period="2024"))
    assert say(answer).startswith("Nothing was invoiced or received, Mon 1 Jan 2024 to")
    assert say(answer, language="es").startswith("No se facturó")


def test_an_unclear_period_is_asked_back(sqlite_door: Door, run: Run, office: Office) -> None:
    for report in (revenue_report, list_payments):
        answer = run(report(priya(sqlite_door, office), period="bananas"))
        assert (answer.kind, answer.error) == ("period_unclear", True)


def test_payments_are_listed_newest_first(sqlite_door: Door, run: Run, office: Office) -> None:
    answer = run(list_payments(priya(sqlite_door, office)))
    assert say(answer, "payments_list") == (
        "2 payments, $670.00 in all, Mon 19 Oct to Wed 18 Nov.\n"
        "$50.00 from M. Alvarez by card, today at 08:00, for INV-77\n"
        "$620.00 from Dana Lee by card, yesterday at 10:00\n"
        "Failed: $70.00 from M. Alvarez, yesterday at 10:00"
    )
    assert say(answer, language="es").startswith("2 pagos, ")


def test_one_clients_payments_are_all_listed(sqlite_door: Door, run: Run, office: Office) -> None:
    answer = run(list_payments(priya(sqlite_door, office), client="alvarez"))
    assert say(answer).startswith("2 payments from M. Alvarez, $1,049.00 in all.")
    assert answer.mentions[0].key == "M. Alvarez"
    none = run(list_payments(priya(sqlite_door, office), period="today", client="okafor"))
    assert say(none) == "No payments from Okafor Dental, Wed 18 Nov."


@pytest.mark.parametrize(
    ("said", "first", "last"),
    [
        ("today", TODAY, TODAY),
        ("yesterday", TODAY - timedelta(days=1), TODAY - timedelta(days=1)),
        ("last month", date(2026, 10, 1), date(2026, 10, 31)),
        ("Q3", date(2026, 7, 1), date(2026, 9, 30)),
        ("q4 2025", date(2025, 10, 1), date(2025, 12, 31)),
        ("the last 2 weeks", TODAY - timedelta(days=14), TODAY),
        ("year to date", date(2026, 1, 1), TODAY),
        ("3 nov", date(2026, 11, 3), date(2026, 11, 3)),
        ("from 1 oct to 15 oct", date(2026, 10, 1), date(2026, 10, 15)),
        ("october 2025", date(2025, 10, 1), date(2025, 10, 31)),
        ("since september", date(2026, 9, 1), TODAY),
    ],
)
def test_a_period_is_read_from_words(said: str, first: date, last: date) -> None:
    assert period_of(said, TODAY, "en") == Period(first, last)


def test_a_day_begins_in_the_business_zone() -> None:
    start, end = moments_of(Period(TODAY, TODAY), "America/New_York")
    assert (start.hour, (end - start).total_seconds()) == (5, 86_400)

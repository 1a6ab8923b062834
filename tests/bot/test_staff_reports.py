"""Tests of outstanding_balances and aging_report."""

from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.money import Money
from bot.tools.reports import aging_report, outstanding_balances, parse_days
from tests.bot.office import Office, build_office, priya, put
from tests.bot.shop import say
from tests.conftest import Run
from tests.factories.bills import make_invoice
from tests.factories.payments import make_payment
from tests.factories.people import make_business, make_client
from tests.fakes.clock import NOW, TODAY


def test_balances_are_listed_oldest_first(sqlite_door: Door, run: Run) -> None:
    office = run(build_office(sqlite_door))
    answer = run(outstanding_balances(priya(sqlite_door, office)))
    assert [row["name"].value for row in answer.data["rows"]] == ["M. Alvarez", "Dana Lee", "Okafor Dental"]
    assert say(answer, "balances_owed") == (
        "3 clients owe $5,040.00; $3,100.00 of it is overdue.\n"
        "M. Alvarez: $3,100.00, 48 days late\n"
        "Dana Lee: $1,840.00, due Tue 24 Nov\n"
        "Okafor Dental: $100.00, due Wed 25 Nov"
    )


def test_balances_speak_spanish(sqlite_door: Door, run: Run) -> None:
    office = run(build_office(sqlite_door))
    answer = run(outstanding_balances(priya(sqlite_door, office, language="es")))
    assert say(answer, "balances_owed", language="es").startswith("3 clientes deben ")


def test_totals_are_kept_by_currency(sqlite_door: Door, run: Run) -> None:
    office = run(build_office(sqlite_door))

    async def add(session: AsyncSession) -> None:
        abroad = await make_client(session, business=office.shop.business, name="Duval", currency="EUR")
        await make_invoice(session, client=abroad, lines=(("Travaux", 1, 70_00),), currency="EUR")

    run(put(sqlite_door, add))
    answer = run(outstanding_balances(priya(sqlite_door, office), group="by currency"))
    totals = {total["currency"]: total["owed"].value for total in answer.data["totals"]}
    assert totals == {"USD": Money(5040_00, "USD"), "EUR": Money(70_00, "EUR")}
    assert "€70.00: 1 invoice of 1 client" in say(answer, "balances_owed")
    inputs = answer.data["totals"][0]["owed"].inputs
    assert "M. Alvarez.owed" in inputs


def test_only_what_is_late_long_enough_is_counted(sqlite_door: Door, run: Run) -> None:
    office = run(build_office(sqlite_door))
    context = priya(sqlite_door, office)
    over = run(outstanding_balances(context, overdue_days="30"))
    assert say(over, "balances_overdue").startswith("1 client, $3,100.00 more than 30 days late.")
    none = run(outstanding_balances(context, overdue_days="over 60 days"))
    assert say(none, "balances_overdue") == "Nobody is more than 60 days late."


def test_asking_who_is_late_lists_the_late(sqlite_door: Door, run: Run) -> None:
    office = run(build_office(sqlite_door))
    answer = run(outstanding_balances(priya(sqlite_door, office)))
    assert say(answer, "balances_overdue") == ("1 client, $3,100.00 overdue.\nM. Alvarez: $3,100.00, 48 days late")


@pytest.mark.parametrize(("said", "names"), [("1000", ["M. Alvarez", "Dana Lee"]), ("$2k", ["M. Alvarez"])])
def test_small_balances_can_be_left_out(sqlite_door: Door, run: Run, said: str, names: list[str]) -> None:
    office = run(build_office(sqlite_door))
    answer = run(outstanding_balances(priya(sqlite_door, office), minimum=said))
    assert [row["name"].value for row in answer.data["rows"]] == names
    assert "Only balances from $" in say(answer)


def test_an_unreadable_minimum_is_said(sqlite_door: Door, run: Run) -> None:
    office = run(build_office(sqlite_door))
    answer = run(outstanding_balances(priya(sqlite_door, office), minimum="lots"))
    assert "could not read that minimum" in say(answer)


def test_a_long_list_is_folded_with_a_count(sqlite_door: Door, run: Run) -> None:
    office = run(build_office(sqlite_door))

    async def add(session: AsyncSession) -> None:
        for _ in range(12):
            client = await make_client(session, business=office.shop.business)
            await make_invoice(session, client=client, due_on=TODAY - timedelta(days=3))

    run(put(sqlite_door, add))
    answer = run(outstanding_balances(priya(sqlite_door, office)))
    text = say(answer, "balances_owed")
    assert len(answer.data["rows"]) == 10
    assert text.startswith("15 clients owe $6,240.00;")
    assert text.endswith("and 5 more.")
    assert say(answer, "balances_overdue").endswith("and 3 more.")


def test_disputes_and_credit_are_marked(sqlite_door: Door, run: Run) -> None:
    office = run(build_office(sqlite_door))

    async def add(session: AsyncSession) -> None:
        await make_invoice(session, client=office.marta, due_on=TODAY - timedelta(days=5), disputed_at=NOW)
        await make_payment(session, client=office.marta, amount_minor=55_00)

    run(put(sqlite_door, add))
    text = say(run(outstanding_balances(priya(sqlite_door, office))))
    assert "M. Alvarez: $3,200.00, 48 days late (disputed: $100.00)" in text
    assert "We hold $55.00 in credit for M. Alvarez." in text


def test_projects_can_be_listed(sqlite_door: Door, run: Run) -> None:
    office = run(build_office(sqlite_door))
    answer = run(outstanding_balances(priya(sqlite_door, office), group="per project"))
    text = say(answer)
    assert "Kitchen renovation: $1,840.00" in text
    assert "No project: $3,200.00" in text


def test_nobody_owing_is_said(sqlite_door: Door, run: Run) -> None:
    office = run(build_office(sqlite_door))
    context = priya(sqlite_door, office)
    answer = run(outstanding_balances(context, minimum="999999"))
    assert say(answer).startswith("Nobody owes anything right now")


def test_aging_fills_the_buckets(sqlite_door: Door, run: Run) -> None:
    office = run(build_office(sqlite_door))

    async def add(session: AsyncSession) -> None:
        for days in (1, 30, 61, 91):
            await make_invoice(session, client=office.marta, due_on=TODAY - timedelta(days=days))

    run(put(sqlite_door, add))
    answer = run(aging_report(priya(sqlite_door, office)))
    assert say(answer, "aging") == (
        "$3,500.00 of $5,440.00 is overdue.\n"
        "Not yet due: $1,940.00 (2)\n"
        "1 to 30 days: $200.00 (2)\n"
        "31 to 60 days: $3,100.00 (1)\n"
        "61 to 90 days: $100.00 (1)\n"
        "Over 90 days: $100.00 (1)"
    )


@pytest.mark.parametrize(
    ("said", "days"),
    [("30", 30), ("over 60 days", 60), ("a month", 30), ("two weeks", 14), ("2 meses", 60), ("overdue", 0), ("", None)],
)
def test_days_are_read_from_words(said: str, days: int | None) -> None:
    assert parse_days(said) == days


def test_another_business_is_never_counted(sqlite_door: Door, run: Run) -> None:
    first: Office = run(build_office(sqlite_door))

    async def add(session: AsyncSession) -> None:
        stranger = await make_business(session, slug="stranger")
        client = await make_client(session, business=stranger, name="Not Ours")
        await make_invoice(session, client=client, number="INV-9999")

    run(put(sqlite_door, add))
    answer = run(outstanding_balances(priya(sqlite_door, first)))
    assert "Not Ours" not in say(answer)

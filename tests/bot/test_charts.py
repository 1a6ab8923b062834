"""Charts for staff: rows from the facts of the answer, bars against the longest, nothing where nothing compares."""

from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from bot.evidence import Answer
from bot.messages import Attachment, AttachmentKind
from bot.tools.charts import chart
from bot.tools.facts import amount
from bot.tools.reports import aging_report, outstanding_balances, revenue_report
from bot.wording import label, languages
from tests.bot.office import build_office, priya, put
from tests.conftest import Run
from tests.factories.bills import make_invoice
from tests.factories.people import make_client
from tests.fakes.clock import TODAY


def charts_of(answer: Answer) -> list[Attachment]:
    return [each for each in answer.attachments if each.kind is AttachmentKind.CHART]


def shares_of(drawn: Attachment) -> list[float]:
    return [float(each) for each in drawn.extra["shares"].split()]


def test_bars_are_measured_by_the_longest() -> None:
    bars = [(name, amount("x", name, minor, "USD", "sum")) for name, minor in (("a", 200), ("b", 50), ("c", 0))]
    [drawn] = chart("Title", bars)
    assert drawn.rows == (("a", "{x.a}"), ("b", "{x.b}"), ("c", "{x.c}"))
    assert shares_of(drawn) == [1.0, 0.25, 0.0]
    assert chart("Title", bars[:1]) == chart("Title", bars[2:]) == chart("Title", [bars[2], bars[2]]) == ()


def test_balances_come_with_a_chart_of_their_rows(sqlite_door: Door, run: Run) -> None:
    office = run(build_office(sqlite_door))
    answer = run(outstanding_balances(priya(sqlite_door, office)))
    [drawn] = charts_of(answer)
    handles = {str(fact) for fact in answer.facts()}
    assert drawn.label == "Still to pay"
    assert len(drawn.rows) == 3
    assert {part for row in drawn.rows for part in row} <= handles
    assert shares_of(drawn) == [1.0, 0.594, 0.032]


def test_late_chart_shows_what_is_late(sqlite_door: Door, run: Run) -> None:
    office = run(build_office(sqlite_door))

    async def add(session: AsyncSession) -> None:
        due = TODAY - timedelta(days=9)
        await make_invoice(session, client=office.shop.dana, lines=(("Shelf", 1, 31_00),), due_on=due)

    run(put(sqlite_door, add))
    [drawn] = charts_of(run(outstanding_balances(priya(sqlite_door, office), overdue_days="0")))
    assert (drawn.label, len(drawn.rows), shares_of(drawn)) == ("Overdue", 2, [1.0, 0.01])
    assert all(text.endswith(".overdue}") for _, text in drawn.rows)


def test_each_currency_has_a_chart_of_its_own(sqlite_door: Door, run: Run) -> None:
    office = run(build_office(sqlite_door))

    async def add(session: AsyncSession) -> None:
        for name in ("Duval", "Petit"):
            abroad = await make_client(session, business=office.shop.business, name=name, currency="EUR")
            await make_invoice(session, client=abroad, lines=(("Travaux", 1, 70_00),), currency="EUR")

    run(put(sqlite_door, add))
    context = priya(sqlite_door, office)
    owed = charts_of(run(outstanding_balances(context)))
    assert {each.label for each in owed} == {"Still to pay (USD)", "Still to pay (EUR)"}
    aging = charts_of(run(aging_report(context)))
    assert {each.label for each in aging} == {"Open balances by age (USD)", "Open balances by age (EUR)"}
    assert charts_of(run(outstanding_balances(context, group="currency"))) == []


def test_aging_names_its_spans_by_facts(sqlite_door: Door, run: Run) -> None:
    office = run(build_office(sqlite_door))
    [drawn] = charts_of(run(aging_report(priya(sqlite_door, office, language="de"))))
    assert [name for name, _ in drawn.rows] == [
        "Noch nicht fällig",
        "{aging.edge_1} bis {aging.edge_30} Tage",
        "{aging.edge_31} bis {aging.edge_60} Tage",
        "{aging.edge_61} bis {aging.edge_90} Tage",
        "Über {aging.edge_90} Tage",
    ]
    assert max(shares_of(drawn)) == 1.0


def test_revenue_without_money_has_no_chart(sqlite_door: Door, run: Run) -> None:
    office = run(build_office(sqlite_door))
    assert charts_of(run(revenue_report(priya(sqlite_door, office), period="2020"))) == []


@pytest.mark.parametrize("language", languages())
def test_every_language_names_charts(language: str) -> None:
    names = ("owed", "late", "no_project", "aging", "current", "revenue", "invoiced", "credited", "received")
    named = [label(language, f"chart_{name}") for name in (*names, "refunded", "taken_back", "kept")]
    assert all(len(name) <= 34 for name in named)
    assert len(set(named)) == len(named)
    assert label(language, "chart_span", first="1", last="30").count("30") == 1

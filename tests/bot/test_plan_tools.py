"""Payment plans, and promises to pay."""

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.tables.plans import Instalment, InstalmentStatus, PaymentPromise
from billing.tables.work import Request
from bot.tools.people import carry_out_hand_to_person
from bot.tools.plans import carry_out_promise_to_pay, payment_plan, plan_promise_to_pay
from tests.bot.shop import Desk, Run, in_days, other_principal, say, spoken_of
from tests.factories.plans import make_plan


def test_without_a_plan_somebody_is_offered(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run)
    answer = desk.ask(payment_plan)
    assert say(answer, "plan_wanted") == (
        "There is no plan on INV-1042 yet; $1,840.00 is due Tue 24 Nov. You can pay any part of it by link today. "
        "Elena Ruiz agrees plans; shall I ask?"
    )
    assert say(answer, "more_time").startswith("I can't move the due day myself")
    desk.do(carry_out_hand_to_person, answer)
    assert desk.row(Request).summary == "Would like a payment plan (INV-1042)"


def test_a_missed_instalment_comes_first(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run)
    parts = [(in_days(-40), 600_00), (in_days(-10), 600_00), (in_days(20), 640_00)]

    async def add(session: AsyncSession) -> None:
        await make_plan(session, invoice=desk.shop.kitchen, parts=parts)
        first = (await session.scalars(select(Instalment).where(Instalment.position == 1))).one()
        first.status = InstalmentStatus.PAID

    desk.add(add)
    answer = desk.ask(payment_plan)
    assert answer.proposal is None
    assert say(answer, "plan_status") == (
        "$600.00 from the plan for INV-1042 was due Sun 8 Nov and is still open. The next instalment is $640.00, "
        "due Tue 8 Dec. 1 of 3 instalments is paid, $1,840.00 is left.\n"
        "• $600.00, Fri 9 Oct: paid\n• $600.00, Sun 8 Nov: missed\n• $640.00, Tue 8 Dec: to come"
    )


def test_a_promise_is_proposed_then_noted(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run, words="I'll pay next friday")
    planned = desk.ask(plan_promise_to_pay, "", "in 10 days")
    assert say(planned) == (
        "Shall I note that $1,840.00 on INV-1042 will be paid by Sat 28 Nov? The due day stays Tue 24 Nov."
    )
    done = desk.do(carry_out_promise_to_pay, planned)
    assert say(done).startswith("Noted: $1,840.00 on INV-1042 by Sat 28 Nov, thank you.")
    desk.do(carry_out_promise_to_pay, planned)
    promise = desk.row(PaymentPromise)
    assert (promise.promised_for, promise.words) == (in_days(10), "I'll pay next friday")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("yesterday", "past"),
        ("last friday", "past"),
        ("in 200 days", "too_far"),
        ("payday", "unclear"),
        ("", "unclear"),
    ],
)
def test_some_days_are_refused_kindly(sqlite_door: Door, run: Run, said: str, why: str) -> None:
    answer = Desk(sqlite_door, run).ask(plan_promise_to_pay, "", said)
    assert answer.data["why"] == why
    assert answer.proposal is None
    assert say(answer)


def test_spanish_days_are_understood(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run, language="es", locale="es_US")
    planned = desk.ask(plan_promise_to_pay, "", "el viernes")
    assert "el vie 20 nov?" in say(planned, language="es")


def test_nothing_due_needs_no_promise(sqlite_door: Door, run: Run) -> None:
    answer = Desk(sqlite_door, run).ask(plan_promise_to_pay, "this", "friday", mentions=spoken_of("INV-1019"))
    assert say(answer) == "Nothing is due on INV-1019, so there is nothing to promise."


def test_another_clients_invoice_takes_no_promise(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run)
    planned = desk.ask(plan_promise_to_pay, "", "friday")
    refused = desk.do(carry_out_promise_to_pay, planned, principal=other_principal(desk.shop))
    assert refused.kind == "nothing"
    assert not desk.rows(PaymentPromise)


def test_the_furthest_day_is_still_taken(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run)
    assert desk.ask(plan_promise_to_pay, "", "in 90 days").kind == "proposal_promise_to_pay"
    assert desk.ask(plan_promise_to_pay, "", "in 91 days").kind == "promise_refused"

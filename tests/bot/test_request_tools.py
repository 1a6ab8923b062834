"""Requests, and problems with a payment or a bill."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.tables.bills import Invoice
from billing.tables.work import Priority, Request, RequestKind
from bot.tools.requests import (
    carry_out_create_request,
    carry_out_report_payment_problem,
    plan_create_request,
    plan_report_payment_problem,
    problem_kind,
    request_status,
)
from tests.bot.shop import Desk, Run, other_principal, say
from tests.factories.payments import make_payment
from tests.factories.work import make_request
from tests.fakes.clock import NOW


def test_a_request_is_shown_then_written(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run)
    planned = desk.ask(plan_create_request, "service", "the drawer sticks")
    assert say(planned) == "Shall I pass this on to Priya Raman: “the drawer sticks”?"
    done = desk.do(carry_out_create_request, planned)
    assert say(done) == (
        "I passed it on to Priya Raman as REQ-1. It is on Priya’s list; we are open and close today at 17:00."
    )
    request = desk.row(Request)
    assert (request.kind, request.summary) == (RequestKind.SERVICE, "the drawer sticks")
    assert (request.assignee_id, request.conversation_id) == (desk.shop.owner.id, desk.shop.thread.id)


def test_outside_hours_no_time_is_promised(sqlite_door: Door, run: Run) -> None:
    night = NOW + timedelta(hours=10)
    desk = Desk(sqlite_door, run, now=night)
    done = desk.do(carry_out_create_request, desk.ask(plan_create_request, "service", "a shelf"))
    assert say(done, now=night).endswith("It is on Priya’s list for when we open again, Thu 19 Nov at 08:00.")


def test_a_repeated_call_makes_one_request(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run)
    planned = desk.ask(plan_create_request, "service", "a shelf")
    first, second = (desk.do(carry_out_create_request, planned) for _ in range(2))
    assert first == second
    assert desk.row(Request).number == "REQ-1"


def test_numbers_go_on_after_the_highest_of_the_business(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run)
    desk.add(lambda session: make_request(session, client=desk.shop.other, number="REQ-99"))
    desk.add(lambda session: make_request(session, client=desk.shop.other, number="REQ-100"))
    done = desk.do(carry_out_create_request, desk.ask(plan_create_request, "service", "a shelf"))
    assert done.mentions[0].key == "REQ-101"


def test_requests_made_at_once_get_different_numbers(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run)
    planned = desk.ask(plan_create_request, "service", "a shelf")
    assert planned.proposal is not None
    arguments = planned.proposal["arguments"]

    async def many() -> None:
        calls = [carry_out_create_request(desk.context(key=f"turn:{n}:1"), arguments) for n in range(4)]
        await asyncio.gather(*calls)

    run(many())
    assert sorted(row.number for row in desk.rows(Request)) == ["REQ-1", "REQ-2", "REQ-3", "REQ-4"]


@pytest.mark.parametrize(
    ("kind", "words", "expected"),
    [
        ("complaint", "the fitter was rude", RequestKind.COMPLAINT),
        ("", "I want to complain about the noise", RequestKind.COMPLAINT),
        ("data", "send me a copy of my data", RequestKind.DATA),
        ("", "please reschedule the visit", RequestKind.CHANGE),
        ("", "quiero cambiar el color", RequestKind.CHANGE),
        ("nonsense", "paint the wall", RequestKind.SERVICE),
    ],
)
def test_the_kind_is_read_from_the_words(
    sqlite_door: Door, run: Run, kind: str, words: str, expected: RequestKind
) -> None:
    planned = Desk(sqlite_door, run).ask(plan_create_request, kind, words)
    assert planned.data["request_kind"] == expected


def test_emergencies_are_marked_urgent(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run)
    done = desk.do(carry_out_create_request, desk.ask(plan_create_request, "", "there is a leak, urgent"))
    assert "If it can't wait, call +1 212-555-0140." in say(done)
    assert desk.row(Request).priority is Priority.URGENT


def test_without_words_it_is_asked_what(sqlite_door: Door, run: Run) -> None:
    assert Desk(sqlite_door, run).ask(plan_create_request).kind == "request_unclear"


def test_open_requests_are_told(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run)
    assert say(desk.ask(request_status)) == "No request is open."
    desk.add(lambda session: make_request(
        session, client=desk.shop.dana, number="REQ-7", summary="Repaint the hallway", status="in_progress",
        assignee_id=desk.shop.owner.id,
    ))  # fmt: skip
    assert say(desk.ask(request_status)) == ("REQ-7 is being worked on; Priya has it: “Repaint the hallway”.")
    desk.add(lambda session: make_request(session, client=desk.shop.dana, number="REQ-8", summary="Oil the door"))
    assert say(desk.ask(request_status)).startswith("2 requests are open:")
    assert desk.ask(request_status, "the hallway").mentions[0].key == "REQ-7"
    assert desk.ask(request_status, "REQ-7", principal=other_principal(desk.shop)).kind == "nothing"


def test_a_wrong_amount_is_reported_and_marked(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run)
    planned = desk.ask(plan_report_payment_problem, "", "the amount is wrong")
    assert say(planned) == "Shall I tell Priya Raman about INV-1042: “the amount is wrong”?"
    done = desk.do(carry_out_report_payment_problem, planned)
    assert say(done) == (
        "I told Priya Raman about INV-1042, as REQ-1. The bill is marked as disputed, so we send no reminders for it. "
        "It is on Priya’s list; we are open and close today at 17:00."
    )
    (kitchen,) = [row for row in desk.rows(Invoice) if row.number == "INV-1042"]
    assert kitchen.disputed_at == NOW
    assert desk.row(Request).kind is RequestKind.DISPUTE


def test_a_failed_payment_is_seen_and_can_be_tried_again(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run)
    desk.add(lambda session: make_payment(
        session, client=desk.shop.dana, amount_minor=500_00, status="failed", failure="card declined",
        invoice_id=desk.shop.kitchen.id, received_at=None,
    ))  # fmt: skip
    planned = desk.ask(plan_report_payment_problem, "", "my card was declined")
    assert say(planned).startswith("I see it: $500.00 failed yesterday at 10:00, card declined. Nothing was charged.")
    done = desk.do(carry_out_report_payment_problem, planned)
    assert done.attachments[0].value == "pay INV-1042"
    (kitchen,) = [row for row in desk.rows(Invoice) if row.number == "INV-1042"]
    assert kitchen.disputed_at is None


def test_a_double_payment_is_seen(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run)

    async def add(session: AsyncSession) -> None:
        for hours in (30, 31):
            at = NOW - timedelta(hours=hours)
            await make_payment(
                session, client=desk.shop.dana, amount_minor=300_00, invoice_id=desk.shop.kitchen.id, started_at=at,
                received_at=at,
            )  # fmt: skip

    desk.add(add)
    assert say(desk.ask(plan_report_payment_problem, "", "I was charged twice")).startswith(
        "I see two payments: $300.00 yesterday at 04:00 and $300.00 yesterday at 03:00."
    )


@pytest.mark.parametrize(
    ("words", "kind"),
    [("charged me twice", "double"), ("me cobraron dos veces", "double"), ("I want my money back", "refund"),
     ("la tarjeta fue rechazada", "failed"), ("it didn't go through", "failed"), ("I don't recognize this", "unknown"),
     ("too high", "wrong"), ("hmm", "other")],
)  # fmt: skip
def test_problems_are_told_apart(words: str, kind: str) -> None:
    assert problem_kind(words) == kind


def test_another_clients_bill_cannot_be_reported(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run)
    assert desk.ask(plan_report_payment_problem, "2001", "wrong").kind == "nothing"

"""Payments, refunds, links and the statement."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.tables.bills import InvoiceStatus
from billing.tables.payments import LinkStatus, PaymentLink
from billing.tables.work import Request
from bot.messages import AttachmentKind
from bot.tools.payments import (
    account_statement,
    carry_out_send_payment_link,
    payment_status,
    plan_send_payment_link,
    refund_status,
)
from bot.tools.people import carry_out_hand_to_person
from tests.bot.shop import Desk, Run, kitchen_of, other_principal, say, spoken_of
from tests.factories.bills import make_invoice
from tests.factories.payments import make_payment, make_refund
from tests.fakes.clock import NOW


def paid(desk: Desk, minor: int, *, hours_ago: float = 0.5, **given: Any) -> None:
    """Part of the kitchen is paid."""

    async def add(session: AsyncSession) -> None:
        kitchen = await kitchen_of(session)
        at = NOW - timedelta(hours=hours_ago)
        await make_payment(
            session, client=desk.shop.dana, amount_minor=minor, settles=[(kitchen, minor)], received_at=at,
            started_at=at, **given,
        )  # fmt: skip
        kitchen.status = InvoiceStatus.PART_PAID if kitchen.balance_minor else InvoiceStatus.PAID

    desk.add(add)


def unsettled(desk: Desk, status: str, minor: int = 500_00, **given: Any) -> None:
    """A payment for the kitchen that has not settled."""
    dull: dict[str, Any] = {
        "received_at": None,
        "started_at": NOW - timedelta(hours=2),
        "invoice_id": desk.shop.kitchen.id,
    }
    desk.add(lambda session: make_payment(
        session, client=desk.shop.dana, amount_minor=minor, status=status, **(dull | given)
    ))  # fmt: skip


def test_a_payment_that_came_is_confirmed(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run)
    paid(desk, 920_00)
    answer = desk.ask(payment_status, "")
    assert say(answer, "payment_received") == (
        "Yes. We received $920.00 today at 09:30, thank you. $920.00 is left on INV-1042, due Tue 24 Nov."
    )
    assert answer.mentions[0].key == "INV-1042"
    assert answer.proposal is None
    assert say(answer, "payment_last").startswith("$920.00, received today at 09:30, for INV-1042.")


def test_a_paid_invoice_is_said_to_be_paid(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run)
    paid(desk, 1840_00)
    assert say(desk.ask(payment_status, "1042"), "payment_received") == (
        "Yes. We received $1,840.00 today at 09:30, thank you. INV-1042 is paid."
    )


def test_what_cannot_be_seen_is_said(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run)
    answer = desk.ask(payment_status, "")
    assert say(answer, "payment_received") == (
        "I can't see any payment on your account yet. If you paid by transfer it can take a few days to arrive; "
        "shall I ask Elena to look?"
    )
    paid(desk, 100_00, hours_ago=15 * 24)
    assert say(desk.ask(payment_status, ""), "payment_received").startswith(
        "I can't see a payment since Tue 3 Nov, when we received $100.00."
    )


def test_yes_to_shall_i_ask_opens_a_request(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run)
    answer = desk.ask(payment_status, "1042")
    done = desk.do(carry_out_hand_to_person, answer)
    assert say(done).startswith("I told Elena Ruiz that you want to talk")
    request = desk.row(Request)
    assert request.summary == "Please look for a payment (INV-1042)"
    assert request.invoice_id == desk.shop.kitchen.id


def test_a_payment_on_its_way_is_told(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run)
    unsettled(desk, "processing")
    assert say(desk.ask(payment_status, ""), "payment_received") == (
        "$500.00 is on its way: the payment of Wed 18 Nov is still being processed. "
        "I will confirm here when it has arrived."
    )


def test_a_failed_payment_is_told_until_it_is_made_good(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run)
    unsettled(desk, "failed", failure="card declined")
    answer = desk.ask(payment_status, "")
    assert say(answer, "payment_received") == (
        "A payment of $500.00 did not go through today at 08:00: card declined. Nothing was charged."
    )
    assert answer.attachments[0].value == "pay INV-1042"
    paid(desk, 500_00)
    assert say(desk.ask(payment_status, ""), "payment_received").startswith("Yes. We received $500.00")


def test_another_clients_payment_is_not_seen(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run)
    paid(desk, 920_00)
    text = say(desk.ask(payment_status, "", principal=other_principal(desk.shop)))
    assert "920" not in text


def test_refunds_are_told_by_their_state(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run)
    answer = desk.ask(refund_status, "")
    assert say(answer) == ("I can't see a refund on your account. Priya Raman decides on refunds; shall I pass it on?")
    assert answer.proposal is not None

    async def add(session: AsyncSession) -> None:
        payment = await make_payment(session, client=desk.shop.dana, amount_minor=300_00)
        day = NOW - timedelta(days=4)
        await make_refund(
            session, payment=payment, amount_minor=30_00, status="pending", requested_at=day, settled_at=None
        )

    desk.add(add)
    assert say(desk.ask(refund_status, "")) == (
        "A refund of $30.00 is on its way, since Sat 14 Nov. Your bank decides the day it shows."
    )


@pytest.mark.parametrize(
    ("amount", "minor", "text"),
    [
        ("", None, "Here is the link: $1,840.00 for INV-1042, Kitchen cabinets, due Tue 24 Nov."),
        ("all of it", None, "Here is the link: $1,840.00 for INV-1042, Kitchen cabinets, due Tue 24 Nov."),
        ("half", 920_00, "Here is a link for $920.00 on INV-1042. The other $920.00 stays due Tue 24 Nov."),
        ("$500", 500_00, "Here is a link for $500.00 on INV-1042. The other $1,340.00 stays due Tue 24 Nov."),
        (
            "$5,000",
            None,
            (
                "Here is the link: $1,840.00 for INV-1042, Kitchen cabinets, due Tue 24 Nov. "
                "You named $5,000.00; $1,840.00 is all that is due."
            ),
        ),
    ],
)
def test_a_link_asks_for_what_was_said(sqlite_door: Door, run: Run, amount: str, minor: int | None, text: str) -> None:
    desk = Desk(sqlite_door, run)
    sent = desk.do(carry_out_send_payment_link, desk.ask(plan_send_payment_link, "", amount))
    assert say(sent, "pay_link") == text
    (link,) = sent.attachments
    assert link.kind is AttachmentKind.LINK
    assert link.extra["role"] == "pay"
    assert link.value.startswith("https://desk.example/pay/")
    row = desk.row(PaymentLink)
    assert (row.asked_minor, row.invoice_id, row.contact_id) == (minor, desk.shop.kitchen.id, desk.shop.contact.id)
    assert row.token_sha256 == f"{link.value.rpartition('/')[2]:0>64}"


def test_the_proposal_shows_what_will_be_sent(sqlite_door: Door, run: Run) -> None:
    answer = Desk(sqlite_door, run).ask(plan_send_payment_link, "", "half")
    assert say(answer) == (
        "Shall I send you a link to pay $920.00 on INV-1042, Kitchen cabinets? The other $920.00 stays open."
    )
    assert answer.proposal is not None
    assert answer.proposal["subject"] == "INV-1042"


@pytest.mark.parametrize("amount", ["part", "500 €", "-20", "0"])
def test_an_unclear_amount_is_asked_back(sqlite_door: Door, run: Run, amount: str) -> None:
    answer = Desk(sqlite_door, run).ask(plan_send_payment_link, "", amount)
    assert answer.kind == "amount_unclear"
    assert answer.proposal is None
    assert say(answer).startswith("How much would you like to pay on INV-1042? $1,840.00 is due;")


def test_a_newer_link_replaces_the_older(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run)
    desk.do(carry_out_send_payment_link, desk.ask(plan_send_payment_link), key="turn:1:1")
    desk.do(carry_out_send_payment_link, desk.ask(plan_send_payment_link), key="turn:2:1")
    assert sorted(str(row.status) for row in desk.rows(PaymentLink)) == [LinkStatus.OPEN, LinkStatus.REPLACED]


def test_a_repeated_call_leaves_one_open_link(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run)
    planned = desk.ask(plan_send_payment_link)
    desk.do(carry_out_send_payment_link, planned)
    again = desk.do(carry_out_send_payment_link, planned)
    assert again.kind == "link_sent"
    (row,) = [row for row in desk.rows(PaymentLink) if row.status is LinkStatus.OPEN]
    assert row.token_sha256 == f"{again.attachments[0].value.rpartition('/')[2]:0>64}"


def test_nothing_due_is_said_with_what_is_open(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run)
    answer = desk.ask(plan_send_payment_link, "this", mentions=spoken_of("INV-1019"))
    assert answer.proposal is None
    assert say(answer) == (
        "Nothing is due on INV-1019: it is paid. Still open: INV-1042 Kitchen cabinets with $1,840.00."
    )
    paid(desk, 1840_00)
    assert say(desk.ask(plan_send_payment_link)).startswith("Nothing is due on INV-1042: it is paid.")


def test_what_is_on_its_way_is_not_asked_again(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run)
    unsettled(desk, "processing", 840_00)
    sent = desk.do(carry_out_send_payment_link, desk.ask(plan_send_payment_link))
    assert say(sent) == (
        "Here is the link: $1,000.00 for INV-1042, Kitchen cabinets, due Tue 24 Nov. "
        "$840.00 is already on its way and not asked again."
    )
    unsettled(desk, "processing", 1000_00)
    assert say(desk.ask(plan_send_payment_link)).startswith(
        "A payment of $1,000.00 is already being processed for INV-1042"
    )


def test_money_that_came_between_asking_and_sending_counts(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run)
    planned = desk.ask(plan_send_payment_link, "", "$1,000")
    paid(desk, 1500_00)
    sent = desk.do(carry_out_send_payment_link, planned)
    assert say(sent).startswith("Here is the link: $340.00 for INV-1042")
    planned = desk.ask(plan_send_payment_link)
    paid(desk, 340_00)
    assert say(desk.do(carry_out_send_payment_link, planned, key="turn:9:9")).startswith("Nothing is due on INV-1042")


def test_another_clients_invoice_gets_no_link(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run)
    planned = desk.ask(plan_send_payment_link)
    refused = desk.do(carry_out_send_payment_link, planned, principal=other_principal(desk.shop))
    assert refused.kind == "link_nothing_due"
    assert not desk.rows(PaymentLink)


def test_the_statement_runs_from_opening_to_closing(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run)
    paid(desk, 500_00, hours_ago=48, number="PAY-7")
    answer = desk.ask(account_statement, "this month")
    assert say(answer) == (
        "$1,960.00 is open today; it was $620.00 on Sun 1 Nov.\n"
        "• Wed 11 Nov, invoice INV-1042: $1,840.00\n"
        "• Mon 16 Nov, payment PAY-7: −$500.00"
    )
    (part,) = answer.data["parts"]
    assert part["opening"].calculation
    assert part["opening"].inputs == (f"invoice:{desk.shop.deposit.id}",)


def test_an_unclear_period_is_asked_back(sqlite_door: Door, run: Run) -> None:
    assert Desk(sqlite_door, run).ask(account_statement, "blurb").kind == "period_unclear"


def test_currencies_are_never_added(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run)
    desk.add(lambda session: make_invoice(session, client=desk.shop.dana, number="INV-1081", currency="EUR"))
    parts = desk.ask(account_statement, "").data["parts"]
    assert {part["currency"] for part in parts} == {"USD", "EUR"}

"""Estimates: what was quoted, and accepting one."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.principal import Scope
from billing.tables.quotes import Acceptance, Estimate, EstimateLine, EstimateStatus
from bot.tools.estimates import carry_out_accept_estimate, list_estimates, plan_accept_estimate
from tests.bot.shop import Desk, Run, in_days, other_principal, say, spoken_of
from tests.factories.files import make_file
from tests.factories.quotes import make_estimate
from tests.fakes.clock import NOW


def with_deck(door: Door, run: Run, **given: Any) -> Desk:
    """Dana's accepted kitchen estimate, and one for a deck that waits."""
    desk = Desk(door, run)
    desk.add(lambda session: make_estimate(
        session, client=desk.shop.dana, number="EST-90", title="Deck repair",
        lines=(("Cedar boards", 40, 30_00), ("Labour", 10, 55_00)), **given,
    ))  # fmt: skip
    return desk


def test_the_only_estimate_is_shown_in_full(sqlite_door: Door, run: Run) -> None:
    answer = Desk(sqlite_door, run).ask(list_estimates)
    assert say(answer, "estimate_amount") == (
        "$1,840.00 for Kitchen cabinets, in estimate EST-88: 6 oak doors $1,440.00 and 8 fitting $400.00. "
        "You accepted it on Sat 3 Oct. Billed so far with INV-1042."
    )


def test_the_estimate_of_the_invoice_spoken_of_is_meant(sqlite_door: Door, run: Run) -> None:
    desk = with_deck(sqlite_door, run)
    desk.add(lambda session: make_file(
        session, client=desk.shop.dana, kind="estimate", name="EST-88.pdf", estimate_id=desk.shop.estimate.id
    ))  # fmt: skip
    answer = desk.ask(list_estimates, "", mentions=spoken_of("EST-88", kind="estimate"))
    assert say(answer, "estimate_where").startswith("EST-88 is the estimate for Kitchen cabinets, $1,840.00, from")
    assert "Press below for the document." in say(answer, "estimate_where")
    assert "send me the PDF of EST-88" in [attachment.value for attachment in answer.attachments]


def test_several_estimates_are_listed_with_their_state(sqlite_door: Door, run: Run) -> None:
    text = say(with_deck(sqlite_door, run).ask(list_estimates, "all"))
    assert text == (
        "2 estimates:\n• EST-90 Deck repair: $1,750.00, open until Sun 13 Dec\n"
        "• EST-88 Kitchen cabinets: $1,840.00, accepted"
    )


def test_states_are_told_apart(sqlite_door: Door, run: Run) -> None:
    desk = with_deck(sqlite_door, run, valid_until=in_days(-1))
    assert desk.ask(list_estimates, "expired").mentions[0].key == "EST-90"
    assert say(desk.ask(list_estimates, "open")) == "No estimate is waiting for a decision."
    assert desk.ask(list_estimates, "the kitchen one").mentions[0].key == "EST-88"


def test_drafts_and_others_are_never_shown(sqlite_door: Door, run: Run) -> None:
    desk = with_deck(sqlite_door, run, status=EstimateStatus.DRAFT)
    assert "EST-90" not in say(desk.ask(list_estimates, "all"))
    others = desk.ask(list_estimates, "", principal=other_principal(desk.shop))
    assert say(others) == "There is no estimate on your account yet."


def test_accepting_asks_first_and_writes_what_was_shown(sqlite_door: Door, run: Run) -> None:
    desk = with_deck(sqlite_door, run)
    planned = desk.ask(plan_accept_estimate)
    assert say(planned) == (
        "Accept estimate EST-90, Deck repair, for $1,750.00: 40 cedar boards $1,200.00 and 10 labour $550.00?"
    )
    assert say(desk.do(carry_out_accept_estimate, planned)) == (
        "EST-90 is accepted: Deck repair for $1,750.00. Thank you."
    )
    assert desk.do(carry_out_accept_estimate, planned).kind == "estimate_accepted"
    (accepted,) = [row for row in desk.rows(Acceptance) if row.estimate_id != desk.shop.estimate.id]
    assert planned.proposal is not None
    assert accepted.content_sha256 == planned.proposal["arguments"]["shown_sha256"]
    assert (accepted.contact_id, accepted.accepted_at) == (desk.shop.contact.id, NOW)


def test_a_changed_estimate_is_not_accepted(sqlite_door: Door, run: Run) -> None:
    desk = with_deck(sqlite_door, run)
    planned = desk.ask(plan_accept_estimate)

    async def dearer(session: AsyncSession) -> None:
        line = (await session.scalars(select(EstimateLine).where(EstimateLine.description == "Labour"))).one()
        line.amount_minor += 100_00
        estimate = (await session.scalars(select(Estimate).where(Estimate.number == "EST-90"))).one()
        estimate.subtotal_minor += 100_00
        estimate.total_minor += 100_00

    run(sqlite_door.system(Scope.IMPORT).write(dearer))
    refused = desk.do(carry_out_accept_estimate, planned)
    assert say(refused).startswith(
        "EST-90 was changed after I showed it to you, so I did not accept it. It is now $1,850"
    )
    assert len(desk.rows(Acceptance)) == 1


def test_what_is_decided_or_expired_is_not_accepted(sqlite_door: Door, run: Run) -> None:
    desk = with_deck(sqlite_door, run, valid_until=in_days(-1))
    assert say(desk.ask(plan_accept_estimate, "EST-90")).startswith("EST-90 expired on Tue 17 Nov")
    assert say(desk.ask(plan_accept_estimate, "EST-88")) == "EST-88 is accepted already."


def test_an_estimate_that_expired_before_the_yes_stays_open(sqlite_door: Door, run: Run) -> None:
    desk = with_deck(sqlite_door, run, valid_until=in_days(0))
    planned = desk.ask(plan_accept_estimate)
    refused = desk.do(carry_out_accept_estimate, planned, now=NOW + timedelta(days=1))
    assert refused.kind == "estimate_closed"
    assert len(desk.rows(Acceptance)) == 1


def test_another_clients_estimate_cannot_be_accepted(sqlite_door: Door, run: Run) -> None:
    desk = with_deck(sqlite_door, run)
    planned = desk.ask(plan_accept_estimate)
    assert desk.do(carry_out_accept_estimate, planned, principal=other_principal(desk.shop)).kind == "nothing"
    assert len(desk.rows(Acceptance)) == 1

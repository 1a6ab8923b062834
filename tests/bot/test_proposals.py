"""What a plain yes may carry out."""

import pytest

from bot.evidence import Answer
from bot.proposals import Pending, may_confirm
from bot.turn import CallMade, Draft, with_one_proposal

SHOWN = Answer("proposal_x", proposal={"action": "x", "arguments": {}})


def pending(number: int = 1, *, fresh: bool = True, asked_since: bool = False) -> Pending:
    return Pending(number, "x", "INV-7", {}, fresh, asked_since)


def test_only_fresh_proposal_is_confirmed() -> None:
    only = pending()
    assert may_confirm((only,)) is only


@pytest.mark.parametrize(
    "waiting", [(), (pending(fresh=False),), (pending(asked_since=True),), (pending(1), pending(2))]
)
def test_everything_else_is_asked_again(waiting: tuple[Pending, ...]) -> None:
    assert may_confirm(waiting) is None


def test_one_turn_proposes_one_thing() -> None:
    read = CallMade("m1.t0", "list_invoices", {}, Answer("invoices"))
    first, second = (CallMade(f"m1.t{i}", "x", {}, SHOWN) for i in (1, 2))
    assert with_one_proposal(Draft("", (read, first, second))).made == (read, first)

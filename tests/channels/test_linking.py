"""Whose a phone is, at the command line: linked, vouched for, unlinked, and passed on."""

from datetime import timedelta

import pytest

from channels.linking import NotFoundError, Order, order_links
from tests.conftest import Run
from tests.fakes.desk_at_work import HARBOR, DeskAtWork
from tests.fakes.proving import Texting

NEW, DANA = "+12125559999", "+12125550101"


def test_vouched_person_is_proved_for_half_an_hour(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        texting = Texting(desk)
        refused = await texting.ask(NEW, "what do I owe?")
        assert refused.tools == []
        order = Order("vouch", NEW, "client:dana-lee", "priya", HARBOR)
        assert await order_links(desk.door, order, desk.now) == (
            f"Dana Lee is proved at {NEW} for half an hour, on Priya Raman's word."
        )
        desk.later(seconds=1)
        assert (await texting.ask(NEW, "what do I owe?")).turn.asked_as["assurance"] == 2
        desk.later(minutes=31)
        assert (await texting.ask(NEW, "what do I owe?")).turn.asked_as["assurance"] == 0  # new: a code all the same
        desk.later(days=8)
        assert (await texting.ask(NEW, "what do I owe?")).turn.asked_as["assurance"] == 1

    run(story())


def test_number_that_changed_hands_stays_nobodys(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        texting = Texting(desk)
        assert (await texting.ask(DANA, "what do I owe?")).turn.asked_as["assurance"] == 1
        await order_links(desk.door, Order("changed", DANA, business=HARBOR), desk.now)
        for days in (0, 30, 400):
            desk.now += timedelta(days=days)
            assert (await texting.ask(DANA, "what do I owe?")).turn.asked_as["assurance"] == 0

    run(story())


def test_unlinked_number_is_not_linked_by_the_records_again(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        texting = Texting(desk)
        await order_links(desk.door, Order("unlink", DANA, "client:dana-lee", business=HARBOR), desk.now)
        assert (await texting.ask(DANA, "what do I owe?")).turn.asked_as["assurance"] == 0
        told = await order_links(desk.door, Order("link", DANA, "client:dana-lee", business=HARBOR), desk.now)
        assert told.startswith(f"{DANA} is Dana Lee's.")

    run(story())


@pytest.mark.parametrize(
    ("order", "told"),
    [
        (Order("link", NEW, "client:dana-lee"), "Say which business"),
        (Order("link", NEW, "client:nobody", business=HARBOR), "knows nobody"),
        (Order("link", NEW, "dana", business=HARBOR), "client:KEY or staff:KEY"),
        (Order("changed", NEW, business=HARBOR), "Nobody has written"),
        (Order("vouch", NEW, "client:dana-lee", "sam", HARBOR), "Only an owner or a manager"),
        (Order("unlink", DANA, "staff:priya", business=HARBOR), "was not Priya Raman's"),
    ],
)
def test_what_is_not_there_is_said(desk: DeskAtWork, run: Run, order: Order, told: str) -> None:
    with pytest.raises(NotFoundError, match=told):
        run(order_links(desk.door, order, desk.now))

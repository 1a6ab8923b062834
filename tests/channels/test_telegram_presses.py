"""Pressed buttons: one press is one thing, answered at once; an old button is dead, and that is said kindly."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from billing.access import Door
from billing.principal import Scope
from billing.tables.people import Staff
from billing.tables.talk import Conversation, Message, Proposal, ProposalStatus
from channels.outgoing import TryLaterError
from channels.telegram.wording import words_of
from tests.conftest import Run
from tests.fakes.telegram_said import PRIYA, message, pressed
from tests.fakes.telegram_shop import TelegramShop

YES_NO = [
    {"kind": "button", "label": "Yes", "value": "yes please", "rows": [], "extra": {}},
    {"kind": "button", "label": "No", "value": "no", "rows": [], "extra": {}},
]
KEYS = [{"kind": "own_number", "label": "Share my number", "value": "", "rows": [], "extra": {}}, YES_NO[0]]
DEAD, AGAIN = words_of("en").dead, words_of("en").again


@pytest.fixture
def shop(sqlite_door: Door, run: Run, tmp_path: Any) -> Iterator[TelegramShop]:
    shop = TelegramShop(sqlite_door, tmp_path)
    run(shop.open())
    yield shop
    run(shop.desk.close())


def data(message: Message, place: int = 0) -> str:
    return f"b:{message.public_id}:{place}"


def choices(shop: TelegramShop, run: Run) -> list[str | None]:
    return [row.choice for row in run(shop.rows(Message)) if row.direction == "in"]


def notices(shop: TelegramShop) -> list[str]:
    return [said[2] for said in shop.calls.said if said[0] == "answer"]


def test_press_says_the_buttons_value(shop: TelegramShop, run: Run) -> None:
    ours = run(shop.queue("Shall we?", YES_NO, delivery="sent"))
    run(shop.post(pressed(data(ours), callback_id="91")))
    row = run(shop.rows(Message))[-1]
    assert (row.choice, row.text, row.provider_id) == ("yes please", "yes please", "c:91")
    assert notices(shop) == [""]


def test_same_press_told_again_is_stored_once(shop: TelegramShop, run: Run) -> None:
    ours = run(shop.queue("Shall we?", YES_NO, delivery="sent"))
    for _ in range(3):
        run(shop.post(pressed(data(ours), callback_id="91")))
    assert (choices(shop, run), notices(shop)) == (["yes please"], ["", "", ""])


def test_pressing_twice_does_one_thing(shop: TelegramShop, run: Run) -> None:
    ours = run(shop.queue("Shall we?", YES_NO, delivery="sent"))

    async def both() -> None:
        await asyncio.gather(*(shop.post(pressed(data(ours))) for _ in range(4)))

    run(both())
    assert choices(shop, run) == ["yes please"]
    assert sorted(notices(shop)) == sorted(["", AGAIN, AGAIN, AGAIN])


def test_button_of_an_earlier_message_is_dead(shop: TelegramShop, run: Run) -> None:
    ours = run(shop.queue("Shall we?", YES_NO, delivery="sent"))
    run(shop.queue("Or rather this?", YES_NO, delivery="sent"))
    run(shop.post(pressed(data(ours))))
    assert (choices(shop, run), notices(shop)) == ([], [DEAD])


def test_words_of_ours_leave_buttons_alive(shop: TelegramShop, run: Run) -> None:
    ours = run(shop.queue("Shall we?", YES_NO, delivery="sent"))
    run(shop.queue("We received $5.00.", delivery="sent"))
    run(shop.post(pressed(data(ours, 1))))
    assert choices(shop, run) == ["no"]


def test_button_is_dead_after_two_days(shop: TelegramShop, run: Run) -> None:
    ours = run(shop.queue("Shall we?", YES_NO, delivery="sent"))
    shop.now += timedelta(hours=49)
    run(shop.post(pressed(data(ours))))
    assert (choices(shop, run), notices(shop)) == ([], [DEAD])


@pytest.mark.parametrize(
    ("status", "minutes", "counts"),
    [(ProposalStatus.PENDING, 15, True), (ProposalStatus.PENDING, -1, False), (ProposalStatus.SUPERSEDED, 15, False)],
)  # fmt: skip
def test_button_lives_as_long_as_its_proposal(
    shop: TelegramShop, run: Run, status: ProposalStatus, minutes: int, *, counts: bool
) -> None:
    turn = run(shop.begin_turn())
    ours = run(shop.queue("Send it?", YES_NO, delivery="sent", turn_id=turn.id))
    run(shop.link_staff(PRIYA))

    async def work(session: Any) -> None:
        staff = (await session.scalars(select(Staff.id))).first()
        session.add(
            Proposal(
                business_id=shop.business_id,
                conversation_id=turn.conversation_id,
                turn_id=turn.id,
                staff_id=staff,
                action="send",
                arguments={},
                subject="",
                summary="",
                status=status,
                created_at=shop.now,
                expires_at=shop.now + timedelta(minutes=minutes),
            )
        )

    run(shop.door.system(Scope.IMPORT).write(work))
    run(shop.post(pressed(data(ours))))
    assert (len(choices(shop, run)) == 1) is counts


@pytest.mark.parametrize("wrong", ["b:" + "0" * 32 + ":0", "yes", "", "b:"])
def test_data_that_is_not_ours_is_dead(shop: TelegramShop, run: Run, wrong: str) -> None:
    run(shop.queue("Shall we?", YES_NO, delivery="sent"))
    run(shop.post(pressed(wrong)))
    assert choices(shop, run) == []
    assert notices(shop) == [DEAD]


def test_button_of_another_chat_is_dead(shop: TelegramShop, run: Run) -> None:
    ours = run(shop.queue("Shall we?", YES_NO, delivery="sent"))
    run(shop.post(message(PRIYA, text="hello")))
    run(shop.post(pressed(data(ours), PRIYA)))
    assert (choices(shop, run), notices(shop)) == ([None], [DEAD])


def test_place_without_a_button_is_dead(shop: TelegramShop, run: Run) -> None:
    ours = run(shop.queue("Shall we?", YES_NO, delivery="sent"))
    run(shop.post(pressed(data(ours, 7))))
    assert notices(shop) == [DEAD]


def test_notice_is_in_the_threads_language(shop: TelegramShop, run: Run) -> None:
    run(shop.post(message(text="bonjour")))
    run(shop.change(run(shop.rows(Conversation))[0], language="fr"))
    run(shop.post(pressed("old")))
    assert notices(shop) == [words_of("fr").dead]


def test_press_counts_though_telegram_cannot_be_answered(shop: TelegramShop, run: Run) -> None:
    ours = run(shop.queue("Shall we?", YES_NO, delivery="sent"))
    shop.calls.refusals["answer"] = [TryLaterError("Telegram is not reached")]
    assert run(shop.post(pressed(data(ours)))).status_code == 200
    assert choices(shop, run) == ["yes please"]


def test_key_in_place_of_the_keyboard_is_a_choice(shop: TelegramShop, run: Run) -> None:
    run(shop.queue("Who are you?", KEYS, delivery="sent"))
    run(shop.post(message(text="Yes")))
    run(shop.queue("Shall we?", YES_NO, delivery="sent"))
    run(shop.post(message(text="Yes")))
    assert choices(shop, run) == ["yes please", None]

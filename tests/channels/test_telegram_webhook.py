"""Telegram's webhook: only what carries the bot's secret is read, what came in is stored once, nothing breaks it."""

import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.access import Door
from billing.principal import Scope
from billing.tables.addresses import Address, Connection
from billing.tables.talk import Conversation, Message
from channels.telegram.accounts import seal_secrets, secret_for
from channels.telegram.webhook import MOST_BYTES
from tests.conftest import Run
from tests.fakes.telegram_said import (
    BOT_ID,
    MARC,
    PRIYA,
    SECRET,
    TOKEN,
    in_group,
    message,
    person,
    reached,
)
from tests.fakes.telegram_shop import TelegramShop

BOT = {"id": BOT_ID, "is_bot": True, "first_name": "Harbor"}


@pytest.fixture
def shop(sqlite_door: Door, run: Run, tmp_path: Any) -> Iterator[TelegramShop]:
    shop = TelegramShop(sqlite_door, tmp_path)
    run(shop.open())
    yield shop
    run(shop.desk.close())


def test_message_is_stored_under_its_chat(shop: TelegramShop, run: Run) -> None:
    update = message(text="did u get my payment")
    answer = run(shop.post(update))
    assert (answer.status_code, answer.content) == (200, b"")
    [row] = run(shop.rows(Message))
    number = update["message"]["message_id"]
    assert (row.text, row.connection, row.provider_id) == (
        "did u get my payment", "telegram:harbor", f"m:{MARC}:{number}",
    )  # fmt: skip
    assert [thread.address for thread in run(shop.rows(Conversation))] == [str(MARC)]


def test_repeated_update_is_stored_once(shop: TelegramShop, run: Run) -> None:
    update = message(text="hello")
    assert [run(shop.post(update)).status_code for _ in range(3)] == [200, 200, 200]
    assert len(run(shop.rows(Message))) == 1


def test_further_business_has_its_own_secret(shop: TelegramShop, run: Run) -> None:
    async def work(session: Any) -> None:
        sealed = seal_secrets(shop.sealing, f"{PRIYA}:token", "the second bot's secret")
        session.add(
            Connection(
                business_id=shop.business_id,
                key="telegram:second",
                channel="telegram",
                path="second",
                account=str(PRIYA),
                sender="second_bot",
                sealed=sealed,
                connected_at=shop.now,
            )
        )

    run(shop.door.system(Scope.CONNECT).write(work))
    assert run(shop.post(message(text="hi"), path="second")).status_code == 403
    assert run(shop.post(message(text="hi"), path="second", secret="the second bot's secret")).status_code == 200
    assert run(shop.post(message(text="hi"), path="nobody", secret="the second bot's secret")).status_code == 403
    assert [row.connection for row in run(shop.rows(Message))] == ["telegram:second"]
    second = run(shop.bots.find_by_key("telegram:second"))
    assert (second.bot_id, second.username) == (PRIYA, "second_bot")


def test_token_and_secret_show_nowhere(shop: TelegramShop, run: Run) -> None:
    account = run(shop.bots.find_by_key("telegram:harbor"))
    assert (account.token, account.secret) == (TOKEN, SECRET)
    shown = f"{account!r}{shop.bots!r}{shop.desk!r}"
    assert TOKEN not in shown
    assert SECRET not in shown


def test_secret_is_made_where_none_was_chosen() -> None:
    made = secret_for(TOKEN, b"one installation")
    assert made == secret_for(TOKEN, b"one installation") != secret_for(TOKEN, b"another")
    assert len(made) == 64


def wrong(number: int) -> str | None:
    """A secret that is not the bot's: missing, cut off, longer, in other letters, or of somebody else."""
    chance = random.Random(number)
    made = [
        "", None, SECRET[: chance.randrange(1, len(SECRET))], SECRET + "x", SECRET.upper(), f" {SECRET[1:]}", TOKEN,
        "".join(chance.choices("abcdef0123456789-_", k=len(SECRET))), "x" * 9000, "séc\u00e9t", SECRET[::-1],
    ]  # fmt: skip
    return made[number % len(made)]


def check_wrong_secrets(shop: TelegramShop, run: Run, many: int) -> None:
    for number in range(many):
        assert run(shop.post(message(text=f"message {number}"), secret=wrong(number))).status_code == 403, number
    assert run(shop.count()) == 0
    assert shop.desk._calls == {}


def test_wrong_secrets_write_nothing(shop: TelegramShop, run: Run) -> None:
    check_wrong_secrets(shop, run, 11)


@pytest.mark.prove
def test_a_hundred_wrong_secrets_write_nothing(shop: TelegramShop, run: Run) -> None:
    check_wrong_secrets(shop, run, 100)


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 400), (b"{", 400), (b"[]", 400), (b"\xff\xfe", 400), (b"[" * 100_000, 400), (b"{}", 200),
     (b'{"message": 7}', 200), (b" " * (MOST_BYTES + 1), 413)],
)  # fmt: skip
def test_what_is_no_update_is_said_plainly(shop: TelegramShop, run: Run, body: bytes, status: int) -> None:
    assert run(shop.post(body)).status_code == status
    assert run(shop.count()) == 0


def test_body_is_not_read_without_the_secret(shop: TelegramShop, run: Run) -> None:
    assert run(shop.post(b"[" * 100_000, secret="wrong")).status_code == 403
    assert run(shop.post(b" " * (MOST_BYTES + 1), secret="wrong")).status_code == 403


def test_files_wait_by_their_id(shop: TelegramShop, run: Run) -> None:
    run(shop.post(message(voice={"file_id": "V1", "mime_type": "audio/ogg", "file_size": 900})))
    [row] = run(shop.rows(Message))
    assert [(each["state"], each["value"]) for each in row.attachments] == [("pending", "V1")]
    assert TOKEN not in str(row.attachments)


def test_answer_is_tied_to_the_part_it_answers(shop: TelegramShop, run: Run) -> None:
    run(shop.queue("long", delivery="sent", provider_id=f"{MARC}:8", handed=f"{MARC}:7 {MARC}:8 {MARC}:9"))
    seen: list[str] = []
    accept = shop.inbox.accept_from

    async def noted(inbound: Any, business_id: int, media: Any = (), choose: Any = None) -> str:
        seen.append(inbound.reply_to)
        return await accept(inbound, business_id, media)

    shop.inbox.accept_from = noted  # type: ignore[method-assign]  # to see what it is given
    for replied in (7, 9, 4):
        run(shop.post(message(text="yes", reply_to_message={"message_id": replied, "from": BOT})))
    run(shop.post(message(text="yes")))
    assert seen == [f"{MARC}:8", f"{MARC}:8", f"{MARC}:4", ""]


def test_group_hears_only_staff_who_name_the_bot(shop: TelegramShop, run: Run) -> None:
    run(shop.post(in_group(text="@harbor_bot who owes us", **{"from": person(MARC)})))
    run(shop.post(in_group(text="lunch?")))
    assert run(shop.rows(Message)) == []
    run(shop.link_staff(PRIYA))
    run(shop.post(in_group(text="lunch?")))
    run(shop.post(in_group(text="@harbor_bot who owes us")))
    assert [row.text for row in run(shop.rows(Message))] == ["who owes us"]
    assert [thread.address for thread in run(shop.rows(Conversation))] == [str(PRIYA)]


def test_blocked_bot_marks_the_address(shop: TelegramShop, run: Run) -> None:
    run(shop.link_staff(MARC))
    for status, is_blocked in (("kicked", True), ("member", False)):
        run(shop.post(reached(status)))
        [row] = run(shop.rows(Address))
        assert (row.blocked_at is not None) is is_blocked


IDS = st.integers(-(2**70), 2**70) | st.text(max_size=4) | st.none()
PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
INSIDE = st.text(max_size=6)
ANY = st.recursive(
    PLAIN, lambda some: st.lists(some, max_size=3) | st.dictionaries(INSIDE, some, max_size=3), max_leaves=6
)
PARTS = st.sampled_from(
    ["text", "caption", "photo", "document", "voice", "audio", "video_note", "contact", "reply_to_message", "entities",
     "sticker", "forward_origin", "via_bot", "from", "chat", "message_id", "sender_chat", "location"]
)  # fmt: skip
SHAPES = st.one_of(
    ANY,
    st.lists(st.fixed_dictionaries({"file_id": PLAIN, "width": PLAIN, "file_size": IDS}), max_size=3),
    st.fixed_dictionaries({"id": IDS, "type": st.sampled_from(["private", "group", "supergroup", "channel", 7])}),
    st.fixed_dictionaries({"phone_number": PLAIN, "user_id": IDS, "first_name": PLAIN}),
    st.sampled_from(["/start " + "a" * 64, "/start a b", "@harbor_bot hi", "\x00\ud800", "4111" * 4, "😀" * 3000]),
)  # fmt: skip
KINDS = st.sampled_from(["message", "callback_query", "my_chat_member", "edited_message", "poll", "channel_post"])


@st.composite
def updates(draw: Any) -> dict[str, Any]:
    """An update of any kind, with any parts in any shape."""
    parts = draw(st.dictionaries(PARTS, SHAPES, max_size=5))
    whole = message(**parts)["message"] if draw(st.booleans()) else parts
    return {"update_id": draw(IDS), draw(KINDS): draw(st.sampled_from([whole, whole, whole, draw(ANY)]))}


SHARED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@settings(max_examples=60, derandomize=True, deadline=None, suppress_health_check=SHARED)
@given(update=updates())
def test_generated_updates_break_nothing(shop: TelegramShop, run: Run, update: dict[str, Any]) -> None:
    assert run(shop.post(update)).status_code == 200


@pytest.mark.prove
@settings(max_examples=1000, derandomize=True, deadline=None, suppress_health_check=SHARED)
@given(update=updates())
def test_a_thousand_updates_break_nothing(shop: TelegramShop, run: Run, update: dict[str, Any]) -> None:
    assert run(shop.post(update)).status_code == 200


@pytest.mark.prove
@settings(max_examples=1000, derandomize=True, deadline=None, suppress_health_check=SHARED)
@given(body=st.binary(max_size=300) | st.text(max_size=300).map(lambda text: f'{{"message": {text}}}'.encode()))
def test_a_thousand_bodies_break_nothing(shop: TelegramShop, run: Run, body: bytes) -> None:
    assert run(shop.post(body)).status_code in {200, 400}

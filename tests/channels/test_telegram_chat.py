"""What the person of the demo's Telegram chat does, as the bot is told of it: in order, once taken, tried again."""

import asyncio
import base64
from typing import Any

import pytest

from billing.access import Door
from billing.principal import Scope
from billing.tables.people import Business
from tests.conftest import Run
from tests.fakes.telegram_room import DANA, KIM, PRIYA, TelegramRoom

PHOTO = base64.b64encode(b"\xff\xd8\xff").decode()


@pytest.fixture
def room(sqlite_door: Door, run: Run) -> TelegramRoom:
    room = TelegramRoom(sqlite_door)
    run(room.open())
    return room


def test_everybody_with_a_phone_can_be_chosen(room: TelegramRoom, run: Run) -> None:
    people = run(room.ask("GET", "/demo/telegram-chat/people")).json()["people"]
    assert [(one["phone"], one["kind"], one["name"]) for one in people] == [
        (DANA, "client", "Dana Lee"),
        (KIM, "shared", "Kim Sand and Lou Sand"),
        (PRIYA, "staff", "Priya Shah"),
        ("+12025550199", "stranger", "Sam Stranger"),
    ]
    assert people[0]["chat"] == room.dana
    assert people[0]["bot"] == {"name": "Harbor & Pine", "username": "harbor_pine_bot"}


def test_real_business_has_no_bot(room: TelegramRoom, run: Run) -> None:
    async def work(session: Any) -> None:
        (await session.get_one(Business, room.bot.business_id)).is_demo = False

    run(room.door.system(Scope.IMPORT).write(work))
    assert run(room.chat("send", text="hi")).status_code == 404
    assert run(room.call("getMe")).status_code == 401


def test_words_reach_the_webhook_with_its_secret(room: TelegramRoom, run: Run) -> None:
    assert run(room.chat("send", text="/start abc")).status_code == 202
    [update] = room.taken
    message = update["message"]
    assert room.secrets == {room.bot.secret}
    assert (message["text"], message["chat"]["type"]) == ("/start abc", "private")
    assert message["from"]["id"] == message["chat"]["id"] == room.dana
    assert message["from"]["first_name"] == "Dana"
    assert message["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]


def test_own_card_and_somebody_elses_differ(room: TelegramRoom, run: Run) -> None:
    run(room.chat("contact"))
    run(room.chat("contact", whose="other"))
    own, other = (each["message"]["contact"] for each in room.taken)
    assert (own["user_id"], own["phone_number"]) == (room.dana, DANA)
    assert "user_id" not in other


@pytest.mark.parametrize("kind", ["photo", "document", "voice"])
def test_file_hangs_on_the_message(room: TelegramRoom, run: Run, kind: str) -> None:
    file = {"kind": kind, "name": "leak.jpg", "data": f"data:image/jpeg;base64,{PHOTO}"}
    run(room.chat("send", text="look", file=file))
    message = room.taken[0]["message"]
    assert (message["caption"], "text" in message) == ("look", False)
    hung = message[kind][-1] if kind == "photo" else message[kind]
    assert hung["file_size"] == 3
    assert run(room.call("getFile", file_id=hung["file_id"])).json()["ok"]


def test_pressed_button_is_answered_once(room: TelegramRoom, run: Run) -> None:
    keys = {"inline_keyboard": [[{"text": "Pay", "callback_data": "pay"}]]}
    sent = run(room.call("sendMessage", chat_id=room.dana, text="?", reply_markup=keys)).json()["result"]
    assert run(room.chat("press", message=sent["message_id"], data="pay")).status_code == 202
    pressed = room.taken[0]["callback_query"]
    assert (pressed["data"], pressed["message"]["message_id"]) == ("pay", sent["message_id"])
    answers = [
        run(room.call("answerCallbackQuery", callback_query_id=pressed["id"], text="Sent")).json()["ok"]
        for _ in range(2)
    ]
    assert answers == [True, False]
    assert run(room.shown())["toast"]["text"] == "Sent"
    assert run(room.chat("press", message=sent["message_id"], data="other")).status_code == 409


def test_reply_names_what_it_answers(room: TelegramRoom, run: Run) -> None:
    sent = run(room.call("sendMessage", chat_id=room.dana, text="a client asks")).json()["result"]
    run(room.chat("send", text="tell her yes", reply_to=sent["message_id"]))
    replied = room.taken[0]["message"]["reply_to_message"]
    assert (replied["message_id"], replied["text"]) == (sent["message_id"], "a client asks")
    assert run(room.shown())["messages"][1]["reply"] == {"way": "out", "text": "a client asks"}


def test_failed_webhook_is_tried_again_in_order(room: TelegramRoom, run: Run) -> None:
    room.statuses = [500, 0, 404]
    for text in ("one", "two", "three"):
        assert run(room.chat("send", text=text)).status_code == 202
    assert [each["message"]["text"] for each in room.taken] == ["one", "two", "three"]
    assert len({each["update_id"] for each in room.taken}) == 3
    info = run(room.call("getWebhookInfo")).json()["result"]
    assert (info["url"], info["pending_update_count"]) == ("http://127.0.0.1:8000/webhooks/telegram", 0)
    assert info["last_error_message"] == "Wrong response from the webhook: 404"


def test_polling_and_webhook_exclude_each_other(room: TelegramRoom, run: Run) -> None:
    refused = run(room.call("getUpdates")).json()
    assert (refused["error_code"], "webhook is active" in refused["description"]) == (409, True)
    assert run(room.call("deleteWebhook")).json()["result"] is True
    run(room.chat("send", text="hi"))
    [update] = run(room.call("getUpdates")).json()["result"]
    assert (update["message"]["text"], room.taken) == ("hi", [])
    assert len(run(room.call("getUpdates")).json()["result"]) == 1
    assert run(room.call("getUpdates", offset=update["update_id"] + 1)).json()["result"] == []
    run(room.chat("send", text="again"))
    here = "http://127.0.0.1:8000/webhooks/telegram"
    assert run(room.call("setWebhook", url=here, secret_token="other")).json()["result"] is True
    run(room.local.bag_of(room.bot).empty())
    assert [each["message"]["text"] for each in room.taken] == ["again"]
    assert room.secrets == {"other"}
    assert run(room.call("setWebhook", url="https://elsewhere.example/x")).json()["error_code"] == 400


def test_waiting_poll_gets_what_comes_and_gives_way(room: TelegramRoom, run: Run) -> None:
    async def poll_twice() -> tuple[dict[str, Any], dict[str, Any]]:
        await room.call("deleteWebhook")
        first = asyncio.ensure_future(room.call("getUpdates", timeout=20))
        await asyncio.sleep(0.05)
        second = asyncio.ensure_future(room.call("getUpdates", timeout=20))
        await asyncio.sleep(0.05)
        await room.chat("send", text="hi")
        return (await first).json(), (await second).json()

    older, newer = run(poll_twice())
    assert (older["error_code"], "terminated by other getUpdates" in older["description"]) == (409, True)
    assert newer["result"][0]["message"]["text"] == "hi"


@pytest.mark.parametrize(
    "said",
    [
        {}, {"text": 5}, {"text": "x", "reply_to": "y"}, {"text": "x", "file": 1}, {"text": "  "},
        {"text": "x", "file": {"kind": "photo", "name": "a", "data": "data:x;base64,%"}},
        {"text": "x", "file": {"kind": "film", "name": "a", "data": f"data:x;base64,{PHOTO}"}},
    ],
)  # fmt: skip
def test_odd_messages_are_refused(room: TelegramRoom, run: Run, said: dict[str, Any]) -> None:
    answer = run(room.chat("send", **said))
    assert (answer.status_code, answer.json()["error"]) == (400, "not_sent")


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"connection": 1}', b"\xff", b'{"connection":"\\ud800","chat":1}']
)
def test_odd_bodies_are_refused(room: TelegramRoom, run: Run, body: bytes) -> None:
    for what in ("send", "press", "contact", "block"):
        assert run(room.ask("POST", f"/demo/telegram-chat/{what}", content=body)).status_code == 400


def test_numbers_go_on_after_a_restart(room: TelegramRoom, run: Run, sqlite_door: Door) -> None:
    first = run(room.call("sendMessage", chat_id=room.dana, text="a")).json()["result"]["message_id"]
    later = TelegramRoom(sqlite_door)
    later.now = room.now.replace(minute=room.now.minute + 1)
    [later.bot] = run(later.bots.listed())
    assert later.bot == room.bot
    assert run(later.call("sendMessage", chat_id=later.dana, text="b")).json()["result"]["message_id"] > first + 10

"""The demo's own form of Telegram: the Bot API's forms and refusals, behind a token and on this machine only."""

from collections.abc import Callable
from typing import Any

import pytest

from billing.access import Door
from channels.telegram.local import LINKS, PREFIX
from channels.telegram.local_text import BadTextError, commands_in, read_html, units
from tests.conftest import Run
from tests.fakes.telegram_room import TelegramRoom


@pytest.fixture
def room(sqlite_door: Door, run: Run) -> TelegramRoom:
    room = TelegramRoom(sqlite_door)
    run(room.open())
    return room


@pytest.fixture
def call(room: TelegramRoom, run: Run) -> Callable[..., dict[str, Any]]:
    """Call a method in Dana's chat; the whole answer, whose status is its own error code."""

    def ask(method: str, **said: Any) -> dict[str, Any]:
        answer = run(room.call(method, **({"chat_id": room.dana} | said)))
        found: dict[str, Any] = answer.json()
        assert answer.status_code == found.get("error_code", 200)
        return found

    return ask


def test_html_becomes_words_and_entities() -> None:
    words, entities = read_html('<b>Dué</b> 🙂 &lt;now&gt; <a href="https://x.example/?a=1&amp;b=2">pay</a>')
    assert words == "Dué 🙂 <now> pay"
    assert entities == [
        {"type": "bold", "offset": 0, "length": 3},
        {"type": "text_link", "offset": 13, "length": 3, "url": "https://x.example/?a=1&b=2"},
    ]
    assert units("🙂") == 2


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a < b", 'Unsupported start tag "" at byte offset 2'),
        ("<b>a", 'Can\'t find end tag corresponding to start tag "b"'),
        ("a</b>", "Unexpected end tag at byte offset 1"),
        ("<b><i>a</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("<div>a</div>", 'Unsupported start tag "div" at byte offset 0'),
    ],
)
def test_broken_html_is_refused(text: str, why: str) -> None:
    with pytest.raises(BadTextError) as refused:
        read_html(text)
    assert why in refused.value.why


def test_commands_are_marked() -> None:
    assert commands_in("/start abc and /help, not a/b") == [
        {"type": "bot_command", "offset": 0, "length": 6},
        {"type": "bot_command", "offset": 15, "length": 5},
    ]


def test_message_is_shown_and_edited_in_place(room: TelegramRoom, run: Run, call: Callable[..., Any]) -> None:
    keys = {"inline_keyboard": [[{"text": "Pay", "callback_data": "b:1"}]]}
    sent = call("sendMessage", text="<b>Hi</b>", parse_mode="HTML", reply_markup=keys)["result"]
    assert (sent["text"], sent["chat"]["id"], sent["reply_markup"]) == ("Hi", room.dana, keys)
    [shown] = run(room.shown())["messages"]
    assert (shown["way"], shown["text"], shown["buttons"]) == ("out", "Hi", keys["inline_keyboard"])
    edited = call("editMessageText", message_id=sent["message_id"], text="Hello")["result"]
    assert (edited["message_id"], edited["text"], "edit_date" in edited) == (sent["message_id"], "Hello", True)
    [again] = run(room.shown(after=shown["number"]))["messages"]
    assert (again["id"], again["text"], again["edited"], again["buttons"]) == (shown["id"], "Hello", True, [])
    assert call("deleteMessage", message_id=sent["message_id"])["result"] is True
    assert run(room.shown(after=again["number"]))["messages"][0]["gone"]
    assert (
        "message to edit not found" in call("editMessageText", message_id=sent["message_id"], text="x")["description"]
    )


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"text": ""}, "message text is empty"),
        ({"text": "<b></b>", "parse_mode": "HTML"}, "message text is empty"),
        ({"text": "x" * 4097}, "message is too long"),
        ({"text": "🙂" * 2049}, "message is too long"),
        ({"text": "a & <b", "parse_mode": "HTML"}, "can't parse entities"),
        ({"text": "a", "chat_id": "@somebody"}, "chat not found"),
        ({"text": "a", "chat_id": -5}, "chat not found"),
        ({"text": "a", "chat_id": ""}, "chat_id is empty"),
        ({"text": "a", "reply_markup": {"inline_keyboard": [[{"text": "x", "callback_data": "y" * 65}]]}}, "BUTTON"),
        ({"text": "a", "reply_markup": {"inline_keyboard": [[{"text": "x"}]]}}, "Text buttons are unallowed"),
        ({"text": "a", "reply_markup": {"inline_keyboard": [[{"text": "", "callback_data": "y"}]]}}, "text is empty"),
        ({"text": "a", "reply_markup": {"inline_keyboard": [[{"text": "x", "url": "no"}]]}}, "URL 'no' is invalid"),
        ({"text": "a", "reply_markup": {"keyboard": [[{"text": ""}]]}}, "must be non-empty"),
        ({"text": "a", "reply_markup": "["}, "can't parse reply_markup JSON object"),
        ({"text": "a", "reply_markup": [1]}, "object expected as reply markup"),
        ({"text": {"a": 1}}, 'field "text" must be of type String'),
    ],
)
def test_bad_messages_are_refused_as_there(said: dict[str, Any], why: str, call: Callable[..., Any]) -> None:
    told = call("sendMessage", **said)
    assert (told["ok"], told["error_code"]) == (False, 400)
    assert told["description"].startswith("Bad Request: ")
    assert why in told["description"]


def test_longest_message_is_taken(call: Callable[..., Any]) -> None:
    assert call("sendMessage", text="<b>" + "x" * 4096 + "</b>", parse_mode="HTML")["ok"]


def test_unchanged_edit_is_refused(call: Callable[..., Any]) -> None:
    sent = call("sendMessage", text="same")["result"]
    told = call("editMessageText", message_id=sent["message_id"], text="same")
    assert "message is not modified" in told["description"]
    assert "message is not modified" in call("editMessageReplyMarkup", message_id=sent["message_id"])["description"]


def test_wrong_token_is_unauthorized(room: TelegramRoom, run: Run) -> None:
    for token in ("1:x", f"{room.bot.id}:{'0' * 35}", "é:1", room.bot.secret):
        told = run(room.ask("POST", f"{PREFIX}/bot{token}/getMe"))
        assert (told.status_code, told.json()) == (401, {"ok": False, "error_code": 401, "description": "Unauthorized"})
        assert run(room.ask("GET", f"{PREFIX}/file/bot{token}/photos/x.jpg")).status_code == 401
    assert run(room.call("nothing")).json()["description"] == "Not Found: method not found"
    assert run(room.call("getme")).json()["result"]["username"] == "harbor_pine_bot"


def test_elsewhere_there_is_no_bot(room: TelegramRoom, run: Run) -> None:
    for path in (f"{PREFIX}/bot{room.bot.token}/getMe", "/demo/telegram-chat/send"):
        assert run(room.ask("POST", path, client="10.0.0.9")).status_code == 403
        assert run(room.ask("POST", path, headers={"X-Forwarded-For": "10.0.0.9"})).status_code == 403
    for path in (f"{LINKS}/harbor_pine_bot", "/demo/telegram-chat/people", f"{PREFIX}/file/bot{room.bot.token}/a"):
        assert run(room.ask("GET", path, headers={"Origin": "https://evil.example"})).status_code == 403


ODD = [b"", b"[]", b"\xff\xfe", b"{", b'{"text":"\\ud800"}', b'{"a":NaN}', b"--x\r\n\r\n"]


@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_odd_bodies_are_refused(room: TelegramRoom, run: Run, kind: str) -> None:
    for body in ODD:
        for more in ("", "; boundary=x"):
            path = f"{PREFIX}/bot{room.bot.token}/sendMessage"
            told = run(room.ask("POST", path, content=body, headers={"content-type": kind + more}))
            assert (told.status_code, told.json()["ok"]) == (400, False)


def test_files_go_out_and_come_back(room: TelegramRoom, run: Run) -> None:
    path = f"{PREFIX}/bot{room.bot.token}"
    parts = {"document": ("INV-1042.pdf", b"%PDF-1.7", "application/pdf")}
    sent = run(
        room.ask("POST", f"{path}/sendDocument", data={"chat_id": str(room.dana), "caption": "Here"}, files=parts)
    )
    told = sent.json()["result"]
    assert (told["caption"], told["document"]["file_name"]) == ("Here", "INV-1042.pdf")
    found = run(room.call("getFile", file_id=told["document"]["file_id"])).json()["result"]
    fetched = run(room.ask("GET", f"{PREFIX}/file/bot{room.bot.token}/{found['file_path']}"))
    assert fetched.content == b"%PDF-1.7"
    [shown] = run(room.shown())["messages"]
    saved = run(room.ask("GET", f"/demo/telegram-chat/files/{shown['file']['id']}"))
    assert (saved.content, saved.headers["content-disposition"][:10]) == (b"%PDF-1.7", "attachment")
    again = run(room.call("sendDocument", chat_id=room.dana, document=told["document"]["file_id"]))
    assert again.json()["result"]["document"] == told["document"]
    assert (
        "IMAGE_PROCESS_FAILED"
        in run(
            room.ask(
                "POST", f"{path}/sendPhoto", data={"chat_id": str(room.dana)}, files={"photo": ("a", b"no", "x/y")}
            )
        ).text
    )
    assert run(room.call("sendPhoto", chat_id=room.dana, photo="https://x.example/a.png")).status_code == 400


def test_typing_ends_by_itself_or_by_a_message(room: TelegramRoom, run: Run, call: Callable[..., Any]) -> None:
    assert not run(room.shown())["typing"]
    call("sendChatAction", action="typing")
    assert run(room.shown())["typing"]
    call("sendMessage", text="done")
    assert not run(room.shown())["typing"]
    assert "wrong parameter action" in call("sendChatAction", action="dance")["description"]


def test_blocked_bot_is_forbidden(room: TelegramRoom, run: Run, call: Callable[..., Any]) -> None:
    run(room.chat("block", on=True))
    assert call("sendMessage", text="hi")["description"] == "Forbidden: bot was blocked by the user"
    assert call("sendMessage", text="hi")["error_code"] == 403
    run(room.chat("block", on=False))
    assert call("sendMessage", text="hi")["ok"]
    ways = [each["my_chat_member"]["new_chat_member"]["status"] for each in room.taken]
    assert ways == ["kicked", "member"]


def test_link_opens_the_page_and_changes_nothing(room: TelegramRoom, run: Run) -> None:
    answer = run(room.ask("GET", f"{LINKS}/harbor_pine_bot?start=abc"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/?start=abc&telegram=harbor_pine_bot")
    assert run(room.ask("GET", f"{LINKS}/other_bot")).status_code == 404
    assert room.taken == []

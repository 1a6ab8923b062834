"""What an update is read as: never more than it says, and nothing at all where it is not for us."""

from typing import Any

import pytest

from channels.telegram.parsing import Media, Pressed, Reached, Written, pending, read_update
from channels.telegram.reading import UnreadableUpdateError, read_json
from tests.fakes.telegram_said import BOT_ID, BOT_NAME, GROUP, MARC, PRIYA, in_group, message, person, pressed, reached

BOT = {"id": BOT_ID, "is_bot": True, "first_name": "Harbor"}


def read(update: dict[str, Any]) -> Any:
    return read_update(update, BOT_ID, BOT_NAME)


def written(update: dict[str, Any]) -> Written:
    found = read(update)
    assert isinstance(found, Written)
    return found


def test_words_are_read_clean() -> None:
    found = written(message(text="  did u\x00 get\r\nmy \ud83d payment?  "))
    assert (found.user, found.chat, found.text) == (MARC, MARC, "did u get\nmy  payment?")


def test_caption_is_the_words_of_a_picture() -> None:
    sizes = [{"file_id": "small", "width": 90, "file_size": 900}, {"file_id": "large", "width": 1280}]
    found = written(message(photo=sizes, caption="the porch"))
    assert (found.text, found.media) == ("the porch", (Media("large", "image/jpeg", 0),))


@pytest.mark.parametrize("kind", ["document", "voice", "audio", "video_note"])
def test_files_wait_under_their_id(kind: str) -> None:
    found = written(message(**{kind: {"file_id": "F1", "mime_type": "audio/ogg", "file_size": 700}}))
    assert found.media == (Media("F1", "audio/ogg", 700),)
    assert pending(found.media)[0] | {"extra": {}} == {
        "kind": "media", "state": "pending", "label": "", "value": "F1", "rows": [], "extra": {},
    }  # fmt: skip


def test_own_card_is_a_number() -> None:
    found = written(message(contact={"phone_number": "12125550101", "first_name": "Marc", "user_id": MARC}))
    assert (found.own_number, found.text) == ("+12125550101", "")


@pytest.mark.parametrize(
    "card",
    [{"user_id": PRIYA}, {}, {"user_id": str(MARC)}],
)  # fmt: skip
def test_card_of_somebody_else_is_only_words(card: dict[str, Any]) -> None:
    found = written(message(contact={"phone_number": "+12125550101", "first_name": "Dana"} | card))
    assert (found.own_number, found.text) == ("", "Dana +12125550101")


@pytest.mark.parametrize("passed_on", [{"forward_origin": {"type": "user"}}, {"via_bot": BOT}, {"forward_date": 1}])
def test_own_card_that_was_passed_on_does_not_count(passed_on: dict[str, Any]) -> None:
    card = {"phone_number": "12125550101", "first_name": "Marc", "user_id": MARC}
    assert written(message(contact=card, **passed_on)).own_number == ""


def test_start_link_carries_its_token() -> None:
    found = written(message(text="/start Ab_c-9"))
    assert (found.start_token, found.text) == ("Ab_c-9", "")


@pytest.mark.parametrize("text", ["/start", "/help", "/start@harbor_bot", "/HELP now", "/start a b"])
def test_start_alone_asks_for_help(text: str) -> None:
    assert (written(message(text=text)).text, written(message(text=text)).start_token) == ("help", "")


def test_other_commands_are_their_words() -> None:
    assert written(message(text="/stop")).text == "stop"
    assert written(message(text="/my_invoices 1042")).text == "my invoices 1042"


def test_answer_names_what_it_answers() -> None:
    assert written(message(text="yes", reply_to_message={"message_id": 41, "from": BOT})).replied_to == 41
    assert written(message(text="yes", reply_to_message={"message_id": 41, "from": person()})).replied_to == 0


@pytest.mark.parametrize(
    ("text", "heard"),
    [("@harbor_bot who owes us", "who owes us"), ("who owes us, @Harbor_Bot", "who owes us,"),
     ("/open@harbor_bot", "open"), ("@harbor_bot /help", "help")],
)  # fmt: skip
def test_group_is_heard_where_the_bot_is_named(text: str, heard: str) -> None:
    found = written(in_group(text=text))
    assert (found.text, found.user, found.chat, found.is_group) == (heard, PRIYA, GROUP, True)


def test_group_is_heard_in_an_answer_to_the_bot() -> None:
    assert written(in_group(text="yes", reply_to_message={"message_id": 4, "from": BOT})).text == "yes"


@pytest.mark.parametrize(
    "text", ["lunch?", "@harbor_bots hello", "@other_bot hi", "/open", "/open@other_bot", "@harbor_bot"]
)
def test_group_is_not_heard_otherwise(text: str) -> None:
    assert read(in_group(text=text)) is None


def test_card_and_link_count_for_nothing_in_a_group() -> None:
    assert read(in_group(contact={"phone_number": "12125550101", "user_id": PRIYA})) is None
    assert read(in_group(text="/start@harbor_bot abc")) is None


def test_pressed_button_is_read() -> None:
    assert read(pressed("b:abc:0", callback_id="9")) == Pressed("9", MARC, "b:abc:0")


@pytest.mark.parametrize(("status", "is_blocked"), [("kicked", True), ("member", False)])
def test_blocking_is_read(status: str, *, is_blocked: bool) -> None:
    assert read(reached(status)) == Reached(MARC, is_blocked)


@pytest.mark.parametrize(
    "update",
    [{}, {"message": None}, {"message": []}, message(), message(sticker={"file_id": "s"}), message(location={}),
     message(text="  \x00 "), message(text=7), message(text="hi", **{"from": BOT}), message(text="hi", message_id="7"),
     message(text="hi", sender_chat={"id": -100}), message(text="hi", chat={"id": 9, "type": "private"}),
     message(text="hi", chat={"id": -5, "type": "channel"}), message(text="hi", **{"from": {"id": 2**60}}),
     {"edited_message": message(text="hi")["message"]}, {"channel_post": message(text="hi")["message"]},
     {"callback_query": {"id": "", "from": person()}}, {"my_chat_member": {"chat": {"id": -4, "type": "group"}}}],
)  # fmt: skip
def test_everything_else_is_passed_by(update: dict[str, Any]) -> None:
    assert read(update) is None


@pytest.mark.parametrize("body", [b"", b"[]", b"7", b"{", b"\xff", b"[" * 100_000, b'{"a":' * 60_000, b"9" * 9000])
def test_what_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(UnreadableUpdateError):
        read_json(body)

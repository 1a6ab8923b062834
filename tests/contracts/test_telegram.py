"""The Bot API over real HTTP, against the peer that others wrote: polling, webhooks, documents, edits, and faults."""

import asyncio
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from fastapi import FastAPI

from billing.access import Door
from billing.tables.talk import Message
from channels.connections import CannotConnectError
from channels.content import RefusedContentError
from channels.errors import install_errors
from channels.outgoing import RefusedError, TryLaterError
from channels.telegram.accounts import BotAccount
from channels.telegram.buttons import Button, Keyboard
from channels.telegram.calling import BadTokenError, Calls, ConflictError
from channels.telegram.connecting import look_at, point
from channels.telegram.intake import Intake
from channels.telegram.parsing import ALLOWED_UPDATES
from channels.telegram.polling import Fetching, Polling
from channels.telegram.webhook import webhook_router
from tests.conftest import Run
from tests.fakes.hosting import PeerMissingError, _free_port
from tests.fakes.served import served
from tests.fakes.telegram_peer import TelegramPeer, answering, run_telegram
from tests.fakes.telegram_said import MARC, SECRET, TOKEN, message, pressed
from tests.fakes.telegram_shop import TelegramShop

CHAT = str(MARC)
_BOTS = iter(range(1000, 9000))


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TelegramPeer]:
    """The peer. Where it cannot start: skipped, in CI a failure."""
    try:
        with run_telegram(tmp_path_factory.mktemp("telegram")) as found:
            yield found
    except PeerMissingError as missing:
        if os.environ.get("CI", "").lower() == "true":  # noqa: TID251 - the tests' own switch, not a setting
            raise
        pytest.skip(str(missing))


@dataclass
class Line:
    """A bot of the peer's with our rows behind it; each test has a bot of its own."""

    shop: TelegramShop
    peer: TelegramPeer
    account: BotAccount
    intake: Intake
    _calls: list[Calls] = field(default_factory=list)

    @property
    def calls(self) -> Calls:
        """Real calls to the peer."""
        return self.shop.desk.calls_of(self.account)

    def texts(self, run: Run) -> list[str]:
        """What came in."""
        return [row.text for row in run(self.shop.rows(Message)) if row.direction == "in"]


@pytest.fixture
def line(peer: TelegramPeer, sqlite_door: Door, run: Run, tmp_path: Any) -> Iterator[Line]:
    shop = TelegramShop(sqlite_door, tmp_path)
    run(shop.open())
    token = f"{next(_BOTS)}:{TOKEN.partition(':')[2]}"
    shop.desk = replace(shop.desk, opened=Calls, _calls={}, _growing=[])
    account = replace(shop.account, token=token, api_base=peer.url, polls=True)
    shop.bots = shop.desk.bots
    yield Line(shop, peer, account, Intake(shop.desk))
    run(shop.desk.close())


def test_polling_stores_what_is_said_once(line: Line, run: Run) -> None:
    for text in ("hello", "did u get my payment"):
        line.peer.say(line.account.token, message(text=text))
    fetching = Fetching(line.intake, line.account, line.calls, 0)
    assert run(fetching.once()) == 2
    fetching.after = 0  # as after a crash: known ones are stored once
    assert run(fetching.once()) >= 0
    assert line.texts(run) == ["hello", "did u get my payment"]


def test_place_moves_only_behind_what_is_stored(line: Line, run: Run) -> None:
    accept, fails = line.shop.inbox.accept_from, [True]

    async def once_broken(*given: Any) -> str:
        if fails and fails.pop():
            raise OSError("the disk is full")
        return await accept(*given)

    line.shop.inbox.accept_from = once_broken  # type: ignore[method-assign,assignment]  # a disk that fails once
    line.peer.say(line.account.token, message(text="hello"))
    fetching = Fetching(line.intake, line.account, line.calls, 0)
    with pytest.raises(OSError, match="full"):
        run(fetching.once())
    assert fetching.after == 0
    run(fetching.once())
    assert line.texts(run) == ["hello"]


def test_several_bots_are_polled_side_by_side(line: Line, run: Run) -> None:
    async def whole() -> None:
        other = replace(line.account, key="telegram:second", token=f"7{line.account.token}")
        polling = Polling(line.intake, wait=1, rest=0.05)
        both = {line.account, other}
        polling._bots = {bot: asyncio.ensure_future(polling._poll(bot)) for bot in both}
        for bot in both:
            line.peer.say(bot.token, message(text=f"to {bot.key}"))
        async with asyncio.timeout(20):
            while len(await line.shop.rows(Message)) < 2:  # noqa: ASYNC110 - rows tell nobody
                await asyncio.sleep(0.05)
        await polling.stop()

    run(whole())
    assert sorted(line.texts(run)) == ["to telegram:harbor", "to telegram:second"]


def test_second_process_that_polls_is_told(line: Line, run: Run) -> None:
    async def both() -> list[Any]:
        second = Calls(line.account)
        try:
            polls = [calls.updates(0, 2, ALLOWED_UPDATES) for calls in (line.calls, second)]
            return list(await asyncio.gather(*polls, return_exceptions=True))
        finally:
            await second.close()

    assert [type(each) for each in run(both()) if isinstance(each, Exception)] == [ConflictError]


@pytest.fixture
def hooked(line: Line, run: Run) -> Iterator[str]:
    """Our webhook at an address of its own, set at the peer. Its address."""
    port, app = _free_port(), FastAPI()
    intake = Intake(replace(line.shop.desk, opened=Calls, _calls={}, _growing=[]))
    app.include_router(webhook_router(intake))
    install_errors(app)
    url = f"http://127.0.0.1:{port}/webhooks/telegram"
    with served(app, port):
        yield url


def test_webhook_stores_what_is_said(line: Line, run: Run, hooked: str) -> None:
    run(line.calls.hook(hooked, SECRET, ALLOWED_UPDATES))
    line.peer.say(line.account.token, message(text="hello"))
    assert line.texts(run) == ["hello"]
    assert run(line.calls.hooked()).waiting == 0


def test_wrong_secret_is_refused_and_waits(line: Line, run: Run, hooked: str) -> None:
    run(line.calls.hook(hooked, "another-secret-than-ours", ALLOWED_UPDATES))
    line.peer.say(line.account.token, message(text="hello"))
    assert run(line.shop.count()) == 0
    found = run(line.calls.hooked())
    assert (found.url, found.waiting) == (hooked, 1)


def test_nothing_is_fetched_beside_a_webhook(line: Line, run: Run, hooked: str) -> None:
    run(line.calls.hook(hooked, SECRET, ALLOWED_UPDATES))
    with pytest.raises(ConflictError):
        run(line.calls.updates(0, 0, ALLOWED_UPDATES))


def test_words_buttons_and_edits_are_taken(line: Line, run: Run) -> None:
    keyboard = Keyboard(((Button("Pay", url="https://desk.example.com/pay/a"),), (Button("No", data="b:0"),)))
    number = run(line.calls.send_words(CHAT, "<b>$5.00</b> &amp; more", keyboard))
    run(line.calls.edit_words(CHAT, number, "other", keyboard))
    keys = Keyboard(((Button("Later"),),), "Share my number")
    assert run(line.calls.send_words(CHAT, "Who are you?", keys)) > number
    run(line.calls.show_typing(CHAT))
    run(line.calls.delete(CHAT, number))
    taken = line.peer.methods()[-5:]
    assert taken == ["sendMessage", "editMessageText", "sendMessage", "sendChatAction", "deleteMessage"]


def test_documents_go_out_and_come_in(line: Line, run: Run) -> None:
    pdf = b"%PDF-1.7 " + b"0" * 3000
    assert run(line.calls.send_document(CHAT, pdf, "INV-1042.pdf", "INV-1042"))
    sent = line.peer.ask(line.account.token, "sendMessage", chat_id=MARC, text="x")
    assert sent["ok"]
    with pytest.raises(RefusedContentError, match="gone"):
        run(line.calls.fetch("no-such-file", 5000))


def test_press_is_answered_at_the_peer(line: Line, run: Run) -> None:
    line.peer.say(line.account.token, pressed("b:old"))
    before = line.peer.methods().count("answerCallbackQuery")

    async def whole() -> None:
        await Fetching(line.intake, line.account, line.calls, 0).once()
        await line.intake.settle()

    run(whole())
    assert line.peer.methods().count("answerCallbackQuery") == before + 1


def test_bot_is_connected_for_polling(line: Line, run: Run) -> None:
    connected = run(point(line.account, line.calls, "http://127.0.0.1:8000"))
    assert (connected.url, connected.is_fetched) == ("", False)
    assert run(line.calls.hooked()).url == ""


def test_bot_is_connected_for_posting(line: Line, run: Run) -> None:
    account = replace(line.account, polls=False, path="second")
    connected = run(point(account, line.calls, "https://desk.example.com"))
    assert connected.url == "https://desk.example.com/webhooks/telegram/second" == run(line.calls.hooked()).url
    with pytest.raises(CannotConnectError, match="https"):
        run(point(account, line.calls, "http://desk.example.com"))


def refusal(status: int, why: str, **parameters: Any) -> str:
    return json.dumps({"ok": False, "error_code": status, "description": why, "parameters": parameters})


@pytest.mark.parametrize(
    ("status", "body", "kind", "told"),
    [(429, refusal(429, "Too Many Requests: retry after 7", retry_after=7), TryLaterError, 7.0),
     (500, refusal(500, "Internal Server Error"), TryLaterError, None),
     (502, "<html>bad gateway</html>", TryLaterError, None),
     (401, refusal(401, "Unauthorized"), BadTokenError, 60.0),
     (404, refusal(404, "Not Found"), BadTokenError, 60.0),
     (409, refusal(409, "Conflict: terminated by other getUpdates request"), ConflictError, None)],
)  # fmt: skip
def test_trouble_is_tried_later(
    run: Run, status: int, body: str, kind: type[TryLaterError], told: float | None
) -> None:
    async def whole(url: str) -> None:
        calls = Calls(BotAccount(1, "telegram:harbor", "", api_base=url, token=TOKEN))
        try:
            await calls.send_words(CHAT, "hello")
        finally:
            await calls.close()

    with answering(status, body) as url, pytest.raises(kind) as error:
        run(whole(url))
    assert error.value.after == told
    assert TOKEN not in repr(error.value) + str(error.value)


@pytest.mark.parametrize(
    ("status", "why", "blocks"),
    [(403, "Forbidden: bot was blocked by the user", True), (403, "Forbidden: user is deactivated", True),
     (400, "Bad Request: chat not found", True), (400, "Bad Request: message text is empty", False),
     (413, "Request Entity Too Large", False)],
)  # fmt: skip
def test_refusal_says_whether_the_chat_is_lost(run: Run, status: int, why: str, *, blocks: bool) -> None:
    async def whole(url: str) -> None:
        calls = Calls(BotAccount(1, "telegram:harbor", "", api_base=url, token=TOKEN))
        try:
            await calls.send_words(CHAT, "hello")
        finally:
            await calls.close()

    with answering(status, refusal(status, why)) as url, pytest.raises(RefusedError) as error:
        run(whole(url))
    assert error.value.blocks_address is blocks


def test_words_that_are_there_already_are_well(run: Run) -> None:
    async def whole(url: str) -> None:
        calls = Calls(BotAccount(1, "telegram:harbor", "", api_base=url, token=TOKEN))
        await calls.edit_words(CHAT, 5, "same")
        await calls.close()

    with answering(400, refusal(400, "Bad Request: message is not modified: …")) as url:
        run(whole(url))


def test_cut_connection_is_tried_later_and_survived(run: Run) -> None:
    async def whole(url: str) -> list[Any]:
        calls = Calls(BotAccount(1, "telegram:harbor", "", api_base=url, token=TOKEN))
        with pytest.raises(TryLaterError):
            await calls.updates(0, 0, ALLOWED_UPDATES)
        try:
            return list(await calls.updates(0, 0, ALLOWED_UPDATES))
        finally:
            await calls.close()

    with answering(200, json.dumps({"ok": True, "result": [{"update_id": 1, "new_kind": {}}, 7]}), resets=1) as url:
        assert run(whole(url)) == [{"update_id": 1, "new_kind": {}}]


def test_wrong_token_is_said_plainly(run: Run) -> None:
    async def whole(url: str) -> None:
        calls = Calls(BotAccount(1, "telegram:harbor", "", api_base=url, token=TOKEN))
        try:
            await look_at(calls)
        finally:
            await calls.close()

    with answering(401, refusal(401, "Unauthorized")) as url, pytest.raises(CannotConnectError) as told:
        run(whole(url))
    assert "@BotFather" in str(told.value)
    assert TOKEN not in str(told.value)


def test_peer_in_process_takes_every_message(run: Run, sqlite_door: Door, tmp_path: Any) -> None:
    """The other peer checks tags, lengths and buttons as Telegram does."""
    from aiogram import Bot
    from teremok.session import MockedSession

    shop, session = TelegramShop(sqlite_door, tmp_path), MockedSession()
    run(shop.open())
    opened = lambda account, _timeout: Bot(account.token, session=session)  # noqa: E731 - one line is clearer
    shop.desk._calls[shop.account] = Calls(shop.account, opened=opened)
    hung: list[dict[str, Any]] = [
            {"kind": "button", "label": "<Yes & no>" * 20, "value": "v" * 200, "rows": [], "extra": {}},
            {"kind": "link", "label": "Pay", "value": "https://desk.example.com/pay/a", "rows": [], "extra": {}},
            {"kind": "card", "label": "<INV>", "value": "", "rows": [["Due <b>", "x&y"]], "extra": {}},
            {"kind": "chart", "label": "C" * 2000, "value": "", "rows": [["a", "1"]] * 40, "extra": {}}]  # fmt: skip
    for text in ("<b>unclosed & co", "😀 **bold** line\n" * 900, "&" * 5000, "<pre>" * 2000):
        run(shop.send(run(shop.queue(text, hung))))
    assert len(session.requests) > 12

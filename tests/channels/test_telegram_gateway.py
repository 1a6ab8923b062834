"""Handing over: whole, once, in pieces that a crash or a refusal does not repeat, and drafts that become answers."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from billing.access import Door
from billing.principal import Scope
from billing.tables.files import File, FileKind, FileLink, FileVersion, Visibility
from billing.tables.people import Business
from billing.tables.talk import Conversation, Delivery, Draft, Message
from channels.outgoing import RefusedError, TryLaterError
from channels.telegram.growing import Pace
from tests.conftest import Run
from tests.factories.people import make_client
from tests.fakes.telegram_said import MARC
from tests.fakes.telegram_shop import FakeCalls, TelegramShop

PDF, PNG = b"%PDF-1.7 the invoice", b"\x89PNG\r\n\x1a\n a porch"
CHART = {"kind": "chart", "label": "Owed", "value": "", "rows": [["Okafor", "$6.00"]], "extra": {"shares": "1"}}


@pytest.fixture
def shop(sqlite_door: Door, run: Run, tmp_path: Any) -> Iterator[TelegramShop]:
    shop = TelegramShop(sqlite_door, tmp_path)
    run(shop.open())
    yield shop
    run(shop.desk.close())


def hung(kind: str, label: str, value: str) -> dict[str, Any]:
    return {"kind": kind, "label": label, "value": value, "rows": [], "extra": {}}


async def store_file(shop: TelegramShop, token: str, content: bytes, media_type: str, name: str) -> dict[str, Any]:
    """A stored file behind a link of ours, as it hangs on a message."""
    sha256 = shop.files.put(content)

    async def work(session: Any) -> None:
        business = await session.get_one(Business, shop.business_id)
        client = await make_client(session, business=business)
        owner = {"business_id": business.id, "client_id": client.id}
        file = File(**owner, kind=FileKind.OTHER, name=name, visibility=Visibility.CLIENT)
        session.add(file)
        await session.flush()
        version = FileVersion(
            **owner, file_id=file.id, number=1, sha256=sha256, size=len(content), media_type=media_type,
            stored_at=shop.now, stored_by="test",
        )  # fmt: skip
        session.add(version)
        await session.flush()
        ends = shop.now + timedelta(days=1)
        digest = f"hash of {token}"
        link = FileLink(**owner, file_version_id=version.id, token_sha256=digest, created_at=shop.now, expires_at=ends)
        session.add(link)

    await shop.door.system(Scope.IMPORT).write(work)
    return hung("file", name, f"https://desk.example.com/files/{token}")


def test_words_go_out_escaped(shop: TelegramShop, run: Run) -> None:
    sent = run(shop.send(run(shop.queue("<b>$5.00 & more</b>"))))
    [(_, chat, html, keyboard)] = shop.calls.said
    assert (chat, html, keyboard) == (str(MARC), "&lt;b&gt;$5.00 &amp; more&lt;/b&gt;", None)
    assert (sent.provider_id.partition(":")[0], sent.parts) == (str(MARC), 1)


def test_document_goes_out_as_it_is_stored(shop: TelegramShop, run: Run) -> None:
    paper = run(store_file(shop, "t1", PDF, "application/pdf", "INV-1042.pdf"))
    photo = run(store_file(shop, "t2", PNG, "image/png", "porch.png"))
    run(shop.send(run(shop.queue("Here they are.", [paper, photo]))))
    assert [said[:4] for said in shop.calls.said[1:]] == [
        ("document", str(MARC), "INV-1042.pdf", PDF), ("picture", str(MARC), "porch.png", PNG),
    ]  # fmt: skip


def test_picture_that_is_refused_goes_as_a_document(shop: TelegramShop, run: Run) -> None:
    photo = run(store_file(shop, "t2", PNG, "image/png", "porch.png"))
    shop.calls.refusals["picture"] = [RefusedError("400", "PHOTO_INVALID_DIMENSIONS")]
    run(shop.send(run(shop.queue("Here.", [photo]))))
    assert shop.calls.names() == ["send", "document"]


def test_file_that_is_gone_is_a_link(shop: TelegramShop, run: Run) -> None:
    run(shop.send(run(shop.queue("Here.", [hung("file", "INV-1.pdf", "https://desk.example.com/files/over")]))))
    assert shop.calls.said[1][2] == "INV-1.pdf: https://desk.example.com/files/over"


def test_chart_goes_out_as_a_picture_with_its_words(shop: TelegramShop, run: Run) -> None:
    run(shop.send(run(shop.queue("Owed:", [CHART]))))
    name, _, file, content, caption = shop.calls.said[1]
    assert (name, file, content[:4], caption) == ("picture", "chart.png", b"\x89PNG", "Owed\nOkafor: $6.00")


def test_refused_link_is_written_out(shop: TelegramShop, run: Run) -> None:
    shop.calls.refusals["send"] = [RefusedError("400", "BUTTON_URL_INVALID")]
    ours = run(shop.queue("Here.", [hung("link", "Pay", "https://desk.example.com/pay/a"), hung("button", "No", "no")]))
    run(shop.send(ours))
    [(_, _, html, keyboard)] = shop.calls.said
    assert html == "Here.\nPay: https://desk.example.com/pay/a"
    assert [button.data for row in keyboard.rows for button in row] == [f"b:{ours.public_id}:1"]


def test_pieces_that_are_there_are_not_sent_again(shop: TelegramShop, run: Run) -> None:
    message = run(shop.queue("x" * 9000, [CHART]))
    shop.calls.refusals["picture"] = [TryLaterError("Telegram asks to wait", 7.0)]
    with pytest.raises(TryLaterError) as told:
        run(shop.send(message))
    assert told.value.after == 7.0
    sent = run(shop.send(message))
    assert shop.calls.names() == ["send", "send", "send", "picture"]
    row = run(shop.rows(Message))[0]
    assert len(row.handed.split()) == sent.parts == 4
    assert sent.provider_id == row.handed.split()[2]


def test_message_with_every_piece_is_found_again(shop: TelegramShop, run: Run) -> None:
    message, gateway = run(shop.queue("x" * 5000)), run(shop.gateway())
    assert run(gateway.find_sent(shop.to_send(message))) is None
    sent = run(gateway.send(shop.to_send(message)))
    assert run(gateway.find_sent(shop.to_send(message))) == sent


def test_empty_message_is_refused(shop: TelegramShop, run: Run) -> None:
    with pytest.raises(RefusedError):
        run(shop.send(run(shop.queue("  "))))


def test_connection_without_a_bot_waits(shop: TelegramShop, run: Run) -> None:
    gateway = shop.desk.gateway_of("telegram:nobody")
    assert gateway is not None
    with pytest.raises(TryLaterError):
        run(gateway.send(shop.to_send(run(shop.queue("hello")))))
    assert shop.desk.gateway_of("sms:harbor") is None


async def seen(is_so: Callable[[], bool]) -> None:
    """Wait until it is so."""
    async with asyncio.timeout(20):
        while not is_so():  # noqa: ASYNC110 - what is waited for is in a fake, which tells nobody
            await asyncio.sleep(0.01)


def grow(shop: TelegramShop, *, texts: list[str], waits: bool = True, answer: str = "", ends: bool = True) -> Any:
    """A turn whose answer grows, each text seen; then it ends with the answer, or without one, or goes on."""

    async def whole() -> tuple[Any, Message | None]:
        growing, turn = shop.desk.growing, await shop.begin_turn()
        growing.note(turn.conversation_id, "preparing", {"turn": str(turn.id)})
        if waits:
            await seen(lambda: "typing" in shop.calls.names())
        for text in texts:
            growing.note(turn.conversation_id, "draft", {"turn": str(turn.id), "text": text})
            if waits:
                await seen(lambda text=text: f"{text} …" in shop.calls.shown.values())  # type: ignore[misc]  # mypy cannot type a default in a lambda
        reply = await shop.end_turn(turn, answer) if ends else None
        growing.ended(turn.conversation_id)
        return turn, reply

    return whole()


def test_answer_takes_the_place_of_its_draft(shop: TelegramShop, run: Run) -> None:
    _, reply = run(grow(shop, texts=["One.", "One.\nTwo."], answer="One.\nTwo.\nThree."))
    sent = run(shop.send(reply))
    assert list(shop.calls.shown.values()) == ["One.\nTwo.\nThree."]
    assert sent.provider_id == f"{MARC}:{next(iter(shop.calls.shown))}"
    assert shop.calls.names().count("send") == 1
    assert "typing" in shop.calls.names()


def test_handing_over_twice_shows_one_answer(shop: TelegramShop, run: Run) -> None:
    _, reply = run(grow(shop, texts=["One."], answer="One.\nTwo."))
    gateway = run(shop.gateway())
    for _ in range(3):
        run(gateway.send(shop.to_send(reply)))
    assert list(shop.calls.shown.values()) == ["One.\nTwo."]


def test_quick_answer_shows_no_draft(sqlite_door: Door, run: Run, tmp_path: Any) -> None:
    shop = TelegramShop(sqlite_door, tmp_path, pace=Pace())
    run(shop.open())
    _, reply = run(grow(shop, texts=["One."], waits=False, answer="One."))
    run(shop.send(reply))
    assert shop.calls.names() == ["send"]


def test_draft_without_an_answer_is_taken_away(shop: TelegramShop, run: Run) -> None:
    run(grow(shop, texts=["One."]))
    run(seen(lambda: not shop.calls.shown))
    run(shop.desk.growing.stop())
    assert run(shop.rows(Draft)) == []


def test_draft_of_a_withheld_answer_is_taken_away(shop: TelegramShop, run: Run) -> None:
    _, reply = run(grow(shop, texts=["One."], answer="One.\nTwo."))
    run(shop.change(reply, delivery=Delivery.PARKED))
    run(shop.desk.growing.clear())
    assert shop.calls.shown == {}


def test_draft_is_forgotten_once_its_answer_stands(shop: TelegramShop, run: Run) -> None:
    _, reply = run(grow(shop, texts=["One."], answer="One.\nTwo."))
    run(shop.send(reply))
    run(shop.desk.growing.clear())
    assert run(shop.rows(Draft)) == []
    assert list(shop.calls.shown.values()) == ["One.\nTwo."]


def test_turn_that_is_over_shows_no_draft(shop: TelegramShop, run: Run) -> None:
    async def late() -> Message | None:
        turn = await shop.begin_turn()
        reply = await shop.end_turn(turn, "One.")
        shop.desk.growing.note(turn.conversation_id, "draft", {"turn": str(turn.id), "text": "One"})
        await asyncio.sleep(0.15)
        return reply

    reply = run(late())
    assert "send" not in shop.calls.names()
    run(shop.send(reply))
    assert list(shop.calls.shown.values()) == ["One."]


def test_older_draft_never_stays_over_the_answer(shop: TelegramShop, run: Run) -> None:
    """Another process hands the answer over while our edit is on its way: the answer is shown again."""
    slow, may_go = asyncio.Event(), asyncio.Event()
    edit = FakeCalls.edit_words

    class Late(FakeCalls):
        async def edit_words(self, chat: str, message_id: int, html: str, keyboard: Any = None) -> None:
            if html.endswith(" …"):
                slow.set()
                await may_go.wait()
            await edit(self, chat, message_id, html, keyboard)

    shop.desk._calls[shop.account] = Late(shop.account)

    async def whole() -> None:
        growing, turn = shop.desk.growing, await shop.begin_turn()
        growing.note(turn.conversation_id, "draft", {"turn": str(turn.id), "text": "One."})
        await seen(lambda: len(shop.calls.shown) == 1)
        growing.note(turn.conversation_id, "draft", {"turn": str(turn.id), "text": "One.\nTwo."})
        await slow.wait()
        reply = await shop.end_turn(turn, "One.\nTwo.\nThree.")
        assert reply is not None
        place = (await shop.rows(Draft))[0].provider_id
        await edit(shop.calls, str(MARC), int(place.partition(":")[2]), "One.\nTwo.\nThree.")
        await shop.change(reply, delivery=Delivery.SENT, provider_id=place)
        growing.ended(turn.conversation_id)
        may_go.set()
        await seen(lambda: "One.\nTwo. …" in [said[3] for said in shop.calls.said if said[0] == "edit"])
        await seen(lambda: not growing._turns)

    run(whole())
    assert list(shop.calls.shown.values()) == ["One.\nTwo.\nThree."]


def test_draft_on_its_way_is_waited_for(shop: TelegramShop, run: Run) -> None:
    turn = run(shop.begin_turn())

    async def work(session: Any) -> None:
        session.add(Draft(business_id=shop.business_id, turn_id=turn.id, provider_id="", shown_at=shop.now))

    run(shop.door.system(Scope.SEND).write(work))
    reply = run(shop.end_turn(turn, "One."))
    with pytest.raises(TryLaterError):
        run(shop.send(reply))
    shop.now += timedelta(seconds=31)
    run(shop.send(reply))
    assert shop.calls.names() == ["send"]


def test_draft_that_cannot_be_edited_is_replaced(shop: TelegramShop, run: Run) -> None:
    _, reply = run(grow(shop, texts=["One."], answer="One.\nTwo."))
    shop.calls.refusals["edit"] = [RefusedError("400", "message can't be edited")]
    run(shop.send(reply))
    assert list(shop.calls.shown.values()) == ["One.\nTwo."]


def test_keys_come_with_a_message_of_their_own(shop: TelegramShop, run: Run) -> None:
    turn, _ = run(grow(shop, texts=["Who are you?"], ends=False))
    key = hung("own_number", "Share my number", "")
    run(shop.send(run(shop.end_turn(turn, "Who are you?", [key]))))
    assert list(shop.calls.shown.values()) == ["Who are you?"]
    assert shop.calls.said[-1][3].asks_number == "Share my number"


def test_other_channels_grow_nothing(shop: TelegramShop, run: Run) -> None:
    async def whole() -> None:
        turn = await shop.begin_turn()
        await shop.change((await shop.rows(Conversation))[0], channel="web", connection="web:harbor")
        for _ in range(3):
            shop.desk.growing.note(turn.conversation_id, "draft", {"turn": str(turn.id), "text": "One."})
            await asyncio.sleep(0.05)
        await shop.desk.growing.stop()

    run(whole())
    assert shop.calls.said == []

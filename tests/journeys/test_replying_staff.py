"""Staff take a client with one press, and answer them by replying to what they were told, in their own chat app."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.changes.addresses import find_one_address
from billing.principal import Scope
from billing.tables.talk import Author, Conversation, Message
from channels.linking import Order, order_links
from tests.conftest import Run
from tests.fakes.chats import Chats
from tests.fakes.desk_at_work import HARBOR, Answer, DeskAtWork
from tests.fakes.proving import Texting
from tests.fakes.texts_in import text, text_in
from tests.journeys.test_own_number import desk_replays

CHAT = "700001"
DANA, PRIYA = "+12125550101", "+12125550141"
ASKS = "I want to talk to Priya"


@pytest.fixture
def chats(desk: DeskAtWork) -> Chats:
    return Chats(desk)


async def alerted(chats: Chats, words: str = ASKS) -> Message:
    """Priya, who is in the chat app, has been told of Dana's request by text; the alert as it was sent."""
    await chats.share(CHAT, PRIYA)
    await Texting(chats.desk, box=chats.box).ask(DANA, words)
    await chats.sender.send()
    return await newest_alert(chats)


async def newest_alert(chats: Chats) -> Message:
    rows = await chats.desk.messages((await chats.thread_of(CHAT)).id)
    return [row for row in rows if row.about_id is not None and row.author is Author.SYSTEM][-1]


async def with_dana(chats: Chats) -> Conversation:
    async def work(session: AsyncSession) -> Conversation:
        return (await session.scalars(select(Conversation).where(Conversation.key == DANA))).one()

    return await chats.desk.door.system(Scope.DOCTOR).read(work)


async def written_to_dana(chats: Chats) -> list[Message]:
    rows = await chats.desk.messages((await with_dana(chats)).id)
    return [row for row in rows if row.author is Author.STAFF and (row.idempotency_key or "").startswith("turn:")]


def button(alert: Message | Answer, deed: str) -> str:
    pressed: Any = next(each for each in alert.attachments if each.get("extra", {}).get("deed") == deed)
    return str(pressed["value"])


def test_one_press_takes_the_conversation(chats: Chats, run: Run) -> None:
    async def story() -> None:
        alert = await alerted(chats)
        assert alert.about_id == (await with_dana(chats)).id
        chats.desk.later(hours=3)  # no new proof is needed
        taken = await chats.ask(CHAT, choice=button(alert, "take"), reply_to=alert.provider_id or "")
        assert taken.tools == ["take_conversation"]
        assert (await with_dana(chats)).holder_id == taken.turn.asked_as["staff"]
        assert await desk_replays(chats.desk, taken)
        await Texting(chats.desk, box=chats.box).receive(DANA, "are you there?")
        assert await chats.desk.dispatcher.answer_one((await with_dana(chats)).id)
        await chats.sender.send()
        told = await newest_alert(chats)
        assert "are you there?" in told.text
        freed = await chats.ask(CHAT, choice=button(told, "give_back"))
        assert freed.tools == ["hand_back"]
        assert (await with_dana(chats)).holder_id is None

    run(story())


def test_reply_goes_to_the_client_and_takes_them(chats: Chats, run: Run) -> None:
    async def story() -> None:
        alert = await alerted(chats)
        said = await chats.ask(CHAT, "Hello Dana, I'll call at four.", reply_to=alert.provider_id or "")
        assert (said.text, said.turn.outcome) == ("", "relayed")
        assert await desk_replays(chats.desk, said)
        (sent,) = await written_to_dana(chats)
        assert (sent.text, sent.author_staff_id) == ("Hello Dana, I'll call at four.", said.turn.asked_as["staff"])
        assert (await with_dana(chats)).holder_id == said.turn.asked_as["staff"]
        await chats.sender.send()
        assert chats.box.texts[-1].text == "Hello Dana, I'll call at four."

    run(story())


def test_repeated_reply_is_sent_once(chats: Chats, run: Run) -> None:
    async def story() -> None:
        alert = await alerted(chats)
        for _ in range(3):
            row = await chats.receive(CHAT, "Yes", reply_to=alert.provider_id or "", again="m:1:9")
        await chats.answer(row.conversation_id)
        assert [sent.text for sent in await written_to_dana(chats)] == ["Yes"]

    run(story())


def test_plain_words_stay_questions(chats: Chats, run: Run) -> None:
    async def story() -> None:
        alert = await alerted(chats)
        await chats.receive(CHAT, "On my way", reply_to=alert.provider_id or "")
        both = await chats.ask(CHAT, "who owes us money?")
        assert "outstanding_balances" in both.tools
        assert "On my way" not in both.turn.context["words"]
        assert [sent.text for sent in await written_to_dana(chats)] == ["On my way"]
        asked = await chats.ask(CHAT, "who owes us money?", reply_to=f"{CHAT}:999")
        assert "outstanding_balances" in asked.tools

    run(story())


def passed_on(chats: Chats) -> Any:
    return order_links(chats.desk.door, Order("changed", DANA, business=HARBOR), chats.desk.now)


async def blocked(chats: Chats) -> None:
    async def work(session: AsyncSession) -> None:
        address = await find_one_address(session, f"sms:{HARBOR}", DANA)
        assert address is not None
        address.blocked_at = chats.desk.now

    await chats.desk.door.system(Scope.IMPORT).write(work)


async def unproved(chats: Chats) -> None:
    await order_links(chats.desk.door, Order("unlink", CHAT, "staff:priya", business=HARBOR), chats.desk.now)


async def others(chats: Chats) -> None:
    """Dana's phone is said to have passed on, and whoever has it writes."""
    await passed_on(chats)
    chats.desk.later(seconds=1)
    await Texting(chats.desk, box=chats.box).ask(DANA, "hello")


@pytest.mark.parametrize(
    ("trouble", "words"),
    [(blocked, "nothing can be delivered there"), (others, "somebody else writes from there now")],
)
def test_what_could_not_go_is_told(trouble: Callable[[Chats], Any], words: str, chats: Chats, run: Run) -> None:
    async def story() -> None:
        alert = await alerted(chats)
        await trouble(chats)
        chats.desk.later(days=2)
        told = await chats.ask(CHAT, "Hello Dana", reply_to=alert.provider_id or "")
        assert words in told.text
        assert await written_to_dana(chats) == []
        assert await desk_replays(chats.desk, told)

    run(story())


def test_stopped_client_is_answered_only_for_a_day(chats: Chats, run: Run) -> None:
    async def story() -> None:
        alert = await alerted(chats)
        await text(chats.desk, DANA, "STOP")
        told = await chats.ask(CHAT, "Hello Dana", reply_to=alert.provider_id or "")
        assert "Dana Lee: they asked for no messages." in told.text
        await text_in(chats.desk, DANA, "what do I owe?")
        assert (await chats.ask(CHAT, "Hello Dana", reply_to=alert.provider_id or "")).text == ""

    run(story())


def test_reply_of_nobody_goes_nowhere(chats: Chats, run: Run) -> None:
    async def story() -> None:
        alert = await alerted(chats)
        await unproved(chats)
        await chats.ask(CHAT, "Hello Dana", reply_to=alert.provider_id or "")
        assert await written_to_dana(chats) == []

    run(story())


def test_card_number_in_a_reply_never_leaves(chats: Chats, run: Run) -> None:
    async def story() -> None:
        alert = await alerted(chats)
        told = await chats.ask(CHAT, "The bank refused 4242 4242 4242 4242", reply_to=alert.provider_id or "")
        (sent,) = await written_to_dana(chats)
        assert "4242" not in sent.text
        assert told.text  # they are told that it was taken out

    run(story())

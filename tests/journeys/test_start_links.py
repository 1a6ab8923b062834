"""Links that open the chat in another app: used once, they link nobody, and whoever was sent one is told."""

import asyncio

import pytest

from billing.tables.talk import Message
from tests.conftest import Run
from tests.fakes.chats import Chats
from tests.fakes.desk_at_work import Answer, DeskAtWork
from tests.journeys.test_own_number import desk_replays, level, offers_to_share

CHAT, OTHER = "700001", "700002"
DANA, OKAFOR, STRANGER = "+12125550101", "+12125550103", "+12125559999"


@pytest.fixture
def chats(desk: DeskAtWork) -> Chats:
    return Chats(desk)


async def told(chats: Chats, thread: int) -> list[str]:
    """What a thread was told of its link."""
    rows: list[Message] = await chats.desk.messages(thread)
    return [row.text for row in rows if (row.idempotency_key or "").startswith("start:")]


async def begun(chats: Chats) -> tuple[int, Answer]:
    """Dana's web thread, in which a link was sent, and the answer to whoever opens it."""
    thread = await chats.desk.thread("client:dana-lee")
    token = await chats.invite("client:dana-lee", thread)
    return thread, await chats.ask(CHAT, start_token=token)


def test_link_alone_links_nobody(chats: Chats, run: Run) -> None:
    async def story() -> None:
        thread, opened = await begun(chats)
        assert level(opened) == 0
        assert offers_to_share(opened)
        assert "First I need to know it’s you" in opened.text
        assert "Dana" not in opened.text
        assert await told(chats, thread) == []
        assert level(await chats.ask(CHAT, "what do I owe?")) == 0
        assert await desk_replays(chats.desk, opened)

    run(story())


def test_own_number_completes_the_link(chats: Chats, run: Run) -> None:
    async def story() -> None:
        thread, _ = await begun(chats)
        await chats.ask(CHAT, "what do I owe?")
        known = await chats.share(CHAT, DANA)
        assert known.tools == ["list_invoices"]
        await chats.share(CHAT, DANA)
        (news,) = await told(chats, thread)
        assert news.endswith("you now write to us on Telegram too. If that wasn’t you, tell us at +1 212-555-0140.")

    run(story())


def test_code_completes_the_link_without_a_name(chats: Chats, run: Run) -> None:
    async def story() -> None:
        thread, _ = await begun(chats)
        sent = await chats.ask(CHAT, "CODE")
        assert sent.turn.outcome == "code_sent"
        assert chats.box.mails[-1].to.startswith("dana")
        assert level(await chats.ask(CHAT, chats.box.newest_code)) == 2
        assert len(await told(chats, thread)) == 1

    run(story())


def test_forwarded_link_makes_its_opener_themselves(chats: Chats, run: Run) -> None:
    async def story() -> None:
        thread, _ = await begun(chats)
        other = await chats.share(CHAT, OKAFOR)
        assert other.turn.asked_as["contact"] is not None
        assert "Dana" not in other.text
        await chats.share(CHAT, OKAFOR)
        (news,) = await told(chats, thread)
        assert "somebody else opened the link meant for you" in news
        assert "kafor" not in news

    run(story())


def test_used_expired_and_made_up_links_are_over(chats: Chats, run: Run) -> None:
    async def story() -> None:
        await begun(chats)
        again = await chats.ask(OTHER, start_token="a-token")
        assert again.text.startswith("That link was used already")
        assert offers_to_share(again)
        assert await desk_replays(chats.desk, again)
        late = await chats.invite("client:dana-lee", token="late")
        chats.desk.later(days=7)
        for token in (late, "never was one", "\x00é" * 40):
            assert (await chats.ask(OTHER, start_token=token)).text.startswith("That link was used already")

    run(story())


def test_link_is_used_by_one_of_many_at_once(chats: Chats, run: Run) -> None:
    async def story() -> None:
        token = await chats.invite("client:dana-lee")
        rows = await asyncio.gather(*(chats.receive(str(chat), start_token=token) for chat in range(8001, 8006)))
        assert sorted(row.attachments[0]["value"] for row in rows) == ["start", *["start_over"] * 4]

    run(story())


def test_known_person_is_greeted_by_name(chats: Chats, run: Run) -> None:
    async def story() -> None:
        await chats.share(CHAT, DANA)
        thread, opened = await begun(chats)
        assert opened.turn.outcome == "known_as"
        assert len(await told(chats, thread)) == 1

    run(story())


def test_stranger_stays_a_stranger(chats: Chats, run: Run) -> None:
    async def story() -> None:
        thread, _ = await begun(chats)
        assert level(await chats.share(CHAT, STRANGER)) == 0
        assert await told(chats, thread) == []

    run(story())

"""Links that open the chat in another app: used once, they link nobody, and whoever was sent one is told."""

import asyncio

import pytest

from billing.tables.talk import Message
from channels.inviting import Invitation, StartAddress, invite
from channels.linking import NotFoundError
from tests.conftest import Run
from tests.fakes.chats import Chats
from tests.fakes.desk_at_work import HARBOR, Answer, DeskAtWork
from tests.fakes.proving import Texting
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


async def bot(_business_id: int) -> str:
    return "https://t.me/harbor_bot?start="


def link_in(answer: Answer) -> str:
    (link,) = [each["value"] for each in answer.attachments if each["kind"] == "link"]
    return str(link)


def test_keyword_brings_a_link_that_works(chats: Chats, run: Run) -> None:
    async def story() -> None:
        chats.desk.start_address = bot
        texting = Texting(chats.desk, box=chats.box)
        asked = await texting.ask(DANA, "Telegram")
        assert asked.turn.outcome == "start_link"
        assert asked.text.startswith("With this link you can write to us on Telegram. It works once, within 7 days")
        assert await desk_replays(chats.desk, asked)
        link = link_in(asked)
        await chats.ask(CHAT, start_token=link.removeprefix("https://t.me/harbor_bot?start="))
        assert level(await chats.share(CHAT, DANA)) == 2
        assert len(await told(chats, asked.turn.conversation_id)) == 1
        assert (await texting.ask(DANA, "telegram")).attachments  # another one, where it is asked for

    run(story())


def test_without_a_bot_there_is_no_link(chats: Chats, run: Run) -> None:
    asked = run(Texting(chats.desk).ask(DANA, "telegram"))
    assert asked.turn.outcome != "start_link"


def test_link_needs_somebody_known_elsewhere(chats: Chats, run: Run) -> None:
    async def story() -> None:
        chats.desk.start_address = bot
        texting = Texting(chats.desk, box=chats.box)
        assert (await texting.ask(STRANGER, "telegram")).turn.outcome == "asked_who"
        await chats.share(CHAT, DANA)
        assert (await chats.ask(CHAT, "telegram")).turn.outcome != "start_link"

    run(story())


def test_preference_offers_the_link_once_needed(chats: Chats, run: Run) -> None:
    async def story() -> None:
        chats.desk.start_address = bot
        chosen = await chats.desk.ask("client:dana-lee", "I prefer Telegram")
        assert "open this link first" in chosen.text
        assert link_in(chosen).startswith("https://t.me/harbor_bot?start=")

    run(story())


@pytest.mark.parametrize("send", ["", "sms", "email"])
def test_invitation_is_printed_and_sent(send: str, chats: Chats, run: Run) -> None:
    async def story() -> None:
        told_there = await invite(
            chats.desk.door, Invitation("client:dana-lee", send=send, business=HARBOR), bot, chats.desk.now
        )
        token = told_there.split("?start=")[1].split(" ")[0]
        assert told_there.startswith("Dana Lee can open this link once, within 7 days: https://t.me/harbor_bot?start=")
        assert ("It is on its way" in told_there) == bool(send)
        await chats.ask(CHAT, start_token=token)
        assert level(await chats.share(CHAT, DANA)) == 2

    run(story())


async def no_bot(_business_id: int) -> None:
    return None


@pytest.mark.parametrize(
    ("invitation", "start", "words"),
    [
        (Invitation("client:dana-lee", business=HARBOR), no_bot, "has no bot yet"),
        (Invitation("client:nobody", business=HARBOR), bot, "knows nobody called"),
        (Invitation("client:dana-lee", "fax", business=HARBOR), bot, "not for 'fax'"),
        (Invitation("client:dana-lee", send="fax", business=HARBOR), bot, "not by 'fax'"),
    ],
)
def test_invitation_says_what_is_missing(
    invitation: Invitation, start: StartAddress, words: str, chats: Chats, run: Run
) -> None:
    with pytest.raises(NotFoundError, match=words):
        run(invite(chats.desk.door, invitation, start, chats.desk.now))

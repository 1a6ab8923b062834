"""One person on every channel: one history for staff, one context for them, and one place where news reaches them."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.changes.addresses import end_links, find_one_address
from billing.principal import Scope
from billing.records.threads import recipient_of
from billing.tables.addresses import Consent
from billing.tables.people import Client, Contact
from billing.tables.talk import Conversation, Message
from bot.replaying import find_kept
from channels.linking import Order, order_links
from tests.conftest import Run
from tests.fakes.chats import Chats
from tests.fakes.desk_at_work import HARBOR, Answer, DeskAtWork
from tests.fakes.proving import Texting
from tests.fakes.texts_in import text
from tests.journeys.test_own_number import desk_replays

CHAT, DANA, PRIYA = "700001", "+12125550101", "+12125550141"


@pytest.fixture
def chats(desk: DeskAtWork) -> Chats:
    return Chats(desk)


def texting(chats: Chats) -> Texting:
    return Texting(chats.desk, box=chats.box)


def test_staff_see_one_history_with_channels(chats: Chats, run: Run) -> None:
    async def story() -> None:
        await texting(chats).ask(DANA, "what are your opening hours?")
        await chats.share(CHAT, DANA)
        await chats.ask(CHAT, "what do I owe?")
        await chats.desk.ask("client:dana-lee", "did you get my payment?")
        shown = await chats.desk.ask("staff:priya", "show me the conversation with Dana Lee")
        places = [
            shown.text.index(words) for words in ("They (SMS): “what are", "They (Telegram): “what do", "web chat")
        ]
        assert places == sorted(places)
        assert "They (Telegram): “Shared their phone number”" in shown.text

    run(story())


def test_this_follows_the_person(chats: Chats, run: Run) -> None:
    async def story() -> None:
        await chats.share(CHAT, DANA)
        named = await texting(chats).ask(DANA, "what is INV-1042 for?")
        assert named.turn.asked_as["client"] is not None
        chats.desk.later(minutes=40)
        asked = await chats.ask(CHAT, "when is it due?")
        assert "INV-1042" in asked.text
        assert ("person", "what is INV-1042 for?") in await history_of(chats, asked.turn.id)
        assert await desk_replays(chats.desk, asked)

    run(story())


async def history_of(chats: Chats, turn_id: int) -> tuple[tuple[str, str], ...]:
    kept = await chats.desk.door.system(Scope.DOCTOR).read(lambda session: find_kept(session, str(turn_id)))
    assert kept is not None
    return kept.history


@pytest.mark.parametrize("lost", ["here", "there", "changed"])
def test_context_stays_where_it_is_not_proved(lost: str, chats: Chats, run: Run) -> None:
    async def story() -> None:
        await chats.share(CHAT, DANA)
        chats.desk.later(seconds=1)
        await texting(chats).ask(DANA, "what is INV-1042 for?")
        if lost == "there":
            await chats.desk.door.system(Scope.IMPORT).write(lambda session: lose(session, chats))
        elif lost == "changed":
            await chats.desk.door.system(Scope.IMPORT).write(lambda session: change(session, chats))
        else:
            await order_links(
                chats.desk.door, Order("unlink", CHAT, "client:dana-lee", business=HARBOR), chats.desk.now
            )
        asked = await chats.ask(CHAT, "when is it due?")
        words = [text for _, text in await history_of(chats, asked.turn.id)]
        assert "what is INV-1042 for?" not in words
        assert asked.turn.context["mentions"] == []

    run(story())


async def lose(session: AsyncSession, chats: Chats) -> None:
    address = await find_one_address(session, f"sms:{HARBOR}", DANA)
    assert address is not None
    await end_links(session, address, chats.desk.now)


async def change(session: AsyncSession, chats: Chats) -> None:
    address = await find_one_address(session, f"sms:{HARBOR}", DANA)
    assert address is not None
    address.last_changed_at = chats.desk.now - timedelta(days=2)


async def prefer(chats: Chats, channel: str) -> None:
    async def work(session: AsyncSession) -> None:
        dana = (await session.scalars(select(Contact).where(Contact.phone == DANA))).one()
        dana.preferences = {**dana.preferences, "channel": channel}

    await chats.desk.door.system(Scope.IMPORT).write(work)


@pytest.mark.parametrize(
    ("wish", "channel"), [("telegram", "telegram"), ("sms", "sms"), ("email", "web"), ("web", "web")]
)
def test_news_go_where_the_person_likes(wish: str, channel: str, chats: Chats, run: Run) -> None:
    async def story() -> None:
        await chats.share(CHAT, DANA)
        await texting(chats).ask(DANA, "thanks")
        await chats.desk.ask("client:dana-lee", "thanks")
        await prefer(chats, wish)
        assert await reached_by(chats) == channel

    run(story())


async def reached_by(chats: Chats) -> str:
    async def work(session: AsyncSession) -> str:
        client = (await session.scalars(select(Client).where(Client.key == "dana-lee"))).one()
        found = await recipient_of(session, client.id, now=chats.desk.now)
        assert found is not None
        return found.channel

    return await chats.desk.door.system(Scope.DOCTOR).read(work)


def test_blocked_chat_gives_way_to_another(chats: Chats, run: Run) -> None:
    async def block(session: AsyncSession) -> None:
        (await session.get_one(type(row), row.id)).blocked_at = chats.desk.now

    async def begin() -> None:
        await texting(chats).ask(DANA, "thanks")
        await chats.share(CHAT, DANA)
        await prefer(chats, "telegram")

    run(begin())
    row = run(chats.address_of(CHAT))
    run(chats.desk.door.system(Scope.IMPORT).write(block))
    assert run(reached_by(chats)) == "sms"


def test_alerts_go_where_staff_wrote_last(chats: Chats, run: Run) -> None:
    async def story() -> None:
        await chats.desk.ask("staff:priya", "hello")
        await chats.share(CHAT, PRIYA)
        await texting(chats).ask(DANA, "I want to talk to Priya")
        rows: list[Message] = await chats.desk.messages((await chats.thread_of(CHAT)).id)
        assert [row.about_id is not None for row in rows][-1]

    run(story())


def test_stop_in_a_web_chat_leaves_its_person_known(chats: Chats, run: Run) -> None:
    thread_id = run(chats.desk.thread("client:dana-lee"))

    async def as_served(session: AsyncSession) -> None:
        thread = await session.get_one(Conversation, thread_id)
        thread.address = thread.key  # as the page's own sessions have it

    async def story() -> None:
        await chats.desk.door.system(Scope.IMPORT).write(as_served)
        await chats.desk.ask("client:dana-lee", "STOP")
        assert (await chats.desk.ask("client:dana-lee", "what do I owe?")).turn.asked_as["assurance"] == 2

    run(story())


@pytest.mark.parametrize(
    ("said_on", "word"), [("sms", "END"), ("telegram", "CANCEL"), ("telegram", "QUIT"), ("web", "END")]
)
def test_short_noes_stop_only_by_text(word: str, said_on: str, chats: Chats, run: Run) -> None:
    async def story() -> None:
        answer = await say(chats, said_on, word)
        assert (answer.turn.outcome == "opted_out") == (said_on == "sms")
        assert await is_stopped(chats) == (said_on == "sms")

    run(story())


async def say(chats: Chats, channel: str, words: str) -> Answer:
    if channel == "web":
        return await chats.desk.ask("client:dana-lee", words)
    if channel == "sms":
        return await text(chats.desk, DANA, words)
    await chats.share(CHAT, DANA)
    return await chats.ask(CHAT, words)


async def is_stopped(chats: Chats) -> bool:
    async def work(session: AsyncSession) -> bool:
        dana = (await session.scalars(select(Contact).where(Contact.phone == DANA))).one()
        newest = select(Consent.is_given).where(Consent.contact_id == dana.id).order_by(Consent.id.desc()).limit(1)
        return await session.scalar(newest) is False

    return await chats.desk.door.system(Scope.DOCTOR).read(work)


def test_stop_in_the_chat_counts_everywhere(chats: Chats, run: Run) -> None:
    async def story() -> None:
        await text(chats.desk, DANA, "thanks")
        await chats.share(CHAT, DANA)
        stopped = await chats.ask(CHAT, "please don't write to me any more")
        assert stopped.turn.outcome == "opted_out"
        chats.desk.later(days=2)
        for wish in ("sms", "telegram", "web"):
            await prefer(chats, wish)
            refused = await chats.desk.ask("staff:priya", "send Dana Lee a message: the oak has arrived")
            assert "so nothing was sent" in refused.text
        asked = await chats.ask(CHAT, "what do I owe?")
        assert asked.tools == ["list_invoices"]
        assert (await chats.ask(CHAT, "START")).turn.outcome == "opted_in"

    run(story())


def test_card_number_in_parts_is_taken_out(chats: Chats, run: Run) -> None:
    async def story() -> None:
        await chats.share(CHAT, DANA)
        for part in ("my card is 4242 4242", "4242 4242"):
            row = await chats.receive(CHAT, part)
        told = await chats.answer(row.conversation_id)
        assert "card" in told.text
        rows = await chats.desk.messages(row.conversation_id)
        assert not any("4242" in each.text for each in rows)

    run(story())


def test_held_client_is_not_answered_in_the_chat(chats: Chats, run: Run) -> None:
    async def story() -> None:
        await chats.share(CHAT, DANA)
        await chats.desk.ask("staff:priya", "I'll take the conversation with Dana Lee")
        held = await chats.ask(CHAT, "what do I owe?")
        assert (held.text, held.turn.outcome) == ("", "held")

    run(story())

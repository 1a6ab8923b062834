"""A visitor of the website: proved by a code or by the site, one thread on every device, nobody else's ever shown."""

from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.principal import Scope
from billing.tables.files import File
from billing.tables.people import Client
from billing.tables.talk import Message
from tests.channels.site_calls import claims, signed
from tests.conftest import Run
from tests.fakes.desk_at_work import HARBOR, DeskAtWork
from tests.fakes.site_desk import Browser, on_website

PHOTO = b"\xff\xd8\xff\xe0" + b"a small picture" * 40


async def prove(tab: Browser, name: str = "Dana Lee") -> str:
    """Somebody proves who they are by the code that is sent to them; what is answered then."""
    await tab.ask("what do I owe?")
    assert "If that name is on file" in await tab.ask(name)
    told = await tab.ask(tab.desk.box.newest_code)
    assert await tab.renew()
    return told


def token(desk: DeskAtWork, who: str = "dana-lee") -> str:
    """What the website signs now."""
    now = int(desk.now.timestamp())
    return signed(claims(who, aud=HARBOR) | {"iat": now, "exp": now + 120})


def test_visitor_is_proved_by_a_code(any_desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        async with on_website(any_desk) as new_tab:
            tab = new_tab()
            await tab.open()
            assert "INV" not in await tab.ask("what do I owe?")
            told = await prove(tab)
            assert "INV-1042" in told
            assert (tab.level, tab.name) == (2, "Dana Lee")
            assert told in await tab.words()
            assert "is open today" in await tab.ask("can I have a statement of my account")

    run(story())


def test_two_tabs_and_a_phone_show_one_conversation(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        async with on_website(desk) as new_tab:
            tab, phone = new_tab(), new_tab()
            await tab.open()
            await prove(tab)
            second = Browser(tab.desk, tab.app, tab.bearer)  # another tab of the same browser
            await phone.open(token(desk))
            await phone.ask("when is INV-1042 due?")
            assert "when is INV-1042 due?" in await tab.words()
            assert await tab.words() == await second.words() == await phone.words()
            assert await tab.conversation() == await phone.conversation()

    run(story())


def test_next_person_sees_nothing_of_the_one_before(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        async with on_website(desk) as new_tab:
            tab = new_tab()
            await tab.open()
            await prove(tab)
            await tab.ask("what's INV-1042 for?")
            old = tab.bearer
            await tab.open(token(desk, "grace-kim"))
            assert tab.name == "Grace Kim"
            assert await tab.words() == []
            answer = await tab.ask("what's this invoice for?")
            assert "INV-1042" not in answer
            tab.bearer = old
            async with tab.http() as http:
                assert (await http.get("/chat/messages")).status_code == 401

    run(story())


def test_stranger_before_is_not_in_the_context(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        async with on_website(desk) as new_tab:
            tab = new_tab()
            await tab.open()
            await tab.ask("my neighbour Bob says the deck is rotten")
            await prove(tab)
            again = Browser(tab.desk, tab.app, tab.bearer)
            assert not any("Bob" in words for words in await again.words())

    run(story())


def test_half_an_hour_later_a_code_lifts_again(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        async with on_website(desk) as new_tab:
            tab, other = new_tab(), new_tab()
            await tab.open(token(desk))
            await other.open(token(desk))
            desk.later(minutes=31)
            assert "INV-1042" in await tab.ask("what do I owe?")
            refused = await tab.ask("can I have a statement of my account")
            assert "CODE" in refused
            assert "d***@mail.example" in await tab.ask("code")
            assert "is open today" in await tab.ask(tab.desk.box.newest_code)
            assert await tab.renew()
            assert tab.level == 2
            assert not (await other.state())["proved"]
            assert "CODE" in await other.ask("can I have a statement of my account")

    run(story())


def test_name_of_somebody_else_moves_no_thread(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        async with on_website(desk) as new_tab:
            tab = new_tab()
            await tab.open(token(desk))
            await tab.ask("I'm Grace Kim")
            assert tab.desk.box.mails == []
            desk.later(minutes=31)
            await tab.ask("I'm Grace Kim")
            assert tab.desk.box.mails == []

    run(story())


def test_message_sent_again_after_the_code_is_one(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        async with on_website(desk) as new_tab:
            tab = new_tab()
            await tab.open()
            same = str(uuid4())
            await tab.write("what do I owe?", again=same)
            await tab.ask("Dana Lee")
            await tab.ask(tab.desk.box.newest_code)
            assert await tab.renew()
            assert await tab.write("what do I owe?", again=same) == 202
            assert len([row for row in await all_texts(desk) if row == "what do I owe?"]) == 1

    run(story())


def test_card_number_is_never_written(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        async with on_website(desk) as new_tab:
            tab = new_tab()
            await tab.open()
            assert "card" in await tab.ask("my card is 4242 4242 4242 4242")
            assert not any("4242 4242" in text for text in await all_texts(desk))

    run(story())


def test_stop_and_no_mean_the_same_as_by_text(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        async with on_website(desk) as new_tab:
            tab = new_tab()
            await tab.open(token(desk))
            for no in ("CANCEL", "END", "QUIT"):
                await tab.ask("accept estimate EST-90")
                told = await tab.ask(no)
                assert "no longer" not in told.lower(), (no, told)
                assert "unsubscribed" not in told.lower(), (no, told)
            stopped = await tab.ask("STOP")
            assert "START" in stopped

    run(story())


def test_taken_conversation_is_not_answered(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        async with on_website(desk) as new_tab:
            tab = new_tab()
            await tab.open(token(desk))
            await tab.ask("hello")
            await desk.ask("staff:priya", "take over Dana Lee")
            assert (await tab.state())["held_by"] == "Priya Raman"
            before = len(await tab.thread())
            await tab.write("are you there?")
            assert len(await tab.thread()) == before + 1

    run(story())


def test_photo_becomes_a_file_of_the_client(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        async with on_website(desk) as new_tab:
            tab = new_tab()
            await tab.open(token(desk))
            sent = await tab.send_file(PHOTO, "../../crack 4242424242424242.png")
            assert sent.status_code == 202
            (mine, answer) = await tab.thread()
            assert mine["attachments"][0]["extra"]["state"] == "stored"
            assert mine["attachments"][0]["label"].endswith(".jpg")
            assert "REQ-" in answer["text"]
            names = await files_of(desk, "dana-lee")
            assert mine["attachments"][0]["label"] in names
            assert not any("4242" in name for name in names)

    run(story())


def test_files_that_are_not_taken_are_refused_kindly(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        async with on_website(desk) as new_tab:
            tab, stranger = new_tab(), new_tab()
            await tab.open(token(desk))
            await stranger.open()
            for content, name in (
                (b"<html>", "a.jpg"),
                (b"MZ" + b"x" * 99, "a.pdf"),
                (b"", "a.png"),
                (bytes(6_000_000), "a.png"),
            ):
                refused = await tab.send_file(content, name)
                assert (refused.status_code, refused.json()["error"]) == (422, "refused_file")
            assert (await stranger.send_file(PHOTO)).json()["error"] == "unknown_sender"
            assert await tab.thread() == []

    run(story())


async def all_texts(desk: DeskAtWork) -> list[str]:
    """The words of every message there is."""

    async def work(session: AsyncSession) -> list[str]:
        return list(await session.scalars(select(Message.text)))

    return await desk.door.system(Scope.DOCTOR).read(work)


async def files_of(desk: DeskAtWork, key: str) -> list[str]:
    """The names of a client's files."""

    async def work(session: AsyncSession) -> list[str]:
        mine = select(File.name).join(Client, Client.id == File.client_id).where(Client.key == key)
        return list(await session.scalars(mine))

    return await desk.door.system(Scope.DOCTOR).read(work)

"""The own phone number that a chat app vouches for: who is known by it, how long, and who is not."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.principal import Scope
from billing.tables.addresses import AddressLink, LinkedBy
from billing.tables.people import Contact
from bot.replaying import Replayer, find_kept, told_by
from channels.linking import Order, order_links
from tests.conftest import Run
from tests.fakes.chats import Chats
from tests.fakes.desk_at_work import HARBOR, Answer, DeskAtWork, the_understanding
from tests.fakes.proving import Texting

CHAT, OTHER = "700001", "700002"
DANA, PRIYA, HADDADS, STRANGER = "+12125550101", "+12125550141", "+12125550177", "+12125559999"


@pytest.fixture
def chats(desk: DeskAtWork) -> Chats:
    return Chats(desk)


def level(answer: Answer) -> int:
    return int(answer.turn.asked_as["assurance"])


def offers_to_share(answer: Answer) -> bool:
    return any(each["kind"] == "own_number" for each in answer.attachments)


def test_own_number_answers_the_waiting_question(chats: Chats, run: Run) -> None:
    async def story() -> None:
        asked = await chats.ask(CHAT, "what do I owe?")
        assert level(asked) == 0
        assert offers_to_share(asked)
        assert "Press the button to share your phone number" in asked.text
        known = await chats.share(CHAT, DANA)
        assert known.tools == ["list_invoices"]
        assert level(known) == 2
        thread = await chats.thread_of(CHAT)
        assert (thread.contact_id, thread.client_id) == (known.turn.asked_as["contact"], known.turn.asked_as["client"])
        assert (await desk_replays(chats.desk, known)) is True

    run(story())


async def desk_replays(desk: DeskAtWork, answer: Answer) -> bool:
    kept = await desk.door.system(Scope.DOCTOR).read(lambda session: find_kept(session, str(answer.turn.id)))
    assert kept is not None
    again = await Replayer(desk.door, the_understanding()).tell_again(kept)
    return again.differences(told_by(kept)) == ()


def test_own_number_alone_says_who_it_is(chats: Chats, run: Run) -> None:
    async def story() -> None:
        known = await chats.share(CHAT, DANA)
        assert known.text.startswith("Thank you, now I know you: Dana Lee")
        assert known.turn.outcome == "known_as"
        assert await desk_replays(chats.desk, known)
        staff = await chats.share(OTHER, PRIYA)
        assert "Priya" in staff.text
        assert "Ask who owes money" in staff.text
        rows = await chats.desk.messages((await chats.thread_of(CHAT)).id)
        assert [(row.text, row.attachments[0]["kind"]) for row in rows if row.attachments] == [("", "own_number")]

    run(story())


def test_client_keeps_the_level_of_the_design(chats: Chats, run: Run) -> None:
    async def story() -> None:
        await chats.share(CHAT, DANA)
        assert level(await chats.ask(CHAT, "thanks")) == 2
        chats.desk.later(minutes=31)
        assert level(await chats.ask(CHAT, "thanks")) == 1
        refused = await chats.ask(CHAT, "I accept the estimate")
        assert offers_to_share(refused)
        assert "reply CODE" in refused.text
        assert level(await chats.share(CHAT, DANA)) == 2

    run(story())


def test_shared_number_proves_nobody(chats: Chats, run: Run) -> None:
    async def story() -> None:
        shared = await chats.share(CHAT, HADDADS)
        assert level(shared) == 0
        assert "Several people have that number" in shared.text
        named = await chats.ask(CHAT, "Leila Haddad")
        assert named.turn.outcome == "code_sent"
        proved = await chats.ask(CHAT, chats.box.newest_code)
        assert level(proved) == 2
        assert await desk_replays(chats.desk, proved)

    run(story())


def test_unknown_number_leaves_name_and_code(chats: Chats, run: Run) -> None:
    async def story() -> None:
        await chats.ask(CHAT, "what do I owe?")
        unknown = await chats.share(CHAT, STRANGER)
        assert level(unknown) == 0
        assert "can’t find that number" in unknown.text
        await chats.ask(CHAT, "Dana Lee")
        answered = await chats.ask(CHAT, chats.box.newest_code)
        assert answered.tools == ["list_invoices"]  # the question still waited
        chats.desk.later(minutes=40)
        assert level(await chats.ask(CHAT, "thanks")) == 1  # an account that a code proved stays known

    run(story())


def test_later_number_links_anew(chats: Chats, run: Run) -> None:
    async def story() -> None:
        first = await chats.share(CHAT, DANA)
        second = await chats.share(CHAT, PRIYA)
        assert second.turn.asked_as["kind"] == "staff"
        assert [link.linked_by for link in await links_of(chats, CHAT)] == [LinkedBy.CARD]
        assert await desk_replays(chats.desk, first)
        third = await chats.share(CHAT, STRANGER)
        assert level(third) == 0
        assert await links_of(chats, CHAT) == []
        assert (await chats.thread_of(CHAT)).staff_id is None

    run(story())


async def links_of(chats: Chats, chat: str) -> list[AddressLink]:
    address_id = (await chats.address_of(chat)).id

    async def work(session: AsyncSession) -> list[AddressLink]:
        living = select(AddressLink).where(AddressLink.address_id == address_id, AddressLink.ended_at.is_(None))
        return list(await session.scalars(living))

    return await chats.desk.door.system(Scope.DOCTOR).read(work)


@pytest.mark.parametrize(("days", "expected"), [(6, 0), (8, 2)])
def test_number_must_be_on_file_for_a_week(days: int, expected: int, chats: Chats, run: Run) -> None:
    async def change(session: AsyncSession) -> None:
        dana = (await session.scalars(select(Contact).where(Contact.phone == DANA))).one()
        dana.phone, dana.phone_since = STRANGER, chats.desk.now - timedelta(days=days)

    async def story() -> None:
        await chats.desk.door.system(Scope.IMPORT).write(change)
        assert level(await chats.share(CHAT, STRANGER)) == expected

    run(story())


@pytest.mark.parametrize("has_texted", [True, False])
def test_number_that_passed_on_ends_what_it_proved(has_texted: bool, chats: Chats, run: Run) -> None:
    async def story() -> None:
        if has_texted:
            await Texting(chats.desk).ask(DANA, "thanks")
        await chats.share(CHAT, DANA)
        await order_links(chats.desk.door, Order("changed", DANA, business=HARBOR), chats.desk.now)
        chats.desk.later(seconds=5)
        assert level(await chats.ask(CHAT, "what do I owe?")) == 0
        assert level(await chats.share(OTHER, DANA)) == 0  # whoever has the number now is not Dana
        await chats.ask(CHAT, "Dana Lee")
        assert level(await chats.ask(CHAT, chats.box.newest_code)) == 2  # but she is

    run(story())


def test_staff_do_not_prove_themselves_again(chats: Chats, run: Run) -> None:
    async def story() -> None:
        await chats.share(CHAT, PRIYA)
        chats.desk.later(days=20)
        assert level(await chats.ask(CHAT, "thanks")) == 2
        await order_links(chats.desk.door, Order("unlink", CHAT, "staff:priya", business=HARBOR), chats.desk.now)
        assert level(await chats.ask(CHAT, "thanks")) == 0

    run(story())


def test_repeated_delivery_proves_no_longer(chats: Chats, run: Run) -> None:
    async def story() -> None:
        row = await chats.receive(CHAT, own_number=DANA, again="m:1:1")
        await chats.answer(row.conversation_id)
        chats.desk.later(minutes=29)
        same = await chats.receive(CHAT, own_number=DANA, again="m:1:1")
        assert same.id == row.id
        chats.desk.later(minutes=2)
        assert level(await chats.ask(CHAT, "thanks")) == 1

    run(story())

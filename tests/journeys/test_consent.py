"""STOP and START as people send them: written with the message, heard on every channel, confirmed once."""

from collections.abc import Sequence

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.changes.messages import Outgoing, queue_outgoing
from billing.principal import Scope
from billing.tables.addresses import Address, Consent
from billing.tables.talk import Author, Conversation, Delivery, Message
from bot.sendgate import OPTED_OUT, may_go_out
from tests.conftest import Run
from tests.fakes.desk_at_work import DeskAtWork
from tests.fakes.texts_in import number_of, text, text_in, thread_with

DANA, PRIYA = "client:dana-lee", "staff:priya"
STRANGER = "+12125559999"


async def consents(desk: DeskAtWork) -> Sequence[Consent]:
    async def work(session: AsyncSession) -> Sequence[Consent]:
        return (await session.scalars(select(Consent).order_by(Consent.id))).all()

    return await desk.door.system(Scope.DOCTOR).read(work)


async def queue(desk: DeskAtWork, thread: int, author: Author, key: str) -> int:
    """Put a message of ours into a thread's outbox."""
    at = desk.now

    async def work(session: AsyncSession) -> int:
        row = await session.get_one(Conversation, thread)
        return (await queue_outgoing(session, row, Outgoing("a word from us", author, at, key))).id

    return await desk.door.system(Scope.DISPATCH).write(work)


async def gate(desk: DeskAtWork, message_id: int) -> str:
    """What the sender is told about a queued message."""
    now = desk.now

    async def work(session: AsyncSession) -> str:
        message = await session.get_one(Message, message_id)
        thread = await session.get_one(Conversation, message.conversation_id)
        return await may_go_out(session, message, thread, now)

    return await desk.door.system(Scope.SEND).read(work)


async def row(desk: DeskAtWork, message_id: int) -> Message:
    async def work(session: AsyncSession) -> Message:
        return await session.get_one(Message, message_id)

    return await desk.door.system(Scope.DOCTOR).read(work)


def test_stop_is_written_with_the_message(any_desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        dana = await number_of(any_desk, "dana-lee")
        await text_in(any_desk, dana, "Stop 🙏", again="SM1")
        await text_in(any_desk, dana, "Stop 🙏", again="SM1")
        [consent] = await consents(any_desk)
        thread = await thread_with(any_desk, dana)
        assert (consent.contact_id, consent.channel, consent.scope) == (thread.contact_id, "sms", "proactive")
        assert (consent.source, consent.wording, consent.is_given) == ("message", "Stop 🙏", False)
        assert consent.at == any_desk.now
        assert thread.answer_after is None

    run(story())


def test_stop_holds_back_what_is_unasked_everywhere(any_desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        dana = await number_of(any_desk, "dana-lee")
        web = await any_desk.thread(DANA)
        reminder = await queue(any_desk, web, Author.SYSTEM, "reminder:1")
        receipt = await queue(any_desk, web, Author.SYSTEM, "payment:1:succeeded")
        stopped = await text(any_desk, dana, "please don't text me any more")
        assert stopped.turn.outcome == "opted_out"
        assert stopped.turn.model == "fixed"
        assert stopped.text.startswith("We won't write to you unasked any more.")
        parked = await row(any_desk, reminder)
        assert (parked.delivery, parked.error) == (Delivery.PARKED, OPTED_OUT)
        assert (await row(any_desk, receipt)).delivery is Delivery.QUEUED
        assert await gate(any_desk, receipt) == ""
        for thread in (web, (await thread_with(any_desk, dana)).id):
            assert (
                await gate(any_desk, await queue(any_desk, thread, Author.SYSTEM, f"reminder:2:{thread}")) == OPTED_OUT
            )
        wish = await any_desk.ask(PRIYA, 'write to Dana Lee: "The doors arrive on Monday."')
        assert "asked not to get messages" in wish.text
        asked = await text(any_desk, dana, "what's this invoice for?")
        assert asked.tools == ["explain_invoice"]
        answer = (await any_desk.messages((await thread_with(any_desk, dana)).id))[-1]
        assert await gate(any_desk, answer.id) == ""

    run(story())


def test_colleague_may_answer_somebody_who_stopped(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        await desk.ask(DANA, "STOP")
        desk.later(hours=1)
        await desk.ask(DANA, "when will you come?")
        sent = await desk.ask(PRIYA, 'write to Dana Lee: "At nine on Monday."')
        assert "At nine on Monday." in sent.text
        assert (await desk.ask(PRIYA, "yes")).turn.outcome == "confirmed"
        desk.later(hours=30)
        assert (
            "asked not to get messages"
            in (await desk.ask(PRIYA, 'write to Dana Lee: "The doors arrive on Monday."')).text
        )

    run(story())


def test_start_gives_again_where_it_is_said(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        dana = await number_of(desk, "dana-lee")
        await text(desk, dana, "STOP")
        assert (await desk.ask(DANA, "START")).turn.outcome == "opted_in"
        web, sms = await desk.thread(DANA), (await thread_with(desk, dana)).id
        assert await gate(desk, await queue(desk, web, Author.SYSTEM, "reminder:web")) == ""
        assert await gate(desk, await queue(desk, sms, Author.SYSTEM, "reminder:sms")) == OPTED_OUT
        assert (await text(desk, dana, "unstop")).turn.outcome == "opted_in"
        assert await gate(desk, await queue(desk, sms, Author.SYSTEM, "reminder:again")) == ""

    run(story())


def test_stop_is_confirmed_once_a_day(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        assert (await desk.ask(DANA, "STOP")).text != ""
        again = await desk.ask(DANA, "stop!!")
        assert (again.text, again.turn.outcome) == ("", "opted_out")
        desk.later(hours=25)
        assert (await desk.ask(DANA, "STOP")).text != ""
        assert len(await consents(desk)) == 3

    run(story())


def test_provider_that_confirms_is_left_to_it(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        desk.provider_confirms = frozenset({"sms"})
        dana = await number_of(desk, "dana-lee")
        for words in ("STOP", "START", "cancel"):
            assert (await text(desk, dana, words)).text == ""
        assert (await text(desk, dana, "START")).text == ""
        assert (await text(desk, dana, "take me off your list")).text != ""  # not a word that Twilio knows

    run(story())


def test_stranger_and_staff_may_stop(any_desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        answer = await text(any_desk, STRANGER, "ARRÊT")
        assert answer.turn.outcome == "opted_out"
        [consent] = await consents(any_desk)
        assert consent.contact_id is None
        thread = await thread_with(any_desk, STRANGER)
        assert await gate(any_desk, await queue(any_desk, thread.id, Author.SYSTEM, "reminder:3")) == OPTED_OUT
        await any_desk.receive("staff:priya", "stop")

        async def addresses(session: AsyncSession) -> list[int]:
            return list(await session.scalars(select(Address.id).where(Address.channel == "web")))

        assert len(await any_desk.door.system(Scope.DOCTOR).read(addresses)) == 1
        assert len(await consents(any_desk)) == 2

    run(story())


def test_stop_in_a_held_thread_is_told_its_holder(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        await desk.ask(DANA, "hello")
        await desk.ask(PRIYA, "take the conversation with Dana Lee")
        await desk.ask(PRIYA, "yes")
        assert (await desk.ask(DANA, "STOP")).turn.outcome == "held"
        assert len(await consents(desk)) == 1
        told = (await desk.messages(await desk.thread(PRIYA)))[-1].text
        assert told.startswith("Dana Lee wants no more messages unasked: “STOP”.")

    run(story())


def test_stop_with_a_question_is_heard_and_answered(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        dana = await number_of(desk, "dana-lee")
        await text_in(desk, dana, "STOP")
        answer = await text(desk, dana, "what's this invoice for?")
        assert answer.tools == ["explain_invoice"]
        assert "INV-1042" in answer.text
        assert "We won't write to you unasked any more." in answer.text
        assert [each.is_given for each in await consents(desk)] == [False]

    run(story())


@pytest.mark.parametrize("words", ["unsubscribe me from the newsletter but keep the reminders", "i get too many texts"])
def test_guess_is_asked_about_and_stops_nobody(desk: DeskAtWork, run: Run, words: str) -> None:
    async def story() -> None:
        answer = await desk.ask(DANA, words)
        assert answer.turn.outcome != "opted_out"
        assert await consents(desk) == []

    run(story())


def test_cancel_is_a_no_on_the_web_and_a_stop_by_sms(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        await desk.ask(DANA, "change my email to dana@new.example")
        assert (await desk.ask(DANA, "cancel")).turn.outcome == "declined"
        assert await consents(desk) == []
        dana = await number_of(desk, "dana-lee")
        assert (await text(desk, dana, "CANCEL")).turn.outcome == "opted_out"
        assert len(await consents(desk)) == 1

    run(story())


def test_burst_is_answered_after_its_quiet_time(any_desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        dana = await number_of(any_desk, "dana-lee")
        began = any_desk.now
        for words, waited in (("did u get my payment?", 1.5), ("hey", 4), ("and", 4)):
            await text_in(any_desk, dana, words)
            after = (await thread_with(any_desk, dana)).answer_after
            assert after is not None
            assert (after - any_desk.now).total_seconds() == waited
            any_desk.later(seconds=3)
        any_desk.later(seconds=2)
        await text_in(any_desk, dana, "for the deck,")
        after = (await thread_with(any_desk, dana)).answer_after
        assert after is not None
        assert (after - began).total_seconds() == 12
        await text_in(any_desk, dana, "STOP")
        assert (await thread_with(any_desk, dana)).answer_after is None

    run(story())

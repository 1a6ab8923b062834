"""Somebody who writes without end: answered so far, told once, then stored, while others are answered as ever."""

from dataclasses import replace

import pytest

from billing.changes.turns import Claim
from billing.tables.talk import Author, Delivery, Direction
from bot.caps import Caps
from channels.dispatch.answering import Answering
from tests.conftest import Run
from tests.fakes.desk_at_work import ATELIER, DeskAtWork
from tests.fakes.texting import phone_thread, say

PRIYA = "staff:priya"
NOTICES = {
    "en": "That is a lot of messages", "es": "Son muchos mensajes", "fr": "Cela fait beaucoup", "de": "Das sind viele",
    "pt": "São muitas mensagens", "it": "Sono molti messaggi",
}  # fmt: skip


def capped(desk: DeskAtWork, caps: Caps) -> Answering:
    answering = desk.dispatcher.answering
    around = replace(answering.assistant.surroundings, caps=caps)
    return replace(answering, assistant=replace(answering.assistant, surroundings=around))


async def replies(desk: DeskAtWork, thread: int) -> list[str]:
    return [each.text for each in await desk.messages(thread) if each.author is Author.ASSISTANT]


async def write(desk: DeskAtWork, answering: Answering, thread: int, words: str) -> None:
    desk.later(seconds=1)
    await say(desk, thread, words)
    assert isinstance(await answering.answer_next(thread), Claim)


def test_too_many_messages_are_stored_and_told_once(any_desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        desk, thread = any_desk, await phone_thread(any_desk, name="+12125550001")
        answering = capped(desk, Caps(of_sender=3))
        for _ in range(6):
            await write(desk, answering, thread, "hello")
        said = await replies(desk, thread)
        assert len(said) == 4
        assert said[3].startswith(NOTICES["en"])
        inbound = [each for each in await desk.messages(thread) if each.direction is Direction.IN]
        assert [each.delivery for each in inbound] == [Delivery.ANSWERED] * 6
        told = [each.text for each in await desk.messages(await desk.thread(PRIYA))]
        assert ["than is answered automatically" in text for text in told] == [True]
        await write(desk, answering, thread, "STOP")
        assert "won't write to you unasked" in (await replies(desk, thread))[-1]
        desk.later(hours=1)
        before = len(await replies(desk, thread))
        await write(desk, answering, thread, "what do I owe?")
        after = await replies(desk, thread)
        assert len(after) == before + 1
        assert not after[-1].startswith(NOTICES["en"])

    run(story())


def test_cap_of_a_business_spares_the_others(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        answering = capped(desk, Caps(of_business=2))
        threads = [await phone_thread(desk, name=f"+1212555000{number}") for number in range(3)]
        for thread in threads:
            await write(desk, answering, thread, "hello")
        said = [(await replies(desk, thread))[-1].startswith(NOTICES["en"]) for thread in threads]
        assert said == [False, False, True]
        elsewhere = await desk.thread("client:camille-moreau", ATELIER)
        await desk.receive("client:camille-moreau", "bonjour", business=ATELIER)
        assert isinstance(await answering.answer_next(elsewhere), Claim)

    run(story())


@pytest.mark.parametrize("language", NOTICES)
def test_notice_is_said_in_every_language(desk: DeskAtWork, run: Run, language: str) -> None:
    hellos = {
        "en": "hello there", "es": "hola, buenos días, ¿cómo está?", "fr": "bonjour, comment allez-vous ?",
        "de": "guten Tag, wie geht es Ihnen?", "pt": "bom dia, tudo bem com você?", "it": "buongiorno, come sta?",
    }  # fmt: skip

    async def story() -> None:
        thread = await phone_thread(desk)
        answering = capped(desk, Caps(of_sender=1))
        for _ in range(2):
            await write(desk, answering, thread, hellos[language])
        assert (await replies(desk, thread))[-1].startswith(NOTICES[language])

    run(story())

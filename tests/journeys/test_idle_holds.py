"""A conversation that a person took and left alone goes back to the assistant, and both sides are told."""

from channels.holds import Holds
from tests.conftest import Run
from tests.fakes.desk_at_work import DeskAtWork

DANA, PRIYA = "client:dana-lee", "staff:priya"


def holds_of(desk: DeskAtWork) -> Holds:
    """The timer's look, without the timer."""
    return Holds(desk.door, 8, desk.clock, lambda: None)


async def take(desk: DeskAtWork) -> None:
    await desk.ask(DANA, "hello")
    await desk.ask(PRIYA, "take the conversation with Dana Lee")
    await desk.ask(PRIYA, "yes")


async def last_words(desk: DeskAtWork, who: str) -> str:
    return (await desk.messages(await desk.thread(who)))[-1].text


def test_idle_hold_ends_with_notice(any_desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        await take(any_desk)
        any_desk.later(hours=7)
        assert await holds_of(any_desk).look() == 0
        assert (await any_desk.ask(DANA, "is anybody there?")).turn.outcome == "held"
        any_desk.later(hours=2)
        assert await holds_of(any_desk).look() >= 1
        assert (await last_words(any_desk, DANA)).startswith("I answer here again, since Priya")
        told = await last_words(any_desk, PRIYA)
        assert told.startswith("Dana Lee is answered by me again: you have written nothing there for 8 hours.")
        assert await holds_of(any_desk).look() == 0
        assert (await any_desk.ask(DANA, "what's this invoice for?")).tools == ["explain_invoice"]

    run(story())


def test_person_who_writes_keeps_the_conversation(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        await take(desk)
        desk.later(hours=7)
        await desk.ask(PRIYA, 'write to Dana Lee: "The doors arrive on Monday."')
        sent = await desk.ask(PRIYA, "yes")
        assert sent.turn.outcome == "confirmed"
        desk.later(hours=7)
        assert await holds_of(desk).look() == 0
        assert (await desk.ask(DANA, "great, thanks")).turn.outcome == "held"

    run(story())

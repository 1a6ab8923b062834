"""Priya asks who owes money, looks at one client, and sends a link only on her own yes."""

from tests.conftest import Run
from tests.fakes.desk_at_work import DeskAtWork

PRIYA = "staff:priya"


def test_balances_stand_oldest_first_with_a_total(any_desk: DeskAtWork, run: Run) -> None:
    answer = run(any_desk.ask(PRIYA, "who owes us money?"))
    lines = answer.text.splitlines()
    assert "clients owe $" in lines[0]
    late = [int(line.rsplit(", ", 1)[1].split()[0]) for line in lines if line.endswith("days late")]
    assert late == sorted(late, reverse=True)


def test_link_goes_out_only_on_yes(any_desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        await any_desk.ask(PRIYA, "who owes us money?")
        about = await any_desk.ask(PRIYA, "what about Okafor Dental?")
        assert about.tools == ["client_overview"]
        proposed = await any_desk.ask(PRIYA, "send them a link")
        assert "Okafor Dental" in proposed.text
        assert "$6,200.00" in proposed.text
        amara = await any_desk.thread("client:amara-okafor")
        assert await sent_to(any_desk, amara) == []
        confirmed = await any_desk.ask(PRIYA, "yes")
        assert confirmed.turn.outcome == "confirmed"
        assert len(await sent_to(any_desk, amara)) == 1
        await any_desk.ask(PRIYA, "yes")
        assert len(await sent_to(any_desk, amara)) == 1

    run(story())


async def sent_to(desk: DeskAtWork, thread: int) -> list[str]:
    return [message.text for message in await desk.messages(thread) if "link to pay" in message.text]


def test_unrelated_question_between_makes_yes_ask_again(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        await desk.ask(PRIYA, "send Okafor Dental a payment link")
        await desk.ask(PRIYA, "which requests are open?")
        again = await desk.ask(PRIYA, "yes")
        assert again.turn.outcome == "asked_again"
        assert "Okafor Dental" in again.text
        assert await sent_to(desk, await desk.thread("client:amara-okafor")) == []
        assert (await desk.ask(PRIYA, "yes")).turn.outcome == "confirmed"

    run(story())


def test_two_pending_proposals_are_asked_again_by_name(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        await desk.ask(PRIYA, "send Okafor Dental a payment link")
        await desk.ask(PRIYA, "record a $500 check for INV-1042")
        again = await desk.ask(PRIYA, "yes")
        assert again.turn.outcome == "asked_again"
        assert "INV-1042" in again.text

    run(story())


def test_somebody_elses_yes_confirms_nothing(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        await desk.ask(PRIYA, "send Okafor Dental a payment link")
        other = await desk.ask("staff:elena", "yes")
        assert other.turn.outcome != "confirmed"
        assert await sent_to(desk, await desk.thread("client:amara-okafor")) == []

    run(story())


def test_no_sends_nothing(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        await desk.ask(PRIYA, "send Okafor Dental a payment link")
        assert (await desk.ask(PRIYA, "no")).turn.outcome == "declined"
        assert (await desk.ask(PRIYA, "yes")).turn.outcome != "confirmed"
        assert await sent_to(desk, await desk.thread("client:amara-okafor")) == []

    run(story())


def test_taken_conversation_keeps_the_assistant_silent(any_desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        await any_desk.ask("client:dana-lee", "hello")
        await any_desk.ask(PRIYA, "take the conversation with Dana Lee")
        held = await any_desk.ask("client:dana-lee", "what's this invoice for?")
        assert held.turn.outcome == "held"
        assert held.text == ""
        told = (await any_desk.messages(await any_desk.thread(PRIYA)))[-1].text
        assert told == "Dana Lee writes: “what's this invoice for?”"
        await any_desk.ask(PRIYA, "hand the conversation with Dana Lee back")
        assert (await any_desk.ask("client:dana-lee", "what's this invoice for?")).tools == ["explain_invoice"]

    run(story())

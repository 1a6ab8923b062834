"""Dana asks what her invoice is for, pays it, and is told so in the same thread."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.principal import Scope
from billing.tables.payments import PaymentLink
from billing.tables.talk import Author
from tests.conftest import Run
from tests.fakes.desk_at_work import ATELIER, Answer, DeskAtWork
from tests.fakes.paying import pay_link

DANA = "client:dana-lee"


def test_invoice_is_explained_with_lines_project_and_estimate(desk: DeskAtWork, run: Run) -> None:
    answer = run(desk.ask(DANA, "what's this invoice for?"))
    for words in ("INV-1042", "oak doors", "$1,440.00", "$400.00", "EST-88", "Kitchen renovation", "$1,840.00"):
        assert words in answer.text
    assert answer.tools == ["explain_invoice"]


def test_story_runs_from_question_to_receipt(any_desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        await any_desk.ask(DANA, "what's this invoice for?")
        due = await any_desk.ask(DANA, "and when is it due?")
        assert "INV-1042 is due" in due.text
        link = await any_desk.ask(DANA, "ok send me the link")
        url = next(each["value"] for each in link.attachments if each["kind"] == "link")
        any_desk.later(minutes=2)
        await pay_link(any_desk, url)
        thread = await any_desk.thread(DANA)
        receipt = (await any_desk.messages(thread))[-1]
        assert receipt.author is Author.SYSTEM
        assert "We received $1,840.00" in receipt.text
        assert "INV-1042 is paid in full" in receipt.text
        got = await any_desk.ask(DANA, "did you get it?")
        assert got.text.startswith("Yes")
        assert "$1,840.00" in got.text
        assert got.tools == ["payment_status"]

    run(story())


def test_half_can_be_paid_now(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        await desk.ask(DANA, "whats this invoice for")
        link = await desk.ask(DANA, "half now ok?")
        assert "$920.00" in link.text
        url = next(each["value"] for each in link.attachments if each["kind"] == "link")
        await pay_link(desk, url)
        left = await desk.ask(DANA, "how much is left?")
        assert "$920.00" in left.text

    run(story())


def test_link_asked_twice_leaves_one_open(desk: DeskAtWork, run: Run) -> None:
    async def story() -> list[str]:
        await desk.ask(DANA, "send me the link")
        await desk.ask(DANA, "send me the link again please")

        async def work(session: AsyncSession) -> list[str]:
            rows = await session.scalars(select(PaymentLink).order_by(PaymentLink.id.desc()).limit(2))
            return [row.status.value for row in rows]

        return await desk.door.system(Scope.DOCTOR).read(work)

    assert run(story()) == ["open", "replaced"]


def test_each_figure_of_a_reply_names_its_record(desk: DeskAtWork, run: Run) -> None:
    answer = run(desk.ask(DANA, "what's this invoice for?"))
    figures = {figure["text"]: figure for figure in answer.turn.bindings}
    assert figures["$1,840.00"]["record"].startswith("invoice:")
    assert figures["$1,840.00"]["field"] == "balance_minor"
    assert figures["EST-88"]["record"].startswith("estimate:")


def test_stop_is_written_down_and_answered(desk: DeskAtWork, run: Run) -> None:
    answer = run(desk.ask(DANA, "please don't text me any more"))
    assert answer.turn.outcome == "opted_out"


def test_unknown_sender_is_told_how_to_be_recognised(desk: DeskAtWork, run: Run) -> None:
    answer = run(desk.ask(DANA, "what do I owe", level=0))
    assert "can't tell yet who you are" in answer.text
    assert answer.tools == []


def test_known_but_unproved_sender_changes_nothing_that_matters(desk: DeskAtWork, run: Run) -> None:
    answer = run(desk.ask(DANA, "change my email to dana@new.example", level=1))
    assert answer.tools == []
    assert "sure it's you" in answer.text


def test_person_is_reached_and_alerted(any_desk: DeskAtWork, run: Run) -> None:
    async def story() -> list[str]:
        answer = await any_desk.ask(DANA, "a person, please")
        assert answer.tools == ["hand_to_person"]
        texts = []
        for who in ("staff:priya", "staff:tom", "staff:elena"):
            texts += [message.text for message in await any_desk.messages(await any_desk.thread(who))]
        return texts

    assert any("from Dana Lee" in text for text in run(story()))


def test_contact_of_two_clients_is_asked_for_whom(desk: DeskAtWork, run: Run) -> None:
    async def marc(text: str) -> Answer:
        return await desk.ask("client:marc-dubois", text, business=ATELIER)

    async def story() -> None:
        asked = await marc("how much do I owe?")
        assert asked.turn.outcome == "asked_for_whom"
        names = [each["label"] for each in asked.attachments if each["kind"] == "button"]
        assert len(names) == 2
        first = await marc(names[0])
        assert first.turn.client_id is not None
        assert first.tools == ["list_invoices"], "the question that waited is answered"
        again = await marc("and when is it due?")
        assert again.turn.client_id == first.turn.client_id
        switched = await marc(f"switch to {names[1]}")
        assert switched.turn.client_id not in {None, first.turn.client_id}
        assert (await marc("what about this one?")).turn.client_id == switched.turn.client_id

    run(story())


def test_yes_long_after_is_asked_again(any_desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        proposed = await any_desk.ask(DANA, "change my email to dana@new.example")
        assert proposed.turn.outcome == "answered"
        any_desk.later(minutes=20)
        again = await any_desk.ask(DANA, "yes")
        assert again.turn.outcome == "asked_again"
        done = await any_desk.ask(DANA, "yes")
        assert done.turn.outcome == "confirmed"

    run(story())


def test_no_figure_is_older_than_its_turn(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        before = await desk.ask(DANA, "when is it due?")
        desk.now += timedelta(days=3)
        after = await desk.ask(DANA, "when is it due?")
        assert before.text != after.text

    run(story())

"""Codes guessed at: tries, ends and locks, one answer for names on file and not, and digits that stay nowhere."""

from datetime import timedelta
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.principal import Scope
from billing.tables.addresses import Address, OneTimeCode
from billing.tables.people import Contact
from billing.tables.talk import Conversation, Message, Turn, TurnStep
from bot.replaying import Replayer, find_kept, told_by
from tests.conftest import Run
from tests.fakes.desk_at_work import DeskAtWork, the_understanding
from tests.fakes.proving import Texting

DANA, STRANGER, OTHER = "+12125550101", "+12125559999", "+12125559998"
ON_FILE, NOT_ON_FILE = "Dana Lee", "Nora Vance"


def wrong(code: str) -> str:
    """Six digits that are not the code."""
    return f"{(int(code) + 1) % 10**6:06d}"


async def story_of(texting: Texting, phone: str, name: str, guesses: int) -> list[tuple[str, str]]:
    """Somebody says a name and guesses: what they are answered, with the outcomes."""
    said = [await texting.ask(phone, "what do I owe?"), await texting.ask(phone, f"I'm {name}")]
    for guess in range(guesses):
        code = texting.box.newest_code if texting.box.mails else "000000"
        said.append(await texting.ask(phone, wrong(code) if guess % 2 else f"my code is {wrong(code)}"))
    return [(answer.text, answer.turn.outcome) for answer in said]


def test_names_on_file_and_not_are_answered_alike(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        texting = Texting(desk)
        on_file = await story_of(texting, STRANGER, ON_FILE, 6)
        assert len(texting.box.mails) == 1
        not_on_file = await story_of(texting, OTHER, NOT_ON_FILE, 6)
        assert len(texting.box.mails) == 1
        assert on_file == not_on_file
        assert [outcome for _, outcome in on_file][1:] == ["code_sent", *["code_wrong"] * 5, "codes_locked"]
        tries = [text.split(".")[1].split()[0] for text, outcome in on_file if "left" in text]
        assert tries == ["4", "3", "2", "1"]

    run(story())


def test_guessing_locks_and_staff_are_told(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        texting = Texting(desk)
        await story_of(texting, STRANGER, ON_FILE, 5)
        told = [message.text for message in await desk.messages(await desk.thread("staff:priya"))]
        assert any("Somebody is guessing codes" in text for text in told)
        right = await texting.ask(STRANGER, texting.box.newest_code)
        assert right.turn.outcome == "codes_locked"
        refused = await texting.ask(STRANGER, "new code")
        assert refused.turn.outcome == "codes_locked"
        assert len(texting.box.mails) == 1
        desk.later(minutes=61)
        assert (await texting.ask(STRANGER, "new code")).turn.outcome == "code_sent"
        assert len(texting.box.mails) == 2
        assert (await texting.ask(STRANGER, texting.box.newest_code)).turn.asked_as["assurance"] == 2

    run(story())


def test_guesses_from_many_numbers_lock_the_person(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        texting = Texting(desk)
        for number in range(3):
            phone = f"+1212555900{number}"
            await texting.ask(phone, "hello")
            await texting.ask(phone, "I'm Dana Lee")
            for _ in range(4):
                await texting.ask(phone, wrong(texting.box.newest_code))
        told = [message.text for message in await desk.messages(await desk.thread("staff:priya"))]
        assert any("to pass as Dana Lee" in text for text in told)
        sent = len(texting.box.mails)
        await texting.ask(OTHER, "hello")
        answer = await texting.ask(OTHER, "I'm Dana Lee")
        assert answer.turn.outcome == "code_sent"  # the same answer as ever
        assert len(texting.box.mails) == sent

    run(story())


def test_five_codes_an_hour_and_no_more(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        texting = Texting(desk)
        outcomes = [(await texting.ask(DANA, "code")).turn.outcome for _ in range(6)]
        assert outcomes == [*["code_sent"] * 5, "codes_spent"]
        assert len(texting.box.mails) == 5
        desk.later(minutes=61)
        assert (await texting.ask(DANA, "code")).turn.outcome == "code_sent"

    run(story())


def test_newer_code_ends_the_older_one(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        texting = Texting(desk)
        await texting.ask(DANA, "code")
        older = texting.box.newest_code
        await texting.ask(DANA, "new code")
        if older != texting.box.newest_code:
            assert (await texting.ask(DANA, older)).turn.outcome == "code_wrong"
        assert (await texting.ask(DANA, texting.box.newest_code)).turn.outcome == "proved"
        assert (await texting.ask(DANA, texting.box.newest_code)).turn.outcome != "code_wrong"

    run(story())


def test_code_runs_out_after_ten_minutes(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        texting = Texting(desk)
        await texting.ask(DANA, "code")
        desk.later(minutes=10)
        assert (await texting.ask(DANA, texting.box.newest_code)).turn.outcome == "code_ended"

    run(story())


def test_burst_of_guesses_is_one_try(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        texting = Texting(desk)
        await texting.ask(DANA, "code")
        code = texting.box.newest_code
        answer = await texting.ask(DANA, code, *[f"{guess:06d}" for guess in range(1, 5)], wrong(code))
        assert answer.turn.outcome == "code_wrong"

    run(story())


def test_fresh_contact_point_gets_no_code(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        texting = Texting(desk)

        async def change(session: AsyncSession) -> None:
            dana = (await session.scalars(select(Contact).where(Contact.phone == DANA))).one()
            dana.email, dana.email_since = "thief@evil.example", desk.now - timedelta(days=6)

        await desk.door.system(Scope.IMPORT).write(change)
        vouched = await texting.ask(DANA, "code")
        assert vouched.turn.outcome == "vouch_asked"
        assert "asked a colleague" in vouched.text
        await texting.ask(STRANGER, "hello")
        await texting.ask(STRANGER, "I'm Dana Lee")  # her phone is older: the code goes there
        assert texting.box.mails == []
        assert [text.address for text in texting.box.texts] == [DANA]

    run(story())


def test_digits_are_kept_nowhere_and_turns_are_told_again(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        texting = Texting(desk)
        await texting.ask(STRANGER, "what do I owe?")
        await texting.ask(STRANGER, "I'm Dana Lee")
        code = texting.box.newest_code
        guess = wrong(code)
        await texting.ask(STRANGER, guess)
        answer = await texting.ask(STRANGER, f"my code is {code[:3]} {code[3:]}")
        assert answer.tools == ["list_invoices"]
        kept = await everything_kept(desk)
        assert code not in kept
        assert f"{code[:3]} {code[3:]}" not in kept
        assert guess not in kept
        replayer = Replayer(desk.door, the_understanding())
        for turn, _ in await desk.turns(answer.turn.conversation_id):
            kept_turn = await desk.door.system(Scope.DOCTOR).read(partial(find_kept, name=str(turn.id)))
            assert kept_turn is not None
            assert (await replayer.tell_again(kept_turn)).differences(told_by(kept_turn)) == ()

    run(story())


async def everything_kept(desk: DeskAtWork) -> str:
    """Every row that words could be in, as text."""

    async def work(session: AsyncSession) -> str:
        found = []
        for table in (Message, Turn, TurnStep, Conversation, OneTimeCode, Address):
            for row in await session.scalars(select(table)):
                skipped = {"id", "public_id", "chain", "head", "receipt", "salts", "provider_id", "code_hash"}
                columns = [column.key for column in table.__table__.columns if column.key not in skipped]
                found.append(" ".join(str(getattr(row, key)) for key in columns if not key.endswith(("_at", "until"))))
        return "\n".join(found)

    return await desk.door.system(Scope.DOCTOR).read(work)


STEPS = st.lists(st.sampled_from(("wrong", "right", "code", "wait", "long wait")), min_size=1, max_size=14)


def check_any_order(desk: DeskAtWork, run: Run, steps: list[str]) -> None:
    """Whatever is sent in whatever order: five tries a code, five codes an hour, ten minutes, and locked is locked."""

    async def story() -> None:
        texting = Texting(desk)
        desk.later(days=3)  # what an earlier example left behind is over
        sent: list[float] = []
        tries, asked, locked, used = 0, None, None, False
        start = desk.now
        for step in steps:
            now = (desk.now - start).total_seconds() / 60
            if "wait" in step:
                desk.later(minutes=4 if step == "wait" else 61)
                continue
            if step == "code":
                before = len(texting.box.mails)
                await texting.ask(DANA, "code")
                if len(texting.box.mails) > before:
                    assert locked is None or now >= locked + 60
                    assert sum(at > now - 60 for at in sent) < 5
                    sent.append(now)
                    tries, asked, used = 0, now, False
                continue
            code = texting.box.newest_code if sent else "123456"
            answer = await texting.ask(DANA, code if step == "right" else wrong(code))
            if answer.turn.outcome == "proved" and not used and asked is not None and step == "right":
                assert tries < 5
                assert now < asked + 10
                assert locked is None or now >= locked + 60
                used = True
            if answer.turn.outcome == "code_wrong":
                tries += 1
                locked = now if tries == 5 else locked
                assert tries <= 5

    run(story())


@settings(derandomize=True, max_examples=2, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_limits_hold_in_any_order(desk: DeskAtWork, run: Run, steps: list[str]) -> None:
    check_any_order(desk, run, steps)


@pytest.mark.prove
@settings(derandomize=True, max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_limits_hold_in_many_orders(desk: DeskAtWork, run: Run, steps: list[str]) -> None:
    check_any_order(desk, run, steps)

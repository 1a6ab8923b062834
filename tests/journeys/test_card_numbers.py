"""A card's number that somebody sends: on no channel does a run of its digits reach the database, a log or a model."""

import asyncio
import io
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.changes.turns import Claim, claim_turn
from billing.principal import Scope
from billing.tables.talk import Conversation, Message, Proposal, Turn, TurnStep
from billing.tables.work import Request
from bot.cards.finding import CARD_REMOVED
from bot.messages import Channel, Inbound
from bot.receipts.sealing import key_of
from bot.receipts.verifying import Report, verify
from channels.logs import redact_cards
from tests.conftest import Run
from tests.fakes.desk_at_work import HARBOR, SECRET, DeskAtWork
from tests.fakes.texts_in import number_of, text, text_in, thread_with

DANA = "client:dana-lee"
CARD = "4539 7316 8284 6177"
PARTS = ("my card is 4539 73", "16 8284", "6177")
GROUPS = ("4539", "7316", "8284", "6177", "731682846177", "45397316")
"""Of the number as it is sent here; "6177" and the like stand nowhere in the demo's data."""


async def send(desk: DeskAtWork, channel: str, words: str) -> int:
    """Send words by a channel and have them answered; the conversation."""
    if channel == "sms":
        row = await text_in(desk, await number_of(desk, "dana-lee"), words)
        thread = row.conversation_id
    elif channel == "web":
        await desk.receive(DANA, words)
        thread = await desk.thread(DANA)
    else:
        thread = await terminal_thread(desk)
        inbound = Inbound(
            connection=f"terminal:{HARBOR}",
            provider_id=f"T{desk.now.timestamp()}",
            channel=Channel.TERMINAL,
            address="terminal:dana",
            text=words,
            received_at=desk.now,
            assurance=1,
        )
        await desk.inbox.accept(inbound, thread)
    desk.later(seconds=20)
    return thread


async def terminal_thread(desk: DeskAtWork) -> int:
    """Dana's conversation in the terminal."""
    web, now = await desk.thread(DANA), desk.now

    async def work(session: AsyncSession) -> int:
        known = await session.scalar(select(Conversation.id).where(Conversation.connection == f"terminal:{HARBOR}"))
        if known is not None:
            return known
        dana = await session.get_one(Conversation, web)
        thread = Conversation(
            business_id=dana.business_id, client_id=dana.client_id, contact_id=dana.contact_id, channel="terminal",
            connection=f"terminal:{HARBOR}", key="terminal:dana", address="terminal:dana", opened_at=now,
            last_message_at=now,
        )  # fmt: skip
        session.add(thread)
        await session.flush()
        return thread.id

    return await desk.door.system(Scope.IMPORT).write(work)


def bytes_of(desk: DeskAtWork) -> bytes:
    """The database's files as they lie on the disk, once the log is written back."""
    with desk.engines.writing.engine.connect() as connection:
        connection.commit()
        raw = connection.connection.dbapi_connection
        assert raw is not None
        raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    path = Path(str(desk.engines.writing.engine.url.database))
    return b"".join(each.read_bytes() for each in path.parent.glob(f"{path.name}*"))


def left(content: bytes | str) -> list[str]:
    """The runs of the card's digits that are found."""
    whole = content if isinstance(content, str) else content.decode("latin-1")
    return [group for group in GROUPS if re.search(rf"(?<![0-9a-f]){group}(?![0-9a-f])", whole)]


async def check(desk: DeskAtWork) -> Report:
    now = desk.now
    return await desk.door.system(Scope.DOCTOR).read(lambda session: verify(session, key_of(SECRET), now))


async def rows_of(desk: DeskAtWork) -> str:
    """Every row of talk and requests, as text."""

    async def work(session: AsyncSession) -> str:
        tables = (Conversation, Message, Turn, TurnStep, Proposal, Request)
        rows = [vars(each) for table in tables for each in (await session.scalars(select(table))).all()]
        return "\n".join(json.dumps({key: str(value) for key, value in row.items()}) for row in rows)

    return await desk.door.system(Scope.DOCTOR).read(work)


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Everything that is logged, in full."""
    stream = io.StringIO()
    structlog.configure(
        processors=[redact_cards, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    yield stream
    structlog.reset_defaults()


@pytest.mark.parametrize("channel", ["web", "terminal", "sms"])
def test_card_in_one_message_is_never_written(desk: DeskAtWork, run: Run, logged: io.StringIO, channel: str) -> None:
    async def story() -> None:
        assert not left(bytes_of(desk))
        thread = await send(desk, channel, f"what's this invoice for? card {CARD} exp 12/27 cvv 739")
        assert await desk.dispatcher.answer_one(thread)
        stored = next(each for each in await desk.messages(thread) if each.redacted_at is not None)
        assert stored.text == (
            f"what's this invoice for? card {CARD_REMOVED} exp [expiry removed] cvv [security code removed]"
        )
        reply = (await desk.messages(thread))[-1].text
        assert "INV-1042" in reply
        assert "For your safety we took the card details out of your message" in reply
        structlog.get_logger().warning("seen", words=f"card {CARD}", deep=[{"n": 4539731682846177}])
        assert (await check(desk)).is_clean

    run(story())
    assert not left(bytes_of(desk))
    assert not left(logged.getvalue())
    assert "card number removed" in logged.getvalue()


@pytest.mark.parametrize("is_answered", [True, False])
@pytest.mark.parametrize("channel", ["web", "terminal", "sms"])
def test_card_in_three_messages_is_taken_out(desk: DeskAtWork, run: Run, channel: str, is_answered: bool) -> None:
    async def story() -> None:
        thread = 0
        for part in PARTS:
            thread = await send(desk, channel, part)
            if is_answered:
                assert await desk.dispatcher.answer_one(thread)
        if not is_answered:
            assert await desk.dispatcher.answer_one(thread)
        said = [each.text for each in await desk.messages(thread) if each.redacted_at is not None]
        assert said == [f"my card is {CARD_REMOVED}", CARD_REMOVED, CARD_REMOVED]
        assert "For your safety" in (await desk.messages(thread))[-1].text
        report = await check(desk)
        assert report.is_clean, report.findings
        assert report.redacted == (2 if is_answered else 0)

    run(story())
    assert not left(bytes_of(desk))


def test_parts_are_taken_out_on_both_databases(any_desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        dana = await number_of(any_desk, "dana-lee")
        await text(any_desk, dana, "please ask Priya to call me, my card is 4539 7316")
        await text(any_desk, dana, "8284 6177 12/27 739")
        assert not left(await rows_of(any_desk))
        report = await check(any_desk)
        assert report.is_clean, report.findings

        async def forge(session: AsyncSession) -> None:
            for message in (await session.scalars(select(Message).where(Message.redacted_at.is_not(None)))).all():
                message.text = "I never said a number"

        await any_desk.door.system(Scope.IMPORT).write(forge)
        assert not (await check(any_desk)).is_clean

    run(story())


def test_turn_that_runs_meanwhile_is_redacted_too(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        await desk.receive(DANA, "what do I owe? my card is 4539 7316")
        thread = await desk.thread(DANA)
        claim = await desk.door.system(Scope.DISPATCH).write(
            lambda session: claim_turn(session, thread, owner=desk.dispatcher.answering.owner, now=desk.now)
        )
        assert isinstance(claim, Claim)
        assistant = desk.dispatcher.answering.assistant
        opened = asyncio.Event()

        async def publish(_conversation: int, event: str, _data: dict[str, str]) -> None:
            if event == "preparing":  # it has read its messages
                opened.set()
                await desk.receive(DANA, "8284 6177")

        object.__setattr__(assistant, "publish", publish)
        await assistant.handle(claim)
        assert opened.is_set()
        report = await check(desk)
        assert report.is_clean, report.findings
        assert report.redacted == 1
        assert not left(await rows_of(desk))
        assert (await desk.messages(thread))[-1].text  # the question was answered

    run(story())
    assert not left(bytes_of(desk))


def test_code_that_follows_alone_is_removed(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        await desk.receive(DANA, CARD)
        desk.later(seconds=5)
        await desk.receive(DANA, "739")
        texts = [each.text for each in await desk.messages(await desk.thread(DANA))]
        assert texts[-2:] == [CARD_REMOVED, "[security code removed]"]
        desk.later(minutes=30)
        await desk.receive(DANA, "739")
        assert (await desk.messages(await desk.thread(DANA)))[-1].text == "739"

    run(story())


def test_card_alone_gets_the_way_to_pay(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        answer = await desk.ask(DANA, f"here is my card: {CARD}")
        assert answer.turn.outcome == "card_removed"
        assert answer.turn.model == "fixed"
        assert answer.text.startswith("For your safety")
        stranger = await text(desk, "+12125559998", CARD)
        assert stranger.text.startswith("For your safety")
        assert stranger.attachments == []

    run(story())


def test_second_delivery_of_a_part_joins_nothing(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        # 45397316 twice would be another card's number if a repeated delivery counted.
        await text_in(desk, "+12125559997", "42424242", again="SM7")
        await text_in(desk, "+12125559997", "42424242", again="SM7")
        thread = await thread_with(desk, "+12125559997")
        assert [each.text for each in await desk.messages(thread.id)] == ["42424242"]

    run(story())

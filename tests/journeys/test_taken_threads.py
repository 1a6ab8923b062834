"""A person takes a thread, or writes in it, at any moment of the assistant's turn: never both after the lock."""

from dataclasses import dataclass, field, replace

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.changes.messages import Outgoing, queue_outgoing
from billing.changes.threads import free, hold_where_free, take
from billing.principal import Scope
from billing.tables.people import Staff
from billing.tables.talk import Author, Conversation, Delivery, Direction, Message
from channels.outgoing import Sent, ToSend
from tests.conftest import Run
from tests.fakes.desk_at_work import DeskAtWork
from tests.fakes.stepping import Scheduler, SteppingDoor
from tests.fakes.texting import Texting, phone_thread, row_of, sender_of

WORDS = ("HELP", "hi", "HELP", "HELP", "what do I owe?")  # mostly what is answered fast


@dataclass
class Watched(Texting):
    """Notes whether the thread was locked when a message was handed over."""

    desk: DeskAtWork | None = None
    is_locked: bool = False
    late: list[str] = field(default_factory=list)

    async def send(self, message: ToSend) -> Sent:
        """As Texting.send."""
        assert self.desk is not None
        if self.is_locked and (await row_of(self.desk, message.id)).author is Author.ASSISTANT:
            self.late.append(message.text)
        return await super().send(message)


async def interleave(desk: DeskAtWork, seed: int, thread: int, staff_id: int) -> tuple[int, int]:
    """One interleaving; how many replies of the assistant went out, and how many words reached the person."""
    words = WORDS[seed % len(WORDS)]
    asked = await store(desk, thread, words)
    scheduler, texting = Scheduler(seed), Watched(desk=desk)
    turn_door = SteppingDoor(desk.engines, scheduler.gate_of("assistant"))
    answering = desk.dispatcher.answering
    answering = replace(answering, door=turn_door, assistant=replace(answering.assistant, door=turn_door))
    sender = sender_of(desk, texting)
    sender.door = SteppingDoor(desk.engines, scheduler.gate_of("sender"))
    staff_door = SteppingDoor(desk.engines, scheduler.gate_of("staff"))

    async def lock(session: AsyncSession) -> None:
        row = await session.get_one(Conversation, thread)
        if seed % 3:
            await take(session, row.client_id or 0, staff_id, desk.now)
            return
        outgoing = Outgoing("I'll look after this.", Author.STAFF, desk.now, f"staff:{seed}", author_staff_id=staff_id)
        written = await queue_outgoing(session, row, outgoing)
        await hold_where_free(session, written, staff_id, desk.now)

    async def staff() -> None:
        for _ in range(seed * 7 % 23):  # so that the lock falls early and late
            await scheduler.gate_of("staff")("read")
        await staff_door.system(Scope.DISPATCH).write(lock)
        texting.is_locked = True

    async def send() -> None:
        for _ in range(4):
            await sender.send()

    await scheduler.run({"assistant": answering.answer_next(thread), "sender": send(), "staff": staff()})
    sender.door = desk.door
    await sender.send()
    assert texting.late == []
    rows = await rows_since(desk, thread, asked)
    assert next(row for row in rows if row.id == asked).delivery is Delivery.ANSWERED
    replies = [row for row in rows if row.author is Author.ASSISTANT]
    sent = [row for row in replies if row.delivery is Delivery.SENT]
    assert all(row.delivery is Delivery.PARKED for row in replies if row not in sent)
    assert len(sent) == sum(text != "I'll look after this." for text in texting.texts)
    return len(sent), await handed_on(desk, asked, words)


async def store(desk: DeskAtWork, thread: int, words: str) -> int:
    async def work(session: AsyncSession) -> int:
        row = await session.get_one(Conversation, thread)
        message = Message(
            business_id=row.business_id, client_id=row.client_id, conversation_id=thread,
            public_id=f"said:{thread}:{row.version}", provider_id=f"said:{thread}:{row.version}",
            direction=Direction.IN, author=Author.CLIENT, connection=row.connection, text=words, assurance=1,
            delivery=Delivery.RECEIVED, created_at=desk.now,
        )  # fmt: skip
        row.last_message_at = desk.now
        session.add(message)
        await session.flush()
        return message.id

    desk.later(seconds=1)
    return await desk.door.system(Scope.INTAKE).write(work)


async def rows_since(desk: DeskAtWork, thread: int, first: int) -> list[Message]:
    async def work(session: AsyncSession) -> list[Message]:
        found = select(Message).where(Message.conversation_id == thread, Message.id >= first)
        return list(await session.scalars(found.order_by(Message.id)))

    return await desk.door.system(Scope.DOCTOR).read(work)


async def handed_on(desk: DeskAtWork, asked: int, words: str) -> int:
    """How often the person who took the thread was handed the words."""

    async def work(session: AsyncSession) -> int:
        turn_id = (await session.get_one(Message, asked)).turn_id
        told = await session.scalars(select(Message).where(Message.idempotency_key == f"turn:{turn_id}:held"))
        return sum(words in message.text for message in told)

    return await desk.door.system(Scope.DOCTOR).read(work)


async def many(desk: DeskAtWork, count: int) -> None:
    thread = await phone_thread(desk)

    async def priya(session: AsyncSession) -> int:
        of_business = Staff.business_id == (await session.get_one(Conversation, thread)).business_id
        return (await session.scalars(select(Staff).where(Staff.key == "priya", of_business))).one().id

    async def hand_back(session: AsyncSession) -> None:
        await free(session, (await session.get_one(Conversation, thread)).client_id or 0)

    staff_id = await desk.door.system(Scope.DOCTOR).read(priya)
    outcomes = []
    for seed in range(count):
        outcomes.append(await interleave(desk, seed, thread, staff_id))
        await desk.door.system(Scope.DISPATCH).write(hand_back)
    # Each message is answered by the assistant before the lock, or is in the person's hands: never both, never neither.
    assert {sent + told for sent, told in outcomes} == {1}
    assert {sent for sent, _ in outcomes} == {0, 1}


def test_assistant_and_person_never_both(any_desk: DeskAtWork, run: Run) -> None:
    run(many(any_desk, 12))


@pytest.mark.prove
def test_assistant_and_person_never_both_at_length(any_desk: DeskAtWork, run: Run) -> None:
    run(many(any_desk, 500))

"""Codes on their way: made when they are sent, sent again after a crash, and kept as a hash."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.principal import Scope
from billing.tables.addresses import CodeMedium, OneTimeCode
from bot.codes import is_same_code
from channels.code_sender import CodeSender
from channels.mail import Mail
from channels.outgoing import RefusedError, TryLaterError
from tests.conftest import Run
from tests.factories.addresses import make_code
from tests.factories.people import make_address, make_business, make_contact
from tests.fakes.clock import NOW
from tests.fakes.databases import Database
from tests.fakes.proving import Mailbox, TextGateway, digits_in


class PowerCutError(Exception):
    """The process ends here."""


class FailingMailbox(Mailbox):
    """Takes a letter, then fails as it is told."""

    def __init__(self, *failures: Exception) -> None:
        super().__init__()
        self.failures = list(failures)

    async def send(self, mail: Mail) -> None:
        await super().send(mail)
        if self.failures:
            raise self.failures.pop(0)


def sender_of(database: Database, box: Mailbox, *, minutes: float = 0) -> CodeSender:
    gateway = TextGateway(box)
    return CodeSender(database.door, box, lambda _: gateway, b"key", lambda: NOW + timedelta(minutes=minutes))


async def ask_for(database: Database, medium: CodeMedium = CodeMedium.EMAIL) -> int:
    async def work(session: AsyncSession) -> int:
        business = await make_business(session)
        ana = await make_contact(session, business=business, language="es", email="ana@mail.example")
        address = await make_address(session, person=ana)
        to = "ana@mail.example" if medium is CodeMedium.EMAIL else "+12125550001"
        code = await make_code(
            session, person=ana, address=address, medium=medium, destination=to, code_hash="", sent_at=None
        )
        return code.id

    return await database.door.system(Scope.IMPORT).write(work)


async def row_of(database: Database, code_id: int) -> OneTimeCode:
    async def work(session: AsyncSession) -> OneTimeCode:
        return (await session.scalars(select(OneTimeCode).where(OneTimeCode.id == code_id))).one()

    return await database.door.system(Scope.DOCTOR).read(work)


@pytest.mark.parametrize("medium", list(CodeMedium))
def test_code_leaves_once_and_only_its_hash_stays(database: Database, run: Run, medium: CodeMedium) -> None:
    async def story() -> None:
        code_id, box = await ask_for(database, medium), Mailbox()
        assert await sender_of(database, box).send() == 1
        assert await sender_of(database, box).send() == 0
        (text,) = [mail.text for mail in box.mails] + [text.text for text in box.texts]
        assert text.startswith("Su código para")
        row = await row_of(database, code_id)
        assert row.sent_at == NOW
        assert is_same_code(b"key", code_id, digits_in(text), row.code_hash)
        assert digits_in(text) not in row.code_hash

    run(story())


def test_crash_while_sending_makes_the_next_code_count(sqlite_database: Database, run: Run) -> None:
    async def story() -> None:
        code_id, box = await ask_for(sqlite_database), FailingMailbox(PowerCutError())
        with pytest.raises(PowerCutError):
            await sender_of(sqlite_database, box).send()
        minutes = [0.0]
        second = CodeSender(
            sqlite_database.door, box, lambda _: None, b"key", lambda: NOW + timedelta(minutes=minutes[0])
        )
        assert await second.send() == 0  # the first process may still be at it
        minutes[0] = 0.6
        assert await second.send() == 1
        row = await row_of(sqlite_database, code_id)
        assert is_same_code(b"key", code_id, digits_in(box.mails[-1].text), row.code_hash)
        assert len(box.mails) == 2

    run(story())


def test_busy_server_is_asked_again_and_a_refusal_is_not(sqlite_database: Database, run: Run) -> None:
    async def story() -> None:
        await ask_for(sqlite_database)
        box = FailingMailbox(TryLaterError("busy"), RefusedError("550", "no such mailbox"))
        sender = sender_of(sqlite_database, box)
        assert await sender.send() == 0
        assert await sender.send() == 0  # not at once
        assert len(box.mails) == 1
        sender.clock = lambda: NOW + timedelta(minutes=1)
        assert await sender.send() == 1  # it was refused for good: nothing waits any more
        assert await sender.send() == 0
        assert len(box.mails) == 2

    run(story())


def test_code_that_ran_out_is_not_sent(sqlite_database: Database, run: Run) -> None:
    async def story() -> None:
        await ask_for(sqlite_database)
        box = Mailbox()
        assert await sender_of(sqlite_database, box, minutes=10).send() == 0
        assert box.mails == []

    run(story())


def test_two_processes_send_a_code_once(database: Database, run: Run) -> None:
    async def story() -> None:
        code_id, box = await ask_for(database), Mailbox()
        sent = await asyncio.gather(*(sender_of(database, box).send() for _ in range(4)))
        assert sum(sent) == 1
        assert len(box.mails) == 1
        assert (await row_of(database, code_id)).sent_at == NOW

    run(story())

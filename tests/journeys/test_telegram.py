"""A whole way by Telegram: an update comes in, the assistant answers, and one message stands in the chat."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.principal import Scope
from billing.tables.addresses import Address, AddressLink, LinkedBy
from billing.tables.people import Business, Contact, Staff
from billing.tables.talk import Delivery, Message
from channels.sealing import Sealing
from channels.sender import LocalSender
from channels.telegram.accounts import Bots, OwnBot
from channels.telegram.desk import TelegramDesk
from channels.telegram.intake import Intake
from channels.telegram.papers import Papers
from tests.conftest import Run
from tests.fakes.desk_at_work import HARBOR, DeskAtWork
from tests.fakes.telegram_said import MARC, PRIYA, SECRET, TOKEN, in_group, message, pressed
from tests.fakes.telegram_shop import FakeCalls


class Chat:
    """A desk with a bot, whose chats are known to be the demo's people's."""

    def __init__(self, desk: DeskAtWork, folder: Path) -> None:
        self.desk = desk
        bots = Bots(desk.door, OwnBot(TOKEN, SECRET), Sealing(b"a secret of the tests"))
        papers = Papers(desk.door, desk.files, lambda token: token, desk.clock)
        self.telegram = TelegramDesk(desk.door, bots, desk.inbox, papers, desk.clock, FakeCalls)
        self.intake = Intake(self.telegram)
        self.sender = LocalSender(desk.door, desk.clock, lambda _: None, self.telegram.gateway_of)

    @property
    def connection(self) -> str:
        return f"telegram:{HARBOR}"

    async def link(self, user: int, table: Any, key: str) -> None:
        """A chat becomes a person's, as their own contact card makes it."""

        async def work(session: AsyncSession) -> None:
            business = (await session.scalars(select(Business).where(Business.slug == HARBOR))).one()
            asked = select(table).where(table.key == key, table.business_id == business.id)
            person = (await session.scalars(asked)).one()
            address = Address(
                business_id=business.id, connection=self.connection, channel="telegram", address=str(user)
            )
            session.add(address)
            await session.flush()
            whose = {"contact_id": person.id} if table is Contact else {"staff_id": person.id}
            session.add(
                AddressLink(
                    business_id=business.id, address_id=address.id, linked_by=LinkedBy.CARD, assurance=2,
                    proved_at=self.desk.now, linked_at=self.desk.now, **whose,
                )
            )  # fmt: skip

        await self.desk.door.system(Scope.IMPORT).write(work)

    async def say(self, update: dict[str, Any]) -> list[Any]:
        """An update comes in; what Telegram was asked for until all is answered."""
        account = await self.telegram.bots.find_by_key(self.connection)
        assert account is not None
        calls = self.telegram.calls_of(account)
        assert isinstance(calls, FakeCalls)
        before = len(calls.said)
        await self.intake.take(account, update)
        for conversation_id in await self.desk.dispatcher.answering.waiting():
            await self.desk.dispatcher.answer_one(conversation_id)
        await self.sender.send()
        await self.intake.settle()
        self.desk.later(seconds=5)
        return calls.said[before:]

    async def outbox(self) -> list[Message]:
        """What was queued on Telegram."""

        async def work(session: AsyncSession) -> list[Message]:
            ours = select(Message).where(Message.connection == self.connection, Message.direction == "out")
            return list(await session.scalars(ours.order_by(Message.id)))

        return await self.desk.door.system(Scope.DOCTOR).read(work)


@pytest.fixture
def chat(desk: DeskAtWork, tmp_path: Path, run: Run) -> Iterator[Chat]:
    chat = Chat(desk, tmp_path)
    yield chat
    run(chat.telegram.close())


def sent(said: list[Any]) -> list[Any]:
    return [each for each in said if each[0] == "send"]


def test_client_asks_and_presses_in_telegram(chat: Chat, run: Run) -> None:
    run(chat.link(MARC, Contact, "dana-lee"))
    [(_, where, html, keyboard)] = sent(run(chat.say(message(text="whats invoice 1042 for"))))
    assert where == str(MARC)
    assert "$1,840.00" in html
    assert [row.delivery for row in run(chat.outbox())] == [Delivery.SENT]
    data = next(button.data for row in keyboard.rows for button in row if button.data)
    said = run(chat.say(pressed(data)))
    assert ("answer" in [each[0] for each in said], len(sent(said))) == (True, 1)


def test_repeated_update_is_answered_once(chat: Chat, run: Run) -> None:
    run(chat.link(MARC, Contact, "dana-lee"))
    update = message(text="how much do i owe")
    assert [len(sent(run(chat.say(update)))) for _ in range(3)] == [1, 0, 0]


def test_colleague_is_answered_in_private(chat: Chat, run: Run) -> None:
    run(chat.link(PRIYA, Staff, "priya"))
    [(_, where, html, _)] = sent(run(chat.say(in_group(text="@harbor_bot who owes us over 30 days"))))
    assert where == str(PRIYA)
    assert "$" in html


def test_two_updates_at_once_are_two_messages(chat: Chat, run: Run) -> None:
    run(chat.link(MARC, Contact, "dana-lee"))

    async def both() -> None:
        account = await chat.telegram.bots.find_by_key(chat.connection)
        assert account is not None
        await asyncio.gather(*(chat.intake.take(account, message(text=text)) for text in ("hello", "help")))

    run(both())
    run(chat.say(message(text="how much do i owe")))
    assert all(row.delivery is Delivery.SENT for row in run(chat.outbox()))

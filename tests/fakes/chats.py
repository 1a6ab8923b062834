"""People who write from a chat app, its own account signed in: messages, own numbers, start links, replies, buttons."""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.changes.addresses import find_one_address, whose
from billing.changes.starts import make_start_link
from billing.principal import Scope
from billing.tables.addresses import Address
from billing.tables.people import Contact, Staff
from billing.tables.talk import Conversation, Message
from bot.messages import Channel, Inbound
from bot.starting import hash_start
from channels.code_sender import CodeSender
from channels.outgoing import ChannelGateway, Sent, ToSend
from channels.sender import LocalSender
from tests.fakes.desk_at_work import HARBOR, SECRET, Answer, DeskAtWork
from tests.fakes.proving import Mailbox, TextGateway

CHATS = f"telegram:{HARBOR}"


@dataclass
class ChatGateway:
    """A ChannelGateway in memory; its ids name the chat and count its messages."""

    taken: list[ToSend] = field(default_factory=list)

    async def send(self, message: ToSend) -> Sent:
        """Take it."""
        self.taken.append(message)
        return Sent(f"{message.address}:{len(self.taken)}")

    async def find_sent(self, message: ToSend) -> Sent | None:
        """Nothing is asked for twice here."""
        raise AssertionError(message.public_id)


@dataclass
class Chats:
    """People who chat with one business. `box` is where codes arrive, `sent` what left by the app."""

    desk: DeskAtWork
    box: Mailbox = field(default_factory=Mailbox)
    sent: ChatGateway = field(default_factory=ChatGateway)

    @property
    def sender(self) -> LocalSender:
        """Sends what is queued, chats and texts."""
        ways: dict[str, ChannelGateway] = {CHATS: self.sent, f"sms:{HARBOR}": TextGateway(self.box)}
        return LocalSender(self.desk.door, self.desk.clock, lambda _: None, ways.get, lambda: 0.5, "test/0/chats")

    async def receive(self, chat: str, text: str = "", *, again: str = "", **brings: Any) -> Message:
        """Take a message in; the row it is stored as. brings: own_number, start_token, reply_to, choice."""
        inbound = Inbound(
            CHATS, again or f"m:{chat}:{uuid4().hex}", Channel.TELEGRAM, chat, text, self.desk.now, **brings
        )  # fmt: skip
        public_id = await self.desk.inbox.accept_from(inbound, await self.desk.business_id(HARBOR))

        async def stored(session: AsyncSession) -> Message:
            return (await session.scalars(select(Message).where(Message.public_id == public_id))).one()

        return await self.desk.door.system(Scope.DOCTOR).read(stored)

    async def ask(self, chat: str, text: str = "", **brings: Any) -> Answer:
        """Write something and read the answer; codes that were asked for are sent."""
        row = await self.receive(chat, text, **brings)
        return await self.answer(row.conversation_id)

    async def answer(self, conversation_id: int) -> Answer:
        """Have what waits in a conversation answered."""
        assert await self.desk.dispatcher.answer_one(conversation_id)
        self.desk.later(seconds=5)
        await CodeSender(self.desk.door, self.box, lambda _: TextGateway(self.box), SECRET, self.desk.clock).send()
        turn, replies = await self.desk.newest_turn(conversation_id)
        attachments: list[dict[str, Any]] = [each for reply in replies for each in reply.attachments]
        return Answer("\n".join(reply.text for reply in replies), attachments, turn)

    async def share(self, chat: str, number: str) -> Answer:
        """Press "share my phone number" and read the answer."""
        return await self.ask(chat, own_number=number)

    async def invite(self, key: str, conversation_id: int | None = None, token: str = "a-token") -> str:
        """Make a start link for "client:KEY" or "staff:KEY"; its token."""
        role, _, bare = key.partition(":")
        table: type[Contact | Staff] = Staff if role == "staff" else Contact
        business_id = await self.desk.business_id(HARBOR)

        async def work(session: AsyncSession) -> None:
            of_business = select(table).where(table.business_id == business_id, table.key == bare)
            person: Any = (await session.scalars(of_business)).one()
            await make_start_link(
                session, business_id=business_id, channel="telegram", person=whose(person),
                conversation_id=conversation_id, token_sha256=hash_start(token), now=self.desk.now,
            )  # fmt: skip

        await self.desk.door.system(Scope.DISPATCH).write(work)
        return token

    async def thread_of(self, chat: str) -> Conversation:
        """The conversation with a chat."""

        async def work(session: AsyncSession) -> Conversation:
            found = select(Conversation).where(Conversation.connection == CHATS, Conversation.key == chat)
            return (await session.scalars(found)).one()

        return await self.desk.door.system(Scope.DOCTOR).read(work)

    async def address_of(self, chat: str) -> Address:
        """The address of a chat."""

        async def work(session: AsyncSession) -> Address:
            found = await find_one_address(session, CHATS, chat)
            assert found is not None
            return found

        return await self.desk.door.system(Scope.DOCTOR).read(work)

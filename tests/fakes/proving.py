"""A Frontdesk that people text to: receive_from, the real dispatcher, and codes read from a fake mailbox."""

import re
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from billing.changes.messages import Received, store_inbound
from billing.principal import Scope
from bot.addresses import Sender, receive_from
from channels.code_sender import CodeSender
from channels.mail import Mail
from channels.outgoing import ChannelGateway, Sent, ToSend
from tests.fakes.desk_at_work import HARBOR, Answer, DeskAtWork

SECRET = b"a secret of the tests"  # as DeskAtWork's


@dataclass
class Mailbox:
    """Letters and texts that left, newest last."""

    mails: list[Mail] = field(default_factory=list)
    texts: list[ToSend] = field(default_factory=list)

    async def send(self, mail: Mail) -> None:
        self.mails.append(mail)

    @property
    def newest_code(self) -> str:
        """The digits of the newest code that left by e-mail."""
        return digits_in(self.mails[-1].text)


def digits_in(text: str) -> str:
    """The six digits that a letter or text brings."""
    found = re.search(r"\b\d{6}\b", text)
    assert found is not None, text
    return found.group()


@dataclass
class TextGateway:
    """What a provider of texts would be handed."""

    box: Mailbox

    async def send(self, message: ToSend) -> Sent:
        self.box.texts.append(message)
        return Sent(f"SM{message.public_id}", 1)

    async def find_sent(self, message: ToSend) -> Sent | None:
        raise AssertionError(message.public_id)


@dataclass
class Texting:
    """People text to one business; `box` is where codes arrive."""

    desk: DeskAtWork
    business: str = HARBOR
    box: Mailbox = field(default_factory=Mailbox)

    @property
    def codes(self) -> CodeSender:
        """Sends what codes wait."""
        gateway: ChannelGateway = TextGateway(self.box)
        return CodeSender(self.desk.door, self.box, lambda _: gateway, SECRET, self.desk.clock)

    async def receive(self, phone: str, text: str) -> Sender:
        """Store a text as the channel does: where it comes from, then what it says, in one transaction."""
        now, slug = self.desk.now, self.business
        business_id = await self.desk.business_id(slug)

        async def work(session: AsyncSession) -> Sender:
            connection = f"sms:{slug}"
            sender = await receive_from(
                session, business_id=business_id, connection=connection, channel="sms", address=phone, now=now
            )
            received = Received(connection, uuid4().hex, text, None, sender.assurance, now)
            await store_inbound(session, sender.conversation_id, received)
            return sender

        return await self.desk.door.system(Scope.INTAKE).write(work)

    async def ask(self, phone: str, *texts: str) -> Answer:
        """Text something (several are answered in one) and read the answer; codes that were asked for are sent."""
        for text in texts:
            sender = await self.receive(phone, text)
        assert await self.desk.dispatcher.answer_one(sender.conversation_id)
        self.desk.later(seconds=5)
        await self.codes.send()
        turn, replies = await self.desk.newest_turn(sender.conversation_id)
        attachments: list[dict[str, Any]] = [each for reply in replies for each in reply.attachments]
        return Answer("\n".join(reply.text for reply in replies), attachments, turn)

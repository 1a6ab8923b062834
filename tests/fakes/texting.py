"""A provider of text messages that takes, delays or refuses what it is told to, and threads of people with phones."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.changes.messages import Outgoing, queue_outgoing
from billing.principal import Scope
from billing.tables.people import Business, Contact, ContactClient
from billing.tables.talk import Author, Conversation, Message
from bot.messages import Channel, Inbound
from channels.inbox import Inbox
from channels.outgoing import Sent, ToSend
from channels.sender import LocalSender
from tests.fakes.desk_at_work import HARBOR, DeskAtWork

TEXTS = f"sms:{HARBOR}"


@dataclass
class Texting:
    """A ChannelGateway in memory. script: what the next sends do before they take (raise, or nothing).

    after: what the next sends do once the provider has the message. lists: whether find_sent sees what was taken.
    """

    script: deque[Exception | None] = field(default_factory=deque)
    after: deque[BaseException | None] = field(default_factory=deque)
    taken: list[ToSend] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)
    lists: bool = True
    before: Callable[[], None] = lambda: None

    async def send(self, message: ToSend) -> Sent:
        """Take the message, unless the script says otherwise."""
        self.before()
        trouble = self.script.popleft() if self.script else None
        if trouble is not None:
            raise trouble
        self.taken.append(message)
        lost = self.after.popleft() if self.after else None
        if lost is not None:
            raise lost
        return Sent(_id(message, len(self.taken)), parts=1)

    async def find_sent(self, message: ToSend) -> Sent | None:
        """The message among those taken, where the provider's list shows it."""
        self.asked.append(message.id)
        places = [place for place, each in enumerate(self.taken, 1) if each.id == message.id and self.lists]
        return Sent(_id(message, places[-1]), parts=1) if places else None

    @property
    def texts(self) -> list[str]:
        """What was taken, in order."""
        return [message.text for message in self.taken]


def _id(message: ToSend, place: int) -> str:
    """The provider's own id: the message's and how many it had taken."""
    return f"SM{message.id}-{place}"


def sender_of(desk: DeskAtWork, texting: Texting, owner: str = "test/0/sender") -> LocalSender:
    """A sender on the desk's clock whose rests are not spread."""
    gateways = {TEXTS: texting}
    return LocalSender(desk.door, desk.clock, lambda _: None, gateways.get, lambda: 0.5, owner)


async def phone_thread(desk: DeskAtWork, contact_key: str = "dana-lee", name: str = "") -> int:
    """The thread in which a contact of Harbor & Pine texts, from the phone on file or from one called `name`."""

    async def work(session: AsyncSession) -> int:
        business = (await session.scalars(select(Business).where(Business.slug == HARBOR))).one()
        of_business = (Contact.key == contact_key, Contact.business_id == business.id)
        contact = (await session.scalars(select(Contact).where(*of_business))).one()
        phone = name or contact.phone
        same = (Conversation.connection == TEXTS, Conversation.key == phone)
        known = await session.scalar(select(Conversation).where(*same))
        if known is not None:
            return known.id
        served = await session.scalars(select(ContactClient.client_id).where(ContactClient.contact_id == contact.id))
        thread = Conversation(
            business_id=business.id, client_id=next(iter(served)), contact_id=contact.id,
            connection=TEXTS, channel="sms", key=phone, address=phone,
            opened_at=desk.now, last_message_at=desk.now,
        )  # fmt: skip
        session.add(thread)
        await session.flush()
        return thread.id

    return await desk.door.system(Scope.IMPORT).write(work)


async def say(desk: DeskAtWork, thread_id: int, words: str, again: str = "", *, waits: bool = False) -> str:
    """A message comes in by text; its public id. again: the id of a repeated delivery. waits: for more, as texts do."""
    inbound = Inbound(
        connection=TEXTS, provider_id=again or uuid4().hex, channel=Channel.SMS, address="as linked", text=words,
        received_at=desk.now, assurance=1,
    )  # fmt: skip
    public_id = await Inbox(desk.door, lambda *_: None, b"").accept(inbound, thread_id)
    if not waits:
        await _wait_no_more(desk, thread_id)
    return public_id


async def _wait_no_more(desk: DeskAtWork, thread_id: int) -> None:
    """The quiet time after a text is over (tests/bot/test_quiet.py has it)."""

    async def work(session: AsyncSession) -> None:
        (await session.get_one(Conversation, thread_id)).answer_after = None

    await desk.door.system(Scope.IMPORT).write(work)


async def queue(desk: DeskAtWork, thread_id: int, text: str, author: Author = Author.SYSTEM) -> int:
    """Put a message into a thread's outbox; its id."""

    async def work(session: AsyncSession) -> int:
        thread = await session.get_one(Conversation, thread_id)
        return (await queue_outgoing(session, thread, Outgoing(text, author, desk.now, uuid4().hex))).id

    return await desk.door.system(Scope.DISPATCH).write(work)


async def row_of(desk: DeskAtWork, message_id: int) -> Message:
    """A message as it stands."""

    async def work(session: AsyncSession) -> Message:
        return await session.get_one(Message, message_id)

    return await desk.door.system(Scope.DOCTOR).read(work)

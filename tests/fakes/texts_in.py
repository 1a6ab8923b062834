"""Texts to a desk as a provider's webhook hands them in: from a number, known or not, to a business."""

from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.principal import Scope
from billing.tables.addresses import Address, AddressLink
from billing.tables.people import Business, Contact
from billing.tables.talk import Conversation, Message
from bot.messages import Channel, Inbound
from tests.fakes.desk_at_work import HARBOR, Answer, DeskAtWork

CONNECTION = f"sms:{HARBOR}"


async def number_of(desk: DeskAtWork, contact: str) -> str:
    """The number that a contact (key) of the demo texts from."""

    async def work(session: AsyncSession) -> str:
        linked = select(Address.address).join(AddressLink, AddressLink.address_id == Address.id)
        of_contact = linked.join(Contact, Contact.id == AddressLink.contact_id).where(Contact.key == contact)
        return (await session.scalars(of_contact)).one()

    return await desk.door.system(Scope.DOCTOR).read(work)


async def text_in(desk: DeskAtWork, number: str, words: str, *, again: str = "") -> Message:
    """Take a text in; the row it is stored as. again: the id of a repeated delivery."""

    async def business(session: AsyncSession) -> int:
        return (await session.scalars(select(Business.id).where(Business.slug == HARBOR))).one()

    inbound = Inbound(
        connection=CONNECTION,
        provider_id=again or uuid4().hex,
        channel=Channel.SMS,
        address=number,
        text=words,
        received_at=desk.now,
    )
    business_id = await desk.door.system(Scope.DOCTOR).read(business)
    public_id = await desk.inbox.accept_from(inbound, business_id)

    async def stored(session: AsyncSession) -> Message:
        return (await session.scalars(select(Message).where(Message.public_id == public_id))).one()

    return await desk.door.system(Scope.DOCTOR).read(stored)


async def text(desk: DeskAtWork, number: str, words: str) -> Answer:
    """Take a text in and answer it."""
    row = await text_in(desk, number, words)
    desk.later(seconds=15)
    assert await desk.dispatcher.answer_one(row.conversation_id)
    turn, replies = await desk.newest_turn(row.conversation_id)
    attachments = [each for reply in replies for each in reply.attachments]
    return Answer("\n".join(reply.text for reply in replies), attachments, turn)


async def thread_with(desk: DeskAtWork, number: str) -> Conversation:
    """The conversation with a number."""

    async def work(session: AsyncSession) -> Conversation:
        found = select(Conversation).where(Conversation.connection == CONNECTION, Conversation.key == number)
        return (await session.scalars(found)).one()

    return await desk.door.system(Scope.DOCTOR).read(work)

"""Consent as people give it and take it back: written with the message that says so, confirmed once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.records.consents import PROACTIVE, Person, person_in, words_of
from billing.tables.addresses import Address, Consent
from billing.tables.talk import Conversation, Delivery, Direction, Message
from bot.cards.redacting import without_markers
from bot.keywords import Keyword, is_answered_by_provider
from bot.sendgate import OPTED_OUT, is_unasked
from bot.wishes import Wish, find_wish

CONFIRMED_FOR = timedelta(hours=24)  # within this of a no, the same no is not confirmed again
LONGEST_WORDING = 500


class Words(Protocol):
    """A message that came in."""

    @property
    def text(self) -> str: ...
    @property
    def choice(self) -> str | None: ...
    @property
    def created_at(self) -> datetime: ...


@dataclass(frozen=True)
class Heard:
    """What the messages of a turn say about being written to. keyword: STOP or START, the last of them.

    is_all: they say nothing else. is_silent: no confirmation goes out, since one did, or the provider sends its own.
    """

    keyword: Keyword
    is_all: bool
    is_silent: bool = False


async def take_wish(session: AsyncSession, conversation_id: int, text: str, at: datetime) -> Wish | None:
    """Write down what a message that is stored in this transaction says about being written to, if it does.

    A no parks what is queued for the person on any channel and that they did not ask for.
    """
    thread = await session.get_one(Conversation, conversation_id)
    wish = find_wish(text, thread.channel)
    if wish is None:
        return None
    await _know_address(session, thread, at)
    person = await person_in(session, thread)
    session.add(
        Consent(
            business_id=thread.business_id,
            contact_id=person.contact_id,
            address_id=person.address_id,
            channel=thread.channel,
            scope=PROACTIVE,
            source="message",
            wording=text[:LONGEST_WORDING],
            is_given=wish.keyword is Keyword.START,
            at=at,
        )
    )
    await session.flush()
    if wish.keyword is Keyword.STOP:
        await _park(session, person, at)
    return wish


async def _know_address(session: AsyncSession, thread: Conversation, at: datetime) -> None:
    """The row of the address that a thread is with: a no must have somebody whose it is."""
    here = (Address.connection == thread.connection, Address.address == thread.address)
    if await session.scalar(select(Address.id).where(*here)) is not None:
        return
    session.add(
        Address(
            business_id=thread.business_id,
            connection=thread.connection,
            channel=thread.channel,
            address=thread.address,
            last_seen_at=at,
        )
    )
    await session.flush()


async def _park(session: AsyncSession, person: Person, now: datetime) -> None:
    """Queued messages that nobody asked for do not go out; what a sender has in hand is looked at there."""
    waiting = (
        select(Message)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(
            Message.direction == Direction.OUT,
            Message.delivery == Delivery.QUEUED,
            or_(Message.sending_until.is_(None), Message.sending_until < now),
            Conversation.business_id == person.business_id,
            await _reaching(session, person),
        )
    )
    for message in (await session.scalars(waiting)).all():
        if is_unasked(message.author, message.idempotency_key or ""):
            message.delivery, message.error = Delivery.PARKED, OPTED_OUT
    await session.flush()


async def _reaching(session: AsyncSession, person: Person) -> ColumnElement[bool]:
    """The conversations in which a person is reached: a contact's on every channel, else those of the address."""
    if person.contact_id is not None:
        return Conversation.contact_id == person.contact_id
    address = await session.get_one(Address, person.address_id)
    return (Conversation.connection == address.connection) & (Conversation.address == address.address)


def hear(said: Sequence[Words], channel: str) -> tuple[str, Heard | None]:
    """The words of messages without what they say about being written to, and that; all words where it is all."""
    texts = [each.choice or each.text for each in said]
    wishes = [find_wish(text, channel) for text in texts]
    found = [wish for wish in wishes if wish is not None]
    if not found:
        words = "\n".join(texts)
        return without_markers(words) or words, None
    left = [wish.rest if wish is not None else text for text, wish in zip(texts, wishes, strict=True)]
    rest = "\n".join(each for each in left if each.strip())
    return without_markers(rest) or "\n".join(texts), Heard(found[-1].keyword, is_all=not rest)


async def needs_no_confirmation(
    session: AsyncSession, thread: Conversation, said: Sequence[Words], provider_confirms: frozenset[str]
) -> bool:
    """Whether what is heard in these messages was confirmed within a day, or is confirmed by the channel's provider.

    provider_confirms: the channels whose provider answers STOP and START itself.
    """
    wishing = [each for each in said if find_wish(each.choice or each.text, thread.channel) is not None]
    if thread.channel in provider_confirms and all(is_answered_by_provider(each.text) for each in wishing):
        return True
    last = wishing[-1]
    first = min(each.created_at for each in said)
    before = [each for each in await words_of(session, await person_in(session, thread)) if each.at < first]
    wish = find_wish(last.choice or last.text, thread.channel)
    is_stop = wish is not None and wish.keyword is Keyword.STOP
    return is_stop and bool(before) and not before[0].is_given and before[0].at > first - CONFIRMED_FOR

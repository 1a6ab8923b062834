"""Which of a person's conversations brings what nobody asked for: the channel they prefer, else the latest."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from billing.tables.addresses import Address
from billing.tables.people import Contact
from billing.tables.talk import Conversation

REACHABLE = ("web", "sms", "telegram")  # what can bring a message unasked; other channels join with their senders


async def by_choice(
    session: AsyncSession, threads: Sequence[Conversation], contacts: Mapping[int, Contact]
) -> list[Conversation]:
    """Conversations, given newest first, in the order in which they are to be tried.

    Those that can bring a message before those that cannot; the channel that the contact prefers before others.
    """
    blocked = await _blocked(session, threads)

    def place(thread: Conversation) -> tuple[bool, bool, bool]:
        contact = contacts.get(thread.contact_id or 0)
        wanted = contact.preferences.get("channel") if contact is not None else None
        return thread.channel not in REACHABLE, thread.id in blocked, thread.channel != wanted

    return sorted(threads, key=place)


async def _blocked(session: AsyncSession, threads: Sequence[Conversation]) -> set[int]:
    """The conversations to whose address nothing can be sent."""
    if len(threads) < 2:
        return set()
    where = {(thread.connection, thread.address): thread.id for thread in threads}
    written = tuple_(Address.connection, Address.address).in_(list(where))
    found = select(Address.connection, Address.address).where(written, Address.blocked_at.is_not(None))
    return {where[connection, address] for connection, address in await session.execute(found)}

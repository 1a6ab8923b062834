"""Start links: a link that opens the chat in another channel. It says who is expected there, and proves nobody."""

import hashlib
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from billing.changes.messages import Outgoing, queue_outgoing
from billing.changes.starts import expected_at, use_start_link
from billing.tables.addresses import Address, StartLink
from billing.tables.people import Business, Contact, Staff
from billing.tables.talk import Author, Conversation
from bot.announcements import public_facts, reader_of, worded
from bot.codes import Brought
from bot.evidence import Answer
from bot.standing import Standing


def hash_start(token: str) -> str:
    """The SHA-256, in hex, under which a link's token is stored."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


async def take_start(session: AsyncSession, address: Address, token: str, standing: Standing, at: datetime) -> Brought:
    """Use a link up. It may have been forwarded: who opened it is known once they prove it, or if they are already.

    standing: who speaks from the address at this moment.
    """
    link = await use_start_link(session, address, hash_start(token), at)
    if link is None:
        return Brought.START_OVER
    if standing.level > 0:
        person = {"contact_id": standing.contact_id, "staff_id": standing.staff_id}
        await _tell(session, link, is_expected=_is_for(link, person), now=at)
    return Brought.START


async def settle_starts(session: AsyncSession, address: Address, person: dict[str, int | None], at: datetime) -> None:
    """Somebody proved themselves at an address: whoever was sent a link that was opened there is told."""
    for link in await expected_at(session, address.id, at):
        await _tell(session, link, is_expected=_is_for(link, person), now=at)


async def find_expected(session: AsyncSession, address_id: int, now: datetime) -> Contact | Staff | None:
    """Who was sent the link that was opened last from an address."""
    links = await expected_at(session, address_id, now)
    if not links:
        return None
    if links[0].staff_id is not None:
        return await session.get_one(Staff, links[0].staff_id)
    return await session.get_one(Contact, links[0].contact_id)


def _is_for(link: StartLink, person: dict[str, int | None]) -> bool:
    return (link.contact_id, link.staff_id) == (person["contact_id"], person["staff_id"])


async def _tell(session: AsyncSession, link: StartLink, *, is_expected: bool, now: datetime) -> None:
    """Tell the thread that the link was sent in, if it is still that person's; each at most once."""
    if link.conversation_id is None:
        return
    thread = await session.get_one(Conversation, link.conversation_id)
    whose = {"contact_id": thread.contact_id, "staff_id": thread.staff_id}
    if any(whose.values()) and not _is_for(link, whose):
        return
    business = await session.get_one(Business, link.business_id)
    reader = await reader_of(session, thread, business, now)
    kind = "started_here" if is_expected else "started_by_other"
    text = worded(Answer(kind, {"business": public_facts(business), "channel": link.channel}), reader)
    key = f"start:{link.id}:{kind}"
    await queue_outgoing(session, thread, Outgoing(text, Author.SYSTEM, now, key, language=reader.language))

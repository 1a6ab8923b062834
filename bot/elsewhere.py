"""What the same person said in their other conversations: it is context here as far as both are proved theirs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.principal import Principal
from billing.tables.addresses import Address
from billing.tables.talk import Conversation
from bot.addresses import tells_who
from bot.conversation import KEPT_MENTIONS, KEPT_MESSAGES, Line, read_lines
from bot.standing import standing_of

MOST = 3  # other conversations, the latest


@dataclass(frozen=True)
class Around:
    """The conversations that a turn's context is read from, its own first; whose words come when, and the focus."""

    threads: tuple[tuple[int, datetime | None], ...]
    history: tuple[tuple[str, str], ...] = ()
    focus: dict[str, Any] | None = None


async def read_around(
    session: AsyncSession, thread: Conversation, who: Principal, before: int, now: datetime, *, is_shared: bool
) -> Around:
    """The context of a turn whose first message is `before`: of its own conversation, and of the person's others."""
    others = [] if is_shared else await _others(session, thread, who, now)
    every = [thread, *others]
    threads = tuple((each.id, each.context_since) for each in every)
    lines = [await read_lines(session, *each, before) for each in threads]
    spoken = sorted(zip(every, lines, strict=True), key=lambda pair: -_last(pair[1]))
    return Around(threads, merged(lines), _focus([each for each, _ in spoken], thread))


async def read_again(
    session: AsyncSession, threads: Sequence[tuple[int, datetime | None]], before: int
) -> tuple[tuple[str, str], ...]:
    """The words of a turn's context once more."""
    return merged([await read_lines(session, *each, before) for each in threads])


def merged(lines: Sequence[Sequence[Line]]) -> tuple[tuple[str, str], ...]:
    """The last words of several conversations as one, oldest first."""
    every = sorted((line for each in lines for line in each), key=lambda line: line.id)
    return tuple((line.who, line.text) for line in every[-KEPT_MESSAGES:])


def _last(lines: Sequence[Line]) -> int:
    return max((line.id for line in lines), default=0)


async def _others(session: AsyncSession, thread: Conversation, who: Principal, now: datetime) -> list[Conversation]:
    """The same person's latest other conversations about the same client, where that is proved there too."""
    if who.assurance == 0 or (not who.is_staff and who.client_id is None):
        return []
    if (thread.contact_id, thread.staff_id) != (who.contact_id, who.staff_id) or thread.client_id != who.client_id:
        return []
    latest = _latest_of(who.is_staff, who.client_id is not None)
    whose = {"business": thread.business_id, "person": who.staff_id if who.is_staff else who.contact_id}
    found = await session.execute(latest, {**whose, "client": who.client_id, "own": thread.id})
    return [other for other, address in found.all() if await _is_theirs(session, other, address, now)]


@cache
def _latest_of(is_staff: bool, has_client: bool) -> Select[Conversation, Address]:
    """A person's latest conversations beside their own one, each with the row of its address where it has one."""
    person = Conversation.staff_id if is_staff else Conversation.contact_id
    client = Conversation.client_id == bindparam("client") if has_client else Conversation.client_id.is_(None)
    theirs = (Conversation.business_id == bindparam("business"), person == bindparam("person"), client)
    place = (Address.connection == Conversation.connection) & (Address.address == Conversation.key)
    found = select(Conversation, Address).outerjoin(Address, place).where(*theirs, Conversation.id != bindparam("own"))
    return found.order_by(Conversation.last_message_at.desc(), Conversation.id.desc()).limit(MOST)


async def _is_theirs(session: AsyncSession, thread: Conversation, address: Address | None, now: datetime) -> bool:
    """Whether a conversation's address says now whose it is: one person's. One without an address is signed in to."""
    if address is None or not tells_who(address.channel, address.address):
        return True
    standing = await standing_of(session, address, now)
    is_same = (standing.contact_id, standing.staff_id) == (thread.contact_id, thread.staff_id)
    return standing.level > 0 and is_same and not standing.is_shared


def _focus(spoken: Sequence[Conversation], own: Conversation) -> dict[str, Any]:
    """What "this" means: what was spoken of last, wherever that was. What waits is of the own conversation."""
    mentions: dict[tuple[str, str], Any] = {}
    for each in spoken:
        for mention in each.focus.get("mentions", ()):
            mentions.setdefault((mention["kind"], mention["key"]), mention)
    client = next((each.focus["client"] for each in spoken if each.focus.get("client")), "")
    calls: list[Any] = next((each.focus["calls"] for each in spoken if each.focus.get("calls")), [])
    return {**own.focus, "mentions": list(mentions.values())[:KEPT_MENTIONS], "client": client, "calls": calls}

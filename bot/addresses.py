"""Where a message comes from → whose address that is, how far that is proved now, and its lasting conversation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, CompoundSelect, Row, Select, bindparam, null, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.built import add_to, rows_of
from billing.changes.addresses import end_links, is_of, link_address
from billing.tables.addresses import Address, AddressLink, LinkedBy
from billing.tables.people import Business, Contact, Staff
from billing.tables.talk import Conversation
from bot.standing import PHONES, Link, Standing, living, read_links, standing_at

Seen = Row[*tuple[Any, ...]]  # the columns of _as_seen()
Whose = AddressLink | Link
L = TypeVar("L", AddressLink, Link)

SILENT_FOR = timedelta(days=548)  # 18 months: numbers are given to others after less
SEEN_TO = timedelta(minutes=5)  # how exactly it is noted when somebody last wrote: silence is counted in months
# What a web chat's address begins with on a website: one person's own thread, which never passes to another, or
# whoever uses one browser. Codes work on both as on a phone.
PERSONAL, VISITOR = "person:", "visitor:"
# Where a session of ours says who writes: other addresses there only keep what was said about being written to.
SESSIONS = ("web", "terminal")
WAITING = ("waiting_words", "named")  # of a thread's focus


@dataclass(frozen=True)
class Sender:
    """Where a message came from, the conversation it belongs to, and how far its sender is proved at this moment."""

    address_id: int
    conversation_id: int
    assurance: int


def tells_who(channel: str, address: str) -> bool:
    """Whether an address, where it has a row, says who writes from it."""
    return channel not in SESSIONS or address.startswith((PERSONAL, VISITOR))


def telling_rows() -> ColumnElement[bool]:
    """The rows of such addresses."""
    of_browsers = (Address.address.startswith(PERSONAL), Address.address.startswith(VISITOR))
    return or_(Address.channel.not_in(SESSIONS), *of_browsers)


async def receive_from(
    session: AsyncSession, *, business_id: int, connection: str, channel: str, address: str, now: datetime
) -> Sender:
    """Note that somebody writes from an address. Its conversation is theirs while the address says whose it is.

    connection: "sms:harbor-and-pine". address: in the channel's own form, E.164 for a phone. Runs in the intake scope.
    """
    here = {"on": connection, "written": address}
    known = await _seen(session, here)
    if known is None:
        await _note_first(session, business_id, here, channel, now)
        (known,) = await rows_of(session, _as_seen(), here)
    return await _unchanged(session, known, now) or await _changed(session, known, now)


async def _seen(session: AsyncSession, here: dict[str, Any]) -> Seen | None:
    return next(iter(await rows_of(session, _as_seen(), here)), None)


async def _note_first(
    session: AsyncSession, business_id: int, here: dict[str, Any], channel: str, now: datetime
) -> None:
    """An address that was never seen, with a conversation.

    First messages of one business come in one after the other: two at once must not both make the rows.
    """
    await session.scalars(select(Business.id).where(Business.id == business_id).with_for_update())
    if await _seen(session, here) is not None:
        return
    place = {"business_id": business_id, "connection": here["on"], "channel": channel, "address": here["written"]}
    await rows_of(session, add_to(Address), {**place, "last_seen_at": now})
    if not await rows_of(session, _held(), {"on": here["on"], "key": here["written"]}):
        thread = {**place, "key": here["written"], "opened_at": now, "last_message_at": now}
        await rows_of(session, add_to(Conversation), thread)


async def _changed(session: AsyncSession, known: Seen, now: datetime) -> Sender:
    """The sender of a message where something is to be written down: a link, a silence that is over, another person."""
    row = await session.get_one(Address, known.id)
    if row.last_seen_at is not None and row.last_seen_at < now - SILENT_FOR:
        await end_links(session, row, now)
    links = await _links_by_records(session, row, now)
    if row.last_seen_at is None or now - row.last_seen_at > SEEN_TO:
        row.last_seen_at = now
    if row.blocked_at is not None:
        row.blocked_at, row.blocked_for = None, ""
    standing = standing_at(row, links, now)
    thread = await _thread_of(session, known, row, now)
    client_id = _only_client(links, standing, thread.client_id)
    turn_to(thread, standing.contact_id, standing.staff_id, client_id, now)
    await session.flush()
    return Sender(row.id, thread.id, standing.level)


@cache
def _as_seen() -> Select[*tuple[Any, ...]]:
    """What most messages need of an address and its conversation; its row is locked until the transaction ends."""
    of_address = (
        Address.id, Address.business_id, Address.channel, Address.address, Address.last_seen_at,
        Address.last_changed_at, Address.blocked_at,
    )  # fmt: skip
    of_thread = (Conversation.contact_id, Conversation.staff_id, Conversation.client_id)
    with_it = (Conversation.connection == Address.connection) & (Conversation.key == Address.address)
    here = (Address.connection == bindparam("on"), Address.address == bindparam("written"))
    seen = select(*of_address, Conversation.id.label("thread_id"), *of_thread).outerjoin(Conversation, with_it)
    return seen.where(*here).with_for_update(of=Address)


async def _unchanged(session: AsyncSession, row: Seen, now: datetime) -> Sender | None:
    """The sender of most messages: seen lately, and still whom their conversation speaks for. None: somebody else."""
    if row.thread_id is None or row.blocked_at is not None:
        return None
    if row.last_seen_at is None or now - row.last_seen_at > SEEN_TO:
        return None
    links = await read_links(session, row.id)
    if row.channel in PHONES:
        people = await people_with(session, row.business_id, row.address)
        if _ends(links, people) or _begins(links, people):
            return None
    standing = standing_at(row, living(links), now)
    client_id = _only_client(living(links), standing, row.client_id)
    if (standing.contact_id, standing.staff_id, client_id) != (row.contact_id, row.staff_id, row.client_id):
        return None
    return Sender(row.id, row.thread_id, standing.level)


@cache
def _held() -> Select[int]:
    with_it = (Conversation.connection == bindparam("on"), Conversation.key == bindparam("key"))
    return select(Conversation.id).where(*with_it)


@dataclass(frozen=True)
class OnFile:
    """A contact or a member of staff on whose file a phone is. since: when it came there, where that is known."""

    contact_id: int | None
    staff_id: int | None
    since: datetime | None

    @property
    def person(self) -> dict[str, int | None]:
        """The two columns that name them."""
        return {"contact_id": self.contact_id, "staff_id": self.staff_id}


async def _links_by_records(session: AsyncSession, row: Address, now: datetime) -> list[Link]:
    """The living links of an address. A phone's are those to people on whose file it is, and to nobody else's.

    A link that does not come from the records stays whatever they say.
    """
    links = await read_links(session, row.id)
    if row.channel in PHONES:
        people = await people_with(session, row.business_id, row.address)
        if _ends(links, people) or _begins(links, people):
            await _follow_records(session, row, people, now)
            links = await read_links(session, row.id)
    return living(links)


def _ends(links: Sequence[L], people: Sequence["OnFile"]) -> list[L]:
    """Living links that came from the records, to people on whose file the phone is no more."""
    of_records = [link for link in links if link.ended_at is None and link.linked_by is LinkedBy.RECORD]
    return [link for link in of_records if not any(is_of(link, each.person) for each in people)]


def _begins(links: Sequence[Whose], people: Sequence["OnFile"]) -> list["OnFile"]:
    """People on whose file the phone is, and to whom it was not linked since it came there."""
    ever = [(each, [link for link in links if is_of(link, each.person)]) for each in people]
    return [each for each, earlier in ever if not earlier or is_newer(each, earlier)]


async def _follow_records(session: AsyncSession, row: Address, people: Sequence["OnFile"], now: datetime) -> None:
    links = list(await session.scalars(select(AddressLink).where(AddressLink.address_id == row.id)))
    for link in _ends(links, people):
        link.ended_at, link.proved_at = now, None
    for each in _begins(links, people):
        await link_address(session, row, each.person, LinkedBy.RECORD, now)
    await session.flush()


def is_newer(each: OnFile, links: Sequence[Whose]) -> bool:
    """Whether the phone came on file after the last link to it was ended."""
    ended = [link.ended_at for link in links if link.ended_at is not None]
    return each.since is not None and len(ended) == len(links) and each.since > max(ended)


async def people_with(session: AsyncSession, business_id: int, phone: str) -> list[OnFile]:
    """The contacts and staff of a business who have a phone on file."""
    held = {"business": business_id, "phone": phone}
    return [OnFile(*found) for found in await rows_of(session, _on_file(), held)]


@cache
def _on_file() -> CompoundSelect[int | None, int | None, datetime | None]:
    contacts = select(Contact.id.label("contact"), null().label("staff"), Contact.phone_since.label("since")).where(
        Contact.business_id == bindparam("business"), Contact.phone == bindparam("phone")
    )
    staff = select(null(), Staff.id, null()).where(
        Staff.business_id == bindparam("business"), Staff.phone == bindparam("phone")
    )
    return contacts.union_all(staff)


async def person_at(session: AsyncSession, standing: Standing) -> Contact | Staff | None:
    """The row of who speaks; None where it is nobody."""
    if standing.staff_id is not None:
        return await session.get_one(Staff, standing.staff_id)
    return await session.get_one(Contact, standing.contact_id) if standing.contact_id is not None else None


async def _thread_of(session: AsyncSession, known: Seen, row: Address, now: datetime) -> Conversation:
    """The lasting conversation of an address, whose row is locked; opened where it has none."""
    if known.thread_id is not None:
        return await session.get_one(Conversation, known.thread_id)
    thread = Conversation(
        business_id=row.business_id,
        connection=row.connection,
        channel=row.channel,
        key=row.address,
        address=row.address,
        opened_at=now,
        last_message_at=now,
    )
    session.add(thread)
    await session.flush()
    return thread


def _only_client(links: Sequence[Link], standing: Standing, client_id: int | None) -> int | None:
    """For whom a contact speaks: the only client, else the one the thread is about already (client_id)."""
    speaks = [link.clients for link in links if link.contact_id is not None and link.contact_id == standing.contact_id]
    clients = speaks[0] if speaks else ()
    if len(clients) == 1:
        return clients[0]
    return client_id if client_id in clients else None


def turn_to(
    thread: Conversation, contact_id: int | None, staff_id: int | None, client_id: int | None, now: datetime
) -> None:
    """Let a thread speak for somebody, or for nobody. Another person, another context: nothing said before counts."""
    if (thread.contact_id, thread.staff_id) != (contact_id, staff_id):
        was_nobodys = thread.contact_id is None and thread.staff_id is None
        thread.context_since = None if was_nobodys and thread.head_turn is None else now
        # What an unknown sender asked waits until it is known who they are.
        kept = WAITING if was_nobodys else ()
        thread.focus = {name: thread.focus[name] for name in kept if name in thread.focus}
        thread.contact_id, thread.staff_id = contact_id, staff_id
    if thread.client_id != client_id:
        thread.client_id = client_id

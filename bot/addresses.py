"""Where a message comes from → whose address that is, how far that is proved now, and its lasting conversation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import ColumnElement, CompoundSelect, Select, bindparam, null, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.changes.addresses import end_links, is_of, link_address, living_links
from billing.tables.addresses import Address, AddressLink, LinkedBy
from billing.tables.people import Business, Contact, ContactClient, Staff
from billing.tables.talk import Conversation
from bot.codes import PROVED_FOR

NEW_FOR = timedelta(days=7)  # after a change, being linked is not enough
SILENT_FOR = timedelta(days=548)  # 18 months: numbers are given to others after less
SEEN_TO = timedelta(minutes=5)  # how exactly it is noted when somebody last wrote: silence is counted in months
PHONES = ("sms",)  # channels whose addresses are phone numbers
# What a web chat's address begins with on a website: one person's own thread, which never passes to another, or
# whoever uses one browser. Codes work on both as on a phone.
PERSONAL, VISITOR = "person:", "visitor:"
# Where a session of ours says who writes: other addresses there only keep what was said about being written to.
SESSIONS = ("web", "terminal")
# Channels where the account itself is signed in: its address cannot be forged, as a caller's number can, and the
# channel vouches for the account's own phone number.
SIGNED_IN = ("telegram",)
OWN_PROOFS = (LinkedBy.CARD, LinkedBy.CODE)
WAITING = ("waiting_words", "named")  # of a thread's focus


@dataclass(frozen=True)
class Sender:
    """Where a message came from, the conversation it belongs to, and how far its sender is proved at this moment."""

    address_id: int
    conversation_id: int
    assurance: int


@dataclass(frozen=True)
class Standing:
    """Who speaks from an address at a moment: level 0 nobody, 1 the one person it is linked to, 2 who proved it.

    Nobody where it is several people's or clients', or has changed in the last week, and nobody has proved it.
    """

    level: int
    contact_id: int | None = None
    staff_id: int | None = None
    is_shared: bool = False


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
    row, thread = await _found(session, business_id, connection, channel, address)
    if row.last_seen_at is not None and row.last_seen_at < now - SILENT_FOR:
        await end_links(session, row, now)
    links = await _follow_records(session, row, now)
    if row.last_seen_at is None or now - row.last_seen_at > SEEN_TO:
        row.last_seen_at = now
    if row.blocked_at is not None:
        row.blocked_at, row.blocked_for = None, ""
    standing = await _standing(session, row, links, now)
    thread = thread or await _open_thread(session, row, now)
    turn_to(thread, standing.contact_id, standing.staff_id, await _only_client(session, standing, thread), now)
    await session.flush()
    return Sender(row.id, thread.id, standing.level)


async def _found(
    session: AsyncSession, business_id: int, connection: str, channel: str, address: str
) -> tuple[Address, Conversation | None]:
    """The row of an address, made where it is new, locked until the transaction ends, and its conversation."""
    written = {"on": connection, "written": address}
    known = (await session.execute(_written(), written)).one_or_none()
    if known is None:
        # First messages of one business come in one after the other: two at once must not both make the row.
        await session.scalars(select(Business.id).where(Business.id == business_id).with_for_update())
        known = (await session.execute(_written(), written)).one_or_none()
    if known is not None:
        row, thread = known
        return row, thread
    made = Address(business_id=business_id, connection=connection, channel=channel, address=address)
    session.add(made)
    await session.flush()
    return made, None


# Statements of each message that comes in are made once: making one costs as much as asking it.


@cache
def _written() -> Select[Address, Conversation]:
    with_it = (Conversation.connection == Address.connection) & (Conversation.key == Address.address)
    here = (Address.connection == bindparam("on"), Address.address == bindparam("written"))
    return select(Address, Conversation).outerjoin(Conversation, with_it).where(*here).with_for_update(of=Address)


@cache
def _held() -> Select[Conversation]:
    with_it = (Conversation.connection == bindparam("on"), Conversation.key == bindparam("key"))
    return select(Conversation).where(*with_it)


@cache
def _ever_linked() -> Select[AddressLink]:
    return select(AddressLink).where(AddressLink.address_id == bindparam("address")).order_by(AddressLink.id)


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


async def _follow_records(session: AsyncSession, row: Address, now: datetime) -> list[AddressLink]:
    """The living links of an address. A phone's are those to people on whose file it is, and to nobody else's.

    A link that does not come from the records stays whatever they say.
    """
    links = list(await session.scalars(_ever_linked(), {"address": row.id}))
    if row.channel not in PHONES:
        return [link for link in links if link.ended_at is None]
    people = await people_with(session, row.business_id, row.address)
    for link in links:
        is_on_file = any(is_of(link, each.person) for each in people)
        if link.ended_at is None and link.linked_by is LinkedBy.RECORD and not is_on_file:
            link.ended_at, link.proved_at = now, None
    for each in people:
        earlier = [link for link in links if is_of(link, each.person)]
        if not earlier or is_newer(each, earlier):
            links.append(await link_address(session, row, each.person, LinkedBy.RECORD, now))
    return [link for link in links if link.ended_at is None]


def is_newer(each: OnFile, links: Sequence[AddressLink]) -> bool:
    """Whether the phone came on file after the last link to it was ended."""
    ended = [link.ended_at for link in links if link.ended_at is not None]
    return each.since is not None and len(ended) == len(links) and each.since > max(ended)


async def people_with(session: AsyncSession, business_id: int, phone: str) -> list[OnFile]:
    """The contacts and staff of a business who have a phone on file."""
    held = {"business": business_id, "phone": phone}
    return [OnFile(*found) for found in await session.execute(_on_file(), held)]


@cache
def _on_file() -> CompoundSelect[int | None, int | None, datetime | None]:
    contacts = select(Contact.id.label("contact"), null().label("staff"), Contact.phone_since.label("since")).where(
        Contact.business_id == bindparam("business"), Contact.phone == bindparam("phone")
    )
    staff = select(null(), Staff.id, null()).where(
        Staff.business_id == bindparam("business"), Staff.phone == bindparam("phone")
    )
    return contacts.union_all(staff)


async def standing_of(session: AsyncSession, row: Address, at: datetime) -> Standing:
    """Who speaks from an address at a moment."""
    return await _standing(session, row, await living_links(session, row.id), at)


async def _standing(session: AsyncSession, row: Address, links: Sequence[AddressLink], at: datetime) -> Standing:
    proved = [link for link in links if is_proved(link, at)]
    if proved:
        latest = max(proved, key=lambda link: link.proved_at or at)
        shared = len(links) > 1
        return Standing(2, latest.contact_id, latest.staff_id, shared or await _serves_several(session, latest))
    if len(links) != 1:
        return Standing(0, is_shared=bool(links))
    (link,) = links
    if await _serves_several(session, link):
        return Standing(0, is_shared=True)
    if row.channel in SIGNED_IN and link.linked_by in OWN_PROOFS:
        return Standing(2 if link.staff_id is not None else 1, link.contact_id, link.staff_id)
    if await _changed_at(session, row, link) > at - NEW_FOR:
        return Standing(0)
    return Standing(1, link.contact_id, link.staff_id)


async def person_at(session: AsyncSession, standing: Standing) -> Contact | Staff | None:
    """The row of who speaks; None where it is nobody."""
    if standing.staff_id is not None:
        return await session.get_one(Staff, standing.staff_id)
    return await session.get_one(Contact, standing.contact_id) if standing.contact_id is not None else None


def is_proved(link: AddressLink, at: datetime) -> bool:
    """Whether a proof of the link stands at a moment."""
    return link.proved_at is not None and link.proved_at <= at < link.proved_at + PROVED_FOR


async def _serves_several(session: AsyncSession, link: AddressLink) -> bool:
    return len(await _clients_of(session, link.contact_id)) > 1


async def _clients_of(session: AsyncSession, contact_id: int | None) -> list[int]:
    if contact_id is None:
        return []
    return list(await session.scalars(_served(), {"contact": contact_id}))


@cache
def _served() -> Select[int]:
    return select(ContactClient.client_id).where(ContactClient.contact_id == bindparam("contact"))


async def _changed_at(session: AsyncSession, row: Address, link: AddressLink) -> datetime:
    """When the address last changed hands, or came on the person's file."""
    changes = [row.last_changed_at]
    if link.contact_id is not None and row.channel in PHONES:
        contact = await session.get_one(Contact, link.contact_id)
        changes.append(contact.phone_since if contact.phone == row.address else None)
    known = [change for change in changes if change is not None]
    return max(known, default=link.linked_at - NEW_FOR)


async def _open_thread(session: AsyncSession, row: Address, now: datetime) -> Conversation:
    """The lasting conversation of an address for which none was seen yet; the address's row is locked.

    Looked for once more: while the lock was waited for, another message may have opened it.
    """
    known = (await session.scalars(_held(), {"on": row.connection, "key": row.address})).one_or_none()
    if known is not None:
        return known
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


async def _only_client(session: AsyncSession, standing: Standing, thread: Conversation) -> int | None:
    """For whom a contact speaks: the only client, else the one the thread is about already."""
    clients = await _clients_of(session, standing.contact_id)
    if len(clients) == 1:
        return clients[0]
    return thread.client_id if thread.client_id in clients else None


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

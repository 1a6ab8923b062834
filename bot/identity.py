"""Conversation + assurance → Principal, and for whom a contact of several clients is asking."""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from rapidfuzz import fuzz
from sqlalchemy import Select, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.built import rows_of
from billing.principal import Principal, PrincipalKind
from billing.tables.addresses import Address
from billing.tables.people import Business, Client, Contact, ContactClient, Staff
from billing.tables.talk import Conversation
from bot.addresses import person_at, telling_rows
from bot.conversation import holder_elsewhere
from bot.standing import standing_of
from bot.tools.context import BusinessCard

SWITCH = re.compile(
    r"^\W*(?:switch|change|cambiar|cambia|changer|wechseln)\b(?P<rest>.*)$|^\W*(?:for|para|pour|für)\s+(?P<name>.+)$",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True)
class Party:
    """A client that a contact may speak for."""

    id: int
    name: str
    version: int


@dataclass(frozen=True)
class Asker:
    """Who wrote, for which business, and how they read. parties: the clients a contact may speak for."""

    principal: Principal
    business: BusinessCard
    name: str
    language: str
    locale: str
    parties: tuple[Party, ...] = ()

    @property
    def must_choose(self) -> bool:
        """Whether it has to be asked first for which client this is."""
        return (
            not self.principal.is_staff
            and self.principal.assurance > 0
            and self.principal.client_id is None
            and len(self.parties) > 1
        )


@dataclass(frozen=True)
class Recognised:
    """A conversation, who speaks in it, and the staff member who answers instead of the assistant, if one does.

    address: the phone or chat it is held from; none of a web chat. is_shared: whether that is several people's or
    clients'.
    """

    thread: Conversation
    asker: Asker
    holder_id: int | None
    address: Address | None = None
    is_shared: bool = False


async def recognise(
    session: AsyncSession, conversation_id: int, assurance: int, at: datetime | None = None
) -> Recognised:
    """Who speaks in a conversation at `assurance`. An unproved person is nobody: no client, no name.

    at: when the first message of the turn came. A phone's thread is that person's whose the phone was at that moment.
    """
    rows = await session.execute(_everybody_in(), {"thread": conversation_id})
    thread, business, contact, staff, address, held_elsewhere = rows.one()
    person: Contact | Staff | None = staff or contact
    is_shared = False
    if address is not None and at is not None:
        standing = await standing_of(session, address, at)
        assurance, is_shared = min(assurance, standing.level), standing.is_shared
        person = await person_at(session, standing)
    asker = await asker_in(session, thread, business, person if assurance > 0 else None, assurance)
    holder_id = None if thread.staff_id is not None else thread.holder_id or held_elsewhere
    return Recognised(thread, asker, holder_id, address, is_shared)


async def asker_in(
    session: AsyncSession, thread: Conversation, business: Business, person: Contact | Staff | None, assurance: int
) -> Asker:
    """A person, proved so far, as the one who asks in a thread; None is nobody."""
    card = card_of(business)
    if isinstance(person, Staff):
        who = Principal(business.id, PrincipalKind.STAFF, assurance, staff_id=person.id, role=person.role.value)
        return Asker(who, card, person.name, person.language, person.locale)
    if person is None:
        nobody = Principal(business.id, PrincipalKind.CLIENT, 0)
        return Asker(nobody, card, "", business.locale.partition("_")[0], business.locale)
    parties = await _parties(session, person)
    client_id = _speaking_for(thread, parties)
    known = Principal(business.id, PrincipalKind.CLIENT, assurance, client_id=client_id, contact_id=person.id)
    return Asker(known, card, person.name, person.language, person.locale, parties)


@cache
def _everybody_in() -> Select[Conversation, Business, Contact, Staff, Address, int | None]:
    here = (Address.connection == Conversation.connection) & (Address.address == Conversation.key)
    here &= telling_rows()
    return (
        select(Conversation, Business, Contact, Staff, Address, holder_elsewhere().label("held_elsewhere"))
        .join(Business, Business.id == Conversation.business_id)
        .outerjoin(Contact, Contact.id == Conversation.contact_id)
        .outerjoin(Staff, Staff.id == Conversation.staff_id)
        .outerjoin(Address, here)
        .where(Conversation.id == bindparam("thread"))
    )


def _speaking_for(thread: Conversation, parties: tuple[Party, ...]) -> int | None:
    """The client the thread is about, while the contact still speaks for it; the only one if there is one."""
    if len(parties) == 1:
        return parties[0].id
    return thread.client_id if thread.client_id in {party.id for party in parties} else None


async def _parties(session: AsyncSession, contact: Contact) -> tuple[Party, ...]:
    rows = await rows_of(session, _served(), {"contact": contact.id, "business": contact.business_id})
    return tuple(Party(*row) for row in rows)


@cache
def _served() -> Select[int, str, int]:
    served = select(Client.id, Client.name, Client.version).join(ContactClient, ContactClient.client_id == Client.id)
    of_contact = (ContactClient.contact_id == bindparam("contact"), ContactClient.business_id == bindparam("business"))
    return served.where(*of_contact).order_by(Client.name)


def card_of(business: Business) -> BusinessCard:
    """What is public about a business."""
    return BusinessCard(
        id=business.id,
        slug=business.slug,
        name=business.name,
        trade=business.trade,
        zone=business.zone,
        locale=business.locale,
        currency=business.currency,
        hours=dict(business.hours),
        phone=business.phone,
        email=business.email,
        postal=business.postal,
        version=business.version,
    )


def asks_to_switch(text: str, asker: Asker) -> bool:
    """Whether the message is about speaking for another of the contact's clients, and nothing else."""
    if len(asker.parties) < 2 or len(text) > 80:
        return False
    match = SWITCH.match(text)
    if match is None:
        return False
    return match["rest"] is not None or chosen_party(text, asker) is not None


def chosen_party(text: str, asker: Asker) -> Party | None:
    """The one client that the words name; None when none or several fit."""
    words = text.casefold()
    scored = sorted(
        ((fuzz.partial_ratio(party.name.casefold(), words), party) for party in asker.parties),
        key=lambda pair: -pair[0],
    )
    short = [
        party
        for party in asker.parties
        if set(re.findall(r"\w{3,}", words)) & set(re.findall(r"\w{3,}", party.name.casefold()))
    ]
    if len(short) == 1:
        return short[0]
    if scored and scored[0][0] >= 85 and (len(scored) == 1 or scored[1][0] < scored[0][0] - 10):
        return scored[0][1]
    return None


def speak_for(thread: Conversation, party: Party, now: datetime) -> None:
    """From now on the thread is about another client: what was spoken of before is another context."""
    thread.client_id = party.id
    thread.context_since = now
    thread.focus = {}

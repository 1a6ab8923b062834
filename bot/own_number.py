"""The phone number that a channel vouches for as the sender's own → whoever has it on file, proved at the address."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.changes.addresses import is_of, link_address, living_links, prove_address
from billing.tables.addresses import Address, AddressLink, LinkedBy
from bot.addresses import SILENT_FOR, OnFile, is_newer, people_with
from bot.codes import ON_FILE_FOR, Brought
from bot.standing import PHONES


async def take_own_number(session: AsyncSession, address: Address, number: str, at: datetime) -> Brought:
    """Link the address to whoever has the number on file, and prove them where they are the only one.

    number: in E.164. Several people's proves none of them: who of them writes is never guessed. What an earlier
    number proved here is over.
    """
    people = await _people_of(session, address.business_id, number, at)
    await _end_others(session, address, people, at)
    for each in people:
        link = await link_address(session, address, each.person, LinkedBy.CARD, at)
        if link.linked_by in {LinkedBy.CARD, LinkedBy.STAFF}:
            link.phone = number
    if not people:
        return Brought.NUMBER_UNKNOWN
    if len(people) > 1:
        return Brought.NUMBER_SHARED
    await prove_address(session, address, people[0].person, LinkedBy.CARD, at)
    return Brought.NUMBER_PROVED


async def _people_of(session: AsyncSession, business_id: int, number: str, at: datetime) -> list[OnFile]:
    """Whose the number is: on their file for a week, and not said, or likely, to have passed to somebody else since."""
    people = [each for each in await people_with(session, business_id, number) if _is_old(each, at)]
    if not people:
        return []
    written = select(Address).where(
        Address.business_id == business_id, Address.channel.in_(PHONES), Address.address == number
    )
    for phone in await session.scalars(written):
        if phone.last_seen_at is not None and phone.last_seen_at < at - SILENT_FOR:
            return []
        ever = list(await session.scalars(select(AddressLink).where(AddressLink.address_id == phone.id)))
        people = [each for each in people if not _has_lost(each, ever)]
    return people


def _is_old(person: OnFile, at: datetime) -> bool:
    return person.since is None or person.since <= at - ON_FILE_FOR


def _has_lost(person: OnFile, ever: list[AddressLink]) -> bool:
    """Whether the phone was somebody's by its own address, is not any more, and did not come on file anew."""
    links = [link for link in ever if is_of(link, person.person)]
    return bool(links) and all(link.ended_at is not None for link in links) and not is_newer(person, links)


async def _end_others(session: AsyncSession, address: Address, people: list[OnFile], at: datetime) -> None:
    """An account has one number: what another one proved ends, and whoever else was known here is not any more."""
    for link in await living_links(session, address.id):
        is_theirs = any(is_of(link, each.person) for each in people)
        if not is_theirs and (people or link.linked_by is LinkedBy.CARD):
            link.ended_at, link.proved_at = at, None
    await session.flush()

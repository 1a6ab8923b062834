"""Whose an address is: linked, proved, vouched for, unlinked, and passed to somebody else."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from billing.changes.addresses import (
    is_of,
    link_address,
    living_links,
    mark_changed,
    prove_address,
    unlink_address,
    vouch_for,
    whose,
)
from billing.principal import Scope
from billing.tables.addresses import LinkedBy
from tests.conftest import Run
from tests.factories.people import make_address, make_business, make_client, make_contact, make_staff
from tests.fakes.clock import NOW
from tests.fakes.databases import Database


def test_address_is_proved_for_one_at_a_time(database: Database, run: Run) -> None:
    async def work(session: AsyncSession) -> None:
        business = await make_business(session)
        client = await make_client(session, business=business)
        ana = await make_contact(session, business=business, clients=[client], phone="+12125550001")
        leo = await make_contact(session, business=business, clients=[client], phone="+12125550001")
        address = await make_address(session, person=ana)
        await prove_address(session, address, whose(ana), LinkedBy.CODE, NOW)
        await prove_address(session, address, whose(leo), LinkedBy.CODE, NOW + timedelta(minutes=1))
        links = {link.contact_id: link for link in await living_links(session, address.id)}
        assert links[ana.id].proved_at is None
        assert links[leo.id].proved_at == NOW + timedelta(minutes=1)
        assert links[leo.id].linked_by is LinkedBy.CODE
        assert address.last_changed_at == NOW + timedelta(minutes=1)

    run(database.door.system(Scope.IMPORT).write(work))


def test_vouching_links_proves_and_unlocks(database: Database, run: Run) -> None:
    async def work(session: AsyncSession) -> None:
        business = await make_business(session)
        ana = await make_contact(session, business=business)
        owner = await make_staff(session, business=business)
        address = await make_address(session, person=owner, locked_until=NOW + timedelta(hours=1))
        link = await vouch_for(session, address, whose(ana), owner, NOW)
        assert (link.vouched_by_id, link.proved_at, link.linked_by) == (owner.id, NOW, LinkedBy.STAFF)
        assert address.locked_until is None
        again = await link_address(session, address, whose(ana), LinkedBy.STAFF, NOW)
        assert again.id == link.id

    run(database.door.system(Scope.IMPORT).write(work))


def test_changed_number_is_nobodys(database: Database, run: Run) -> None:
    async def work(session: AsyncSession) -> None:
        business = await make_business(session)
        ana = await make_contact(session, business=business)
        address = await make_address(session, person=ana, connection="sms:x")
        assert await mark_changed(session, "sms:x", address.address, NOW)
        assert not await mark_changed(session, "sms:x", "+12125550000", NOW)
        assert await living_links(session, address.id) == []
        assert address.last_changed_at == NOW

    run(database.door.system(Scope.IMPORT).write(work))


def test_unlinking_ends_one_link(database: Database, run: Run) -> None:
    async def work(session: AsyncSession) -> None:
        business = await make_business(session)
        ana, leo = [await make_contact(session, business=business) for _ in range(2)]
        address = await make_address(session, person=ana)
        await link_address(session, address, whose(leo), LinkedBy.STAFF, NOW)
        assert await unlink_address(session, address, whose(ana), NOW)
        assert not await unlink_address(session, address, whose(ana), NOW)
        (left,) = await living_links(session, address.id)
        assert is_of(left, whose(leo))

    run(database.door.system(Scope.IMPORT).write(work))

"""What Twilio reports of our messages: onto the row in any order, and onto the address where it says stop."""

import itertools

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.principal import Scope
from billing.tables.addresses import Address, AddressLink, Consent
from billing.tables.people import Business
from billing.tables.talk import Delivery, Message
from tests.conftest import Run
from tests.factories.people import make_contact
from tests.fakes.databases import Database
from tests.fakes.twilio_shop import SID, TextShop, new_sid


@pytest.fixture
def shop(database: Database, run: Run) -> TextShop:
    shop = TextShop(database.door)
    run(shop.open())
    return shop


def report(shop: TextShop, run: Run, message: Message, status: str, code: int = 0, sid: str = "") -> None:
    fields = {"MessageSid": sid or message.provider_id or "", "MessageStatus": status, "AccountSid": SID}
    fields |= {"ErrorCode": str(code)} if code else {}
    assert run(shop.post(fields, kind="status", query=f"m={message.public_id}")).status_code == 200


def test_status_may_come_in_any_order(shop: TextShop, run: Run) -> None:
    for order in itertools.permutations(["queued", "sent", "delivered"]):
        message = run(shop.queue("Hello"))
        for status in order:
            report(shop, run, message, status)
        assert run(shop.message(message.id)).delivery is Delivery.DELIVERED, order


@pytest.mark.parametrize("late", ["sent", "delivered"])
def test_failure_is_final(shop: TextShop, run: Run, late: str) -> None:
    message = run(shop.queue("Hello"))
    report(shop, run, message, "undelivered", 30005)
    report(shop, run, message, late)
    row = run(shop.message(message.id))
    assert (row.delivery, row.error.split(":")[0]) == (Delivery.FAILED, "30005")


def test_status_may_be_quicker_than_the_answer(shop: TextShop, run: Run) -> None:
    message, sid = run(shop.queue("Hello", delivery=Delivery.QUEUED, provider_id=None)), new_sid()
    report(shop, run, message, "delivered", sid=sid)
    row = run(shop.message(message.id))
    assert (row.delivery, row.provider_id) == (Delivery.DELIVERED, sid)


def test_status_of_a_stranger_changes_nothing(shop: TextShop, run: Run) -> None:
    message = run(shop.queue("Hello"))
    fields = {"MessageSid": new_sid(), "MessageStatus": "failed"}
    assert run(shop.post(fields, kind="status", query=f"m={message.public_id}")).status_code == 200
    assert run(shop.message(message.id)).delivery is Delivery.SENT


def test_unheard_of_status_changes_nothing(shop: TextShop, run: Run) -> None:
    message = run(shop.queue("Hello"))
    report(shop, run, message, "teleported")
    assert run(shop.message(message.id)).delivery is Delivery.SENT


@pytest.mark.parametrize("code", [30004, 30005, 30006, 21211, 21612, 21614])
def test_dead_number_is_sent_nothing_more(shop: TextShop, run: Run, code: int) -> None:
    report(shop, run, run(shop.queue("Hello")), "undelivered", code)
    [address] = run(shop.rows(Address))
    assert address.blocked_at == shop.now
    assert address.blocked_for.startswith(str(code))


@pytest.mark.parametrize(("code", "keeps"), [(30005, False), (30006, True)])
def test_number_out_of_service_is_nobodys(shop: TextShop, run: Run, code: int, keeps: bool) -> None:
    message = run(shop.queue("Hello"))

    async def link(session: AsyncSession) -> None:
        business = await session.get_one(Business, shop.business_id)
        address = (await session.scalars(select(Address))).one()
        whose = {"address_id": address.id, "contact_id": (await make_contact(session, business=business)).id}
        session.add(AddressLink(business_id=business.id, linked_at=shop.now, **whose))

    run(shop.door.system(Scope.IMPORT).write(link))
    report(shop, run, message, "undelivered", code)
    [linked] = run(shop.rows(AddressLink))
    assert (linked.ended_at is None) is keeps


@pytest.mark.parametrize("code", [30003, 30007, 30008])
def test_silent_number_is_given_up_after_three(shop: TextShop, run: Run, code: int) -> None:
    for _ in range(2):
        report(shop, run, run(shop.queue("Hello")), "undelivered", code)
    assert run(shop.rows(Address))[0].blocked_at is None
    report(shop, run, run(shop.queue("Hello")), "undelivered", code)
    assert run(shop.rows(Address))[0].blocked_at == shop.now


def test_our_own_trouble_blocks_nobody(shop: TextShop, run: Run) -> None:
    for _ in range(4):
        report(shop, run, run(shop.queue("Hello")), "failed", 30034)
    assert run(shop.rows(Address))[0].blocked_at is None


def test_opt_out_at_the_provider_withdraws_consent_once(shop: TextShop, run: Run) -> None:
    for _ in range(2):
        report(shop, run, run(shop.queue("Hello")), "failed", 21610)
    [consent] = run(shop.rows(Consent))
    assert (consent.is_given, consent.source, consent.channel) == (False, "provider", "sms")
    assert run(shop.rows(Address))[0].blocked_for == "opted out"

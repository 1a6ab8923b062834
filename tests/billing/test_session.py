"""What a client's and a staff member's session may write, and the ways around the unit of work."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import immediateload, make_transient_to_detached, selectinload, subqueryload

from billing.principal import Principal, Scope
from billing.refusals import (
    AccessRefusedError,
    BulkRefusedError,
    DetachedObjectError,
    ForeignOwnerError,
    ForeignReferenceError,
    GivenIdError,
    MergeRefusedError,
    OwnerChangedError,
    RawConnectionError,
    TransactionEndedError,
    WriteRefusedError,
)
from billing.session import BoundedSession
from billing.tables.bills import Invoice, InvoiceLine, InvoiceStatus
from billing.tables.files import FileLink
from billing.tables.payments import Allocation, LinkStatus, Payment, PaymentLink, PaymentMethod, PaymentStatus
from billing.tables.people import Business, Client, Contact, Staff
from billing.tables.plans import PaymentPromise
from billing.tables.talk import Conversation, Message, Note, NoteKind
from billing.tables.work import Request, RequestKind
from tests.billing.neighbours import Household
from tests.billing.villages import Village
from tests.fakes.clock import NOW, TODAY

Work = Callable[[AsyncSession], Awaitable[Any]]


def a_request(of: Household, **given: Any) -> Request:
    """A request that belongs to a household."""
    dull = {"number": "REQ-7", "kind": RequestKind.SERVICE, "summary": "A door", "created_at": NOW}
    return Request(**({"business_id": of.business, "client_id": of.client} | dull | given))


def a_link(of: Household, **given: Any) -> PaymentLink:
    """A payment link for a household's invoice."""
    dull = {"invoice_id": of.invoice, "token_sha256": "f" * 64, "currency": "USD", "status": LinkStatus.OPEN}
    owner = {"business_id": of.business, "client_id": of.client, "created_at": NOW, "expires_at": NOW}
    return PaymentLink(**(owner | dull | given))


def adding(row: Any) -> Work:
    """Work that adds a row."""

    async def work(session: AsyncSession) -> None:
        session.add(row)
        await session.flush()

    return work


def changing(table: type[Any], row_id: int, **values: Any) -> Work:
    """Work that changes a row it has loaded."""

    async def work(session: AsyncSession) -> None:
        row = await session.get_one(table, row_id)
        for name, value in values.items():
            setattr(row, name, value)

    return work


def summaries(village: Village) -> set[str]:
    """Of all requests there are."""

    async def work(session: AsyncSession) -> set[str]:
        return set(await session.scalars(select(Request.summary)))

    found: set[str] = village.read(Scope.DOCTOR, work)
    return found


def test_a_client_asks_for_something(village: Village) -> None:
    near = village.near
    village.write(near.client, adding(a_request(near.mine, conversation_id=near.mine.conversation)))
    assert "A door" in summaries(village)


def test_a_client_gets_a_link(village: Village) -> None:
    near = village.near
    link = a_link(near.mine, conversation_id=near.mine.conversation, contact_id=near.mine.contact)
    village.write(near.client, adding(link))


def test_a_client_changes_own_things(village: Village) -> None:
    near = village.near
    village.write(near.client, changing(Contact, near.mine.contact, phone="+12125550000", preferences={"a": 1}))
    village.write(near.client, changing(Client, near.mine.client, postal="1 Main Street"))
    village.write(near.client, changing(Invoice, near.mine.invoice, disputed_at=NOW))
    village.write(near.client, changing(Conversation, near.mine.conversation, language="es"))
    village.write(near.client, adding(Note(
        business_id=near.mine.business, client_id=near.mine.client, kind=NoteKind.CHANGE, text="x", created_at=NOW
    )))  # fmt: skip


def test_staff_write_their_business(village: Village) -> None:
    near = village.near
    village.write(near.staff_member, adding(a_request(near.theirs)))
    village.write(near.staff_member, changing(Conversation, near.theirs.conversation, holder_id=near.staff))
    village.write(near.staff_member, changing(Invoice, near.mine.invoice, balance_minor=1))


FOREIGN_ROWS: dict[str, tuple[Callable[[Any], Any], type[Exception]]] = {
    "another client's row": (lambda near: a_request(near.theirs), ForeignOwnerError),
    "another business's row": (lambda near: a_request(near.far), ForeignOwnerError),
    "no one's row": (lambda near: a_request(near.mine, client_id=None), ForeignOwnerError),
    "a row of another business": (lambda near: a_request(near.mine, business_id=near.far.business), ForeignOwnerError),
    "a chosen id": (lambda near: a_request(near.mine, id=near.theirs.request), GivenIdError),
    "a foreign invoice": (lambda near: a_request(near.mine, invoice_id=near.theirs.invoice), IntegrityError),
    "a foreign project": (lambda near: a_request(near.mine, project_id=near.theirs.project), IntegrityError),
    "a link to a foreign invoice": (lambda near: a_link(near.mine, invoice_id=near.theirs.invoice), IntegrityError),
    "a receipt to a foreign thread": (
        lambda near: a_link(near.mine, conversation_id=near.theirs.conversation), ForeignReferenceError,
    ),
    "a receipt to a far thread": (
        lambda near: a_link(near.mine, conversation_id=near.far.conversation), ForeignReferenceError,
    ),
    "a request from a staff thread": (
        lambda near: a_request(near.mine, conversation_id=near.staff_thread), ForeignReferenceError,
    ),
    "a foreign contact": (lambda near: a_request(near.mine, contact_id=near.theirs.contact), ForeignReferenceError),
    "a far staff member": (lambda near: a_request(near.mine, assignee_id=99), IntegrityError),
    "a link to an internal file": (
        lambda near: FileLink(
            business_id=near.mine.business, client_id=near.mine.client, token_sha256="f" * 64,
            file_version_id=near.mine.internal_version, created_at=NOW, expires_at=NOW,
        ), ForeignReferenceError,
    ),
    "an internal note": (
        lambda near: Note(business_id=near.mine.business, client_id=near.mine.client, text="x", created_at=NOW),
        WriteRefusedError,
    ),
    "a promise for a foreign invoice": (
        lambda near: PaymentPromise(
            business_id=near.mine.business, client_id=near.mine.client, invoice_id=near.theirs.invoice,
            promised_for=TODAY, made_at=NOW,
        ), IntegrityError,
    ),
    "a payment": (
        lambda near: Payment(
            business_id=near.mine.business, client_id=near.mine.client, number="PAY-0", currency="USD", started_at=NOW,
            status=PaymentStatus.SUCCEEDED, method=PaymentMethod.CASH, amount_minor=1,
        ), WriteRefusedError,
    ),
    "an allocation": (
        lambda near: Allocation(
            business_id=near.mine.business, client_id=near.mine.client, invoice_id=near.mine.invoice,
            retainer_id=near.mine.retainer, amount_minor=1, allocated_at=NOW,
        ), WriteRefusedError,
    ),
    "a line": (
        lambda near: InvoiceLine(
            business_id=near.mine.business, client_id=near.mine.client, invoice_id=near.mine.invoice, position=9,
            description="x", unit_price_minor=1, amount_minor=1,
        ), WriteRefusedError,
    ),
    "a business": (lambda _: Business(slug="x", name="x", zone="UTC", locale="en", currency="USD", hours={}),
                   WriteRefusedError),
}  # fmt: skip

FOREIGN_CHANGES: dict[str, tuple[Callable[[Any], Work], type[AccessRefusedError]]] = {
    "the owner": (lambda near: changing(Request, near.mine.request, client_id=near.theirs.client), OwnerChangedError),
    "the business": (
        lambda near: changing(Request, near.mine.request, business_id=near.far.business), OwnerChangedError,
    ),
    "the id": (lambda near: changing(Request, near.mine.request, id=near.theirs.request), OwnerChangedError),
    "the thread": (
        lambda near: changing(Request, near.mine.request, conversation_id=near.theirs.conversation),
        ForeignReferenceError,
    ),
    "a balance": (lambda near: changing(Invoice, near.mine.invoice, balance_minor=0), WriteRefusedError),
    "a status": (lambda near: changing(Invoice, near.mine.invoice, status=InvoiceStatus.PAID), WriteRefusedError),
    "a payment": (lambda near: changing(Payment, near.mine.payment, amount_minor=99_00), WriteRefusedError),
    "a client's name": (lambda near: changing(Client, near.mine.client, name="x"), WriteRefusedError),
    "staff": (lambda near: changing(Staff, near.staff, phone="+1"), WriteRefusedError),
    "the business's name": (lambda near: changing(Business, near.mine.business, name="x"), WriteRefusedError),
}  # fmt: skip


@pytest.mark.parametrize("way", FOREIGN_ROWS)
def test_a_client_adds_nothing_foreign(way: str, shared_village: Village) -> None:
    row, reason = FOREIGN_ROWS[way]
    before = summaries(shared_village)
    with pytest.raises(reason):
        shared_village.write(shared_village.near.client, adding(row(shared_village.near)))
    assert summaries(shared_village) == before


@pytest.mark.parametrize("way", FOREIGN_CHANGES)
def test_a_client_changes_nothing_foreign(way: str, shared_village: Village) -> None:
    change, reason = FOREIGN_CHANGES[way]
    with pytest.raises(reason):
        shared_village.write(shared_village.near.client, change(shared_village.near))


def test_staff_write_no_other_business(shared_village: Village) -> None:
    near = shared_village.near
    with pytest.raises(ForeignOwnerError):
        shared_village.write(near.staff_member, adding(a_request(near.far)))
    with pytest.raises(IntegrityError):
        shared_village.write(near.staff_member, adding(a_request(near.theirs, client_id=near.far.client)))
    with pytest.raises(OwnerChangedError):
        shared_village.write(near.staff_member, changing(Request, near.mine.request, business_id=near.far.business))


def test_strangers_write_nothing(shared_village: Village) -> None:
    near = shared_village.near
    with pytest.raises(WriteRefusedError):
        shared_village.write(near.stranger, adding(a_request(near.mine, client_id=None)))


def test_a_client_deletes_nothing(shared_village: Village) -> None:
    async def work(session: AsyncSession) -> None:
        await session.delete(await session.get_one(Request, shared_village.near.mine.request))

    with pytest.raises(WriteRefusedError):
        shared_village.write(shared_village.near.client, work)


def test_foreign_rows_are_not_got_by_id(shared_village: Village) -> None:
    near = shared_village.near

    async def work(session: AsyncSession) -> list[Any]:
        wanted = (Invoice, near.theirs.invoice), (Invoice, near.far.invoice), (Client, near.theirs.client), (
            Business, near.far.business), (Contact, near.theirs.contact), (Note, near.mine.note)  # fmt: skip
        return [await session.get(table, row_id) for table, row_id in wanted]

    assert shared_village.read(near.client, work) == [None] * 6

    async def own(session: AsyncSession) -> int:
        invoice = await session.get_one(Invoice, near.mine.invoice)
        await session.refresh(invoice)
        session.expire(invoice)
        await session.refresh(invoice, ["id", "title"])
        return invoice.id

    assert shared_village.read(near.client, own) == near.mine.invoice


def test_a_row_that_changed_hands_is_not_refreshed(village: Village) -> None:
    near = village.near

    async def work(session: AsyncSession) -> None:
        request = await session.get_one(Request, near.mine.request)
        village.plant(f"update request set client_id = {near.theirs.client} where id = {near.mine.request}")
        await session.refresh(request)

    if village.database.kind == "sqlite":
        pytest.skip("a reading transaction of SQLite sees no later write")
    with pytest.raises(Exception, match="Could not refresh"):
        village.read(near.client, work)


@pytest.mark.parametrize("load", [selectinload, subqueryload, immediateload])
def test_loads_leave_out_planted_rows(load: Any, village: Village) -> None:
    mine, theirs = village.near.mine, village.near.theirs
    planted = f"update invoice_line set invoice_id = {mine.invoice}, position = 9 where client_id = {theirs.client}"
    village.plant(planted)

    async def work(session: AsyncSession) -> list[str]:
        invoices = (await session.scalars(select(Invoice).options(load(Invoice.lines)))).unique()
        return [line.description for invoice in invoices for line in invoice.lines]

    assert village.read(village.near.client, work) == ["MINE"]
    assert sorted(village.read(village.near.staff_member, work)) == ["MINE", "THEIRS"]


def test_detached_rows_are_refused(shared_village: Village) -> None:
    near = shared_village.near

    async def work(session: AsyncSession) -> None:
        request = a_request(near.mine, id=near.theirs.request, version=1)
        make_transient_to_detached(request)
        session.add(request)

    with pytest.raises(DetachedObjectError):
        shared_village.write(near.client, work)


def test_rows_of_another_session_are_refused(shared_village: Village) -> None:
    near = shared_village.near

    async def load(session: AsyncSession) -> Request:
        return await session.get_one(Request, near.theirs.request)

    foreign = shared_village.read(Scope.DOCTOR, load)
    foreign.summary = "changed"
    with pytest.raises(DetachedObjectError):
        shared_village.write(near.client, adding(foreign))

    async def delete(session: AsyncSession) -> None:
        await session.delete(foreign)

    with pytest.raises(DetachedObjectError):
        shared_village.write(near.client, delete)


WAYS_AROUND: dict[str, tuple[Callable[[AsyncSession, Any], Awaitable[Any]], type[AccessRefusedError]]] = {
    "merge": (lambda session, near: session.merge(a_request(near.theirs, id=near.theirs.request)), MergeRefusedError),
    "connection": (lambda session, _: session.connection(), RawConnectionError),
    "run_sync": (lambda session, _: session.run_sync(lambda inner: inner.connection()), RawConnectionError),
    "commit": (lambda session, _: session.commit(), TransactionEndedError),
    "rollback": (lambda session, _: session.rollback(), TransactionEndedError),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS_AROUND)
def test_ways_around_the_unit_of_work_are_refused(way: str, shared_village: Village) -> None:
    call, reason = WAYS_AROUND[way]

    async def work(session: AsyncSession) -> None:
        await call(session, shared_village.near)

    with pytest.raises(reason):
        shared_village.write(shared_village.near.client, work)


def test_the_engine_is_not_handed_out(shared_village: Village) -> None:
    async def work(session: AsyncSession) -> None:
        session.get_bind()

    with pytest.raises(RawConnectionError):
        shared_village.read(shared_village.near.client, work)


@pytest.mark.parametrize("name", ["bulk_save_objects", "bulk_insert_mappings", "bulk_update_mappings"])
def test_bulk_operations_are_refused(name: str, shared_village: Village) -> None:
    async def work(session: AsyncSession) -> None:
        getattr(session.sync_session, name)([])

    with pytest.raises(BulkRefusedError):
        shared_village.write(shared_village.near.client, work)


def test_a_sessions_principal_never_changes(shared_village: Village) -> None:
    async def work(session: AsyncSession) -> Principal:
        inner = session.sync_session
        assert isinstance(inner, BoundedSession)
        with pytest.raises(AttributeError):
            inner.asker = Scope.DOCTOR  # type: ignore[misc]  # what the test is about
        session.info["principal"] = shared_village.near.staff_member
        assert len((await session.scalars(select(Invoice.id))).all()) == 1
        assert isinstance(inner.asker, Principal)
        return inner.asker

    assert shared_village.read(shared_village.near.client, work) == shared_village.near.client


def test_scopes_touch_their_own_tables_only(shared_village: Village) -> None:
    async def read_invoices(session: AsyncSession) -> None:
        await session.scalars(select(Invoice))

    async def count_messages(session: AsyncSession) -> int:
        return len((await session.scalars(select(Message))).all())

    with pytest.raises(AccessRefusedError):
        shared_village.read(Scope.SEND, read_invoices)
    assert shared_village.read(Scope.SEND, count_messages) == 3
    with pytest.raises(WriteRefusedError):
        shared_village.write(Scope.SEND, adding(a_request(shared_village.near.mine)))
    with pytest.raises(WriteRefusedError):
        shared_village.write(Scope.DOCTOR, adding(a_request(shared_village.near.mine)))

"""Requests are written once, each with a number of its own, on SQLite and PostgreSQL."""

import asyncio

from sqlalchemy.ext.asyncio import AsyncSession

from billing.changes.requests import NewRequest, create_request
from billing.principal import Principal, PrincipalKind, Scope
from billing.tables.people import Client
from billing.tables.work import Request, RequestKind
from tests.conftest import Run
from tests.factories.people import make_business, make_client
from tests.fakes.clock import NOW
from tests.fakes.databases import Database


def new_request(client: Client, key: str) -> NewRequest:
    """A client's wish."""
    return NewRequest(
        business_id=client.business_id, client_id=client.id, kind=RequestKind.SERVICE, summary="A shelf",
        created_at=NOW, idempotency_key=key,
    )  # fmt: skip


def two_clients(database: Database, run: Run) -> list[Client]:
    """Two clients of one business."""

    async def work(session: AsyncSession) -> list[Client]:
        business = await make_business(session)
        return [await make_client(session, business=business) for _ in range(2)]

    clients: list[Client] = run(database.door.system(Scope.IMPORT).write(work))
    return clients


async def ask(database: Database, client: Client, key: str) -> Request:
    """One request through the client's own session."""
    principal = Principal(client.business_id, PrincipalKind.CLIENT, 1, client_id=client.id)
    return await create_request(database.door, database.door.records_for(principal), new_request(client, key))


def test_two_clients_at_once_get_two_numbers(database: Database, run: Run) -> None:
    clients = two_clients(database, run)

    async def many() -> list[Request]:
        return await asyncio.gather(*(ask(database, clients[n % 2], f"key:{n}") for n in range(4)))

    assert sorted(row.number for row in run(many())) == ["REQ-1", "REQ-2", "REQ-3", "REQ-4"]


def test_a_repeated_key_is_the_same_request(database: Database, run: Run) -> None:
    client = two_clients(database, run)[0]
    first = run(ask(database, client, "key"))
    assert run(ask(database, client, "key")).id == first.id


def test_an_unknown_senders_request_has_no_client(database: Database, run: Run) -> None:
    client = two_clients(database, run)[0]
    new = NewRequest(
        business_id=client.business_id, client_id=None, kind=RequestKind.CALLBACK, summary="Call me", created_at=NOW,
        idempotency_key="key",
    )  # fmt: skip
    request = run(create_request(database.door, database.door.system(Scope.DISPATCH), new))
    assert (request.number, request.client_id) == ("REQ-1", None)

"""A pay page to press buttons on: an open invoice, links to it, and a clock that can be moved."""

import hashlib
import html
import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import httpx
from fastapi import FastAPI
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.changes.links import create_link
from billing.principal import Scope
from billing.tables.bills import Invoice
from billing.tables.payments import Payment, PaymentEvent, PaymentLink, PaymentStatus, SandboxCharge
from channels.pay.desk import PayDesk, sandbox_desk
from channels.pay.page import pay_router
from tests.factories.bills import make_invoice
from tests.factories.people import make_business, make_client, make_contact
from tests.fakes.clock import NOW
from tests.fakes.gateway import Ears, FakeGateway

GOOD, DECLINED, ASKS, LATE = "4242 4242 4242 4242", "4000000000000002", "4000 0025 0000 3155", "4000000000000077"
T = TypeVar("T")


@dataclass
class Shop:
    """A pay page over an open invoice of $1,840.00, with a clock that can be moved."""

    door: Door
    ears: Ears
    desk: PayDesk
    http: httpx.AsyncClient
    clock: list[datetime]
    invoice_id: int
    contact_id: int

    async def link(self, asked: int | None = None, **given: Any) -> str:
        """The path of a new link."""
        token = secrets.token_urlsafe(16)
        dull: dict[str, Any] = {
            "invoice_id": self.invoice_id,
            "asked_minor": asked,
            "token_sha256": hashlib.sha256(token.encode()).hexdigest(),
            "now": self.clock[0],
            "conversation_id": None,
            "contact_id": None,
            "idempotency_key": None,
        }
        await self.write(lambda session: create_link(session, **(dull | given)))
        return f"/pay/{token}"

    async def write(self, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
        return await self.door.system(Scope.PAYMENT_EVENT).write(work)

    async def open(self, path: str, **headers: str) -> httpx.Response:
        return await self.http.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    async def press(self, path: str, card: str = GOOD, proof: str = "") -> httpx.Response:
        """Open the page and press its button."""
        proof = proof or proof_of(await self.open(path))
        return await self.http.post(path, data={"proof": proof, "card": card})

    async def answer(self, path: str, answer: str) -> httpx.Response:
        proof = proof_of(await self.open(path))
        return await self.http.post(f"{path}/confirm", data={"proof": proof, "answer": answer})

    async def payments(self) -> list[PaymentStatus]:
        async def work(session: AsyncSession) -> list[PaymentStatus]:
            return list((await session.scalars(select(Payment.status).order_by(Payment.id))).all())

        return await self.door.system(Scope.DOCTOR).read(work)

    async def counts(self) -> dict[str, tuple[int, ...]]:
        """Rows and their versions: two equal answers mean that nothing was written between."""
        tables = (Payment, PaymentEvent, SandboxCharge, PaymentLink, Invoice)

        async def work(session: AsyncSession) -> dict[str, tuple[int, ...]]:
            found = {}
            for table in tables:
                rows = await session.execute(select(func.count(table.id), func.sum(table.version)))
                found[table.__tablename__] = tuple(rows.one())
            return found

        return await self.door.system(Scope.DOCTOR).read(work)


def proof_of(page: httpx.Response) -> str:
    found = re.search(r'name="proof" value="([^"]+)"', page.text)
    assert found, page.text
    return html.unescape(found[1])


def words_of(page: httpx.Response) -> str:
    """What a person reads on the page."""
    shown = re.sub(r"<style.*?</style>|<[^>]+>", " ", page.text, flags=re.DOTALL)
    return " ".join(html.unescape(shown).split())


@asynccontextmanager
async def opened(door: Door, *, fake: FakeGateway | None = None, **business: Any) -> AsyncIterator[Shop]:
    clock, ears = [NOW], Ears()
    desk = sandbox_desk(door, lambda: clock[0], ears.announce, "secret")
    if fake is not None:
        desk = PayDesk(door, fake, lambda: clock[0], ears.announce, "secret", "https://frontdesk.example.com")

    async def work(session: AsyncSession) -> tuple[int, int]:
        made = await make_business(session, **({"name": "Harbor & Pine Renovations"} | business))
        client = await make_client(session, business=made, name="Dana Lee")
        contact = await make_contact(session, business=made, clients=[client], language="de", locale="de_DE")
        invoice = await make_invoice(
            session, client=client, number="INV-1042", title="Kitchen cabinets", lines=[("Oak doors", 1, 184_000)]
        )
        return invoice.id, contact.id

    invoice_id, contact_id = await door.system(Scope.IMPORT).write(work)
    app = FastAPI()
    app.include_router(pay_router(desk))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://pay.test") as http:
        yield Shop(door, ears, desk, http, clock, invoice_id, contact_id)

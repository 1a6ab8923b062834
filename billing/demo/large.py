"""A business with very many invoices, for benchmarks: made in chunks, the same every time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from random import Random
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.database import Base
from billing.demo.create import DemoExistsError
from billing.demo.days import Days
from billing.money import share_of
from billing.principal import Scope
from billing.tables.bills import Invoice, InvoiceLine, InvoiceStatus
from billing.tables.payments import Allocation, Payment, PaymentMethod, PaymentStatus
from billing.tables.people import Business, Client, ClientStatus, Contact, ContactClient, Role, Staff
from billing.tables.work import Project, ProjectStatus

SLUG, BENCH_CLIENT, ZONE = "bench", "bench-client", "America/New_York"
BENCH_INVOICES = 12  # the named client keeps this size however large the business grows
_CHUNK = 4000
_CURRENCY = "USD"
_TERMS = 14
_WORK = ("Kitchen", "Bathroom", "Deck", "Porch", "Stairs", "Closet", "Fence", "Window", "Floor", "Roof")
_KIND = ("repair", "renovation", "painting", "inspection", "extension", "cleaning")
_TAX = ("Sales tax (8.88%)", 888)
# How long open invoices are overdue: (share of them in percent, from, to) in days; before 0 is not due yet.
_AGES = ((45, -13, 0), (25, 1, 30), (15, 31, 60), (8, 61, 90), (7, 91, 200))


@dataclass(frozen=True)
class _Plan:
    """How many there are to be of what, and from when they count."""

    business_id: int
    clients: Sequence[int]  # ids; the first is the bench client
    projects: Mapping[int, int]  # client id -> project id
    invoices: int
    every: int  # one invoice in so many is still open
    days: Days


async def create_large(
    door: Door, *, clients: int = 1000, invoices: int = 100_000, now: datetime, open_invoices: int | None = None
) -> None:
    """Write the business "bench" with so many clients and invoices, in one transaction.

    open_invoices: how many of them still owe money; 6 % when not given. The client "bench-client" (its
    contact has the same key) always has BENCH_INVOICES invoices. Raises DemoExistsError when it is there.
    """
    if clients < 2 or invoices < BENCH_INVOICES:
        raise ValueError(f"a large demo needs 2 clients and {BENCH_INVOICES} invoices at least")
    owing = max(1, invoices * 6 // 100 if open_invoices is None else open_invoices)
    days = Days(now, ZONE)

    async def work(session: AsyncSession) -> None:
        plan = await _people(session, clients, invoices, max(1, invoices // owing), days)
        drafts = _invoices(plan, Random(7))  # noqa: S311 - demo values, not secrets
        while chunk := list(islice(drafts, _CHUNK)):
            await _store(session, plan, chunk)

    await door.system(Scope.IMPORT).write(work)


async def _people(session: AsyncSession, clients: int, invoices: int, every: int, days: Days) -> _Plan:
    if await session.scalar(select(Business.id).where(Business.slug == SLUG)) is not None:
        raise DemoExistsError(SLUG)
    business = Business(
        slug=SLUG, name="Bench Renovations", trade="Renovations", zone=ZONE, locale="en_US",
        currency=_CURRENCY, hours={"mon": ["08:00", "17:00"]}, is_demo=True,
    )  # fmt: skip
    session.add(business)
    await session.flush()
    owner = Staff(
        business_id=business.id, key="bench-owner", name="Beatrice Lang", title="Owner", role=Role.OWNER, topics=[]
    )
    session.add(owner)
    await session.flush()
    keys = [BENCH_CLIENT, *(f"client-{number:05d}" for number in range(1, clients))]
    ids = await _clients(session, keys, business.id, owner.id, days)
    return _Plan(
        business.id,
        [ids[key] for key in keys],
        await _projects(session, [ids[key] for key in keys], business.id, owner.id, days),
        invoices,
        every,
        days,
    )


async def _clients(
    session: AsyncSession, keys: Sequence[str], business_id: int, owner_id: int, days: Days
) -> dict[str, int]:
    """Clients, each with a contact of the same key; their ids by key."""
    since = days.past(-1600)
    owned = {"business_id": business_id, "version": 1}
    await _insert(session, Client, [
        owned | {"key": key, "name": _name(key), "status": ClientStatus.ACTIVE, "company": False,
                 "currency": _CURRENCY, "postal": "", "since": since, "manager_id": owner_id}
        for key in keys
    ])  # fmt: skip
    await _insert(session, Contact, [
        owned | {"key": key, "name": _name(key), "language": "en", "locale": "en_US", "phone": None,
                 "email": f"{key}@bench.example", "phone_since": None, "email_since": since, "preferences": {}}
        for key in keys
    ])  # fmt: skip
    ids, contacts = await _ids(session, Client, business_id), await _ids(session, Contact, business_id)
    await _insert(session, ContactClient, [
        owned | {"client_id": ids[key], "contact_id": contacts[key], "title": "", "is_primary": True}
        for key in keys
    ])  # fmt: skip
    return ids


async def _projects(
    session: AsyncSession, clients: Sequence[int], business_id: int, owner_id: int, days: Days
) -> dict[int, int]:
    """One active project a client; their ids by client."""
    await _insert(session, Project, [
        {
            "business_id": business_id, "version": 1, "client_id": client, "number": f"P-{number}",
            "name": _title(number), "status": ProjectStatus.ACTIVE, "description": "", "place": "",
            "manager_id": owner_id, "started_on": days.day(-40), "due_on": days.day(20), "expected_on": None,
            "finished_on": None, "delay_reason": "",
        }
        for number, client in enumerate(clients, start=1)
    ])  # fmt: skip
    found = await session.execute(select(Project.client_id, Project.id).where(Project.business_id == business_id))
    return {row.client_id: row.id for row in found}


@dataclass(frozen=True)
class _Draft:
    """One invoice to be, with what was paid on it."""

    number: int
    client_id: int
    due_on: date
    lines: Sequence[tuple[str, int, int]]  # description, quantity in thousandths, price in minor units
    tax: int
    total: int
    paid: int
    paid_at: datetime | None
    title: str


def _invoices(plan: _Plan, dice: Random) -> Iterator[_Draft]:
    others = plan.clients[1:]
    for number in range(plan.invoices):
        is_bench = number < BENCH_INVOICES
        client = plan.clients[0] if is_bench else others[number % len(others)]
        is_owing = number % 4 == 0 if is_bench else (number - BENCH_INVOICES) % plan.every == 0
        yield _draft(plan, dice, client, number, is_owing=is_owing)


def _draft(plan: _Plan, dice: Random, client: int, number: int, *, is_owing: bool) -> _Draft:
    lines = [
        (_title(dice.randrange(997)), dice.randrange(1, 13) * 1000, dice.randrange(2000, 40_000, 50))
        for _ in range(dice.randrange(1, 4))
    ]
    subtotal = sum(quantity * price // 1000 for _, quantity, price in lines)
    tax = share_of(subtotal, _TAX[1]) if dice.random() < 0.3 else 0
    total = subtotal + tax
    overdue = _age(dice) if is_owing else dice.randrange(20, 1500)
    due_on = plan.days.day(-overdue)
    if is_owing:
        paid = total // 2 if dice.random() < 0.16 and overdue > 0 else 0
    else:
        paid = total
    days_late = min(overdue - 1, dice.randrange(-_TERMS + 1, 12))
    clock = f"{dice.randrange(8, 19):02d}:{dice.randrange(60):02d}"
    paid_at = plan.days.at(due_on + timedelta(days=days_late), clock) if paid else None
    return _Draft(number, client, due_on, lines, tax, total, paid, paid_at, _title(number))


def _age(dice: Random) -> int:
    shares = [share for share, _, _ in _AGES]
    _, first, last = dice.choices(_AGES, weights=shares)[0]
    return dice.randint(first, last)


async def _store(session: AsyncSession, plan: _Plan, chunk: Sequence[_Draft]) -> None:
    first, last = chunk[0].number, chunk[-1].number
    await _insert(session, Invoice, [_invoice(plan, draft) for draft in chunk])
    invoices = await _numbered(session, Invoice, plan.business_id, _bill(first), _bill(last))
    await _insert(session, InvoiceLine, [
        row for draft in chunk for row in _lines(plan, invoices[_bill(draft.number)], draft)
    ])  # fmt: skip
    paid = [draft for draft in chunk if draft.paid]
    await _insert(session, Payment, [_payment(plan, invoices[_bill(draft.number)], draft) for draft in paid])
    payments = await _numbered(session, Payment, plan.business_id, _receipt(first), _receipt(last))
    await _insert(session, Allocation, [
        {
            "business_id": plan.business_id, "version": 1, "client_id": draft.client_id,
            "invoice_id": invoices[_bill(draft.number)], "payment_id": payments[_receipt(draft.number)],
            "amount_minor": draft.paid, "allocated_at": draft.paid_at,
        }
        for draft in paid
    ])  # fmt: skip


def _bill(number: int) -> str:
    return f"INV-{10_000_001 + number}"  # of one width, so that numbers sort as text


def _receipt(number: int) -> str:
    return f"PAY-{10_000_001 + number}"


def _invoice(plan: _Plan, draft: _Draft) -> dict[str, Any]:
    balance = draft.total - draft.paid
    open_status = InvoiceStatus.PART_PAID if draft.paid else InvoiceStatus.OPEN
    issued_on = draft.due_on - timedelta(days=_TERMS)
    return {
        "business_id": plan.business_id, "version": 1, "client_id": draft.client_id,
        "number": _bill(draft.number), "title": draft.title, "memo": "",
        "status": open_status if balance else InvoiceStatus.PAID,
        "project_id": plan.projects[draft.client_id], "estimate_id": None, "currency": _CURRENCY,
        "subtotal_minor": draft.total - draft.tax, "discount_minor": 0, "discount_label": "",
        "tax_minor": draft.tax, "tax_label": _TAX[0] if draft.tax else "",
        "tax_basis_points": _TAX[1] if draft.tax else 0, "total_minor": draft.total,
        "balance_minor": balance, "issued_on": issued_on, "due_on": draft.due_on,
        "sent_at": plan.days.at(issued_on, "09:00"), "disputed_at": None,
    }  # fmt: skip


def _lines(plan: _Plan, invoice_id: int, draft: _Draft) -> Iterator[dict[str, Any]]:
    for position, (description, quantity, price) in enumerate(draft.lines, start=1):
        yield {
            "business_id": plan.business_id, "version": 1, "client_id": draft.client_id,
            "invoice_id": invoice_id, "position": position, "description": description,
            "quantity_milli": quantity, "unit": "h", "unit_price_minor": price,
            "amount_minor": quantity * price // 1000,
        }  # fmt: skip


def _payment(plan: _Plan, invoice_id: int, draft: _Draft) -> dict[str, Any]:
    return {
        "business_id": plan.business_id, "version": 1, "client_id": draft.client_id,
        "number": _receipt(draft.number), "status": PaymentStatus.SUCCEEDED, "method": PaymentMethod.CARD,
        "amount_minor": draft.paid, "currency": _CURRENCY, "started_at": draft.paid_at,
        "received_at": draft.paid_at, "failure": "", "provider": "sandbox",
        "provider_ref": f"ch_bench_{draft.number}", "payment_link_id": None, "invoice_id": invoice_id,
    }  # fmt: skip


def _title(number: int) -> str:
    return f"{_WORK[number % len(_WORK)]} {_KIND[number // len(_WORK) % len(_KIND)]}"


def _name(key: str) -> str:
    return key.replace("-", " ").title()


async def _insert(session: AsyncSession, table: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        await session.execute(insert(table.__table__), rows)  # type: ignore[arg-type]  # a mapped Table is one


async def _ids(session: AsyncSession, table: type[Client | Contact], business_id: int) -> dict[str, int]:
    query = select(table.key, table.id).where(table.business_id == business_id)
    return {row.key: row.id for row in await session.execute(query)}


async def _numbered(
    session: AsyncSession, table: type[Invoice | Payment], business_id: int, first: str, last: str
) -> dict[str, int]:
    """The ids behind printed numbers. They are read back, because SQLite returns them one row at a time."""
    within = (table.business_id == business_id, table.number >= first, table.number <= last)
    found = await session.execute(select(table.number, table.id).where(*within))
    return {row.number: row.id for row in found}

"""A small business with two clients, for tests of the tools: its rows, and calls in a client's name."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.principal import Principal, PrincipalKind, Scope
from billing.tables.bills import Invoice, InvoiceStatus
from billing.tables.people import Business, Client, Contact, Staff
from billing.tables.quotes import Estimate, EstimateStatus
from billing.tables.talk import Conversation
from billing.tables.work import Project
from bot.evidence import Answer
from bot.grounding import Grounded, ground
from bot.messages import Mention
from bot.showing import Reader
from bot.tools.context import BusinessCard, ToolContext
from bot.wording import render
from tests.factories.bills import make_invoice
from tests.factories.people import make_business, make_client, make_contact, make_staff
from tests.factories.quotes import make_acceptance, make_estimate
from tests.factories.talk import make_conversation
from tests.factories.work import make_project
from tests.fakes.clock import NOW, TODAY

T = TypeVar("T")
Run = Callable[[Coroutine[Any, Any, Any]], Any]
CarryOut = Callable[[ToolContext, Mapping[str, Any]], Awaitable[Answer]]
ZONE = "America/New_York"


class CountingLinks:
    """Tokens in order, so that a test can name them."""

    def __init__(self) -> None:
        self.made: list[str] = []

    def new_token(self) -> str:
        self.made.append(f"token{len(self.made) + 1}")
        return self.made[-1]

    def hash_token(self, token: str) -> str:
        return f"{token:0>64}"

    def pay_url(self, token: str) -> str:
        return f"https://desk.example/pay/{token}"

    def file_url(self, token: str) -> str:
        return f"https://desk.example/files/{token}"


@dataclass(frozen=True)
class Shop:
    """Dana's kitchen bill (INV-1042, open, due in six days) with all that stands behind it, and another client."""

    business: Business
    owner: Staff
    office: Staff
    dana: Client
    contact: Contact
    other: Client
    other_contact: Contact
    project: Project
    estimate: Estimate
    kitchen: Invoice
    deposit: Invoice
    others_invoice: Invoice
    thread: Conversation


async def open_shop(session: AsyncSession) -> Shop:
    """The rows of the shop."""
    business = await make_business(
        session, slug="harbor-and-pine", name="Harbor & Pine", zone=ZONE, phone="+12125550140",
        email="hello@harborandpine.example",
        hours={day: ["08:00", "17:00"] for day in ("mon", "tue", "wed", "thu", "fri")},
    )  # fmt: skip
    owner = await make_staff(
        session, business=business, key="staff:priya", name="Priya Raman", title="Owner", role="owner",
        topics=["estimates", "disputes", "refunds", "complaints"], phone="+12125550141",
        email="priya@harborandpine.example",
    )  # fmt: skip
    office = await make_staff(
        session, business=business, key="staff:elena", name="Elena Ruiz", title="Office manager", role="member",
        topics=["billing", "payments", "payment plans", "paperwork"], phone="+12125550143",
        email="elena@harborandpine.example",
    )  # fmt: skip
    dana = await make_client(session, business=business, key="dana-lee", name="Dana Lee")
    contact = await make_contact(
        session, business=business, clients=[dana], key="client:dana-lee", name="Dana Lee", phone="+12125550101"
    )
    other = await make_client(session, business=business, key="okafor", name="Okafor Dental")
    other_contact = await make_contact(
        session, business=business, clients=[other], key="client:amara", name="Amara Okafor"
    )
    return Shop(
        business=business, owner=owner, office=office, dana=dana, contact=contact, other=other,
        other_contact=other_contact, thread=await make_conversation(session, person=contact, client=dana),
        **await _bills(session, dana, other, contact),
    )  # fmt: skip


async def _bills(session: AsyncSession, dana: Client, other: Client, contact: Contact) -> dict[str, Any]:
    lines = (("Oak doors", 6, 240_00), ("Fitting", 8, 50_00))
    project = await make_project(session, client=dana, number="PRJ-12", name="Kitchen renovation")
    estimate = await make_estimate(
        session, client=dana, number="EST-88", title="Kitchen cabinets", lines=lines, project_id=project.id,
        status=EstimateStatus.ACCEPTED,
    )  # fmt: skip
    await make_acceptance(session, estimate=estimate, contact_id=contact.id, accepted_at=NOW - timedelta(days=46))
    kitchen = await make_invoice(
        session, client=dana, number="INV-1042", title="Kitchen cabinets", lines=lines, project_id=project.id,
        estimate_id=estimate.id, due_on=TODAY + timedelta(days=6),
    )  # fmt: skip
    deposit = await make_invoice(
        session, client=dana, number="INV-1019", title="Deposit", lines=(("Deposit", 1, 620_00),),
        status=InvoiceStatus.PAID, balance_minor=0, issued_on=TODAY - timedelta(days=60),
        due_on=TODAY - timedelta(days=50),
    )  # fmt: skip
    others = await make_invoice(session, client=other, number="INV-2001", title="Reception desk")
    return {
        "project": project, "estimate": estimate, "kitchen": kitchen, "deposit": deposit, "others_invoice": others,
    }  # fmt: skip


def context_of(door: Door, shop: Shop, **given: Any) -> ToolContext:
    """A call in Dana's name, proved, on the web."""
    business = shop.business
    card = BusinessCard(
        id=business.id, slug=business.slug, name=business.name, trade="", zone=ZONE, locale="en_US",
        currency="USD", hours=business.hours, phone=business.phone, email=business.email, postal="",
        version=business.version,
    )  # fmt: skip
    principal = Principal(
        business_id=business.id, kind=PrincipalKind.CLIENT, assurance=2, client_id=shop.dana.id,
        contact_id=shop.contact.id,
    )  # fmt: skip
    context = ToolContext(
        principal=principal, door=door, business=card, now=NOW, language="en", locale="en_US", zone=ZONE,
        links=CountingLinks(), conversation_id=shop.thread.id, key="turn:1:1",
    )  # fmt: skip
    return replace(context, **given)


def other_principal(shop: Shop) -> Principal:
    """The other client's contact."""
    return Principal(
        business_id=shop.business.id, kind=PrincipalKind.CLIENT, assurance=2, client_id=shop.other.id,
        contact_id=shop.other_contact.id,
    )  # fmt: skip


def say(answer: Answer, intent: str = "", *, language: str = "en", now: datetime = NOW) -> str:
    """What the person reads: worded by the phrasebook and bound to the evidence, or a failed test."""
    locale = {"en": "en_US", "es": "es_US"}[language]
    draft = render(answer, intent=intent, language=language)
    bound = ground(draft, answer.facts(), Reader(language, locale, ZONE, now), answers=(answer,))
    assert isinstance(bound, Grounded), (draft, bound)
    return bound.text.replace("\xa0", " ").replace("\u202f", " ")


def spoken_of(*numbers: str, kind: str = "invoice") -> tuple[Mention, ...]:
    """Records that were spoken of, newest first."""
    return tuple(Mention(kind, number) for number in numbers)


async def build(door: Door) -> Shop:
    """The shop in a database."""
    return await door.system(Scope.IMPORT).write(open_shop)


def in_days(days: int) -> date:
    """A day counted from today."""
    return TODAY + timedelta(days=days)


async def kitchen_of(session: AsyncSession) -> Invoice:
    """The kitchen's bill in this unit of work, to be changed."""
    return (await session.scalars(select(Invoice).where(Invoice.number == "INV-1042"))).one()


class Desk:
    """The shop in a database of the test's own, and what is asked there in Dana's name."""

    def __init__(self, door: Door, run: Run, **given: Any) -> None:
        self.door, self.run = door, run
        self.shop: Shop = run(build(door))
        self.given = {"links": CountingLinks(), **given}

    def context(self, **given: Any) -> ToolContext:
        """A call's surroundings; `given` replaces single fields."""
        return context_of(self.door, self.shop, **(self.given | given))

    def ask(self, tool: Callable[..., Awaitable[Answer]], *said: str, **given: Any) -> Answer:
        """What a tool answers to these words."""
        answer: Answer = self.run(self._ask(tool(self.context(**given), *said)))
        return answer

    async def _ask(self, asked: Awaitable[Answer]) -> Answer:
        return await asked

    def do(self, carry_out: CarryOut, answer: Answer, **given: Any) -> Answer:
        """What carrying out a proposal answers."""
        assert answer.proposal is not None, answer
        done: Answer = self.run(self._ask(carry_out(self.context(**given), answer.proposal["arguments"])))
        return done

    def add(self, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
        """More rows."""
        rows: T = self.run(self.door.system(Scope.IMPORT).write(work))
        return rows

    def rows(self, table: type[T]) -> list[T]:
        """Every row of a table, whoever's."""

        async def work(session: AsyncSession) -> list[T]:
            return list(await session.scalars(select(table)))

        found: list[T] = self.run(self.door.system(Scope.IMPORT).read(work))
        return found

    def row(self, table: type[T]) -> T:
        """The only row of a table."""
        (found,) = self.rows(table)
        return found

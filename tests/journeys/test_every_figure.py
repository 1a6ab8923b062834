"""The built-in model over the whole demo: every figure bound, nothing invented, and always the newest value."""

import itertools

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.principal import Scope
from billing.tables.bills import Invoice, InvoiceStatus
from billing.tables.people import Business, Client, Contact, ContactClient
from tests.conftest import Run
from tests.fakes.desk_at_work import ATELIER, HARBOR, DeskAtWork
from tests.redteam.test_tampered_replies import QUESTIONS, clients_of

EMPTY = ("what do I owe?", "did you get my payment?", "list my invoices", "show me my estimates",
         "when is the next appointment?")  # fmt: skip
NOTHING = ("no ", "nothing", "can't see", "can't find", "not ", "not a")


async def bound_replies(desk: DeskAtWork, wanted: int) -> None:
    """Each reply is the model's own, with a binding for each figure that stands in it."""
    people = [(key, slug) for slug in (HARBOR, ATELIER) for key in await clients_of(desk, slug)]
    for question, (key, slug) in itertools.islice(itertools.cycle(itertools.product(QUESTIONS, people)), wanted):
        answer = await desk.ask(key, question, business=slug)
        assert answer.turn.outcome == "answered", (key, question, answer.text)
        assert answer.text.strip()
        open_spans = list(answer.text)
        for binding in answer.turn.bindings:
            assert answer.text[binding["start"] : binding["end"]] == binding["text"]
            open_spans[binding["start"] : binding["end"]] = "~" * (binding["end"] - binding["start"])
        assert not any(char.isdigit() for char in open_spans), "".join(open_spans)


async def newcomer(desk: DeskAtWork) -> None:
    """A client of whom nothing is on record."""

    async def work(session: AsyncSession) -> None:
        business = (await session.scalars(select(Business).where(Business.slug == HARBOR))).one()
        client = Client(
            business_id=business.id, key="new-neil", name="Neil Newman", currency="USD", since=desk.now
        )  # fmt: skip
        contact = Contact(business_id=business.id, key="new-neil", name="Neil Newman", language="en", locale="en_US")
        session.add_all([client, contact])
        await session.flush()
        session.add(ContactClient(business_id=business.id, client_id=client.id, contact_id=contact.id))

    await desk.door.system(Scope.IMPORT).write(work)


async def nothing_on_record(desk: DeskAtWork, wanted: int) -> None:
    await newcomer(desk)
    for question in itertools.islice(itertools.cycle(EMPTY), wanted):
        answer = await desk.ask("client:new-neil", question)
        assert any(word in answer.text.casefold() for word in NOTHING), (question, answer.text)
        assert not answer.turn.bindings or {each["kind"] for each in answer.turn.bindings} <= {
            "name",
            "text",
            "phone",
            "email",
        }
        assert not any(char.isdigit() for char in answer.text.replace("+", "")) or answer.turn.bindings


async def changed_between(desk: DeskAtWork, wanted: int) -> None:
    """One client's only open invoice gets another amount before each question."""
    thread = await desk.thread("client:dana-lee")
    for turn in range(wanted):
        total = 100_000 + 137 * turn

        async def change(session: AsyncSession, total: int = total) -> str:
            from billing.tables.talk import Conversation

            client = (await session.get_one(Conversation, thread)).client_id
            rows = await session.scalars(
                select(Invoice)
                .where(Invoice.client_id == client, Invoice.status == InvoiceStatus.OPEN, Invoice.balance_minor > 0)
                .order_by(Invoice.id)
            )
            invoice = rows.first()
            assert invoice is not None
            more = total - invoice.balance_minor
            invoice.subtotal_minor += more
            invoice.total_minor += more
            invoice.balance_minor = total
            return invoice.number

        number = await desk.door.system(Scope.IMPORT).write(change)
        answer = await desk.ask("client:dana-lee", f"how much is left on {number}?")
        assert f"${total / 100:,.2f}" in answer.text, answer.text


def test_every_figure_of_the_builtin_model_is_bound(desk: DeskAtWork, run: Run) -> None:
    run(bound_replies(desk, 30))


def test_nothing_on_record_is_said(desk: DeskAtWork, run: Run) -> None:
    run(nothing_on_record(desk, 5))


def test_a_changed_record_is_told_anew(desk: DeskAtWork, run: Run) -> None:
    run(changed_between(desk, 3))


@pytest.mark.prove
def test_every_figure_is_bound_at_length(desk: DeskAtWork, run: Run) -> None:
    run(bound_replies(desk, 500))


@pytest.mark.prove
def test_nothing_on_record_is_said_at_length(desk: DeskAtWork, run: Run) -> None:
    run(nothing_on_record(desk, 100))


@pytest.mark.prove
def test_changed_records_are_told_anew_at_length(desk: DeskAtWork, run: Run) -> None:
    run(changed_between(desk, 50))

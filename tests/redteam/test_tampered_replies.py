"""A reply in which one thing was changed is not sent; the person gets the true one."""

import itertools
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.principal import Scope
from billing.tables.people import Business, Contact, ContactClient
from tests.conftest import Run
from tests.fakes.desk_at_work import ATELIER, HARBOR, DeskAtWork, open_desk
from tests.fakes.tampering import WAYS, TamperingModel

QUESTIONS = (
    "what do I owe?",
    "what is my last invoice for?",
    "did you get my payment?",
    "what is your phone number?",
    "list my invoices",
    "show me my estimates",
    "when is the next appointment?",
    "which invoices are paid?",
    "how is my project going?",
    "who can I talk to about billing?",
)


async def clients_of(desk: DeskAtWork, slug: str) -> list[str]:
    """The keys of a demo business's contacts who speak for one client."""

    async def work(session: AsyncSession) -> list[str]:
        business = (await session.scalars(select(Business).where(Business.slug == slug))).one()
        rows = await session.execute(
            select(Contact.key, ContactClient.client_id)
            .join(ContactClient, ContactClient.contact_id == Contact.id)
            .where(Contact.business_id == business.id)
            .order_by(Contact.id)
        )
        pairs = list(rows)
        keys = Counter(key for key, _ in pairs)
        return [f"client:{key}" for key, _ in pairs if keys[key] == 1]

    return await desk.door.system(Scope.DOCTOR).read(work)


async def tamper(desk: DeskAtWork, model: TamperingModel, replies: int) -> Counter[str]:
    """Ask until so many replies were tampered with; what was sent is each time the true one."""
    people = [(key, slug) for slug in (HARBOR, ATELIER) for key in await clients_of(desk, slug)]
    asked = itertools.cycle(itertools.product(QUESTIONS, people))
    while len(model.done) < replies:
        question, (key, slug) = next(asked)
        before = len(model.done)
        answer = await desk.ask(key, question, business=slug)
        if len(model.done) == before:
            continue
        way, true, changed = model.done[-1]
        assert answer.text == true, (way, changed, answer.text)
        assert answer.turn.outcome in {"phrasebook", "stood_in"}, (way, changed)
    return Counter(way for way, _, _ in model.done)


def besieged(demo_files: Path, folder: Path, run: Run, replies: int) -> Counter[str]:
    model = TamperingModel()
    desk = open_desk(demo_files, folder, model)
    try:
        ways: Counter[str] = run(tamper(desk, model, replies))
    finally:
        run(desk.close())
    return ways


def test_tampered_reply_gives_way_to_the_true_one(demo_files: Path, tmp_path: Path, run: Run) -> None:
    assert set(besieged(demo_files, tmp_path, run, 12)) >= set(WAYS) - {"phone"}


@pytest.mark.prove
def test_tampered_replies_give_way_at_length(demo_files: Path, tmp_path: Path, run: Run) -> None:
    assert set(besieged(demo_files, tmp_path, run, 200)) == set(WAYS)

"""Turns of every kind, kept on a demo desk: answered, decided in code, confirmed, held and given up."""

from collections.abc import Iterator
from itertools import count, cycle, islice
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.changes.turns import LEASE, claim_turn
from billing.principal import Scope
from billing.tables.people import Client, Contact, ContactClient
from billing.tables.talk import Conversation, Turn
from tests.fakes.desk_at_work import ATELIER, HARBOR, DeskAtWork

SIXTY: dict[str, Any] = yaml.safe_load((Path(__file__).parent.parent / "builtin" / "sixty.yaml").read_text("utf-8"))
OF_CLIENTS = [said for entry in SIXTY.values() if entry.get("kind") != "staff" for said in entry["said"]]
OF_STAFF = [said for entry in SIXTY.values() if entry.get("kind") == "staff" for said in entry["said"]]
CLIENTS = (
    "dana-lee", "amara-okafor", "marta-alvarez", "nina-patel", "omar-haddad", "leila-haddad", "rosa-lopez",
    "henry-cole", "anita-desai", "jack-sullivan", "emily-tran", "carlos-mendoza", "fiona-walsh", "sofia-nowak",
    "mei-chen",
)  # fmt: skip
FRENCH = ("marc-dubois", "luc-petit", "camille-moreau", "lea-bernard", "julien-garnier")
IN_FRENCH = ("combien je vous dois ?", "c’est quoi cette facture ?", "où en est le chantier ?", "envoyez-moi le lien")
# Grace speaks for two clients (speak_for_two): asked for which, she says it, turns to the other and goes on.
STORY = (
    ("client:grace-kim", "what do I owe?", 2),
    ("client:grace-kim", "Omar", 2),
    ("client:grace-kim", "switch to Grace", 2),
    ("client:grace-kim", "and which invoice is that?", 2),
    ("client:dana-lee", "change my email to dana@new.example", 2),
    ("client:dana-lee", "yes", 2),
    ("client:dana-lee", "change my phone to +1 212 555 0187", 2),
    ("client:dana-lee", "no", 2),
    ("client:dana-lee", "STOP", 1),
    ("client:dana-lee", "stop!", 1),
    ("client:dana-lee", "START", 1),
    ("client:dana-lee", "what do I owe? take it from 4111 1111 1111 1111", 2),
    ("client:dana-lee", "my card is 4111 1111 1111 1111", 2),
    ("client:dana-lee", "Please stop texting me. What do I owe?", 2),
    ("client:dana-lee", "unsubscribe me from the newsletter but keep the reminders", 2),
    ("client:dana-lee", "HELP", 0),
    ("client:dana-lee", "what do I owe?", 0),
    ("client:dana-lee", "tell me a joke", 2),
    ("client:dana-lee", "hi there", 2),
    ("client:dana-lee", "half of it now, ok?", 2),
    ("staff:priya", "send okafor dental a message: the plan is ready", 2),
    ("staff:priya", "yes", 2),
)


def questions() -> Iterator[tuple[str, str, str]]:
    """Who, in which business, asks what; without end, and no person the same thing twice in a row."""
    asked, staff_asked, french = cycle(OF_CLIENTS), cycle(OF_STAFF), cycle(IN_FRENCH)
    people, visitors = cycle(CLIENTS), cycle(FRENCH)
    for number in count(1):
        if number % 7 == 0:
            yield "staff:priya", HARBOR, next(staff_asked)
        elif number % 9 == 0:
            yield f"client:{next(visitors)}", ATELIER, next(french)
        else:
            yield f"client:{next(people)}", HARBOR, next(asked)


async def ask_many(desk: DeskAtWork, number: int) -> None:
    """Questions of the demo's clients and staff, one turn each."""
    for who, business, words in islice(questions(), number):
        await answered(desk, who, words, business=business)


async def tell_the_story(desk: DeskAtWork) -> None:
    """One turn of each kind that is not a plain question."""
    await _speak_for_two(desk)
    for who, words, level in STORY:
        await answered(desk, who, words, level=level)
    await _hold(desk)
    await give_up(desk)


async def answered(desk: DeskAtWork, who: str, words: str, *, business: str = HARBOR, level: int = 2) -> None:
    """Say something and have it answered."""
    await desk.receive(who, words, business=business, level=level)
    assert await desk.dispatcher.answer_one(await desk.thread(who, business))
    desk.later(seconds=7)


async def _speak_for_two(desk: DeskAtWork) -> None:
    async def link(session: AsyncSession) -> None:
        grace = (await session.scalars(select(Contact).where(Contact.key == "grace-kim"))).one()
        omar = (await session.scalars(select(Client).where(Client.key == "omar-haddad"))).one()
        session.add(ContactClient(business_id=grace.business_id, contact_id=grace.id, client_id=omar.id))

    await desk.door.system(Scope.IMPORT).write(link)


async def _hold(desk: DeskAtWork) -> None:
    """A client writes while a person has the conversation."""
    await answered(desk, "staff:priya", "take over the conversation with Noah Brooks")
    thread = await desk.thread("client:noah-brooks")

    async def take(session: AsyncSession) -> None:
        row = await session.get_one(Conversation, thread)
        row.holder_id, row.held_since = 1, desk.now

    await desk.door.system(Scope.IMPORT).write(take)
    await answered(desk, "client:noah-brooks", "are you there?")


async def give_up(desk: DeskAtWork, who: str = "client:emily-tran") -> None:
    """A turn whose process died three times."""
    await desk.receive(who, "what do I owe?")
    thread = await desk.thread(who)
    for _ in range(3):
        await desk.door.system(Scope.DISPATCH).write(
            lambda session: claim_turn(session, thread, owner="elsewhere/1/x", now=desk.now)
        )
        desk.now += LEASE * 2
    assert await desk.dispatcher.answer_one(thread)


async def turn_ids(desk: DeskAtWork) -> list[int]:
    """The numbers of all turns."""

    async def work(session: AsyncSession) -> list[int]:
        return list(await session.scalars(select(Turn.id).order_by(Turn.id)))

    return await desk.door.system(Scope.DOCTOR).read(work)

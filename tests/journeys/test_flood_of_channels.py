"""Events of three channels, each several times, shuffled, eight at once: as if each had come once, in order."""

import asyncio
import random
import shutil
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.principal import Scope
from billing.tables.addresses import AddressLink, Consent
from billing.tables.talk import Conversation, Direction, Message
from bot.messages import Channel, Inbound
from tests.conftest import Run
from tests.fakes.chats import CHATS, Chats
from tests.fakes.desk_at_work import HARBOR, DeskAtWork, open_desk

PHONES = ("+12125550101", "+12125550103", "+12125550105")
CONTACTS = ("dana-lee", "amara-okafor", "marta-alvarez")
WORDS = ("what are your opening hours?", "hello", "STOP", "what do I owe?", "START", "HELP")


@dataclass(frozen=True)
class Event:
    """Something that comes in. place: whose order it keeps."""

    place: tuple[str, str]
    id: str
    words: str
    number: str = ""


def events_of(count: int) -> list[Event]:
    """Mixed events: the same people text, chat and write on the web; who chats shares their number first."""
    made, seen = [], set()
    for number in range(count):
        who = number // 3 % len(PHONES)
        place = (
            ("sms", PHONES[who]), ("telegram", f"70000{who}"), ("web", f"client:{CONTACTS[who]}")
        )[number % 3]  # fmt: skip
        is_card = place[0] == "telegram" and place not in seen
        seen.add(place)
        words = "" if is_card else WORDS[number // 9 % len(WORDS)]
        made.append(Event(place, f"event-{number}", words, PHONES[who] if is_card else ""))
    return made


def shuffled(events: list[Event], seed: int) -> list[Event]:
    """Each event one to five times, in any order; those of one place come for the first time in theirs."""
    chance = random.Random(seed)
    mixed = sorted((chance.random(), event.id, event) for event in events for _ in range(chance.randint(1, 5)))
    waiting: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for event in events:
        waiting[event.place].append(event)
    named: dict[str, Event] = {}  # whichever of a place comes first is its first event
    return [named.setdefault(event.id, event) if event.id in named else _first(named, waiting, event)
            for _, _, event in mixed]  # fmt: skip


def _first(named: dict[str, Event], waiting: dict[tuple[str, str], list[Event]], event: Event) -> Event:
    named[event.id] = waiting[event.place].pop(0)
    return named[event.id]


async def take(desk: DeskAtWork, event: Event) -> None:
    channel, address = event.place
    if channel == "web":
        await desk.receive(address, event.words, again=event.id)
        return
    connection = CHATS if channel == "telegram" else f"sms:{HARBOR}"
    inbound = Inbound(
        connection, event.id, Channel(channel), address, event.words, desk.now, own_number=event.number
    )  # fmt: skip
    await desk.inbox.accept_from(inbound, await desk.business_id(HARBOR))


async def deliver(desk: DeskAtWork, deliveries: list[Event]) -> None:
    """Eight hands take the next delivery each. Those of one place begin in order, the first of each comes twice."""
    left, begun = iter(deliveries), set[str]()
    turns: dict[tuple[str, str], asyncio.Lock] = defaultdict(asyncio.Lock)

    async def hand() -> None:
        for event in left:
            async with turns[event.place]:
                copies = 1 if event.id in begun else 2
                begun.add(event.id)
                await asyncio.gather(*(take(desk, event) for _ in range(copies)))

    await asyncio.gather(*(hand() for _ in range(8)))


Outcome = dict[str, list[tuple[str, ...]]]


async def outcome(desk: DeskAtWork) -> Outcome:
    """Let dispatch and sender run until nothing is left; what stands in the rows, by conversation."""
    desk.later(seconds=20)
    dispatcher = desk.new_dispatcher("test/0/flood")
    await dispatcher.look()
    await dispatcher.stop()
    chats = Chats(desk)
    await chats.sender.send()

    async def work(session: AsyncSession) -> Outcome:
        found: Outcome = defaultdict(list)
        every = select(Message, Conversation).join(Conversation, Conversation.id == Message.conversation_id)
        rows = await session.execute(every.order_by(Message.id))
        for row, thread in rows:
            own = row.provider_id or "" if row.direction is Direction.IN else ""
            found[thread.key].append((str(row.direction), str(row.delivery), row.text, own, str(row.assurance)))
        for link in await session.scalars(select(AddressLink).order_by(AddressLink.address_id)):
            found["links"].append((str(link.contact_id), str(link.linked_by), str(link.ended_at), str(link.proved_at)))
        for said in await session.scalars(select(Consent)):
            found["consents"].append((str(said.contact_id), said.channel, said.wording, str(said.is_given)))
        return {key: sorted(rows) if key in {"links", "consents"} else rows for key, rows in found.items()}

    return await desk.door.system(Scope.DOCTOR).read(work)


async def flood(desk: DeskAtWork, count: int, seed: int | None) -> Outcome:
    for contact in CONTACTS:
        await desk.thread(f"client:{contact}")
    events = events_of(count)
    if seed is None:
        for event in events:
            await take(desk, event)
    else:
        await deliver(desk, shuffled(events, seed))
    return await outcome(desk)


def compare(demo_files: Path, folder: Path, run: Run, count: int, seeds: range) -> None:
    results = []
    for seed in (None, *seeds):
        place = folder / f"seed-{seed}"
        place.mkdir()
        desk = open_desk(demo_files, place)
        results.append(run(flood(desk, count, seed)))
        run(desk.close())
        shutil.rmtree(place)
    assert sum(len(rows) for rows in results[0].values()) > count
    for result in results[1:]:
        assert result == results[0]


def test_small_flood_of_channels_equals_the_ordered_run(demo_files: Path, tmp_path: Path, run: Run) -> None:
    compare(demo_files, tmp_path, run, 30, range(1))


@pytest.mark.prove
def test_flood_of_channels_equals_the_ordered_run(demo_files: Path, tmp_path: Path, run: Run) -> None:
    compare(demo_files, tmp_path, run, 200, range(6))

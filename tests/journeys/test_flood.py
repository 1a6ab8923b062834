"""A flood of events, each delivered several times, shuffled, eight at once: as if each had come once, in order."""

import asyncio
import random
import shutil
from collections import defaultdict
from pathlib import Path

import pytest

from billing.tables.talk import Direction
from tests.conftest import Run
from tests.fakes.desk_at_work import DeskAtWork, open_desk
from tests.fakes.texting import Texting, phone_thread, say, sender_of

QUESTIONS = ("what do I owe?", "did you get my payment?", "hello", "what are your opening hours?", "HELP")
Event = tuple[int, str, str]  # thread, id, words
Outcome = dict[int, list[tuple[str, ...]]]


def events_of(threads: list[int], count: int) -> list[Event]:
    return [
        (threads[number % len(threads)], f"event-{number}", QUESTIONS[number % len(QUESTIONS)])
        for number in range(count)
    ]


def shuffled(events: list[Event], seed: int) -> list[Event]:
    """Each event one to five times, in any order; those of one thread come for the first time in theirs."""
    chance = random.Random(seed)
    places = [(chance.random(), event) for event in events for _ in range(chance.randint(1, 5))]
    mixed = [event for _, event in sorted(places)]
    waiting: dict[int, list[Event]] = defaultdict(list)
    for event in events:
        waiting[event[0]].append(event)
    named: dict[Event, Event] = {}  # whichever of a thread comes first is its first event
    for event in mixed:
        if event not in named:
            named[event] = waiting[event[0]].pop(0)
    return [named[event] for event in mixed]


async def deliver(desk: DeskAtWork, deliveries: list[Event]) -> None:
    """Eight hands take the next delivery each. Those of one thread begin in order, the first of each comes twice at
    once.
    """
    left, begun = iter(deliveries), set[str]()
    turns: dict[int, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def hand() -> None:
        for thread, event, words in left:
            async with turns[thread]:
                copies = 1 if event in begun else 2
                begun.add(event)
                await asyncio.gather(*(say(desk, thread, words, again=event) for _ in range(copies)))

    await asyncio.gather(*(hand() for _ in range(8)))


async def outcome(desk: DeskAtWork, threads: list[int], texting: Texting) -> Outcome:
    """Let dispatch and sender run until nothing is left; what stands in the rows and what the provider took."""
    dispatcher = desk.new_dispatcher("test/0/flood")
    await dispatcher.look()
    await dispatcher.stop()
    await sender_of(desk, texting).send()
    found: Outcome = {}
    for thread in threads:
        rows = await desk.messages(thread)
        found[thread] = [
            (str(row.direction), str(row.delivery), row.text, row.provider_id or "")
            if row.direction is Direction.IN
            else (str(row.direction), str(row.delivery), row.text, str(row.attempts))
            for row in rows
        ]
    return found


async def flood(desk: DeskAtWork, count: int, spread: int, seed: int | None) -> tuple[Outcome, list[tuple[str, str]]]:
    threads = [await phone_thread(desk, name=f"+1212555{number:04d}") for number in range(spread)]
    events = events_of(threads, count)
    texting = Texting()
    if seed is None:
        for thread, event, words in events:
            await say(desk, thread, words, again=event)
    else:
        await deliver(desk, shuffled(events, seed))
    found = await outcome(desk, threads, texting)
    return found, sorted((message.address, message.text) for message in texting.taken)


def compare(demo_files: Path, folder: Path, run: Run, count: int, spread: int, seeds: range) -> None:
    results = []
    for seed in (None, *seeds):
        place = folder / f"seed-{seed}"
        place.mkdir()
        desk = open_desk(demo_files, place)
        results.append(run(flood(desk, count, spread, seed)))
        run(desk.close())
        shutil.rmtree(place)
    ordered = results[0]
    assert len(ordered[1]) == spread
    assert all(result == ordered for result in results[1:])


def test_small_flood_equals_the_ordered_run(demo_files: Path, tmp_path: Path, run: Run) -> None:
    compare(demo_files, tmp_path, run, 12, 4, range(1))


@pytest.mark.prove
def test_flood_equals_the_ordered_run(demo_files: Path, tmp_path: Path, run: Run) -> None:
    compare(demo_files, tmp_path, run, 200, 40, range(10))

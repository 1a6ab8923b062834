"""Every edit, deletion, addition and reordering of a receipt's rows is found and named; erasure is none of them."""

import asyncio
import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from billing.access import Door
from billing.database import open_engines
from billing.principal import Scope
from bot.receipts.anchors import set_anchors
from bot.receipts.erasing import Wish, erase_turns, find_clients, find_meant
from bot.receipts.sealing import key_of
from bot.receipts.verifying import Report, verify
from tests.conftest import Run
from tests.fakes.clock import NOW
from tests.fakes.desk_at_work import DeskAtWork, open_desk
from tests.fakes.kept_turns import answered, ask_many, tell_the_story

KEY = key_of(b"a secret of the tests")
LATER = NOW + timedelta(days=3)
EARLIER = "2026-11-01 00:00:00.000000"
Row = tuple[Any, ...]


async def check(door: Door, expected: str = "", secret: bytes = b"a secret of the tests") -> Report:
    """Verify, some days later."""
    return await door.system(Scope.DOCTOR).read(lambda session: verify(session, key_of(secret), LATER, expected))


@dataclass
class Spoiler:
    """One damage to a copy of the records, done past every check there is. Answers which turn must be named."""

    file: sqlite3.Connection
    dice: random.Random

    def one(self, query: str, *values: Any) -> Row:
        """One of the rows that the query finds."""
        row: Row = self.dice.choice(self.file.execute(query, values).fetchall())
        return row

    def edit_turn(self) -> int:
        """Change a column of a turn."""
        turn, reply = self.one("select turn_id, id from message where direction = 'out' and turn_id is not null")
        column, value = self.dice.choice(
            [
                ("outcome", "answered!"), ("model", "other"), ("prompt_version", "0"), ("chain", "0" * 64),
                ("asked_as", '{"kind": "staff"}'), ("timings", '{"ms": 0}'), ("finished_at", EARLIER),
                ("started_at", EARLIER), ("client_id", 2), ("evidence", '[{"value": 1}]'),
                ("bindings", '[{"text": "$1"}]'), ("calls", '[{"name": "none"}]'), ("understanding", "{}"),
                ("context", '{"words": "pay him"}'), ("receipt", '{"parts": []}'), ("receipt", "[]"), ("salts", "{}"),
                ("salts", "nonsense"), ("status", "failed"), ("attempts", 9), ("erased_at", EARLIER),
            ]
        )  # fmt: skip
        before = self.file.execute(f"select {column} from turn where id = ?", (turn,)).fetchone()[0]
        self.file.execute(f"update turn set {column} = ? where id = ?", (value, turn))
        if before == value:
            self.file.execute("update message set text = text || '.' where id = ?", (reply,))
        return int(turn)

    def edit_message(self) -> int:
        """Change what was said or answered."""
        message, turn = self.one("select id, turn_id from message where turn_id is not null")
        column, value = self.dice.choice(
            [
                ("text", "You owe $5.00."),
                ("attachments", '[{"kind": "link"}]'),
                ("created_at", EARLIER),
            ]
        )
        direction = self.file.execute("select direction from message where id = ?", (message,)).fetchone()[0]
        column, value = ("assurance", "0x") if (column, direction) == ("attachments", "in") else (column, value)
        self.file.execute(f"update message set {column} = ? where id = ?", (value, message))
        return int(turn)

    def edit_step(self) -> int:
        """Change what a model said or a tool returned."""
        step, turn = self.one("select id, turn_id from turn_step")
        column, value = self.dice.choice(
            [
                ("content", '{"text": "{INV-1.balance}"}'),
                ("kind", "other"),
                ("step", "m9"),
                ("at", EARLIER),
            ]
        )
        self.file.execute(f"update turn_step set {column} = ? where id = ?", (value, step))
        return int(turn)

    def delete_step(self) -> int:
        """Take a step away."""
        step, turn = self.one("select id, turn_id from turn_step")
        self.file.execute("delete from turn_step where id = ?", (step,))
        return int(turn)

    def delete_message(self) -> int:
        """Take a message away."""
        message, turn = self.one("select id, turn_id from message where turn_id is not null")
        self.file.execute("delete from message where id = ?", (message,))
        return int(turn)

    def move_message(self) -> int:
        """Hang a message on another turn."""
        message, turn = self.one("select id, turn_id from message where turn_id is not null")
        (other,) = self.one("select id from turn where id <> ?", turn)
        self.file.execute("update message set turn_id = ? where id = ?", (other, message))
        return int(turn)

    def delete_turn(self) -> int:
        """Take a turn away with all its rows."""
        (turn,) = self.one("select id from turn")
        self._take_away([turn])
        return int(turn)

    def delete_newest(self) -> int:
        """Cut the end of a conversation off, and set its own row back."""
        thread, last = self.one(
            "select conversation_id, max(id) from turn group by conversation_id having count(*) > 1"
        )
        before = self.file.execute(
            "select id, chain from turn where conversation_id = ? and id < ? order by id desc limit 1", (thread, last)
        ).fetchone()
        self._take_away([last])
        self.file.execute("update conversation set head_turn = ?, head = ? where id = ?", (*before, thread))
        return int(last)

    def delete_conversation(self) -> int:
        """Take a whole conversation away."""
        (thread,) = self.one("select distinct conversation_id from turn")
        turns = [row[0] for row in self.file.execute("select id from turn where conversation_id = ?", (thread,))]
        self._take_away(turns)
        self.file.execute("delete from message where conversation_id = ?", (thread,))
        self.file.execute("delete from conversation where id = ?", (thread,))
        return int(max(turns))

    def swap_turns(self) -> int:
        """Let two turns of a conversation change places."""
        (thread,) = self.one("select conversation_id from turn group by conversation_id having count(*) > 1")
        turns = [row[0] for row in self.file.execute("select id from turn where conversation_id = ?", (thread,))]
        one, other = self.dice.sample(turns, 2)
        for old, new in ((one, -1), (other, one), (-1, other)):
            self.file.execute("update turn set id = ? where id = ?", (new, old))
            self.file.execute("update turn_step set turn_id = ? where turn_id = ?", (new, old))
            self.file.execute("update message set turn_id = ? where turn_id = ?", (new, old))
        return int(one)

    def swap_steps(self) -> int:
        """Let two steps of a journal change places."""
        (turn,) = self.one("select turn_id from turn_step group by turn_id having count(*) > 1")
        steps = [row[0] for row in self.file.execute("select id from turn_step where turn_id = ?", (turn,))]
        one, other = self.dice.sample(steps, 2)
        for old, new in ((one, -1), (other, one), (-1, other)):
            self.file.execute("update turn_step set id = ? where id = ?", (new, old))
        return int(turn)

    def add_step(self) -> int:
        """Put a step in."""
        step, turn = self.one("select id, turn_id from turn_step")
        self.file.execute(
            "insert into turn_step (business_id, client_id, turn_id, step, kind, content, at)"
            " select business_id, client_id, turn_id, 'm7', kind, content, at from turn_step where id = ?",
            (step,),
        )
        return int(turn)

    def hide_turn(self) -> int:
        """Let a turn look as if it were still running."""
        thread, turn = self.one("select conversation_id, max(id) from turn group by conversation_id")
        self.file.execute("update turn set status = 'running', chain = '', receipt = '{}' where id = ?", (turn,))
        self.file.execute("update conversation set head_turn = null, head = '' where id = ?", (thread,))
        return int(turn)

    def feign_erasure(self) -> int:
        """Empty a turn as if it had been erased."""
        turn, _ = self.one("select turn_id, id from message where direction = 'out' and turn_id is not null")
        self.file.execute(
            "update turn set erased_at = '2026-11-19 00:00:00.000000', erasure = 'abc', salts = '{}', context = '{}',"
            " calls = '[]', evidence = '[]', bindings = '[]', understanding = '{}' where id = ?",
            (turn,),
        )
        self.file.execute("update message set text = '' where turn_id = ?", (turn,))
        self.file.execute("update turn_step set content = '{}' where turn_id = ?", (turn,))
        return int(turn)

    def _take_away(self, turns: list[int]) -> None:
        for turn in turns:
            self.file.execute("delete from turn_step where turn_id = ?", (turn,))
            self.file.execute("delete from message where turn_id = ?", (turn,))
            self.file.execute("delete from proposal where turn_id = ?", (turn,))
            self.file.execute("delete from turn where id = ?", (turn,))


DAMAGES: tuple[Callable[[Spoiler], int], ...] = (
    Spoiler.edit_turn, Spoiler.edit_message, Spoiler.edit_step, Spoiler.delete_step, Spoiler.delete_message,
    Spoiler.move_message, Spoiler.delete_turn, Spoiler.delete_newest, Spoiler.delete_conversation, Spoiler.swap_turns,
    Spoiler.swap_steps, Spoiler.add_step, Spoiler.hide_turn, Spoiler.feign_erasure, Spoiler.edit_turn,
)  # fmt: skip


@pytest.fixture(scope="module")
def kept(demo_files: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with some thirty turns of every kind, anchored once in the middle and once at the end."""
    folder = tmp_path_factory.mktemp("kept")

    async def make() -> None:
        desk = open_desk(demo_files, folder)
        await tell_the_story(desk)
        await set_anchors(desk.door, KEY, desk.now)
        await ask_many(desk, 12)
        await set_anchors(desk.door, KEY, desk.now, even_if_recent=True)
        await desk.close()

    asyncio.run(make())
    with closing(sqlite3.connect(folder / "frontdesk.db")) as file:
        file.execute("pragma wal_checkpoint(truncate)")
    return folder / "frontdesk.db"


def spoiled(kept: Path, copy: Path, damage: Callable[[Spoiler], int], seed: int) -> int:
    """A copy of the kept records with one damage; which turn it was done to."""
    shutil.copyfile(kept, copy)
    with closing(sqlite3.connect(copy)) as file, file:
        return damage(Spoiler(file, random.Random(seed)))


async def report_on(path: Path) -> Report:
    engines = open_engines(f"sqlite:///{path}")
    report = await check(Door(engines))
    await engines.dispose()
    return report


def test_untouched_records_are_clean(kept: Path, run: Run) -> None:
    report = run(report_on(kept))
    assert report.findings == []
    assert report.is_clean
    assert (report.turns >= 30, report.anchors >= 2, report.since_anchor) == (True, True, 0)


@pytest.mark.parametrize("rounds", [2, pytest.param(80, marks=pytest.mark.prove)])
def test_every_damage_is_found_and_named(kept: Path, tmp_path: Path, run: Run, rounds: int) -> None:
    for seed in range(rounds):
        for damage in DAMAGES:
            turn = spoiled(kept, tmp_path / "spoiled.db", damage, seed)
            report = run(report_on(tmp_path / "spoiled.db"))
            assert turn in {finding.turn for finding in report.findings}, (damage.__name__, seed, report.findings)
            assert not report.is_clean


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("delete from anchor where number = 1", "an anchor is missing"),
        ("update anchor set heads = '[]' where number = 2", "anchor 2 of business 1 was edited"),
        ("update anchor set at = '2026-01-01 00:00:00.000000'", "was edited"),
        ("update anchor set previous = 'x' where number = 2", "does not follow the one before"),
        ("update conversation set head = 'x' where head_turn = (select max(id) from turn)", "its row names another"),
    ],
)
def test_edited_anchor_or_head_is_named(kept: Path, tmp_path: Path, run: Run, statement: str, told: str) -> None:
    shutil.copyfile(kept, tmp_path / "spoiled.db")
    with closing(sqlite3.connect(tmp_path / "spoiled.db")) as file, file:
        file.execute(statement)
    report = run(report_on(tmp_path / "spoiled.db"))
    assert any(told in finding.what for finding in report.findings), report.findings


def test_another_key_is_told_from_an_edit(kept: Path, run: Run) -> None:
    async def story() -> None:
        engines = open_engines(f"sqlite:///{kept}")
        report = await check(Door(engines), secret=b"another")
        assert report.findings == []
        assert report.other_key == report.turns + report.anchors
        assert not report.is_clean
        await engines.dispose()

    run(story())


def test_noted_anchor_must_still_be_there(kept: Path, tmp_path: Path, run: Run) -> None:
    async def story() -> None:
        engines = open_engines(f"sqlite:///{kept}")
        seal = (await check(Door(engines))).anchored[0][3]
        assert (await check(Door(engines), seal)).is_clean
        await engines.dispose()
        shutil.copyfile(kept, tmp_path / "cut.db")
        with closing(sqlite3.connect(tmp_path / "cut.db")) as file, file:
            file.execute("delete from anchor where number > 1")
        cut = open_engines(f"sqlite:///{tmp_path / 'cut.db'}")
        assert (await check(Door(cut))).is_clean, "without the note nobody can know"
        assert not (await check(Door(cut), seal)).is_clean
        await cut.dispose()

    run(story())


def test_erased_turns_keep_the_chain(any_desk: DeskAtWork, run: Run) -> None:
    """On both databases: clean, edited, anchored and erased."""

    async def story() -> None:
        desk = any_desk
        for words in ("what's this invoice for?", "what do I owe?", "send me the link"):
            await answered(desk, "client:dana-lee", words)
        await answered(desk, "client:fiona-walsh", "what do I owe?")
        assert len(await set_anchors(desk.door, KEY, desk.now)) == 1
        assert await set_anchors(desk.door, KEY, desk.now) == []
        assert (await check(desk.door)).is_clean
        erasing = desk.door.system(Scope.ERASE)
        dana = (await erasing.read(lambda session: find_clients(session, "dana-lee", "")))[0]
        meant = await erasing.read(lambda session: find_meant(session, Wish(dana.id, desk.now + timedelta(days=1))))
        assert await erasing.write(lambda session: erase_turns(session, meant, KEY, desk.now)) == 3
        await answered(desk, "client:dana-lee", "and the other one?")
        report = await check(desk.door)
        assert report.findings == []
        assert (report.turns, report.erased, report.since_anchor) == (5, 3, 1)
        turns = await desk.turns(await desk.thread("client:dana-lee"))
        assert all(reply.text == "" and not turn.context for turn, replies in turns[:3] for reply in replies)
        assert all(not (turn.evidence or turn.calls or turn.salts or turn.bindings) for turn, _ in turns[:3])
        assert turns[3][1][0].text
        assert (
            await erasing.read(lambda session: find_meant(session, Wish(dana.id, desk.now - timedelta(days=9)))) == []
        )

    run(story())


def test_words_put_into_an_erased_turn_are_found(kept: Path, tmp_path: Path, run: Run) -> None:
    shutil.copyfile(kept, tmp_path / "erased.db")

    async def erase() -> int:
        engines = open_engines(f"sqlite:///{tmp_path / 'erased.db'}")
        erasing = Door(engines).system(Scope.ERASE)
        meant = await erasing.read(lambda session: find_meant(session, Wish(before=LATER)))
        await erasing.write(lambda session: erase_turns(session, meant[:4], KEY, LATER))
        assert (await check(Door(engines))).is_clean
        await engines.dispose()
        return meant[0]

    turn = run(erase())
    with closing(sqlite3.connect(tmp_path / "erased.db")) as file, file:
        file.execute("update message set text = 'I owe it all' where turn_id = ?", (turn,))
    assert turn in {finding.turn for finding in run(report_on(tmp_path / "erased.db")).findings}

"""The commands over receipts: why, replay, audit and erase, as a person at the command line reads them."""

import asyncio
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.receipts.verifying import Finding, Report
from channels.anchoring import Anchoring
from channels.auditing import anchor_now, check_receipts, lines_of
from channels.erasing import Order, erase
from channels.explaining import explain
from channels.replaying import replay
from channels.secret import find_secret, secret_of
from channels.settings import Settings
from tests.conftest import Run
from tests.fakes.desk_at_work import DeskAtWork, open_desk
from tests.fakes.kept_turns import answered

SECRET = "a secret of the tests"
DANA = "client:dana-lee"


@pytest.fixture(scope="module")
def three_turns(demo_files: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with three turns of Dana's."""
    made = tmp_path_factory.mktemp("three_turns")

    async def talk() -> None:
        desk = open_desk(demo_files, made)
        for words in ("what's this invoice for?", "STOP", "what do I owe?"):
            await answered(desk, DANA, words)
        await desk.close()

    asyncio.run(talk())
    with closing(sqlite3.connect(made / "frontdesk.db")) as file:
        file.execute("pragma wal_checkpoint(truncate)")
    return made / "frontdesk.db"


@pytest.fixture
def folder(three_turns: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of an installation with three turns, named by the environment."""
    monkeypatch.setenv("FRONTDESK_DATA", str(tmp_path))
    monkeypatch.setenv("FRONTDESK_SECRET_KEY", SECRET)
    shutil.copyfile(three_turns, tmp_path / "frontdesk.db")
    return tmp_path


class Said:
    """What a command printed."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def __call__(self, line: str) -> None:
        self.lines.append(line)

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def newest_reply(folder: Path) -> str:
    with closing(sqlite3.connect(folder / "frontdesk.db")) as file:
        row = file.execute("select public_id from message where direction = 'out' and turn_id = 1").fetchone()
    return str(row[0])


def test_why_tells_record_field_and_version(folder: Path, run: Run) -> None:
    said = Said()
    assert run(explain(newest_reply(folder), said)) == 0
    assert "asked by a client, proved (level 2); answered by the built-in model" in said.text
    assert "It looked up explain_invoice, with invoice 'this'." in said.text
    assert "$1,840.00  ←  INV-1042: invoice " in said.text
    assert "field balance_minor, version 1" in said.text


def test_replay_says_whether_it_is_the_same(folder: Path, run: Run) -> None:
    same = Said()
    assert run(replay("1", None, same)) == 0
    assert "the same reply, byte for byte" in same.text
    with closing(sqlite3.connect(folder / "frontdesk.db")) as file, file:
        file.execute("update message set text = 'INV-1042 is a gift.' where direction = 'out' and turn_id = 1")
    other = Said()
    assert run(replay(newest_reply(folder), None, other)) == 1
    assert "came out differently: text" in other.text
    assert "- INV-1042 is a gift." in other.text


def test_replay_with_a_model_shows_both(folder: Path, run: Run) -> None:
    said = Said()
    assert run(replay("1", "builtin", said)) == 0
    assert "Then, answered by the built-in model:" in said.text
    assert "The same reply from the same calls." in said.text
    nothing = Said()
    assert run(replay("99", None, nothing)) == 1
    assert "There is no finished turn '99'." in nothing.text


def test_audit_names_an_edited_message_and_fails(folder: Path, run: Run) -> None:
    clean = Said()
    assert run(anchor_now(clean)) == 0
    assert run(check_receipts("", clean)) == 0
    assert "Nothing was changed." in clean.text
    assert "Checked 3 turns in 1 conversations: 6 messages" in clean.text
    with closing(sqlite3.connect(folder / "frontdesk.db")) as file, file:
        file.execute("update message set text = 'You owe nothing.' where direction = 'out' and turn_id = 3")
    edited = Said()
    assert run(check_receipts("", edited)) == 1
    assert "turn 3, conversation" in edited.text
    assert "the reply (message" in edited.text


def test_changed_or_missing_key_is_told_kindly(folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRONTDESK_SECRET_KEY", "another")
    changed = Said()
    assert run(check_receipts("", changed)) == 1
    assert "3 seals were made with another key" in changed.text
    monkeypatch.setenv("FRONTDESK_SECRET_KEY", "")
    missing = Said()
    assert run(check_receipts("", missing)) == 1
    assert "There is no key to check the receipts with" in missing.text
    assert not (folder / "secret.key").exists()


def test_erased_turns_are_told_kindly(folder: Path, run: Run) -> None:
    message, said = newest_reply(folder), Said()
    assert run(erase(Order(client="Nobody"), lambda _: True, said)) == 1
    assert run(erase(Order(), lambda _: True, said)) == 1
    assert run(erase(Order(client="Dana Lee", business="harbor-and-pine"), lambda _: False, said)) == 1
    assert run(erase(Order(older_than=30_000), lambda _: True, said)) == 0
    assert "There is nothing to erase." in said.text
    assert run(erase(Order(client="dana-lee"), lambda _: True, said)) == 0
    assert "3 turns were erased." in said.text
    assert run(check_receipts("", said)) == 0
    assert "3 of them were erased" in said.text
    assert run(replay("1", None, said)) == 1
    assert "The words of turn 1 were erased on" in said.text
    assert run(explain(message, said)) == 0
    assert "Its words, and where its figures came from, were erased" in said.text


def test_daily_anchor_is_set_once(desk: DeskAtWork, run: Run) -> None:
    async def story() -> None:
        anchoring = Anchoring(desk.door, SECRET.encode(), desk.clock)
        assert await anchoring.look() == 0, "nothing was said yet"
        await answered(desk, DANA, "what do I owe?")
        assert await anchoring.look() == 1
        assert await anchoring.look() == 0
        desk.later(days=1, seconds=1)
        await answered(desk, DANA, "hi")
        assert await anchoring.look() == 1

    run(story())


def test_secret_is_made_once_and_only_when_asked_for(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "new")
    assert find_secret(settings) is None
    made = secret_of(settings)
    assert len(made) >= 32
    assert find_secret(settings) == secret_of(settings) == made
    assert (settings.data / "secret.key").stat().st_mode & 0o077 == 0


def test_many_findings_are_counted(tmp_path: Path) -> None:

    lines = lines_of(Report(turns=1, findings=[Finding("it is missing", turn=7)] * 60), "abc")
    assert lines[0] == "turn 7: it is missing"
    assert "… and 10 more." in lines
    assert lines[-1].startswith("60 findings")

"""`frontdesk ask` as a program calls it: beside a server, twice at once, and where there is no database yet."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.browser.real import free_port
from tests.fakes.served import NO_CERTIFICATES

ROOT = Path(__file__).parent.parent.parent
COMMAND = (sys.executable, "-c", "from channels.cli import main; main()")
PATIENCE = 60  # seconds
Process = subprocess.Popen[str]


def begin(folder: Path, *arguments: str, port: int = 0) -> Process:
    """The frontdesk command on a data folder."""
    return subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=ROOT,
        env={"PATH": os.defpath, "FRONTDESK_DATA": str(folder), "FRONTDESK_PORT": str(port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def answer_of(process: Process) -> tuple[dict[str, Any], str]:
    """What `ask --json` printed: its one line as JSON, and what it said beside on standard error."""
    output, beside = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, beside
    assert len(output.splitlines()) == 1
    answer: dict[str, Any] = json.loads(output)
    return answer, beside


@contextmanager
def served(folder: Path) -> Iterator[Process]:
    """A server on a data folder, ready and stopped as by Ctrl+C."""
    port = free_port()
    server = begin(folder, "serve", port=port)
    try:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and server.poll() is None:
            try:
                if httpx.get(f"http://127.0.0.1:{port}/readyz", verify=NO_CERTIFICATES).status_code == 200:
                    break
            except httpx.TransportError:
                time.sleep(0.1)
        yield server
    finally:
        server.send_signal(signal.SIGINT)
        server.communicate(timeout=PATIENCE)


def turns(folder: Path) -> list[tuple[str, str]]:
    """The process that answered each turn, and the turn's outcome."""
    with closing(sqlite3.connect(folder / "frontdesk.db")) as database:
        rows = database.execute("select owner, outcome from turn where status = 'done' order by id").fetchall()
    return [(owner.split("/")[1], outcome) for owner, outcome in rows if "/" in owner]


@pytest.mark.prove
def test_server_answers_what_is_asked_beside_it(demo_files: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(demo_files, tmp_path / "data")
    with served(folder) as server:
        first, beside = answer_of(begin(folder, "ask", "--as", "client:dana-lee", "--json", "what's this invoice for?"))
        assert beside == ""
        assert "INV-1042" in first["reply"]
        assert first["tool_calls"][0]["name"] == "explain_invoice"
        then, _ = answer_of(begin(folder, "ask", "--as", "client:dana-lee", "--json", "and when is it due?"))
        assert "INV-1042" in then["reply"], "the thread lasts from call to call"
        assert turns(folder)[-2:] == [(str(server.pid), "answered")] * 2


@pytest.mark.prove
def test_two_ask_at_once(demo_files: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(demo_files, tmp_path / "data")
    dana = begin(folder, "ask", "--as", "client:dana-lee", "--json", "what's this invoice for?")
    priya = begin(folder, "ask", "--as", "staff:priya", "--json", "who owes us money?")
    told, owing = answer_of(dana)[0], answer_of(priya)[0]
    assert "INV-1042" in told["reply"]
    assert "clients owe" in owing["reply"]
    assert len(turns(folder)) == len({told["message"], owing["message"]}) == 2


@pytest.mark.prove
def test_demo_is_made_where_there_is_no_database(tmp_path: Path) -> None:
    folder = tmp_path / "none yet"
    answer, beside = answer_of(begin(folder, "ask", "--as", "client:dana-lee", "--json", "what do I owe?"))
    assert "$1,840.00" in answer["reply"]
    assert "There is no database yet" in beside
    assert str(folder) in beside
    assert answer["evidence"] != []
    assert answer["model"] == "builtin"

"""What a turn looks up, it finds by an index: no turn takes longer because others write too."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from billing.database import Engines
from tests.conftest import Run
from tests.fakes.desk_at_work import DeskAtWork

DANA = "client:dana-lee"
TALK = ("conversation", "message", "turn")


@contextmanager
def statements(engines: Engines) -> Iterator[dict[str, Any]]:
    """What runs while the block does, with its parameters."""
    seen: dict[str, Any] = {}

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        seen[statement] = parameters

    lanes = (engines.reading.engine, engines.writing.engine)
    for engine in lanes:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        for engine in lanes:
            event.remove(engine, "before_cursor_execute", note)


def test_turn_reads_no_table_of_talk_from_end_to_end(desk: DeskAtWork, run: Run) -> None:
    with statements(desk.engines) as seen:
        assert "INV-1042" in run(desk.ask(DANA, "what's this invoice for?")).text
    asked = {text: values for text, values in seen.items() if text.startswith(("SELECT", "UPDATE"))}
    assert len(asked) > 10
    connection = sqlite3.connect(str(desk.engines.writing.engine.url.database))
    for statement, values in asked.items():
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
        scanned = [step for step in plan if step.startswith(tuple(f"SCAN {table}" for table in TALK))]
        assert not scanned, (scanned, statement)
    connection.close()

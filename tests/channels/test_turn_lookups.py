"""What a turn looks up, it finds by an index: no turn takes longer because others write too."""

from tests.conftest import Run
from tests.fakes.desk_at_work import DeskAtWork
from tests.fakes.statements import plan_of, statements_of

DANA = "client:dana-lee"
SCANS = ("SCAN conversation", "SCAN message", "SCAN turn")


def test_turn_reads_no_table_of_talk_from_end_to_end(desk: DeskAtWork, run: Run) -> None:
    with statements_of(desk.engines) as seen:
        assert "INV-1042" in run(desk.ask(DANA, "what's this invoice for?")).text
    asked = {text: values for text, values in seen if text.startswith(("SELECT", "UPDATE"))}
    assert len(asked) > 10
    for statement, values in asked.items():
        scanned = [step for step in plan_of(desk.engines, statement, values) if step.startswith(SCANS)]
        assert not scanned, (scanned, statement)

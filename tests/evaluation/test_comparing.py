"""`frontdesk eval --compare`: two prompts of a hosted model, asked over real HTTP, and what got better or worse."""

from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest
from typer.testing import CliRunner

from channels.cli import app
from tests.evaluation.plays import SHIPPED
from tests.fakes.hosting import KEY, NAME, Llmock, calls, run_llmock, says

SCENARIO = """\
scenarios:
- name: part_paid_bill
  intent: balance
  state: part_paid
  who: client:adam-dubreuil
  aim: Know what is owed.
  turns:
  - say: what do I owe?
    says: [INV-2201]
"""
TERSE = "You are terse. Never look anything up."
TOLD = "{INV-2201.balance} is due on {INV-2201.number}."


@pytest.fixture
def provider() -> Iterator[Llmock]:
    """A provider on this machine."""
    with run_llmock() as peer:
        yield peer


@pytest.mark.prove
def test_worse_prompt_is_named_in_one_command(
    provider: Llmock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario, prompt = tmp_path / "open.yaml", tmp_path / "terse.txt"
    scenario.write_text(SCENARIO, encoding="utf-8")
    prompt.write_text(TERSE, encoding="utf-8")
    copytree(SHIPPED / "states", tmp_path / "states")
    for name, value in (("DATA", str(tmp_path / "data")), ("MODEL_API_KEY", KEY)):
        monkeypatch.setenv(f"FRONTDESK_{name}", value)
    monkeypatch.setenv("FRONTDESK_MODEL_BASE_URL", provider.base_url())
    provider.script(calls("list_invoices"), says(TOLD), says("I would rather not look that up."))
    done = CliRunner().invoke(app, ["eval", str(scenario), "--model", NAME, "--compare", str(prompt)])
    assert "0 better, 1 worse, 0 the same" in done.output, done.output
    assert done.exit_code == 1
    ours, _, theirs = (str(body["messages"][0]) for body in provider.bodies()[:3])
    assert TERSE in theirs
    assert TERSE not in ours

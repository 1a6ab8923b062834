"""A past conversation as a scenario: it runs, holds the figures that were said, and names nobody."""

import asyncio
from pathlib import Path

import pytest

from bot.evaluation.reading import read_scenarios
from channels.evaluating.adding import NoSuchMessageError, add_scenario
from channels.evaluating.running import run_scenario
from channels.evaluating.stage import Stage
from channels.settings import Settings
from tests.conftest import Run
from tests.fakes.desk_at_work import DeskAtWork


def settings_of(folder: Path) -> Settings:
    return Settings(data=folder, database_url=f"sqlite:///{folder / 'frontdesk.db'}")


def test_conversation_becomes_a_scenario(
    desk: DeskAtWork, run: Run, tmp_path: Path, stage: Stage, stage_loop: asyncio.Runner
) -> None:
    async def talk() -> str:
        await desk.ask("client:dana-lee", "hi, Dana Lee here. what's this invoice for?")
        await desk.ask("client:dana-lee", "and when is it due?")
        thread = await desk.thread("client:dana-lee")
        return (await desk.messages(thread))[-1].public_id

    message = run(talk())
    lines = run(add_scenario(settings_of(tmp_path), message, "about the cabinets"))
    path = tmp_path / "eval" / "about-the-cabinets.yaml"
    assert lines[0] == f"Written: {path}"
    text = path.read_text()
    assert "dana" not in text.lower()
    (scenario,) = read_scenarios([path])
    assert [turn.say for turn in scenario.turns] == [
        "hi, Robin A here. what's this invoice for?",
        "and when is it due?",
    ]
    assert "{INV-1042.balance}" in scenario.turns[0].says
    assert "{INV-1042.due_on}" in scenario.turns[1].says
    result = stage_loop.run(run_scenario(stage, scenario, 1, None, always_play=False))
    assert result.first_wrong == ""


def test_unknown_message_is_said(desk: DeskAtWork, run: Run, tmp_path: Path) -> None:
    with pytest.raises(NoSuchMessageError, match="There is no message"):
        run(add_scenario(settings_of(tmp_path), "nowhere", ""))


def test_staffs_thread_is_no_scenario(desk: DeskAtWork, run: Run, tmp_path: Path) -> None:
    async def talk() -> str:
        await desk.ask("staff:priya", "who owes us money?")
        return (await desk.messages(await desk.thread("staff:priya")))[-1].public_id

    message = run(talk())
    with pytest.raises(NoSuchMessageError, match="known client"):
        run(add_scenario(settings_of(tmp_path), message, ""))

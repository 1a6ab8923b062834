"""Running scenarios: what is wrong is found, by the records first, and a simulated person ends in time."""

import asyncio
from dataclasses import replace

from bot.evaluation.person import DONE, SimulatedPerson
from bot.evaluation.results import Result
from bot.evaluation.scenario import Outcome, Scenario
from channels.evaluating.running import Play, run_scenario
from channels.evaluating.stage import Stage
from tests.evaluation.plays import ScriptedModel, balance


def result_of(loop: asyncio.Runner, stage: Stage, scenario: Scenario, play: Play | None = None) -> Result:
    return loop.run(run_scenario(stage, scenario, 1, play, always_play=play is not None))


def test_right_answer_passes(stage: Stage, stage_loop: asyncio.Runner) -> None:
    assert result_of(stage_loop, stage, balance("{INV-7.balance}", "{account.due}")).first_wrong == ""


def test_missing_figure_is_found(stage: Stage, stage_loop: asyncio.Runner) -> None:
    assert result_of(stage_loop, stage, balance("$121.00")).first_wrong == "message 1: not said: $121.00"


def test_forbidden_words_are_found(stage: Stage, stage_loop: asyncio.Runner) -> None:
    wrong = result_of(stage_loop, stage, balance(never=["{INV-7.total}"])).first_wrong
    assert wrong == "message 1: said, but must not be: $120.00"


def test_unknown_figure_is_named(stage: Stage, stage_loop: asyncio.Runner) -> None:
    assert "{INV-8.balance}" in result_of(stage_loop, stage, balance("{INV-8.balance}")).first_wrong


def test_undeclared_change_is_found(stage: Stage, stage_loop: asyncio.Runner) -> None:
    run = result_of(stage_loop, stage, balance(say="send me the payment link")).runs[0]
    assert any(wrong.startswith("not expected: new payment_link: invoice=INV-7") for wrong in run.wrong)


def test_declared_change_passes(stage: Stage, stage_loop: asyncio.Runner) -> None:
    paid = balance(say="send me the payment link", new=[{"payment_link": {"invoice": "INV-7", "asked": None}}])
    assert result_of(stage_loop, stage, paid).first_wrong == ""


def test_absent_change_is_found(stage: Stage, stage_loop: asyncio.Runner) -> None:
    wrong = result_of(stage_loop, stage, balance(new=[{"request": {"kind": "dispute"}}])).first_wrong
    assert wrong.startswith("expected but not there: new {'request'")


def test_wrong_value_of_change_is_found(stage: Stage, stage_loop: asyncio.Runner) -> None:
    other = balance(say="send me the payment link", new=[{"payment_link": {"invoice": "INV-7", "asked": "60.00"}}])
    assert not result_of(stage_loop, stage, other).passed


def test_runs_do_not_see_each_other(stage: Stage, stage_loop: asyncio.Runner) -> None:
    once = balance(say="send me the payment link", new=[{"payment_link": {"invoice": "INV-7"}}])
    result = stage_loop.run(run_scenario(stage, once, 3, None, always_play=False))
    assert (result.count_passed, len(result.runs)) == (3, 3)


def test_person_without_turns_needs_a_player(stage: Stage, stage_loop: asyncio.Runner) -> None:
    result = result_of(stage_loop, stage, replace(balance(), turns=()))
    assert "--user-model" in result.skipped
    assert not result.passed


def test_played_person_writes_until_done(stage: Stage, stage_loop: asyncio.Runner) -> None:
    model = ScriptedModel(lines=["hi, what do I owe?", "send me the payment link", DONE])
    then = Outcome(new=({"payment_link": {"invoice": "INV-7"}},))
    aimed = replace(balance(), turns=(), says=("{INV-7.balance}",), then=then, knows="The roof was checked.")
    result = result_of(stage_loop, stage, aimed, lambda scenario, name: SimulatedPerson(model, name, scenario))
    assert result.first_wrong == ""
    assert [said.words for said in result.runs[0].said] == ["hi, what do I owe?", "send me the payment link"]
    assert "Ida Moss" in model.heard[0][0]
    assert "The roof was checked." in model.heard[0][0]
    assert "$120.00" in model.heard[1][-1]


def test_played_person_loses_patience(stage: Stage, stage_loop: asyncio.Runner) -> None:
    model = ScriptedModel(lines=["what do I owe?"] * 9)
    aimed = replace(balance(), turns=(), patience=2)
    result = result_of(stage_loop, stage, aimed, lambda scenario, name: SimulatedPerson(model, name, scenario))
    assert len(result.runs[0].said) == 2

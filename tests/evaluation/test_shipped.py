"""The shipped scenarios: what they cover, and that the built-in model passes them, again and again."""

import asyncio
from collections import Counter

import pytest

from bot.evaluation.results import Suite
from bot.evaluation.scenario import Scenario
from channels.evaluating.stage import Stage
from channels.evaluating.suites import Contender, run_on

STATES = {"nothing_due", "part_paid", "disputed", "twins", "several_projects"}
RUNS = 8


def failures(suite: Suite) -> dict[str, str]:
    return {result.scenario.name: result.first_wrong for result in suite.results if not result.passed}


def test_every_intent_meets_every_state(shipped: tuple[Scenario, ...]) -> None:
    intents = {scenario.intent for scenario in shipped}
    assert len(intents) == 12
    assert {(one.intent, one.state) for one in shipped} == {(intent, state) for intent in intents for state in STATES}


def test_scenarios_speak_several_languages(shipped: tuple[Scenario, ...]) -> None:
    languages = Counter(
        contact.language
        for scenario in shipped
        for client in scenario.given.clients
        for contact in client.contacts
        if scenario.who == f"client:{contact.key}"
    )
    assert min(languages[each] for each in ("en", "es", "fr", "de")) >= 5


def test_builtin_model_passes_scenarios(
    shipped: tuple[Scenario, ...], stage: Stage, stage_loop: asyncio.Runner
) -> None:
    suite = stage_loop.run(run_on(stage, shipped[::3], Contender(), 1))
    assert failures(suite) == {}
    assert suite.pass_hat_k == 1.0


@pytest.mark.prove
def test_builtin_model_passes_every_run(
    shipped: tuple[Scenario, ...], stage: Stage, stage_loop: asyncio.Runner
) -> None:
    suite = stage_loop.run(run_on(stage, shipped, Contender(), RUNS))
    assert failures(suite) == {}
    assert (suite.runs, suite.pass_at_1, suite.pass_hat_k) == (RUNS, 1.0, 1.0)

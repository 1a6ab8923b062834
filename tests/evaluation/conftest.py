"""Fixtures of the evaluation: the shipped scenarios, and one stage with the built-in model for a module's tests."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.evaluation.reading import read_scenarios
from bot.evaluation.scenario import Scenario
from channels.evaluating.stage import Stage, open_stage
from channels.settings import Settings
from tests.evaluation.plays import SHIPPED


@pytest.fixture(scope="session")
def shipped() -> tuple[Scenario, ...]:
    """The project's own scenarios."""
    return read_scenarios([SHIPPED])


@pytest.fixture(scope="session")
def stage_loop() -> Iterator[asyncio.Runner]:
    """The loop that the stage lives on."""
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="session")
def stage(stage_loop: asyncio.Runner, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A stage with the built-in model; its templates are made once for all tests of this process."""
    folder: Path = tmp_path_factory.mktemp("stage")
    opened = stage_loop.run(open_stage(Settings(data=folder), folder, ""))
    yield opened
    stage_loop.run(opened.close())

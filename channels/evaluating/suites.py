"""Suites: every scenario with one model and prompt, and which scenarios there are to run."""

import asyncio
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bot.evaluation.person import SimulatedPerson
from bot.evaluation.results import Result, Suite
from bot.evaluation.scenario import Scenario
from bot.models import make_model
from bot.providers import BUILTIN, ModelWish
from channels.evaluating.running import Play, run_scenario
from channels.evaluating.stage import Stage, open_stage
from channels.hosting import wish_of
from channels.settings import Settings

SHIPPED = Path(__file__).parents[2] / "tests" / "eval"  # there in a checkout, not in an installed package


class NothingToRunError(ValueError):
    """There is no scenario to run, or a choice of models makes no sense; the message says what to do."""


@dataclass(frozen=True)
class Contender:
    """What is evaluated: a model, and the file of a prompt in place of the project's own."""

    model: str = ""
    prompt: Path | None = None

    @property
    def label(self) -> str:
        name = self.model or BUILTIN
        return f"{name} with {self.prompt.name}" if self.prompt else name

    @property
    def is_builtin(self) -> bool:
        return self.model in {"", BUILTIN}


def own_folder(settings: Settings) -> Path:
    """Where a business keeps its own scenarios."""
    return settings.data / "eval"


def places_to_read(settings: Settings, named: Sequence[Path]) -> list[Path]:
    """The files and folders that are named; else the business's own folder and the project's."""
    if named:
        return list(named)
    found = [place for place in (SHIPPED, own_folder(settings)) if place.is_dir()]
    if not found:
        raise NothingToRunError(
            f"There are no scenarios yet: put YAML files into {own_folder(settings)}, "
            "name a folder, or turn a conversation into one with `frontdesk eval add MESSAGE`."
        )
    return found


def contender_of(words: str, model: str) -> Contender:
    """What `--compare` names: the file of a prompt for `model`, or another model."""
    path = Path(words)
    if not path.is_file():
        return Contender(words)
    if Contender(model).is_builtin:
        raise NothingToRunError("The built-in model reads no prompt; compare prompts with --model set to a hosted one.")
    return Contender(model, path)


async def run_suite(
    settings: Settings,
    scenarios: Sequence[Scenario],
    contender: Contender,
    *,
    runs: int,
    user_model: str = "",
    told: Callable[[Result], None] = lambda _: None,
) -> Suite:
    """Run every scenario; `told` hears of each result as it comes. user_model: who plays people without turns."""
    with tempfile.TemporaryDirectory(prefix="frontdesk-eval-") as folder:
        stage = await open_stage(settings, Path(folder), contender.model)
        try:
            wish = wish_of(settings)
            user = replace(wish, name=user_model or contender.model)
            prompted = _prompted(stage, contender)
            return await run_on(prompted, scenarios, contender, runs, user, told, always_play=bool(user_model))
        finally:
            await stage.close()


async def run_on(
    stage: Stage,
    scenarios: Sequence[Scenario],
    contender: Contender,
    runs: int,
    user: ModelWish = ModelWish(),  # noqa: B008 - a frozen value
    told: Callable[[Result], None] = lambda _: None,
    *,
    always_play: bool = False,
) -> Suite:
    """Run every scenario on a stage that is set up already. user: the model that plays people."""
    play = _player(user)
    results = []
    for scenario in scenarios:
        result = await run_scenario(stage, scenario, runs, play, always_play=always_play)
        told(result)
        results.append(result)
    return Suite(contender.label, tuple(results))


def _player(user: ModelWish) -> Play | None:
    if user.is_builtin:
        return None  # the built-in model understands messages; it cannot make them up
    made = make_model(user)
    return lambda scenario, name: SimulatedPerson(made, name, scenario)


def _prompted(stage: Stage, contender: Contender) -> Stage:
    if contender.prompt is None:
        return stage
    text = contender.prompt.read_text(encoding="utf-8")
    agents = stage.assistant.agents.with_standing(text)
    stage.assistant = replace(stage.assistant, agents=agents)
    return stage


def run_all(
    settings: Settings,
    scenarios: Sequence[Scenario],
    contenders: Sequence[Contender],
    *,
    runs: int,
    user_model: str,
    told: Callable[[Result], None],
) -> list[Suite]:
    """The suites of one or two contenders, one after the other."""

    async def whole() -> list[Suite]:
        return [
            await run_suite(settings, scenarios, one, runs=runs, user_model=user_model, told=told) for one in contenders
        ]

    return asyncio.run(whole())

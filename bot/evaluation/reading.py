"""Scenario files → scenarios: YAML, checked field by field, with shared starting records in `states/` beside them."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import TypeAdapter, ValidationError

from bot.evaluation.given import Given
from bot.evaluation.scenario import Scenario

_SCENARIO = TypeAdapter(Scenario)
_GIVEN = TypeAdapter(Given)
_OWN = frozenset({"scenarios"})


class BadScenarioError(ValueError):
    """A scenario file cannot be used; the message says which, where and why."""


def read_scenarios(places: Iterable[Path]) -> tuple[Scenario, ...]:
    """All scenarios of files and folders, in order of their names; BadScenarioError for the first that is wrong."""
    states: dict[Path, Given] = {}
    found = [scenario for place in places for path in _files(place) for scenario in _read_file(path, states)]
    seen: set[str] = set()
    for scenario in found:
        if scenario.name in seen:
            raise BadScenarioError(f"two scenarios are called {scenario.name!r}")
        seen.add(scenario.name)
    return tuple(found)


def _files(place: Path) -> Sequence[Path]:
    if place.is_dir():
        return sorted(path for path in place.glob("*.yaml"))
    if not place.exists():
        raise BadScenarioError(f"{place}: there is no such file or folder")
    return [place]


def _read_file(path: Path, states: dict[Path, Given]) -> list[Scenario]:
    """The scenarios of one file: one mapping, or `scenarios:` with what they share above it."""
    loaded = _load(path)
    if not isinstance(loaded, dict):
        raise BadScenarioError(f"{path}: a scenario file is a mapping, with `name`, or `scenarios`")
    shared = {key: value for key, value in loaded.items() if key not in _OWN}
    entries = loaded.get("scenarios", [{}])
    return [_read_one(path, shared | entry, place, states) for place, entry in enumerate(entries, start=1)]


def _read_one(path: Path, entry: dict[str, Any], place: int, states: dict[Path, Given]) -> Scenario:
    where = f"{path}, scenario {entry.get('name', place)}"
    if "given" not in entry and entry.get("state"):
        state = path.parent / "states" / f"{entry['state']}.yaml"
        if state not in states:
            states[state] = _check(_GIVEN, _load(state), str(state))
        entry = entry | {"given": states[state]}
    scenario: Scenario = _check(_SCENARIO, entry, where)
    if not scenario.turns and not scenario.aim:
        raise BadScenarioError(f"{where}: it needs `turns`, or an `aim` for a simulated person")
    if any(bool(turn.say) == bool(turn.press) for turn in scenario.turns):
        raise BadScenarioError(f"{where}: each turn needs either `say` or `press`")
    if scenario.now.tzinfo is None:
        raise BadScenarioError(f"{where}: `now` needs a zone, like 2026-11-18T15:00:00Z")
    return scenario


def _load(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as wrong:
        raise BadScenarioError(f"{path}: {wrong}") from wrong


def _check(adapter: TypeAdapter[Any], value: Any, where: str) -> Any:
    try:
        return adapter.validate_python(value)
    except ValidationError as wrong:
        lines = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in wrong.errors(include_input=False)]
        raise BadScenarioError(f"{where}:\n  " + "\n  ".join(lines)) from None

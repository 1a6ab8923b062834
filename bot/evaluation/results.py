"""Results: what the runs of each scenario came to, pass@1 and pass^k, and two of them side by side."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from bot.evaluation.grading import Said
from bot.evaluation.scenario import Scenario


@dataclass(frozen=True)
class Run:
    """One run: the conversation, what was wrong with it (nothing: it passed), and how long it took in seconds."""

    said: tuple[Said, ...]
    wrong: tuple[str, ...]
    changes: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        return not self.wrong


@dataclass(frozen=True)
class Result:
    """All runs of one scenario. skipped: why it was not run at all."""

    scenario: Scenario
    runs: tuple[Run, ...]
    skipped: str = ""

    @property
    def count_passed(self) -> int:
        return sum(run.passed for run in self.runs)

    @property
    def passed(self) -> bool:
        """Whether every run passed."""
        return bool(self.runs) and self.count_passed == len(self.runs)

    @property
    def rate(self) -> float:
        return self.count_passed / len(self.runs) if self.runs else 0.0

    @property
    def first_wrong(self) -> str:
        """The first thing that went wrong in any run, in one line."""
        return next((run.wrong[0] for run in self.runs if run.wrong), self.skipped)


@dataclass(frozen=True)
class Suite:
    """The results of one model and prompt. label: what they are called in reports."""

    label: str
    results: tuple[Result, ...]

    @property
    def ran(self) -> tuple[Result, ...]:
        return tuple(result for result in self.results if not result.skipped)

    @property
    def runs(self) -> int:
        """k: how often each scenario was run."""
        return max((len(result.runs) for result in self.ran), default=0)

    @property
    def pass_at_1(self) -> float:
        """How likely one run of one scenario passes."""
        return fmean(result.rate for result in self.ran) if self.ran else 0.0

    @property
    def pass_hat_k(self) -> float:
        """The share of scenarios of which all k runs passed."""
        return fmean(result.passed for result in self.ran) if self.ran else 0.0


@dataclass(frozen=True)
class Cell:
    """Runs of one intent in one state."""

    passed: int
    runs: int


def by_intent_and_state(results: Iterable[Result]) -> dict[str, dict[str, Cell]]:
    """Runs passed, for each intent and state, in the order of the scenarios."""
    table: dict[str, dict[str, Cell]] = {}
    for result in results:
        row = table.setdefault(result.scenario.intent or "–", {})
        before = row.get(result.scenario.state or "–", Cell(0, 0))
        row[result.scenario.state or "–"] = Cell(before.passed + result.count_passed, before.runs + len(result.runs))
    return table


@dataclass(frozen=True)
class Difference:
    """One scenario with two models or prompts."""

    before: Result
    after: Result

    @property
    def verdict(self) -> str:
        if self.after.rate == self.before.rate:
            return "same"
        return "better" if self.after.rate > self.before.rate else "worse"


def compare(before: Suite, after: Suite) -> Sequence[Difference]:
    """The scenarios that both have run: those that got worse first, then better, then the rest."""
    others = {result.scenario.name: result for result in after.ran}
    pairs = [
        Difference(result, others[result.scenario.name]) for result in before.ran if result.scenario.name in others
    ]
    return sorted(pairs, key=lambda pair: ["worse", "better", "same"].index(pair.verdict))

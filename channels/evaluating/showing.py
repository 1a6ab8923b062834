"""The report in the terminal: each scenario with its runs, intents by states, and two suites side by side."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot.evaluation.results import Cell, Difference, Result, Suite, by_intent_and_state

SHOWN_WRONG = 160  # characters of a failing check in the table; the page has all of it


def show_suite(suite: Suite, console: Console) -> None:
    """Scenarios that did not pass, the table of intents and states, the figures, and what was said where it failed."""
    failing = [result for result in suite.results if not result.passed]
    if failing:
        table = Table("scenario", "passed", "first check that failed", title=escape(suite.label), title_justify="left")
        for result in failing:
            table.add_row(escape(result.scenario.name), passed_of(result), escape(_short(result.first_wrong)))
        console.print(table)
    console.print(_grid(suite))
    console.print(summary_of(suite))
    for result in suite.ran:
        show_transcript(result, console)


def show_transcript(result: Result, console: Console) -> None:
    """The first failing conversation of a scenario, with what was wrong in it."""
    run = next((one for one in result.runs if not one.passed), None)
    if run is None:
        return
    console.print(f"[bold]{escape(result.scenario.name)}[/bold]")
    for said in run.said:
        console.print(f"  > {escape(said.words)}")
        console.print(f"  < {escape(said.reply)}")
    for wrong in run.wrong:
        console.print(f"  [red]✗[/red] {escape(wrong)}")


def show_comparison(pairs: list[Difference], before: Suite, after: Suite, console: Console) -> None:
    """What got better or worse from one model or prompt to the other."""
    table = Table("scenario", escape(before.label), escape(after.label), "", title="compared", title_justify="left")
    for pair in pairs:
        if pair.verdict != "same":
            name = escape(pair.before.scenario.name)
            table.add_row(name, passed_of(pair.before), passed_of(pair.after), pair.verdict)
    counts = {verdict: sum(pair.verdict == verdict for pair in pairs) for verdict in ("better", "worse", "same")}
    if table.row_count:
        console.print(table)
    console.print(f"{counts['better']} better, {counts['worse']} worse, {counts['same']} the same")


def passed_of(result: Result) -> str:
    """How many of how many runs: "7/8", or "–" for what was not run."""
    return f"{result.count_passed}/{len(result.runs)}" if result.runs else "–"


def summary_of(suite: Suite) -> str:
    """pass@1 and pass^k in one line."""
    skipped = len(suite.results) - len(suite.ran)
    tail = f", {skipped} not run" if skipped else ""
    return (
        f"{suite.label}: {len(suite.ran)} scenarios, {suite.runs} run{'' if suite.runs == 1 else 's'} each: "
        f"pass@1 {suite.pass_at_1:.2f}, pass^{suite.runs} {suite.pass_hat_k:.2f}{tail}"
    )


def _grid(suite: Suite) -> Table:
    rows = by_intent_and_state(suite.ran)
    states = list(dict.fromkeys(state for row in rows.values() for state in row))
    table = Table("intent", *(escape(state.replace("_", " ")) for state in states))
    for intent, row in rows.items():
        table.add_row(escape(intent), *(_cell(row.get(state)) for state in states))
    return table


def _cell(cell: Cell | None) -> str:
    if cell is None:
        return ""
    text = f"{cell.passed}/{cell.runs}"
    return text if cell.passed == cell.runs else f"[red]{text}[/red]"


def _short(text: str) -> str:
    return text if len(text) <= SHOWN_WRONG else text[: SHOWN_WRONG - 1] + "…"

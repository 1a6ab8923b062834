"""`frontdesk eval`: run scenarios, compare models and prompts, and turn a past conversation into a scenario."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup


class _RunsByDefault(TyperGroup):
    """`frontdesk eval FOLDER` is `frontdesk eval run FOLDER`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] != "--help"):
            args = ["run", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_RunsByDefault,
    help="Run scenarios: people with aims, and what must be true and said at the end.",
    add_completion=False,
    rich_markup_mode=None,
)


@app.command()
def run(
    places: Annotated[
        list[Path] | None,
        typer.Argument(help="scenario files or folders; none: the business's own folder, and a checkout's tests/eval"),
    ] = None,
    model: Annotated[str, typer.Option(help="the model that answers; empty: FRONTDESK_MODEL")] = "",
    runs: Annotated[int, typer.Option(min=1, max=100, help="how often each scenario is run")] = 1,
    html: Annotated[Path | None, typer.Option(help="write the report with all conversations to this file")] = None,
    compare: Annotated[str, typer.Option(help="run a second model too, or the prompt in this file")] = "",
    user_model: Annotated[str, typer.Option(help="a hosted model that plays the people instead of their turns")] = "",
) -> None:
    """Run scenarios and report what passed; the exit code is 1 when something did not."""
    from rich.console import Console

    from bot.evaluation.reading import read_scenarios
    from bot.evaluation.results import compare as compare_suites
    from channels.evaluating import showing, suites
    from channels.evaluating.page import write_page
    from channels.settings import read_settings

    settings, console = read_settings(), Console()
    scenarios = read_scenarios(suites.places_to_read(settings, places or []))
    contenders = [suites.Contender(model or settings.model)]
    if compare:
        contenders.append(suites.contender_of(compare, contenders[0].model))
    with console.status("…") as status:
        done = suites.run_all(
            settings, scenarios, contenders, runs=runs, user_model=user_model,
            told=lambda result: status.update(f"{result.scenario.name} {showing.passed_of(result)}"),
        )  # fmt: skip
    for suite in done:
        showing.show_suite(suite, console)
    pairs = list(compare_suites(done[0], done[1])) if compare else []
    if compare:
        showing.show_comparison(pairs, done[0], done[1], console)
    if html is not None:
        write_page(html, done, pairs)
        console.print(f"The report is in {html}", soft_wrap=True)
    raise typer.Exit(0 if all(result.passed for suite in done for result in suite.ran) else 1)


@app.command()
def add(
    message: Annotated[str, typer.Argument(help="a message's id, as `ask --json` prints it")],
    name: Annotated[str, typer.Option(help="what the scenario is called; empty: after the message")] = "",
) -> None:
    """Turn a past conversation, up to a message, into a scenario in the business's own folder."""
    from channels.evaluating.adding import add_scenario
    from channels.settings import read_settings

    for line in asyncio.run(add_scenario(read_settings(), message, name)):
        typer.echo(line)

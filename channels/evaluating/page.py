"""The report as one HTML file: figures, intents by states, and every conversation; nothing is fetched from outside."""

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from bot.evaluation.results import Difference, Suite, by_intent_and_state
from channels.evaluating.showing import passed_of, summary_of


def write_page(path: Path, suites: Sequence[Suite], pairs: Sequence[Difference]) -> None:
    """Write the report of one or two suites to `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page_of(suites, pairs), encoding="utf-8")


def page_of(suites: Sequence[Suite], pairs: Sequence[Difference]) -> str:
    """The whole page; everything that comes from scenarios and replies is escaped."""
    # Every value is text from a file or a model: escaped wherever it stands.
    environment = Environment(
        loader=PackageLoader("channels.evaluating", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(passed_of=passed_of, summary_of=summary_of, grid=by_intent_and_state)
    return environment.get_template("report.html.j2").render(suites=suites, pairs=pairs)

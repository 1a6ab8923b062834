"""Why it said that: a reply's figures, each with the record, field and version it came from."""

from collections.abc import Callable

from billing.access import Door
from billing.database import open_engines
from billing.principal import Scope
from billing.tables.talk import Turn
from bot.receipts import find_receipt
from channels.settings import read_settings


async def explain(message: str, say: Callable[[str], None]) -> int:
    """Print the receipt of a message; 1 when there is none."""
    engines = open_engines(read_settings().database)
    try:
        found = await Door(engines).system(Scope.DOCTOR).read(lambda session: find_receipt(session, message))
    finally:
        await engines.dispose()
    if found is None:
        say(f"There is no message {message!r}. `frontdesk ask --json` prints a message's id.")
        return 1
    row, turn = found
    say(row.text)
    say("")
    for line in sources_of(turn):
        say(line)
    return 0


def sources_of(turn: Turn | None) -> list[str]:
    """What a turn looked up and where each figure of its reply came from, in lines for a person."""
    if turn is None:
        return ["No turn wrote this message: it came in, or was sent by a person or on an event."]
    lines = [f"Answered by {turn.model}, outcome {turn.outcome}, asked as {_asker(turn)}."]
    for call in turn.calls:
        said = ", ".join(f"{name}={words!r}" for name, words in call["args"].items())
        lines.append(f"  ran {call['name']}({said})")
    for figure in turn.bindings:
        source = (
            f"{figure['record']}.{figure['field']} at version {figure['version']}"
            if figure["record"]
            else f"calculated: {figure['calculation']} from {', '.join(figure['inputs'])}"
        )
        lines.append(f"  {figure['text']}  ←  {source}")
    return lines


def _asker(turn: Turn) -> str:
    return f"{turn.asked_as.get('kind', 'nobody')} at level {turn.asked_as.get('assurance', 0)}"

"""Why it said that: a reply's figures in plain words, each with the record, field and version it came from."""

from collections.abc import Callable, Iterator
from typing import Any

from billing.access import Door
from billing.database import open_engines
from billing.principal import Scope
from billing.tables.talk import Turn
from bot.receipts.writing import find_receipt
from channels.settings import read_settings

LEVELS = {0: "not proved", 1: "known by the address", 2: "proved"}
OUTCOMES = {
    "answered": "",
    "phrasebook": "its own words could not be bound to the records, so the phrasebook worded the same evidence",
    "unbound": "nothing could be bound to the records, so only an apology went out",
    "failed": "something failed on our side, and a person was offered",
    "given_up": "the turn failed again and again and was given up",
    "held": "a person had the conversation, so nothing was answered",
    "stood_in": "the built-in model stood in",
    "opted_out": "decided by the keyword: no more messages unasked",
    "opted_in": "decided by the keyword: messages again",
    "asked_opt_out": "it sounded like a wish not to be written to, and was asked about",
    "card_removed": "a card's number was taken out of the message, and nothing else was asked",
    "help": "decided by the keyword",
    "confirmed": "the person said yes to what had been proposed",
    "declined": "the person said no to what had been proposed",
    "asked_again": "a yes or no that could mean more than one thing was asked back",
    "asked_for_whom": "the contact speaks for several clients, and was asked for which one",
    "switched": "the contact turned to another of their clients",
}


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
    if row.text:
        say(row.text)
        say("")
    for line in sources_of(turn):
        say(line)
    return 0


def sources_of(turn: Turn | None) -> list[str]:
    """What a turn looked up and where each figure of its reply came from, in lines for a person."""
    if turn is None:
        return ["No turn wrote this message: it came in, or was sent by a person or on an event."]
    if turn.finished_at is None:
        return [f"Turn {turn.id} is still being answered."]
    prompt = f", prompt {turn.prompt_version}" if turn.model not in {"fixed", "builtin"} else ""
    when = f"{turn.finished_at:%d %b %Y %H:%M} UTC, in {turn.timings.get('ms', 0):.0f} ms"
    lines = [f"Turn {turn.id}, {when}: asked by {_asker(turn)}; {answered_by(turn)}{prompt}."]
    lines += list(_circumstances(turn))
    if turn.erased_at is not None:
        lines.append(
            f"Its words, and where its figures came from, were erased on {turn.erased_at:%d %b %Y}."
            " What it was and when still stands, and `frontdesk audit verify` can check it."
        )
        return lines
    lines += [f"It looked up {_call(call)}." for call in turn.calls]
    lines += [_source(figure) for figure in turn.bindings]
    return [*lines, f"`frontdesk replay {turn.id}` tells it again from its journal."]


def answered_by(turn: Turn) -> str:
    """Who worded a turn's reply."""
    if turn.outcome == "held":
        return "left to a person"
    if turn.model == "fixed":
        return "answered in fixed words, without a model"
    return "answered by the built-in model" if turn.model == "builtin" else f"answered by {turn.model}"


def _circumstances(turn: Turn) -> Iterator[str]:
    told = turn.timings
    if told.get("trouble"):
        yield f"{told.get('tried', 'The model')} was asked first and gave no answer ({told['trouble']})."
    if told.get("cost_micros"):
        yield f"It cost ${told['cost_micros'] / 1_000_000:.4f}."
    meaning = OUTCOMES.get(turn.outcome, turn.outcome)
    if meaning:
        yield f"{meaning[0].upper()}{meaning[1:]}."


def _asker(turn: Turn) -> str:
    kind = {"staff": "a member of staff", "client": "a client"}.get(turn.asked_as.get("kind", ""), "nobody known")
    level = turn.asked_as.get("assurance", 0)
    return f"{kind}, {LEVELS.get(level, '')} (level {level})"


def _call(call: dict[str, Any]) -> str:
    said = ", ".join(f"{name} {words!r}" for name, words in call["args"].items())
    return f"{call['name']}, with {said}" if said else f"{call['name']}"


def _source(figure: dict[str, Any]) -> str:
    text, subject = figure["text"], figure["handle"].rpartition(".")[0]
    if figure["record"]:
        table, _, row = figure["record"].partition(":")
        return f"  {text}  ←  {subject}: {table} {row}, field {figure['field']}, version {figure['version']}"
    inputs = ", ".join(figure["inputs"]) or "what was found"
    return f"  {text}  ←  calculated, {figure['calculation'] or subject}: from {inputs}"

"""Replaying at the command line: a turn told again from its journal, or with another model over its tool answers."""

import difflib
import json
from collections.abc import Callable, Iterator
from typing import Any

from billing.access import Door
from billing.database import open_engines
from billing.principal import Scope
from bot.builtin.understanding import load_understanding
from bot.replaying import Kept, Replayer, Told, find_kept, told_by
from channels.auditing import lacks_database
from channels.explaining import answered_by
from channels.hosting import build_agents
from channels.settings import Settings, read_settings
from knowledge.embedding import bundled_encoder

BUILTIN = "builtin"


async def replay(name: str, model: str | None, say: Callable[[str], None]) -> int:
    """Tell a turn again and say whether it came out the same (0) or not (1); with `model`, what that one says."""
    settings = read_settings()
    if lacks_database(settings):
        say(f"There is no database in {settings.data}.")
        return 1
    engines = open_engines(settings.database)
    try:
        door = Door(engines)
        kept = await door.system(Scope.DOCTOR).read(lambda session: find_kept(session, name))
        if kept is None:
            say(f"There is no finished turn {name!r}. `frontdesk why MESSAGE` prints the number of a message's turn.")
            return 1
        if not kept.can_be_told:
            say(why_not(kept))
            return 1
        replayer = Replayer(door, load_understanding(bundled_encoder()))
        if model is None:
            return await _again(replayer, kept, say)
        return await _with_another(replayer, kept, settings, model, say)
    finally:
        await engines.dispose()


def why_not(kept: Kept) -> str:
    """Why a turn cannot be told again."""
    turn = kept.turn
    if turn.erased_at is not None:
        return (
            f"The words of turn {turn.id} were erased on {turn.erased_at:%d %b %Y}, so it cannot be told again."
            " Its receipt still stands: `frontdesk audit verify` checks it."
        )
    return f"Turn {turn.id} is from before turns kept what they were answered from; it cannot be told again."


async def _again(replayer: Replayer, kept: Kept, say: Callable[[str], None]) -> int:
    then = told_by(kept)
    now = await replayer.tell_again(kept)
    different = then.differences(now)
    say(now.text or "(no reply: a person had the conversation)")
    say("")
    if not different:
        say(
            f"Turn {kept.turn.id} told again from {len(kept.steps)} journal steps: the same reply, byte for byte,"
            f" with the same {len(now.figures)} figures and {len(now.attachments)} attachments."
        )
        return 0
    say(f"Turn {kept.turn.id} came out differently: {', '.join(different)}.")
    for line in compared(then, now):
        say(line)
    return 1


async def _with_another(
    replayer: Replayer, kept: Kept, settings: Settings, model: str, say: Callable[[str], None]
) -> int:
    settings.model = "" if model == BUILTIN else model
    then = told_by(kept)
    now, unrecorded = await replayer.ask_another(kept, build_agents(settings))
    say(f"Then, {answered_by(kept.turn)}:\n{then.text}\n")
    say(f"Now, {model}, over the same tool answers ({now.outcome}):\n{now.text}\n")
    for tool, said in unrecorded:
        say(f"It called {_called({'name': tool, 'args': said})}, which is not in the journal and was not run.")
    lines = list(compared(then, now))
    say("The same reply from the same calls." if not lines else "What differs:")
    for line in lines:
        say(line)
    return 0


def compared(then: Told, now: Told) -> Iterator[str]:
    """Line by line what differs: words, calls, and what hangs on the reply."""
    pairs = (
        (then.text.split("\n"), now.text.split("\n")),
        ([_called(call) for call in then.calls], [_called(call) for call in now.calls]),
        ([_written(each) for each in then.attachments], [_written(each) for each in now.attachments]),
    )
    for before, after in pairs:
        for line in difflib.ndiff(before, after):
            if line[:2] in {"- ", "+ "}:
                yield line


def _called(call: Any) -> str:
    return f"{call['name']}({', '.join(f'{name}={words!r}' for name, words in call['args'].items())})"


def _written(attachment: Any) -> str:
    return f"attached: {json.dumps(attachment, ensure_ascii=False, sort_keys=True)}"

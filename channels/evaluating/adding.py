"""A past conversation → a scenario in the business's own folder, with what a person should look at before it counts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.database import open_engines
from billing.principal import Scope
from billing.tables.talk import Conversation, Direction, Message, Turn
from bot.evaluation.figures import Figures, UnknownFigureError, read_figures
from bot.evaluation.keeping import Kept, as_yaml, keep_records
from bot.evaluation.scenario import Exchange, Scenario
from bot.receipts.writing import find_receipt
from bot.showing import Reader, reader_locale
from channels.evaluating.suites import own_folder
from channels.settings import Settings

KEPT_KINDS = frozenset({"money", "date", "number"})
REVIEW = (
    "the records are as they are now, not as they were then: set back what has changed since",
    "`then` is empty: name what the conversation should change; a run lists what it does change",
    "`says` holds the figures that were said: strike what need not be said, add what must",
    "read the messages once more: names of people and places in free text may be left",
)


class NoSuchMessageError(LookupError):
    """There is no such message, or none that a scenario can be made of."""


@dataclass(frozen=True)
class _Past:
    thread: Conversation
    turns: tuple[tuple[Turn, str], ...]
    kept: Kept
    figures: Figures


async def add_scenario(settings: Settings, message: str, name: str) -> list[str]:
    """Write the scenario; where it is and what to look at, in lines. NoSuchMessageError if there is no message."""
    engines = open_engines(settings.database)
    try:
        past = await Door(engines).system(Scope.DOCTOR).read(lambda session: _read(session, message))
    finally:
        await engines.dispose()
    wanted = name or f"message-{message[:8]}"
    path = own_folder(settings) / f"{re.sub(r'[^a-z0-9]+', '-', wanted.lower()).strip('-')}.yaml"
    if path.exists():
        raise NoSuchMessageError(f"{path} is there already; choose another --name")
    scenario = _scenario(past, wanted)
    _write(path, scenario)
    return [f"Written: {path}", "Before it counts:", *(f"- {each}" for each in scenario.review)]


async def _read(session: AsyncSession, message: str) -> _Past:
    found = await find_receipt(session, message)
    if found is None:
        raise NoSuchMessageError(f"There is no message {message!r}. `frontdesk ask --json` prints a message's id.")
    row, _ = found
    thread = await session.get_one(Conversation, row.conversation_id)
    if thread.contact_id is None or row.client_id is None:
        raise NoSuchMessageError("Only a conversation with a known client can become a scenario.")
    turns = await _turns(session, thread, row)
    if not turns:
        raise NoSuchMessageError("No message of that conversation was answered by the assistant.")
    began = turns[0][0].started_at
    kept = await keep_records(session, row.client_id, thread.contact_id, began, thread.id)
    figures = await read_figures(session, thread.business_id, row.client_id, began.date())
    return _Past(thread, turns, kept, figures)


async def _turns(session: AsyncSession, thread: Conversation, last: Message) -> tuple[tuple[Turn, str], ...]:
    """The turns of this context up to a message, each with the words it answered."""
    query = select(Message).where(
        Message.conversation_id == thread.id, Message.direction == Direction.IN, Message.turn_id.is_not(None)
    )
    if thread.context_since is not None:
        query = query.where(Message.created_at >= thread.context_since)
    words: dict[int, list[str]] = {}
    for message in await session.scalars(query.order_by(Message.id)):
        if message.id <= last.id and message.turn_id is not None:
            words.setdefault(message.turn_id, []).append(message.choice or message.text)
    return tuple([(await session.get_one(Turn, turn_id), "\n".join(said)) for turn_id, said in words.items()])


def _scenario(past: _Past, name: str) -> Scenario:
    first, last = past.turns[0][0], past.turns[-1][0]
    exchanges = []
    before = first.started_at
    for turn, words in past.turns:
        later = max(0, round((turn.started_at - before).total_seconds() / 60))
        before = turn.started_at
        says = _figures_said(turn, past)
        exchanges.append(Exchange(say=_renamed(words, past.kept.names), says=tuple(says), later=later))
    return Scenario(
        name=name,
        who=f"client:{past.kept.contact}",
        level=int(last.asked_as.get("assurance", 2)),
        now=first.started_at.replace(microsecond=0),
        given=past.kept.given,
        turns=tuple(exchanges),
        review=(*past.kept.review, *REVIEW),
    )


def _figures_said(turn: Turn, past: _Past) -> list[str]:
    """The reply's figures as handles, where the records that are kept still say the same."""
    client = past.kept.given.clients[0]
    known = {one.number for group in (client.invoices, client.quotes, client.projects) for one in group}
    handles: dict[str, None] = {}
    for figure in turn.bindings:
        subject = str(figure["handle"]).rpartition(".")[0]
        handle = f"{{{subject}.{str(figure['field']).removesuffix('_minor')}}}"
        if subject in known and figure["kind"] in KEPT_KINDS and _still(handle, figure, turn, past):
            handles[handle] = None
    return list(handles)


def _still(handle: str, figure: Mapping[str, Any], turn: Turn, past: _Past) -> bool:
    language = str(turn.understanding.get("language", "en"))
    reader = Reader(language, reader_locale(language, past.kept.locale), past.kept.zone, turn.started_at)
    try:
        return past.figures.write(handle, reader) == str(figure["text"])
    except UnknownFigureError:
        return False


def _renamed(words: str, names: Mapping[str, str]) -> str:
    for real in sorted(names, key=len, reverse=True):
        words = re.sub(rf"\b{re.escape(real)}\b", names[real], words, flags=re.IGNORECASE)
    return words


def _write(path: Path, scenario: Scenario) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump(as_yaml(scenario), allow_unicode=True, sort_keys=False, width=110)
    path.write_text(text, encoding="utf-8")

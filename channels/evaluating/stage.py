"""The stage that scenarios are played on: one loaded assistant, and a database copied fresh for each run."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from billing.access import Door
from billing.database import Engines, open_engines
from billing.filestore import FileStore
from billing.principal import Scope
from billing.schema import migrate
from bot.evaluation.changes import Snapshot, take_snapshot
from bot.evaluation.given import Given
from bot.evaluation.records import write_given
from bot.opening import Surroundings
from channels.dispatch.answering import Answering
from channels.dispatch.local import LocalDispatcher
from channels.guides import Guides
from channels.inbox import Inbox
from channels.links import Links
from channels.settings import Settings
from channels.wiring import build_assistant, build_frontdesk

if TYPE_CHECKING:
    from bot.assistant import Assistant

DATABASE = "frontdesk.db"


@dataclass
class Clock:
    """The scenario's own time."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def later(self, **delta: float) -> None:
        """Turn it on."""
        self.now += timedelta(**delta)


@dataclass(frozen=True)
class Desk:
    """What one run is played on."""

    door: Door
    inbox: Inbox
    dispatcher: LocalDispatcher
    clock: Clock
    before: Snapshot


@dataclass(frozen=True)
class _Template:
    folder: Path
    door: Door
    guides: Guides
    before: Snapshot


@dataclass
class Stage:
    """A folder for templates and runs, and the assistant of one model, kept from run to run.

    The engines are kept too, on one path whose file is another in each run: new ones would compile every
    statement again, which takes longer than all the rest.
    """

    folder: Path
    assistant: "Assistant"
    engines: Engines
    _templates: dict[tuple[Given, datetime], _Template] = field(default_factory=dict)

    @asynccontextmanager
    async def set_up(self, given: Given, now: datetime) -> AsyncIterator[Desk]:
        """A desk on a fresh copy of the starting records; it is gone afterwards."""
        template = await self._template(given, now)
        shutil.copyfile(template.folder / DATABASE, self.folder / DATABASE)
        try:
            yield self._desk(Door(self.engines), template, Clock(now))
        finally:
            await self.engines.dispose()
            for left in self.folder.glob(f"{DATABASE}*"):
                left.unlink()

    async def close(self) -> None:
        """Let go of what the templates and the model hold open."""
        await self.assistant.agents.close()
        for template in self._templates.values():
            await template.guides.close()
            await template.door.engines.dispose()

    def _desk(self, door: Door, template: _Template, clock: Clock) -> Desk:
        async def unseen(_conversation_id: int, _event: str, _data: dict[str, str]) -> None:
            """Nobody watches while a scenario runs."""

        around = Surroundings(links=Links("https://frontdesk.example"), knowledge=template.guides)
        assistant = replace(self.assistant, door=door, surroundings=around, clock=clock, publish=unseen)
        dispatcher = LocalDispatcher(Answering(door, assistant, "scenario/0/run", clock), lambda _conversation_id: None)
        inbox = Inbox(door, lambda _thread, _after: None, b"")
        return Desk(door, inbox, dispatcher, clock, template.before)

    async def _template(self, given: Given, now: datetime) -> _Template:
        known = self._templates.get((given, now))
        if known is not None:
            return known
        folder = self.folder / f"records-{len(self._templates) + 1}"
        folder.mkdir()
        url = f"sqlite:///{folder / DATABASE}"
        empty = self.folder / "empty.db"
        if not empty.exists():
            await migrate(f"sqlite:///{empty}")
        shutil.copyfile(empty, folder / DATABASE)
        engines = open_engines(url)
        try:
            await write_given(Door(engines), FileStore(folder / "files"), given, now)
        finally:
            await engines.dispose()
        door = Door(open_engines(url))
        before = await door.system(Scope.DOCTOR).read(take_snapshot)
        made = _Template(folder, door, Guides(door, folder / "index"), before)
        self._templates[given, now] = made
        return made


async def open_stage(settings: Settings, folder: Path, model: str) -> Stage:
    """A stage in `folder` with the model that is named; "" is the built-in one."""
    own = settings.model_copy(update={"data": folder, "database_url": "", "files": None, "model": model})
    frontdesk = build_frontdesk(own)
    try:
        return Stage(folder, build_assistant(frontdesk), open_engines(f"sqlite:///{folder / DATABASE}"))
    finally:
        await frontdesk.close()

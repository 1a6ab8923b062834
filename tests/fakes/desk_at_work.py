"""A real Frontdesk for journeys: real records, dispatch and model; the clock and links are the test's own."""

import asyncio
import shutil
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

from langchain_core.language_models import BaseChatModel
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.database import Engines, open_engines
from billing.demo.create import create_demo
from billing.filestore import FileStore
from billing.principal import Scope
from billing.tables.people import Business, Contact, ContactClient, Staff
from billing.tables.talk import Conversation, Direction, Message, Turn
from bot.agent import Agents
from bot.assistant import Assistant
from bot.builtin.understanding import BuiltinUnderstanding, load_understanding
from bot.hosted import Hosting
from bot.messages import Channel, Inbound
from bot.models import make_model
from bot.opening import Surroundings
from bot.providers import ModelWish
from bot.spending import Limits
from bot.tools.context import KnowledgeSearch, StartAddress, no_start_address
from channels.dispatch.answering import Answering
from channels.dispatch.local import LocalDispatcher
from channels.inbox import Inbox
from channels.links import Links
from knowledge.embedding import bundled_encoder
from tests.fakes.clock import NOW

# A scripted model says as much as its test wants; limits have tests of their own.
UNLIMITED = Hosting(limits=Limits(daily_tokens=10**12))
SECRET = b"a secret of the tests"
HARBOR, ATELIER = "harbor-and-pine", "atelier-lumiere"


@cache
def the_understanding() -> BuiltinUnderstanding:
    """The shipped understanding, loaded once in this process."""
    return load_understanding(bundled_encoder())


def demo_template(empty: Path, folder: Path) -> Path:
    """Both demo businesses in a fresh database in `folder`."""
    shutil.copyfile(empty, folder / "frontdesk.db")
    fill_with_demo(f"sqlite:///{folder / 'frontdesk.db'}", folder / "files")
    return folder


def fill_with_demo(url: str, files: Path) -> None:
    """Write both demo businesses into the database at `url`."""

    async def fill() -> None:
        engines = open_engines(url)
        await create_demo(Door(engines), FileStore(files), NOW)
        await engines.dispose()

    asyncio.run(fill())


@dataclass(frozen=True)
class Answer:
    """What came back on one message."""

    text: str
    attachments: list[dict[str, Any]]
    turn: Turn

    @property
    def tools(self) -> list[str]:
        return [call["name"] for call in self.turn.calls]


@dataclass
class DeskAtWork:
    """One Frontdesk. `now` is its clock: tests turn it."""

    door: Door
    engines: Engines
    files: FileStore
    model: BaseChatModel | None = None
    now: datetime = NOW
    knowledge: KnowledgeSearch | None = None
    provider_confirms: frozenset[str] = frozenset()
    start_address: StartAddress = no_start_address
    published: list[tuple[int, str, dict[str, str]]] = field(default_factory=list)
    _dispatcher: LocalDispatcher | None = None

    @property
    def inbox(self) -> Inbox:
        return Inbox(self.door, lambda *_: None, SECRET)

    def clock(self) -> datetime:
        return self.now

    def later(self, **delta: float) -> None:
        """Turn the clock on."""
        self.now += timedelta(**delta)

    @property
    def dispatcher(self) -> LocalDispatcher:
        if self._dispatcher is None:
            self._dispatcher = self.new_dispatcher("test/0/one")
        return self._dispatcher

    def new_dispatcher(self, owner: str, *, agents: Agents | None = None) -> LocalDispatcher:
        """Another process's dispatcher on the same database."""

        async def publish(conversation_id: int, event: str, data: dict[str, str]) -> None:
            self.published.append((conversation_id, event, data))

        name = "hijacked" if self.model else "builtin"
        assistant = Assistant(
            door=self.door,
            understanding=the_understanding(),
            agents=agents or Agents(self.model or make_model(ModelWish()), name, UNLIMITED),
            surroundings=Surroundings(
                Links("http://127.0.0.1:8000"),
                self.knowledge,
                self.provider_confirms,
                start_address=self.start_address,
            ),
            secret=SECRET,
            clock=self.clock,
            publish=publish,
        )
        return LocalDispatcher(Answering(self.door, assistant, owner, self.clock), lambda _: None)

    def answer_with(self, agents: Agents) -> None:
        """Let these agents answer from now on."""
        self._dispatcher = self.new_dispatcher("test/0/hosted", agents=agents)

    async def business_id(self, slug: str) -> int:
        """The id of a demo business."""

        async def work(session: AsyncSession) -> int:
            return (await session.scalars(select(Business.id).where(Business.slug == slug))).one()

        return await self.door.system(Scope.DOCTOR).read(work)

    async def thread(self, key: str, business: str = HARBOR) -> int:
        """The web thread of "client:KEY" or "staff:KEY"."""
        now = self.now

        async def work(session: AsyncSession) -> int:
            return await _thread(session, key, business, now)

        return await self.door.system(Scope.IMPORT).write(work)

    async def receive(self, key: str, text: str, *, business: str = HARBOR, level: int = 2, again: str = "") -> str:
        """Store a message as the web chat does; its public id. `again` is the id of a repeated delivery."""
        thread = await self.thread(key, business)
        inbound = Inbound(
            connection=f"web:{business}",
            provider_id=again or uuid4().hex,
            channel=Channel.WEB,
            address=key,
            text=text,
            received_at=self.now,
            assurance=level,
        )
        return await self.inbox.accept(inbound, thread)

    async def ask(self, key: str, text: str, *, business: str = HARBOR, level: int = 2) -> Answer:
        """Say something and read the answer."""
        await self.receive(key, text, business=business, level=level)
        thread = await self.thread(key, business)
        assert await self.dispatcher.answer_one(thread)
        self.later(seconds=5)
        turn, replies = await self.newest_turn(thread)
        attachments = [each for reply in replies for each in reply.attachments]
        return Answer("\n".join(reply.text for reply in replies), attachments, turn)

    async def turns(self, thread: int) -> list[tuple[Turn, list[Message]]]:
        """Every turn of a thread with the replies it wrote."""

        async def work(session: AsyncSession) -> list[tuple[Turn, list[Message]]]:
            turns = (await session.scalars(select(Turn).where(Turn.conversation_id == thread).order_by(Turn.id))).all()
            return [(turn, await _replies(session, turn.id)) for turn in turns]

        return await self.door.system(Scope.DOCTOR).read(work)

    async def newest_turn(self, thread: int) -> tuple[Turn, list[Message]]:
        """The last turn of a thread with the replies it wrote."""

        async def work(session: AsyncSession) -> tuple[Turn, list[Message]]:
            newest = select(Turn).where(Turn.conversation_id == thread).order_by(Turn.id.desc()).limit(1)
            turn = (await session.scalars(newest)).one()
            return turn, await _replies(session, turn.id)

        return await self.door.system(Scope.DOCTOR).read(work)

    async def messages(self, thread: int) -> list[Message]:
        """Every message of a thread, in order."""

        async def work(session: AsyncSession) -> list[Message]:
            rows = await session.scalars(select(Message).where(Message.conversation_id == thread).order_by(Message.id))
            return list(rows)

        return await self.door.system(Scope.DOCTOR).read(work)

    async def close(self) -> None:
        await self.engines.dispose()


def open_desk(template: Path, folder: Path, model: BaseChatModel | None = None) -> DeskAtWork:
    """A Frontdesk on a copy of a demo folder."""
    shutil.copyfile(template / "frontdesk.db", folder / "frontdesk.db")
    return open_desk_at(f"sqlite:///{folder / 'frontdesk.db'}", template / "files", model)


def open_desk_at(url: str, files: Path, model: BaseChatModel | None = None) -> DeskAtWork:
    """A Frontdesk on the demo database at `url`."""
    engines = open_engines(url)
    return DeskAtWork(Door(engines), engines, FileStore(files), model)


async def _replies(session: AsyncSession, turn_id: int) -> list[Message]:
    rows = await session.scalars(
        select(Message).where(Message.turn_id == turn_id, Message.direction == Direction.OUT).order_by(Message.id)
    )
    return list(rows)


async def _thread(session: AsyncSession, key: str, slug: str, now: datetime) -> int:
    connection = f"web:{slug}"
    known = await session.scalar(
        select(Conversation).where(Conversation.connection == connection, Conversation.key == f"web:{key}")
    )
    if known is not None:
        return known.id
    role, _, bare = key.partition(":")
    business = (await session.scalars(select(Business).where(Business.slug == slug))).one()
    thread = Conversation(
        business_id=business.id,
        connection=connection,
        channel=Channel.WEB,
        key=f"web:{key}",
        address=key,
        opened_at=now,
        last_message_at=now,
    )
    if role == "staff":
        thread.staff_id = (
            (await session.scalars(select(Staff).where(Staff.key == bare, Staff.business_id == business.id))).one().id
        )
    else:
        contact = (
            await session.scalars(select(Contact).where(Contact.key == bare, Contact.business_id == business.id))
        ).one()
        clients = await session.scalars(select(ContactClient.client_id).where(ContactClient.contact_id == contact.id))
        ids = list(clients)
        thread.contact_id = contact.id
        thread.client_id = ids[0] if len(ids) == 1 else None
    session.add(thread)
    await session.flush()
    return thread.id

"""A small Frontdesk for tests of the web chat: real rows, a scripted assistant, a clock that tests may turn."""

import asyncio
import hashlib
import secrets
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar
from uuid import uuid4

from fastapi import APIRouter, FastAPI
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

import billing.tables.files
import billing.tables.payments
import billing.tables.plans
import billing.tables.quotes
import billing.tables.work  # noqa: F401 - the foreign keys of the tables below lead to all of these
from billing.access import Door
from billing.database import Base, open_engines
from billing.filestore import FileStore
from billing.principal import Scope
from billing.tables.bills import Invoice, InvoiceStatus
from billing.tables.people import Business, Client, Contact, ContactClient, Staff
from billing.tables.sites import Signature, Site
from billing.tables.talk import Author, Conversation, Delivery, Direction, Message, Turn, TurnStatus, TurnStep
from bot.codes import HIDDEN, Brought
from bot.messages import Inbound
from bot.proving import CODE_STEP, Tried
from channels.app import create_app
from channels.live import LiveBus
from channels.sealing import Sealing
from channels.web.sites import Sites

T = TypeVar("T")
SEALING = Sealing(b"a secret of the tests")
FILE = "desk.db"
START = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Said:
    """What the scripted assistant answers."""

    text: str
    attachments: tuple[dict[str, Any], ...] = ()
    calls: tuple[dict[str, Any], ...] = ()
    bindings: tuple[dict[str, Any], ...] = ()


@dataclass
class FakeSettings:
    host: str = "127.0.0.1"
    address: str = "https://desk.example"


class FakeLinks:
    def new_token(self) -> str:
        return secrets.token_urlsafe(16)

    def hash_token(self, token: str) -> str:
        return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


class ScriptedInbox:
    """Stores a message once and answers it after `pause` seconds from `script`, else by repeating it."""

    def __init__(self, door: Door, live: LiveBus) -> None:
        self.script: dict[str, Said] = {}
        self.pause = 0.0
        self.accepted = 0
        self._door, self._live = door, live
        self._tasks: set[asyncio.Task[None]] = set()

    async def accept(self, inbound: Inbound, conversation_id: int, media: Sequence[dict[str, Any]] = ()) -> str:
        self.accepted += 1
        public_id, is_new = await self._door.system(Scope.INTAKE).write(
            lambda session: _store_inbound(session, inbound, conversation_id, media)
        )
        if is_new:
            self._live.publish(conversation_id, {"type": "message"})
            task = asyncio.create_task(self._answer(inbound.text, conversation_id))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return public_id

    async def accept_from(self, inbound: Inbound, business_id: int, media: Sequence[dict[str, Any]] = ()) -> str:
        here = (Conversation.connection == inbound.connection, Conversation.key == inbound.address)

        async def find(session: AsyncSession) -> int:
            return (await session.scalars(select(Conversation.id).where(*here))).one()

        return await self.accept(inbound, await self._door.system(Scope.INTAKE).read(find), media)

    async def finish(self) -> None:
        """Wait until every answer is written."""
        await asyncio.gather(*self._tasks)

    async def _answer(self, text: str, conversation_id: int) -> None:
        said = self.script.get(text.lower(), Said(f"You wrote: {text}"))
        turn_id = await self._door.system(Scope.DISPATCH).write(lambda session: _begin_turn(session, conversation_id))
        self._live.publish(conversation_id, {"type": "preparing", "turn": turn_id})
        sentences = said.text.split("\n")
        for count in range(1, len(sentences)):
            await asyncio.sleep(self.pause / len(sentences))
            draft = "\n".join(sentences[:count])
            self._live.publish(conversation_id, {"type": "draft", "turn": turn_id, "text": draft})
        await asyncio.sleep(self.pause / len(sentences))
        await self._door.system(Scope.DISPATCH).write(
            lambda session: write_reply(session, conversation_id, said, turn_id)
        )
        self._live.publish(conversation_id, {"type": "message"})


async def _store_inbound(
    session: AsyncSession, inbound: Inbound, conversation_id: int, media: Sequence[dict[str, Any]]
) -> tuple[str, bool]:
    known = select(Message.public_id).where(
        Message.connection == inbound.connection, Message.provider_id == inbound.provider_id
    )
    public_id = (await session.scalars(known)).first()
    if public_id is not None:
        return public_id, False
    thread = await session.get_one(Conversation, conversation_id)
    public_id = uuid4().hex
    session.add(
        Message(
            business_id=thread.business_id,
            client_id=thread.client_id,
            conversation_id=conversation_id,
            public_id=public_id,
            direction=Direction.IN,
            author=Author.STAFF if thread.staff_id else Author.CLIENT,
            connection=inbound.connection,
            provider_id=inbound.provider_id,
            text=inbound.text,
            choice=inbound.choice,
            assurance=inbound.assurance,
            attachments=list(media),
            delivery=Delivery.RECEIVED,
            created_at=inbound.received_at,
        )
    )
    return public_id, True


async def _begin_turn(session: AsyncSession, conversation_id: int) -> int:
    thread = await session.get_one(Conversation, conversation_id)
    running = await session.scalars(
        select(Turn).where(Turn.conversation_id == conversation_id, Turn.status == TurnStatus.RUNNING)
    )
    for other in running:
        other.status = TurnStatus.DONE
    await session.flush()
    turn = Turn(
        business_id=thread.business_id,
        client_id=thread.client_id,
        conversation_id=conversation_id,
        status=TurnStatus.RUNNING,
        owner="test",
        lease_until=START + timedelta(minutes=1),
        started_at=START,
    )
    session.add(turn)
    await session.flush()
    return turn.id


async def write_reply(
    session: AsyncSession,
    conversation_id: int,
    said: Said,
    turn_id: int | None = None,
    author: Author = Author.ASSISTANT,
) -> None:
    """A message to the person, as the assistant commits it."""
    thread = await session.get_one(Conversation, conversation_id)
    if turn_id is not None:
        turn = await session.get_one(Turn, turn_id)
        turn.status, turn.model, turn.timings = TurnStatus.DONE, "builtin", {"latency_ms": 41}
        turn.calls, turn.bindings = list(said.calls), list(said.bindings)
    session.add(
        Message(
            business_id=thread.business_id,
            client_id=thread.client_id,
            conversation_id=conversation_id,
            public_id=uuid4().hex,
            direction=Direction.OUT,
            author=author,
            connection=thread.connection,
            text=said.text,
            attachments=list(said.attachments),
            delivery=Delivery.SENT,
            turn_id=turn_id,
            created_at=START,
        )
    )


@dataclass
class FakeDesk:
    """What create_app serves in tests. `now` is the time the clock tells."""

    door: Door
    root: Path
    now: datetime = START
    live: LiveBus = field(default_factory=LiveBus)
    settings: FakeSettings = field(default_factory=FakeSettings)
    links: FakeLinks = field(default_factory=FakeLinks)
    pay: APIRouter = field(default_factory=APIRouter)
    texts: APIRouter = field(default_factory=APIRouter)

    @property
    def sites(self) -> Sites:
        return Sites(self.door, SEALING)

    async def stand_at(self, slug: str, *origins: str, signature: Signature = Signature.NONE, key: str = "") -> None:
        """Let a business's chat stand on websites."""

        async def work(session: AsyncSession) -> None:
            business = (await session.scalars(select(Business).where(Business.slug == slug))).one()
            row = (await session.scalars(select(Site).where(Site.business_id == business.id))).one_or_none()
            if row is None:
                row = Site(business_id=business.id, changed_at=START)
                session.add(row)
            row.origins, row.signature, row.sealed = list(origins), signature, SEALING.seal(key) if key else ""

        await self.door.system(Scope.IMPORT).write(work)

    def __post_init__(self) -> None:
        self.inbox = ScriptedInbox(self.door, self.live)
        self.files = FileStore(self.root / "files")

    def clock(self) -> datetime:
        return self.now

    async def start(self) -> None:
        """Lay the tables and the people, the first time."""
        self._loop = asyncio.get_running_loop()
        if not (self.root / FILE).exists():
            (self.root / FILE).write_bytes(await asyncio.to_thread(_filled))

    async def stop(self) -> None:
        await self.door.engines.dispose()

    def wait(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the serving loop, from a test in another thread."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)

    async def conversation_of(self, key: str) -> int:
        """The thread of a person who has opened a session."""

        async def work(session: AsyncSession) -> int:
            return (await session.scalars(select(Conversation.id).where(Conversation.key == f"web:{key}"))).one()

        return await self.door.system(Scope.IDENTITY).read(work)

    async def say(self, key: str, *said: Said, author: Author = Author.SYSTEM, aloud: bool = True) -> None:
        """Write messages into somebody's thread; not aloud: as another process would, without the bus."""
        conversation_id = await self.conversation_of(key)

        async def work(session: AsyncSession) -> None:
            for one in said:
                await write_reply(session, conversation_id, one, author=author)
                await session.flush()

        await self.door.system(Scope.DISPATCH).write(work)
        if aloud:
            self.live.publish(conversation_id, {"type": "message"})

    async def prove_newest(self, key: str) -> None:
        """Let the newest message of a visitor have brought the right code of a contact, as it is journalled."""

        async def work(session: AsyncSession) -> None:
            sent = select(Message).where(Message.provider_id.startswith("visit:")).order_by(Message.id.desc()).limit(1)
            message = (await session.scalars(sent)).one()
            reply = select(Turn).where(Turn.conversation_id == message.conversation_id).order_by(Turn.id.desc())
            turn = (await session.scalars(reply.limit(1))).one()
            contact = (await session.scalars(select(Contact).where(Contact.key == key))).one()
            message.turn_id, message.text = turn.id, HIDDEN
            thread = await session.get_one(Conversation, message.conversation_id)
            thread.contact_id = contact.id
            content = Tried(Brought.PROVED, 0, contact.id).to_json()
            session.add(
                TurnStep(
                    business_id=turn.business_id, turn_id=turn.id, step=CODE_STEP, kind="code", content=content,
                    at=message.created_at,
                )
            )  # fmt: skip

        await self.door.system(Scope.IMPORT).write(work)


def fake_desk(root: Path) -> FakeDesk:
    """A desk over a new SQLite file in `root`."""
    return FakeDesk(Door(open_engines(f"sqlite:///{root / FILE}")), root)


def fake_app(desk: FakeDesk) -> FastAPI:
    """The real application over a fake desk."""
    return create_app(desk)


@cache
def _filled() -> bytes:
    """A database with the tables and the people, made once in this process."""

    async def fill(url: str) -> None:
        engines = open_engines(url)
        with engines.writing.engine.begin() as connection:
            Base.metadata.create_all(connection)
        await Door(engines).system(Scope.IMPORT).write(_fill)
        await engines.dispose()

    with TemporaryDirectory() as folder:
        path = Path(folder) / FILE
        asyncio.run(fill(f"sqlite:///{path}"))
        return path.read_bytes()


async def _fill(session: AsyncSession) -> None:
    pine = _business("harbor-pine", "Harbor & Pine Renovations", "en_US", "USD", "#2f5d50", is_demo=True)
    lumiere = _business("atelier-lumiere", "Atelier Lumière", "fr_FR", "EUR", "#7a3e6b", is_demo=True)
    real = _business("quiet-office", "Quiet Office", "en_US", "USD", "#333333", is_demo=False)
    session.add_all([pine, lumiere, real])
    await session.flush()
    await _client(session, pine, "dana-lee", "Dana Lee", due_in=6)
    await _client(session, pine, "amara-okafor", "Amara Okafor", due_in=-62, firm="Okafor Dental")
    await _client(session, pine, "marta-alvarez", "Marta Alvarez", due_in=-48, language="es")
    await _client(session, lumiere, "marc-dubois", "Marc Dubois", due_in=2, language="fr")
    await _client(session, lumiere, "heike-brandt", "Heike Brandt-Schwarzenbergerhoffmann", language="de")
    await _client(session, real, "nora-real", "Nora Real", due_in=3)
    session.add(_staff(pine, "priya", "Priya Shah", "Office manager"))
    session.add(_staff(lumiere, "claire", "Claire Fontaine", "Gérante"))


def _business(slug: str, name: str, locale: str, currency: str, colour: str, *, is_demo: bool) -> Business:
    return Business(
        slug=slug, name=name, zone="America/New_York", locale=locale, currency=currency, hours={},
        colour=colour, is_demo=is_demo,
    )  # fmt: skip


def _staff(business: Business, key: str, name: str, title: str) -> Staff:
    return Staff(business_id=business.id, key=key, name=name, title=title)


async def _client(
    session: AsyncSession,
    business: Business,
    key: str,
    name: str,
    *,
    due_in: int | None = None,
    language: str = "en",
    firm: str = "",
) -> None:
    client = Client(business_id=business.id, key=key, name=firm or name, currency=business.currency, since=START)
    contact = Contact(
        business_id=business.id, key=key, name=name, language=language, locale=business.locale,
        email=f"{key}@mail.example",
    )  # fmt: skip
    session.add_all([client, contact])
    await session.flush()
    session.add(ContactClient(business_id=business.id, client_id=client.id, contact_id=contact.id))
    if due_in is not None:
        session.add(_invoice(business, client, START.date() + timedelta(days=due_in)))


def _invoice(business: Business, client: Client, due_on: date) -> Invoice:
    return Invoice(
        business_id=business.id, client_id=client.id, number=f"INV-{client.id}", title="Kitchen cabinets",
        status=InvoiceStatus.OPEN, currency=business.currency, subtotal_minor=184_000, total_minor=184_000,
        balance_minor=184_000, due_on=due_on,
    )  # fmt: skip

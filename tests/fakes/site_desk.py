"""A real Frontdesk whose chat stands on a website: visitors write over HTTP, codes arrive in a fake mailbox."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

import httpx
from fastapi import APIRouter, FastAPI
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.filestore import FileStore
from billing.principal import Scope
from billing.tables.people import Business
from billing.tables.sites import Signature, Site
from billing.tables.talk import WebSession
from channels.app import create_app
from channels.code_sender import CodeSender
from channels.inbox import Inbox
from channels.links import Links
from channels.live import LiveBus
from channels.sealing import Sealing
from channels.sender import LocalSender
from channels.web.sites import Sites
from tests.channels.site_calls import SECRET as SHARED
from tests.fakes.desk import FakeSettings
from tests.fakes.desk_at_work import HARBOR, SECRET, DeskAtWork
from tests.fakes.proving import Mailbox, TextGateway

ORIGIN = "https://www.harbor-and-pine.example"


@dataclass
class SiteDesk:
    """What create_app serves: the desk at work, on whose clock everything runs."""

    work: DeskAtWork
    live: LiveBus = field(default_factory=LiveBus)
    settings: FakeSettings = field(default_factory=FakeSettings)
    links: Links = field(default_factory=lambda: Links("https://desk.example"))
    pay: APIRouter = field(default_factory=APIRouter)
    texts: APIRouter = field(default_factory=APIRouter)
    box: Mailbox = field(default_factory=Mailbox)

    @property
    def door(self) -> Door:
        return self.work.door

    @property
    def files(self) -> FileStore:
        return self.work.files

    @property
    def inbox(self) -> Inbox:
        return self.work.inbox

    @property
    def sites(self) -> Sites:
        return Sites(self.door, Sealing(SECRET))

    @property
    def codes(self) -> CodeSender:
        return CodeSender(self.door, self.box, lambda _: TextGateway(self.box), SECRET, self.clock)

    def clock(self) -> datetime:
        return self.work.now

    async def start(self) -> None:
        """Let the chat stand on the website."""

        async def work(session: AsyncSession) -> None:
            business = (await session.scalars(select(Business).where(Business.slug == HARBOR))).one()
            sealed = Sealing(SECRET).seal(SHARED)
            site = Site(business_id=business.id, origins=[ORIGIN], signature=Signature.HS256, sealed=sealed)
            site.changed_at = self.work.now
            session.add(site)

        await self.door.system(Scope.IMPORT).write(work)

    async def stop(self) -> None:
        """Nothing runs by itself."""


@dataclass
class Browser:
    """One tab of somebody on the website."""

    desk: SiteDesk
    app: FastAPI
    bearer: str = ""
    level: int = 0
    name: str = ""

    async def open(self, token: str = "") -> int:
        """Open the chat; the status of the answer."""
        answer = await self._post("/chat/visits", {"business": HARBOR, "language": "en", "token": token})
        if answer.status_code == 201:
            self._take(answer.json())
        return answer.status_code

    async def write(self, text: str, *, again: str = "") -> int:
        """Write something and let it be answered, and a code be sent that was asked for; the status of the answer."""
        answer = await self._post("/chat/messages", {"id": again or str(uuid4()), "text": text})
        await self.answered()
        return answer.status_code

    async def send_file(self, content: bytes, name: str = "photo.jpg") -> httpx.Response:
        """Send a file and let it be answered."""
        async with self.http() as http:
            answer = await http.post("/chat/files", params={"id": str(uuid4()), "name": name}, content=content)
        await self.answered()
        return answer

    async def ask(self, text: str) -> str:
        """What is answered to something."""
        assert await self.write(text) == 202
        return str((await self.thread())[-1]["text"])

    async def answered(self) -> None:
        """Answer what waits in this tab's thread, and send codes."""
        thread = await self.conversation()
        while thread is not None and await self.desk.work.dispatcher.answer_one(thread):
            self.desk.work.later(seconds=3)
        await LocalSender(self.desk.door, self.desk.clock, lambda _: None).send()
        await self.desk.codes.send()

    async def renew(self) -> bool:
        """Take the new token where a code was right, as the component does when it is told so."""
        if not (await self.state())["proved"]:
            return False
        self._take((await self._post("/chat/visits/renew", {})).json())
        return True

    async def thread(self) -> list[dict[str, Any]]:
        """What the tab shows."""
        async with self.http() as http:
            found: list[dict[str, Any]] = (await http.get("/chat/messages")).json()["messages"]
        return found

    async def words(self) -> list[str]:
        """The words of what the tab shows."""
        return [one["text"] for one in await self.thread()]

    async def state(self) -> dict[str, Any]:
        """The thread's state."""
        async with self.http() as http:
            found: dict[str, Any] = (await http.get("/chat/messages")).json()["state"]
        return found

    async def conversation(self) -> int | None:
        """The thread that the tab's session is in."""
        digest = self.desk.links.hash_token(self.bearer)

        async def work(session: AsyncSession) -> int | None:
            mine = select(WebSession.conversation_id).where(WebSession.token_sha256 == digest)
            found: int | None = await session.scalar(mine)
            return found

        return await self.desk.door.system(Scope.IDENTITY).read(work)

    def http(self) -> httpx.AsyncClient:
        """A client with the tab's headers."""
        headers = {"origin": ORIGIN} | ({"authorization": f"Bearer {self.bearer}"} if self.bearer else {})
        transport = httpx.ASGITransport(app=self.app, client=("198.51.100.7", 4000))
        return httpx.AsyncClient(transport=transport, base_url="https://desk.example", headers=headers)

    def _take(self, told: dict[str, Any]) -> None:
        self.bearer = told["token"] or self.bearer
        self.level, self.name = told["level"], told.get("name", self.name)

    async def _post(self, path: str, body: dict[str, Any]) -> httpx.Response:
        async with self.http() as http:
            return await http.post(path, json=body)


@asynccontextmanager
async def on_website(work: DeskAtWork) -> AsyncIterator[Callable[[], Browser]]:
    """Opens tabs on the website of a desk at work."""
    desk = SiteDesk(work)
    app = create_app(desk)
    await desk.start()
    yield lambda: Browser(desk, app)

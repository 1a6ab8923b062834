"""A demo business with a made-up bot of the local Telegram, and a webhook that keeps what is posted to it."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.principal import Scope
from billing.tables.addresses import AddressLink
from channels.errors import install_errors
from channels.telegram.demo_chat import PLACE, chat_router
from channels.telegram.local import PREFIX, LocalTelegram
from channels.telegram.local_api import DemoBots, bot_router
from channels.telegram.local_updates import SECRET_HEADER, Post
from channels.telegram.local_values import Json
from tests.factories.people import make_address, make_business, make_client, make_contact, make_staff
from tests.fakes.clock import NOW

HERE = "http://127.0.0.1:8000"
DANA, KIM, PRIYA = "+12125550101", "+12125550102", "+12125550190"


class TelegramRoom:
    """One bot. taken: the updates that its webhook took; statuses: what it answers first, before it answers 200."""

    def __init__(self, door: Door, here: str = HERE, post: Post | None = None) -> None:
        self.door, self.now = door, NOW
        self.taken: list[Json] = []
        self.secrets: set[str] = set()
        self.statuses: list[int] = []
        self.answer: Callable[[Json], Awaitable[None]] | None = None
        self.local = LocalTelegram(b"a secret", here, here, lambda: self.now, post or self._post, waits=(0.0,))
        self.bots = DemoBots(door, self.local)
        self.app = FastAPI()
        self.app.include_router(bot_router(self.local, self.bots, "127.0.0.1"))
        self.app.include_router(chat_router(self.local, self.bots, door, "127.0.0.1"))
        self.app.add_api_route("/webhooks/telegram", self._webhook, methods=["POST"], response_model=None)
        install_errors(self.app)

    async def open(self) -> None:
        """Make the business and its people."""

        async def work(session: AsyncSession) -> None:
            business = await make_business(session, slug="harbor-pine", name="Harbor & Pine", is_demo=True)
            client, where = await make_client(session, business=business), f"sms:{business.slug}"
            known: dict[str, int] = {}
            for name, phone in (("Dana Lee", DANA), ("Kim Sand", KIM), ("Lou Sand", KIM)):
                contact = await make_contact(session, business=business, clients=[client], name=name, phone=phone)
                if phone in known:  # a phone that two share is one address
                    link = {"contact_id": contact.id, "linked_at": NOW, "address_id": known[phone]}
                    session.add(AddressLink(business_id=business.id, **link))
                else:
                    known[phone] = (await make_address(session, person=contact, connection=where)).id
            priya = await make_staff(session, business=business, name="Priya Shah", phone=PRIYA)
            await make_address(session, person=priya, connection=where)

        await self.door.system(Scope.IMPORT).write(work)
        [self.bot] = await self.bots.listed()

    async def call(self, method: str, **said: Any) -> httpx.Response:
        """A call of the Bot API with JSON."""
        return await self.ask("POST", f"{PREFIX}/bot{self.bot.token}/{method}", json=said)

    async def chat(self, what: str, **said: Any) -> httpx.Response:
        """What Dana does in the chat on the page, until its update is taken."""
        answer = await self.ask("POST", f"{PLACE}/{what}", json={"connection": self.bot.key, "chat": self.dana, **said})
        await self.local.bag_of(self.bot).empty()
        return answer

    async def shown(self, after: int = 0) -> dict[str, Any]:
        """What Dana's chat on the page shows."""
        asked = {"connection": self.bot.key, "chat": self.dana, "after": after}
        found: dict[str, Any] = (await self.ask("GET", f"{PLACE}/messages", params=asked)).json()
        return found

    async def ask(self, method: str, path: str, *, client: str = "127.0.0.1", **more: Any) -> httpx.Response:
        """A request from this machine, or from elsewhere."""
        transport = httpx.ASGITransport(app=self.app, client=(client, 50_000))
        async with httpx.AsyncClient(transport=transport, base_url=HERE) as http:
            return await http.request(method, path, **more)

    @property
    def dana(self) -> int:
        """The id of Dana's account."""
        return self.local.person_of(self.bot.key, "Dana Lee", DANA).id

    async def _post(self, url: str, update: Json, secret: str) -> int:
        path = "/" + url.split("/", 3)[3]
        return (await self.ask("POST", path, json=update, headers={SECRET_HEADER: secret})).status_code

    async def _webhook(self, request: Request) -> JSONResponse:
        self.secrets.add(request.headers.get(SECRET_HEADER, ""))
        status = self.statuses.pop(0) if self.statuses else 200
        if status == 200:
            update = await request.json()
            self.taken.append(update)
            if self.answer is not None:
                await self.answer(update)
        return JSONResponse({}, status)

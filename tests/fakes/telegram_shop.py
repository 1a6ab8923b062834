"""A business with a bot: the real webhook and gateway over real rows, and a Bot API that only writes down."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from fastapi import FastAPI
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.filestore import FileStore
from billing.principal import Scope
from billing.tables.addresses import Address, AddressLink
from billing.tables.people import Business
from billing.tables.talk import Author, Conversation, Delivery, Direction, Message, Turn, TurnStatus
from channels.content import RefusedContentError
from channels.errors import install_errors
from channels.outgoing import Sent, ToSend
from channels.sealing import Sealing
from channels.telegram.accounts import BotAccount, Bots, OwnBot
from channels.telegram.buttons import Keyboard
from channels.telegram.calling import Calls, Who
from channels.telegram.desk import TelegramDesk, webhook_url
from channels.telegram.gateway import TelegramGateway
from channels.telegram.growing import Pace
from channels.telegram.handing import to_send
from channels.telegram.intake import Intake
from channels.telegram.papers import Papers
from channels.telegram.webhook import webhook_router
from tests.factories.people import make_business, make_staff
from tests.fakes.clock import NOW
from tests.fakes.telegram_said import BOT_NAME, MARC, SECRET, TOKEN
from tests.fakes.twilio_shop import PlainInbox

QUICK = Pace(typing_after=0.01, typing_every=0.05, shown_after=0.02, edit_every=0.03)
_IDS = count(501)
Said = tuple[Any, ...]


@dataclass
class FakeCalls(Calls):
    """Writes down what is asked of Telegram. refusals: raised one after the other, by the call's name.

    shown: what stands in the chat now, by the message's id.
    """

    said: list[Said] = field(default_factory=list)
    shown: dict[int, str] = field(default_factory=dict)
    refusals: dict[str, list[Exception]] = field(default_factory=dict)
    stored: dict[str, bytes] = field(default_factory=dict)

    def names(self) -> list[str]:
        """What was asked, in order."""
        return [each[0] for each in self.said]

    def _new(self, *said: Any, shown: str) -> int:
        self._note(*said)
        number = next(_IDS)
        self.shown[number] = shown
        return number

    def _note(self, *said: Any) -> None:
        waiting = self.refusals.get(said[0], [])
        if waiting:
            raise waiting.pop(0)
        self.said.append(said)

    async def send_words(self, chat: str, html: str, keyboard: Keyboard | None = None) -> int:
        return self._new("send", chat, html, keyboard, shown=html)

    async def edit_words(self, chat: str, message_id: int, html: str, keyboard: Keyboard | None = None) -> None:
        self._note("edit", chat, message_id, html, keyboard)
        self.shown[message_id] = html

    async def send_picture(self, chat: str, content: bytes, name: str, caption: str) -> int:
        return self._new("picture", chat, name, content, caption, shown=name)

    async def send_document(self, chat: str, content: bytes, name: str, caption: str) -> int:
        return self._new("document", chat, name, content, caption, shown=name)

    async def delete(self, chat: str, message_id: int) -> None:
        self._note("delete", chat, message_id)
        self.shown.pop(message_id, None)

    async def show_typing(self, chat: str) -> None:
        self._note("typing", chat)

    async def answer_press(self, callback_id: str, notice: str = "") -> None:
        self._note("answer", callback_id, notice)

    async def who(self) -> Who:
        self._note("who")
        return Who(self.account.bot_id, BOT_NAME)

    async def fetch(self, file_id: str, largest: int) -> bytes:
        self._note("fetch", file_id)
        if file_id not in self.stored:
            raise RefusedContentError("gone")
        return self.stored[file_id]


@dataclass
class TelegramShop:
    """One business and its bot. `now` is the time the clock tells."""

    door: Door
    folder: Path
    now: datetime = NOW
    business_id: int = 0
    connection: str = "telegram:harbor"
    pace: Pace = QUICK

    def __post_init__(self) -> None:
        self.inbox = PlainInbox(self.door)
        self.sealing = Sealing(b"a secret of the tests")
        self.bots = Bots(self.door, OwnBot(TOKEN, SECRET, polls=False), self.sealing)
        self.files = FileStore(self.folder / "files")
        papers = Papers(self.door, self.files, lambda token: f"hash of {token}", lambda: self.now)
        self.desk = TelegramDesk(self.door, self.bots, self.inbox, papers, lambda: self.now, FakeCalls, self.pace)
        self.intake = Intake(self.desk)
        self.app = FastAPI()
        self.app.include_router(webhook_router(self.intake))
        install_errors(self.app)

    async def open(self) -> None:
        """Make the business."""

        async def work(session: AsyncSession) -> int:
            return (await make_business(session, slug="harbor", name="Harbor & Pine")).id

        self.business_id = await self.door.system(Scope.IMPORT).write(work)

    @property
    def account(self) -> BotAccount:
        """The bot of the settings."""
        return BotAccount(self.business_id, self.connection, "", token=TOKEN, secret=SECRET, polls=False)

    @property
    def calls(self) -> FakeCalls:
        """What was asked of Telegram."""
        found = self.desk.calls_of(self.account)
        assert isinstance(found, FakeCalls)
        return found

    async def gateway(self) -> TelegramGateway:
        """What sends here."""
        return await self.desk.find_gateway(self.connection)

    async def send(self, message: Message) -> Sent:
        """Hand a row over, and write down that it was sent, as the sender does."""
        sent = await (await self.gateway()).send(self.to_send(message))

        async def work(session: AsyncSession) -> None:
            row = await session.get_one(Message, message.id)
            row.provider_id, row.delivery, row.sent_at = sent.provider_id, Delivery.SENT, self.now

        await self.door.system(Scope.SEND).write(work)
        return sent

    def to_send(self, message: Message, chat: int = MARC) -> ToSend:
        """A row as the sender hands it over."""
        return to_send(message, str(chat))

    async def post(
        self, update: Mapping[str, Any] | bytes, *, secret: str | None = SECRET, path: str = ""
    ) -> httpx.Response:
        """Post as Telegram does; no secret: no header."""
        body = update if isinstance(update, bytes) else json.dumps(update).encode()
        headers = {b"content-type": b"application/json"}
        if secret is not None:
            headers[b"x-telegram-bot-api-secret-token"] = secret.encode("utf-8")
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=True)
        async with httpx.AsyncClient(transport=transport, base_url="http://10.0.0.7:8000") as http:
            answer = await http.post(webhook_url("", path), content=body, headers=headers)
        await self.intake.settle()
        return answer

    async def rows(self, kind: type[Any]) -> list[Any]:
        """Every row of a table, in order."""

        async def work(session: AsyncSession) -> list[Any]:
            return list(await session.scalars(select(kind).order_by(kind.id)))

        return await self.door.system(Scope.DOCTOR).read(work)

    async def count(self) -> int:
        """How many rows stand in what a webhook may write."""

        async def work(session: AsyncSession) -> int:
            kinds = (Message, Conversation, Address)
            return sum([await session.scalar(select(func.count(kind.id))) or 0 for kind in kinds])

        return await self.door.system(Scope.DOCTOR).read(work)

    async def queue(self, text: str, attachments: Sequence[dict[str, Any]] = (), **given: Any) -> Message:
        """A message of ours in Marc's conversation, queued unless said otherwise."""
        dull = {"direction": Direction.OUT, "delivery": Delivery.QUEUED, "author": Author.ASSISTANT} | given

        async def work(session: AsyncSession) -> Message:
            message = Message(
                business_id=self.business_id, conversation_id=await self._thread(session), public_id=uuid4().hex,
                connection=self.connection, text=text, attachments=list(attachments), language="en",
                created_at=self.now - timedelta(seconds=1), **dull,
            )  # fmt: skip
            session.add(message)
            await session.flush()
            return message

        return await self.door.system(Scope.IMPORT).write(work)

    async def begin_turn(self) -> Turn:
        """A turn that runs in Marc's conversation."""

        async def work(session: AsyncSession) -> Turn:
            turn = Turn(
                business_id=self.business_id, conversation_id=await self._thread(session), status=TurnStatus.RUNNING,
                owner="test", lease_until=self.now + timedelta(seconds=30), started_at=self.now,
            )  # fmt: skip
            session.add(turn)
            await session.flush()
            return turn

        return await self.door.system(Scope.IMPORT).write(work)

    async def end_turn(self, turn: Turn, text: str = "", attachments: Sequence[dict[str, Any]] = ()) -> Message | None:
        """A turn ends, with an answer or without one."""

        async def work(session: AsyncSession) -> None:
            (await session.get_one(Turn, turn.id)).status = TurnStatus.DONE

        await self.door.system(Scope.IMPORT).write(work)
        return await self.queue(text, attachments, turn_id=turn.id) if text else None

    async def change(self, row: Any, **values: Any) -> None:
        """Set columns of a row."""

        async def work(session: AsyncSession) -> None:
            found = await session.get_one(type(row), row.id)
            for name, value in values.items():
                setattr(found, name, value)

        await self.door.system(Scope.IMPORT).write(work)

    async def link_staff(self, user: int) -> None:
        """Make a private chat a member of staff's."""

        async def work(session: AsyncSession) -> None:
            staff = await make_staff(session, business=await session.get_one(Business, self.business_id))
            address = Address(
                business_id=self.business_id, connection=self.connection, channel="telegram", address=str(user)
            )
            session.add(address)
            await session.flush()
            session.add(
                AddressLink(business_id=self.business_id, address_id=address.id, staff_id=staff.id, linked_at=self.now)
            )

        await self.door.system(Scope.IMPORT).write(work)

    async def _thread(self, session: AsyncSession) -> int:
        where = (Conversation.connection == self.connection, Conversation.key == str(MARC))
        known: int | None = await session.scalar(select(Conversation.id).where(*where))
        if known is not None:
            return known
        thread = Conversation(
            business_id=self.business_id, connection=self.connection, channel="telegram", key=str(MARC),
            address=str(MARC), opened_at=self.now, last_message_at=self.now,
        )  # fmt: skip
        session.add(thread)
        await session.flush()
        return thread.id

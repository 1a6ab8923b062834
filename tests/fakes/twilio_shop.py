"""A business with a number at Twilio: the real webhooks over real rows, and requests as Twilio signs them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import httpx
from fastapi import FastAPI
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.changes.messages import Received, look_at_thread, store_inbound
from billing.principal import Scope
from billing.tables.addresses import Address, AddressLink, Consent
from billing.tables.talk import Author, Conversation, Delivery, Direction, Message
from bot.intake import Choose
from bot.messages import Inbound
from channels.errors import install_errors
from channels.sealing import Sealing
from channels.sms.accounts import Accounts, OwnAccount
from channels.sms.parsing import sign
from channels.sms.rest import Rest, rest_router
from channels.sms.texting import Texting, webhook_url
from channels.sms.webhook import webhook_router
from tests.factories.people import make_business
from tests.fakes.clock import NOW

ADDRESS = "https://desk.example.com"
NUMBER, DANA = "+12125550140", "+12125550101"
SID, TOKEN = "AC" + "0" * 32, "the token of the tests"
FORM = "application/x-www-form-urlencoded"


def new_sid(kind: str = "SM") -> str:
    """A message's id as Twilio makes them."""
    return kind + uuid4().hex


def texted(text: str, *, sender: str = DANA, sid: str = "", media: Sequence[tuple[str, str]] = ()) -> dict[str, str]:
    """The fields of an inbound webhook."""
    fields = {
        "ToCountry": "US", "SmsMessageSid": "", "NumMedia": str(len(media)), "SmsStatus": "received", "Body": text,
        "To": NUMBER, "NumSegments": "1", "From": sender, "AccountSid": SID, "ApiVersion": "2010-04-01",
    }  # fmt: skip
    for place, (url, kind) in enumerate(media):
        fields |= {f"MediaUrl{place}": url, f"MediaContentType{place}": kind}
    known = sid or new_sid()
    return fields | {"MessageSid": known, "SmsSid": known, "SmsMessageSid": known}


@dataclass
class PlainInbox:
    """Stores what comes from an address in that address's conversation, as the real one does without its rules."""

    door: Door
    stored: list[str] = field(default_factory=list)

    async def accept_from(
        self, inbound: Inbound, business_id: int, media: Sequence[dict[str, Any]] = (), choose: Choose | None = None
    ) -> str:
        async def work(session: AsyncSession) -> tuple[str, bool]:
            thread_id = await _thread(session, inbound, business_id)
            choice = (
                choose(inbound.text, (await look_at_thread(session, thread_id)).offered) if choose else inbound.choice
            )
            received = Received(inbound.connection, inbound.provider_id, inbound.text, choice, 1, inbound.received_at)
            public_id, is_new = await store_inbound(session, thread_id, received)
            if is_new:
                row = (await session.scalars(select(Message).where(Message.public_id == public_id))).one()
                row.attachments = list(media)
            return public_id, is_new

        public_id, is_new = await self.door.system(Scope.INTAKE).write(work)
        if is_new:
            self.stored.append(public_id)
        return public_id


async def _thread(session: AsyncSession, inbound: Inbound, business_id: int) -> int:
    where = (Conversation.connection == inbound.connection, Conversation.key == inbound.address)
    known: int | None = await session.scalar(select(Conversation.id).where(*where))
    if known is not None:
        return known
    place = (Address.connection == inbound.connection, Address.address == inbound.address)
    linked = await session.execute(
        select(AddressLink.contact_id).join(Address, Address.id == AddressLink.address_id).where(*place)
    )
    row = linked.first()
    thread = Conversation(
        business_id=business_id, connection=inbound.connection, channel=str(inbound.channel), key=inbound.address,
        address=inbound.address, contact_id=row[0] if row else None, opened_at=inbound.received_at,
        last_message_at=inbound.received_at,
    )  # fmt: skip
    session.add(thread)
    await session.flush()
    return thread.id


@dataclass
class TextShop:
    """One business and its number. `now` is the time the clock tells."""

    door: Door
    now: datetime = NOW
    business_id: int = 0
    connection: str = "sms:harbor"

    def __post_init__(self) -> None:
        self.inbox = PlainInbox(self.door)
        self.sealing = Sealing(b"a secret of the tests")
        self.accounts = Accounts(self.door, OwnAccount(SID, NUMBER, token=TOKEN), self.sealing)
        self.rest = Rest(ADDRESS, b"a secret of the tests")
        self.texting = Texting(self.door, self.accounts, self.inbox, self.rest, ADDRESS, lambda: self.now)
        self.app = FastAPI()
        self.app.include_router(webhook_router(self.texting))
        self.app.include_router(rest_router(self.door, self.rest, lambda: self.now))
        install_errors(self.app)

    async def open(self) -> None:
        """Make the business."""

        async def work(session: AsyncSession) -> int:
            return (await make_business(session, slug="harbor", name="Harbor & Pine")).id

        self.business_id = await self.door.system(Scope.IMPORT).write(work)

    async def post(
        self, fields: Mapping[str, str] | Sequence[tuple[str, str]] | bytes, *, kind: str = "sms", path: str = "",
        query: str = "", signature: str | None = None, token: str = TOKEN, content_type: str = FORM,
    ) -> httpx.Response:  # fmt: skip
        """Post as Twilio does, signed with the token unless a signature is given; an empty one: no header."""
        body = fields if isinstance(fields, bytes) else urlencode(fields).encode()
        url = webhook_url(ADDRESS, kind, path) + (f"?{query}" if query else "")
        if signature is None:
            signature = sign(token, url, dict(fields)) if not isinstance(fields, bytes) else "none"
        headers = {"content-type": content_type} | ({"x-twilio-signature": signature} if signature else {})
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=True)
        async with httpx.AsyncClient(transport=transport, base_url="http://10.0.0.7:8000") as http:
            local = webhook_url("", kind, path) + (f"?{query}" if query else "")
            return await http.post(local, content=body, headers=headers)

    async def get(self, path: str) -> httpx.Response:
        """Open a page."""
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=True)
        async with httpx.AsyncClient(transport=transport, base_url=ADDRESS) as http:
            return await http.get(path)

    async def rows(self, kind: type[Any]) -> list[Any]:
        """Every row of a table, in order."""

        async def work(session: AsyncSession) -> list[Any]:
            return list(await session.scalars(select(kind).order_by(kind.id)))

        return await self.door.system(Scope.DOCTOR).read(work)

    async def counts(self) -> dict[str, int]:
        """How many rows stand in what a webhook may write."""

        async def work(session: AsyncSession) -> dict[str, int]:
            kinds = (Message, Conversation, Address, Consent)
            return {kind.__name__: await session.scalar(select(func.count(kind.id))) or 0 for kind in kinds}

        return await self.door.system(Scope.DOCTOR).read(work)

    async def queue(self, text: str, attachments: Sequence[dict[str, Any]] = (), **given: Any) -> Message:
        """A message of ours in Dana's conversation."""
        dull = {"direction": Direction.OUT, "delivery": Delivery.SENT, "provider_id": new_sid()} | given

        async def work(session: AsyncSession) -> Message:
            inbound_like = Inbound(self.connection, "", "sms", DANA, "", self.now)  # type: ignore[arg-type]  # its channel is not read
            thread_id = await _thread(session, inbound_like, self.business_id)
            message = Message(
                business_id=self.business_id, conversation_id=thread_id, public_id=uuid4().hex,
                author=Author.ASSISTANT, connection=self.connection, text=text,
                attachments=list(attachments), language="en", created_at=self.now - timedelta(seconds=1), **dull,
            )  # fmt: skip
            session.add(message)
            if await session.scalar(select(Address.id).where(Address.address == DANA)) is None:
                session.add(
                    Address(
                        business_id=self.business_id,
                        connection=self.connection,
                        channel="sms",
                        address=DANA,
                        last_seen_at=self.now,
                    )
                )
            await session.flush()
            return message

        return await self.door.system(Scope.IMPORT).write(work)

    async def message(self, message_id: int) -> Message:
        """A message as it stands."""
        found: Message = next(row for row in await self.rows(Message) if row.id == message_id)
        return found

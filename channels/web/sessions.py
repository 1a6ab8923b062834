"""Web sessions: an opaque token that says who is talking, how far that is proved, and in which thread."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.principal import Scope
from billing.tables.people import Business
from billing.tables.talk import Conversation, WebSession
from bot.codes import PROVED_FOR
from bot.messages import Channel
from channels.web.colour import look_of
from channels.web.desk import Desk, TheDesk
from channels.web.loopback import require_loopback
from channels.web.people import Person, find_person

LASTS = timedelta(hours=12)
router = APIRouter()


class SessionGoneError(Exception):
    """No live session has this token: it is unknown, ended or expired; the three look the same."""


@dataclass(frozen=True)
class ChatSession:
    """A live session. Everything an endpoint may touch is derived from this, never from the request.

    origin: the website it was opened on; empty for our own pages. client_id: whom its thread is about.
    address: what stands as the sender's on its messages; a stranger's is the one that a code proves.
    """

    id: int
    business_id: int
    conversation_id: int
    connection: str
    address: str
    level: int
    is_demo: bool
    origin: str = ""
    contact_id: int | None = None
    staff_id: int | None = None
    client_id: int | None = None

    @property
    def is_visit(self) -> bool:
        """Whether it was opened on a business's website."""
        return bool(self.origin)

    @property
    def is_somebodys(self) -> bool:
        """Whether it is known whose it is."""
        return self.contact_id is not None or self.staff_id is not None


class NewSession(BaseModel):
    """Who to be in the demo: "client:dana-lee" or "staff:priya", at assurance 0, 1 or 2."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    who: str = Field(alias="as", max_length=120)
    level: Literal[0, 1, 2] = 2
    business: str | None = Field(default=None, max_length=120)


async def find_session(desk: Desk, token: str) -> ChatSession:
    """The live session of a token; SessionGoneError when there is none."""
    digest, now = desk.links.hash_token(token), desk.clock()

    async def work(session: AsyncSession) -> ChatSession:
        statement = (
            select(WebSession, Conversation, Business.is_demo)
            .join(Conversation, Conversation.id == WebSession.conversation_id)
            .join(Business, Business.id == WebSession.business_id)
            .where(WebSession.token_sha256 == digest)
        )
        row = (await session.execute(statement)).one_or_none()
        if row is None or not is_alive(row[0], now):
            raise SessionGoneError
        return _as_session(*row, now)

    return await desk.door.system(Scope.IDENTITY).read(work)


def is_alive(web: WebSession, now: datetime) -> bool:
    """Whether a session still is. That of a contact of several clients ends with its proof: nothing less is enough."""
    if web.revoked_at is not None or web.expires_at <= now:
        return False
    is_of_several = web.contact_id is not None and web.client_id is None and web.proved_at is not None
    return not is_of_several or level_of(web, now) > 1


def level_of(web: WebSession, now: datetime) -> int:
    """How far a session is proved at a moment: a proof lasts 30 minutes, then it is only known whose it is."""
    if web.proved_at is not None and now >= web.proved_at + PROVED_FOR:
        return min(web.assurance, 1)
    return web.assurance


def _as_session(web: WebSession, thread: Conversation, is_demo: bool, now: datetime) -> ChatSession:
    return ChatSession(
        id=web.id,
        business_id=web.business_id,
        conversation_id=web.conversation_id,
        connection=thread.connection,
        address=thread.key
        if web.origin and web.contact_id is None and web.staff_id is None
        else session_address(web.id),
        level=level_of(web, now),
        is_demo=is_demo and not web.origin,
        origin=web.origin,
        contact_id=web.contact_id,
        staff_id=web.staff_id,
        client_id=thread.client_id,
    )


def session_address(session_id: int) -> str:
    """What stands as the sender's address on messages of a web session: identity looks the row up by it."""
    return f"session:{session_id}"


async def open_session(desk: Desk, person: Person, level: int) -> str:
    """A new token for a demo person; their thread stays the same one at every level."""
    token, now = desk.links.new_token(), desk.clock()

    async def work(session: AsyncSession) -> None:
        thread = await _thread_of(session, person, now)
        session.add(
            WebSession(
                business_id=person.business_id,
                token_sha256=desk.links.hash_token(token),
                conversation_id=thread.id,
                contact_id=person.contact_id,
                staff_id=person.staff_id,
                client_id=person.client_id,
                assurance=level,
                created_at=now,
                expires_at=now + LASTS,
            )
        )

    await desk.door.system(Scope.IDENTITY).write(work)
    return token


async def _thread_of(session: AsyncSession, person: Person, now: datetime) -> Conversation:
    connection, key = f"web:{person.business_slug}", f"web:{person.key}"
    statement = select(Conversation).where(Conversation.connection == connection, Conversation.key == key)
    thread = (await session.scalars(statement)).one_or_none()
    if thread is None:
        thread = Conversation(
            business_id=person.business_id,
            client_id=person.client_id,
            connection=connection,
            channel=Channel.WEB,
            key=key,
            address=key,
            contact_id=person.contact_id,
            staff_id=person.staff_id,
            language=person.language,
            opened_at=now,
            last_message_at=now,
        )
        session.add(thread)
        await session.flush()
    return thread


async def end_session(desk: Desk, session_id: int) -> None:
    """Revoke a session; streams that run on it close within a second."""
    now = desk.clock()

    async def work(session: AsyncSession) -> None:
        web = await session.get(WebSession, session_id)
        if web is not None and web.revoked_at is None:
            web.revoked_at = now

    await desk.door.system(Scope.IDENTITY).write(work)


async def current_session(request: Request, desk: TheDesk) -> ChatSession:
    """The session of the request's bearer token; SessionGoneError without one, or where it was opened elsewhere."""
    found = await find_session(desk, bearer_of(request))
    if not _is_from(found, request):
        raise SessionGoneError
    return found


def bearer_of(request: Request) -> str:
    """The bearer token of a request; SessionGoneError without one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise SessionGoneError
    return token.strip()


def _is_from(me: ChatSession, request: Request) -> bool:
    """Whether a request comes from the website its session was opened on; from our own pages for one of theirs.

    A browser leaves the Origin header out only where a page reads from its own server.
    """
    origin = request.headers.get("origin")
    if origin is None:
        return True
    return origin == me.origin if me.is_visit else urlsplit(origin).netloc == request.headers.get("host")


CurrentSession = Annotated[ChatSession, Depends(current_session)]


@router.post("/chat/sessions", status_code=201)
async def begin(request: Request, wanted: NewSession, desk: TheDesk) -> dict[str, object]:
    """Become a person of a demo business; only on the loopback address."""
    require_loopback(request, desk.settings.host)
    person = await find_person(desk, wanted.who, wanted.business)
    token = await open_session(desk, person, wanted.level)
    return {
        "token": token,
        "key": person.key,
        "name": person.name,
        "role": person.role,
        "language": person.language,
        "level": wanted.level,
        "business": {"slug": person.business_slug, "name": person.business_name, "look": look_of(person.colour)},
    }


@router.post("/chat/sessions/end", status_code=204)
async def end(session: CurrentSession, desk: TheDesk) -> None:
    """End the session whose token is sent."""
    await end_session(desk, session.id)
    desk.live.publish(session.conversation_id, {"type": "state"})

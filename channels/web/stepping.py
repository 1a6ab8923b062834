"""A visitor whose code was right becomes that person: their own thread, at level 2, under another token."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.principal import Scope
from billing.tables.people import Contact, Staff
from billing.tables.talk import Message, TurnStep, WebSession
from bot.codes import HIDDEN, Brought
from bot.proving import CODE_STEP, Tried
from channels.web.desk import Desk
from channels.web.persons import only_client, open_own_thread
from channels.web.sessions import ChatSession, is_alive, level_of


@dataclass(frozen=True)
class Stepped:
    """Whose the session is now, and its new token. key: names the person to the component."""

    token: str
    level: int
    key: str
    person: Contact | Staff


@dataclass(frozen=True)
class ProvedBy:
    """What the newest right code of a session proved, and when it came."""

    contact_id: int | None
    staff_id: int | None
    at: datetime


def sent_by(session_id: int) -> str:
    """What the id begins with under which a visit's messages are stored: it stays when the visit changes threads."""
    return f"visit:{session_id}:"


async def find_proof(session: AsyncSession, me: ChatSession) -> ProvedBy | None:
    """What the newest right code proved that this very session brought; None where that is taken up already.

    A turn may answer messages of two tabs or devices. Its code is the last of them in which one was blotted out.
    """
    mine = Message.provider_id.startswith(sent_by(me.id), autoescape=True)
    statement = (
        select(TurnStep, Message)
        .join(Message, Message.turn_id == TurnStep.turn_id)
        .where(Message.connection == me.connection, mine, TurnStep.step == CODE_STEP)
        .order_by(Message.id.desc())
        .limit(1)
    )
    row = (await session.execute(statement)).first()
    if row is None or not await _is_last_blotted(session, row[1]):
        return None
    step, message = row
    tried, web = Tried.from_json(step.content), await session.get_one(WebSession, me.id)
    if tried.brought is not Brought.PROVED or (web.proved_at is not None and web.proved_at >= message.created_at):
        return None
    return ProvedBy(tried.contact_id, tried.staff_id, message.created_at)


async def _is_last_blotted(session: AsyncSession, message: Message) -> bool:
    blotted = select(Message.id).where(Message.turn_id == message.turn_id, Message.text.contains(HIDDEN))
    return await session.scalar(blotted.order_by(Message.id.desc()).limit(1)) == message.id


async def step_up(desk: Desk, me: ChatSession) -> Stepped | None:
    """Make a session its person's, where a code proved them; None where none did."""
    now = desk.clock()

    async def work(session: AsyncSession) -> Stepped | None:
        found = await find_proof(session, me)
        web = await session.get_one(WebSession, me.id, with_for_update=True)
        if found is None or not is_alive(web, now):
            return None
        person = await _person(session, found)
        thread = await open_own_thread(session, me.connection, person, found.at, now)
        token = desk.links.new_token()
        web.token_sha256 = desk.links.hash_token(token)
        web.conversation_id, web.client_id = thread.id, await only_client(session, person)
        web.contact_id, web.staff_id = found.contact_id, found.staff_id
        web.assurance, web.proved_at = 2, found.at
        return Stepped(token, level_of(web, now), f"{person.__tablename__}:{person.key}", person)

    return await desk.door.system(Scope.DISPATCH).write(work)


async def _person(session: AsyncSession, found: ProvedBy) -> Contact | Staff:
    if found.staff_id is not None:
        return await session.get_one(Staff, found.staff_id)
    return await session.get_one(Contact, found.contact_id)

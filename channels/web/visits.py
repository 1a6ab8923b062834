"""Visits: the chat on a business's own website begins, with nobody known, or with whom that website vouches for."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from billing.principal import Scope
from billing.tables.addresses import Address
from billing.tables.people import Contact
from billing.tables.sites import Signature, SiteVisit
from billing.tables.talk import Conversation, WebSession
from bot.addresses import VISITOR
from bot.messages import Channel
from channels.web.colour import look_of
from channels.web.desk import Desk, TheDesk
from channels.web.messages import Pace, pace_of
from channels.web.persons import only_client, open_own_thread
from channels.web.sessions import LASTS, CurrentSession, SessionGoneError, bearer_of, is_alive, level_of
from channels.web.signing import SignedVisit, VisitRefusedError, read_visit
from channels.web.sites import Website
from channels.web.stepping import step_up

log = structlog.get_logger()
VISITS_AT_ONCE = 600  # of one business in 20 seconds
KEPT_LONGER = timedelta(minutes=10)  # than a signed token is good for: nobody's clock lets it be used again
LANGUAGES = ("en", "es", "fr", "de", "pt", "it")
router = APIRouter()


class NewVisit(BaseModel):
    """What a website's chat asks for. token: who the website says its visitor is, signed; see channels/web/signing."""

    model_config = ConfigDict(extra="forbid")
    business: str = Field(max_length=120)
    language: str = Field(default="", max_length=40)
    token: str = Field(default="", max_length=65_536)
    colour: str = Field(default="", max_length=40)


@dataclass(frozen=True)
class Begun:
    """A session that was opened or went on. token: the new one; empty where the old one stays good.

    visit: the same for as long as the session is, whatever its token.
    """

    token: str
    visit: int
    level: int
    key: str = ""
    name: str = ""
    language: str = ""


@router.get("/chat/site")
async def site(
    request: Request,
    desk: TheDesk,
    business: Annotated[str, Query(max_length=120)],
    colour: Annotated[str, Query(max_length=40)] = "",
) -> dict[str, Any]:
    """How a business's chat is called and looks, for a page of its website."""
    found = await desk.sites.find(business, request.headers.get("origin") or "")
    return _business(found, colour) | {"signs": found.signature is not Signature.NONE}


@router.post("/chat/visits", status_code=201)
async def begin(
    request: Request, wanted: NewVisit, desk: TheDesk, pace: Annotated[Pace, Depends(pace_of)]
) -> dict[str, Any]:
    """Open the chat on a page of a business's website; with a token, as whom it names, in the tab's own session."""
    origin = request.headers.get("origin") or ""
    found, now = await desk.sites.find(wanted.business, origin), desk.clock()
    pace.count(-found.business_id, now, most=VISITS_AT_ONCE)
    signed = _signed(desk, found, wanted.token, now)
    try:
        before = desk.links.hash_token(bearer_of(request))
    except SessionGoneError:
        before = ""
    visit = Visit(desk, found, origin, _language(wanted.language), before)
    begun = await visit.open(signed)
    return {
        "token": begun.token,
        "visit": begun.visit,
        "key": begun.key,
        "name": begun.name,
        "language": begun.language or visit.language,
        "level": begun.level,
        "business": _business(found, wanted.colour),
    }


@router.post("/chat/visits/renew")
async def renew(me: CurrentSession, desk: TheDesk) -> dict[str, Any]:
    """Whose a visit has become since its code was right, with a new token; the same visit where it was not."""
    stepped = await step_up(desk, me) if me.is_visit else None
    if stepped is None:
        return {"token": "", "visit": me.id, "level": me.level}
    desk.live.publish(me.conversation_id, {"type": "state"})
    return {
        "token": stepped.token,
        "visit": me.id,
        "level": stepped.level,
        "key": stepped.key,
        "name": stepped.person.name,
        "language": stepped.person.language,
    }


def _business(found: Website, colour: str) -> dict[str, Any]:
    return {"slug": found.slug, "name": found.name, "look": look_of(colour or found.colour)}


def _language(asked: str) -> str:
    code = asked.lower()[:2]
    return code if code in LANGUAGES else ""


def _signed(desk: Desk, found: Website, token: str, now: datetime) -> SignedVisit | None:
    if not token:
        return None
    try:
        return read_visit(token, found, (found.slug, desk.settings.address), now)
    except VisitRefusedError as refused:
        log.warning("visit_refused", business=found.slug, why=refused.why)
        raise


@dataclass(frozen=True)
class Visit:
    """A session to be opened. before: the hash of the token that the tab had, if any."""

    desk: Desk
    site: Website
    origin: str
    language: str
    before: str

    @property
    def connection(self) -> str:
        return f"web:{self.site.slug}"

    async def open(self, signed: SignedVisit | None) -> Begun:
        """Open it, once for each signed token. Raises VisitRefusedError for one that was used before."""
        now = self.desk.clock()
        try:
            return await self.desk.door.system(Scope.IDENTITY).write(lambda session: self._open(session, signed, now))
        except IntegrityError as twice:  # two at the same moment
            raise VisitRefusedError("used before") from twice

    async def _open(self, session: AsyncSession, signed: SignedVisit | None, now: datetime) -> Begun:
        person = None
        if signed is not None:
            await self._use_up(session, signed, now)
            person = await self._find(session, signed.subject)
        old = await self._before(session, now)
        if person is None:
            return await self._begin(session, await self._stranger(session, now), None, old, now)
        thread = await open_own_thread(session, self.connection, person, now, now)
        if old is None or old.contact_id != person.id:
            return await self._begin(session, thread, person, old, now)
        return self._go_on(old, person, now)

    async def _use_up(self, session: AsyncSession, signed: SignedVisit, now: datetime) -> None:
        mine = SiteVisit.business_id == self.site.business_id
        await session.flush()
        for gone in await session.scalars(
            select(SiteVisit).where(mine, SiteVisit.expires_at < now - KEPT_LONGER).limit(50)
        ):
            await session.delete(gone)
        if await session.scalar(select(SiteVisit.id).where(mine, SiteVisit.jti == signed.jti)) is not None:
            raise VisitRefusedError("used before")
        used = SiteVisit(business_id=self.site.business_id, jti=signed.jti, expires_at=signed.expires_at)
        session.add(used)
        await session.flush()

    async def _find(self, session: AsyncSession, subject: str) -> Contact | None:
        """The one contact of this business under a key, else under an e-mail address; None for none or several."""
        mine = Contact.business_id == self.site.business_id
        by_key = (await session.scalars(select(Contact).where(mine, Contact.key == subject))).one_or_none()
        if by_key is not None:
            return by_key
        by_mail = select(Contact).where(mine, func.lower(Contact.email) == subject.strip().lower()).limit(2)
        found = list(await session.scalars(by_mail))
        return found[0] if len(found) == 1 else None

    async def _before(self, session: AsyncSession, now: datetime) -> WebSession | None:
        """The session that this tab of this website had, while it lives."""
        if not self.before:
            return None
        row = (await session.scalars(select(WebSession).where(WebSession.token_sha256 == self.before))).one_or_none()
        is_mine = row is not None and (row.business_id, row.origin) == (self.site.business_id, self.origin)
        return row if row is not None and is_mine and is_alive(row, now) else None

    def _go_on(self, web: WebSession, person: Contact, now: datetime) -> Begun:
        """Proved again: nothing changes but that, unless it lifts the session, which then gets another token."""
        token = ""
        if level_of(web, now) < 2:
            token = self.desk.links.new_token()
            web.token_sha256 = self.desk.links.hash_token(token)
        web.assurance, web.proved_at, web.expires_at = 2, now, now + LASTS
        return Begun(token, web.id, 2, f"contact:{person.key}", person.name, person.language)

    async def _begin(
        self, session: AsyncSession, thread: Conversation, person: Contact | None, old: WebSession | None, now: datetime
    ) -> Begun:
        if old is not None:
            old.revoked_at = now
        token = self.desk.links.new_token()
        web = WebSession(
            business_id=self.site.business_id,
            token_sha256=self.desk.links.hash_token(token),
            conversation_id=thread.id,
            contact_id=person.id if person else None,
            client_id=await only_client(session, person) if person else None,
            assurance=2 if person else 0,
            origin=self.origin,
            proved_at=now if person else None,
            created_at=now,
            expires_at=now + LASTS,
        )
        session.add(web)
        await session.flush()
        if person is None:
            return Begun(token, web.id, 0)
        return Begun(token, web.id, 2, f"contact:{person.key}", person.name, person.language)

    async def _stranger(self, session: AsyncSession, now: datetime) -> Conversation:
        """A thread of somebody whom nobody knows, and its address, on which codes prove who it is."""
        key = f"{VISITOR}{self.desk.links.new_token()}"
        owned = {"business_id": self.site.business_id, "connection": self.connection, "channel": Channel.WEB}
        thread = Conversation(key=key, address=key, language=self.language, opened_at=now, last_message_at=now, **owned)
        session.add_all([Address(address=key, last_seen_at=now, **owned), thread])
        await session.flush()
        return thread

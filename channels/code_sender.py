"""Sends one-time codes: each is made when it is sent and kept only as a hash; what a crash left is sent after it."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.principal import Scope
from billing.tables.addresses import Address, CodeMedium, OneTimeCode
from billing.tables.people import Business, Contact, Staff
from bot.codes import LASTS, hash_code, make_code
from bot.wording import label
from channels.mail import Mail, Mailer
from channels.outgoing import ChannelGateway, RefusedError, ToSend, TryLaterError

log = structlog.get_logger()

LOOK_EVERY = 0.5  # seconds
AGAIN_AFTER = timedelta(seconds=20)  # a code that a provider could not take, while it lasts
GIVEN_UP_AFTER = timedelta(seconds=30)  # a code that another process took up and has not sent: longer than any send


@dataclass(frozen=True)
class Waiting:
    """A code on its way, with what its letter says. connection: of the text messages it may go out by."""

    id: int
    business_id: int
    business: str
    medium: CodeMedium
    destination: str
    language: str
    connection: str
    created_at: datetime
    kept: str  # the hash of the digits that a process has made for it; "" while none has taken it up


@dataclass
class CodeSender:
    """Sends codes that were asked for, when woken and at a periodic look; any number of processes may do so.

    Which one has taken a code up is told by the hash on its row: it is written before the code is sent, and only over
    the one that was read. Where it stays unsent for half a minute, another process makes new digits.
    gateway_of(connection): how texts leave there; None where they cannot. secret: the key codes are kept under.
    """

    door: Door
    mailer: Mailer
    gateway_of: Callable[[str], ChannelGateway | None]
    secret: bytes
    clock: Callable[[], datetime]
    _woken: asyncio.Event = field(default_factory=asyncio.Event)
    _task: asyncio.Task[None] | None = field(default=None, repr=False)
    _later: dict[int, datetime] = field(default_factory=dict, repr=False)
    _own: dict[int, str] = field(default_factory=dict, repr=False)  # the hashes of this process, by code
    _seen: dict[tuple[int, str], datetime] = field(default_factory=dict, repr=False)  # others' hashes, since when

    def wake(self) -> None:
        """A code was asked for."""
        self._woken.set()

    async def start(self) -> None:
        """Send what waits, and go on."""
        self._task = asyncio.ensure_future(self._go_on())

    async def stop(self) -> None:
        """Stop; what waits is sent after the next start, while it is still good."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def send(self) -> int:
        """Send every code that waits; how many left."""
        now = self.clock()
        waiting = await self.door.system(Scope.IDENTITY).read(lambda session: find_waiting(session, now))
        sent = 0
        for code in waiting:
            if self._is_ours(code, now):
                sent += await self._send_one(code)
        return sent

    def _is_ours(self, code: Waiting, now: datetime) -> bool:
        """Whether nobody has taken a code up, or we have and may ask again, or whoever has is gone."""
        if code.kept in {"", self._own.get(code.id)}:
            return self._later.get(code.id, now) <= now
        return self._seen.setdefault((code.id, code.kept), now) <= now - GIVEN_UP_AFTER

    async def _send_one(self, code: Waiting) -> bool:
        """Make the digits, keep their hash, then send: a crash between makes new digits, and only those count."""
        identity, digits = self.door.system(Scope.IDENTITY), make_code()
        kept = hash_code(self.secret, code.id, digits)
        if not await identity.write(lambda session: _keep(session, code, kept)):
            return False
        self._own[code.id] = kept
        try:
            await self._hand_over(code, digits)
        except TryLaterError as trouble:
            self._later[code.id] = self.clock() + AGAIN_AFTER
            log.warning("code_not_sent", code=code.id, why=trouble.why)
            return False
        except RefusedError as refused:
            log.warning("code_refused", code=code.id, why=refused.code)
        now = self.clock()
        await identity.write(lambda session: _mark_sent(session, code.id, now))
        self._later.pop(code.id, None)
        self._own.pop(code.id, None)
        return True

    async def _hand_over(self, code: Waiting, digits: str) -> None:
        lasts = str(LASTS.seconds // 60)
        text = label(code.language, "code_text", business=code.business, code=digits, minutes=lasts)
        if code.medium is CodeMedium.EMAIL:
            subject = label(code.language, "code_subject", business=code.business)
            await self.mailer.send(Mail(code.destination, subject, text, f"code-{code.id}@frontdesk"))
            return
        gateway = self.gateway_of(code.connection)
        if gateway is None:
            raise TryLaterError(f"nothing sends texts on {code.connection}")
        message = ToSend(
            id=-code.id, public_id=f"code-{code.id}", business_id=code.business_id, connection=code.connection,
            address=code.destination, text=text, attachments=(), language=code.language, created_at=code.created_at,
        )  # fmt: skip
        await gateway.send(message)

    async def _go_on(self) -> None:
        while True:
            try:
                await self.send()
            except Exception:
                log.exception("codes_not_sent")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), LOOK_EVERY)
            self._woken.clear()


async def find_waiting(session: AsyncSession, now: datetime) -> list[Waiting]:
    """The codes that were asked for and not sent, while they are good, oldest first."""
    still = (OneTimeCode.sent_at.is_(None), OneTimeCode.ended_at.is_(None), OneTimeCode.used_at.is_(None))
    rows = await session.execute(
        select(OneTimeCode, Business, Address, Contact, Staff)
        .join(Business, Business.id == OneTimeCode.business_id)
        .join(Address, Address.id == OneTimeCode.address_id)
        .outerjoin(Contact, Contact.id == OneTimeCode.contact_id)
        .outerjoin(Staff, Staff.id == OneTimeCode.staff_id)
        .where(*still, OneTimeCode.expires_at > now)
        .order_by(OneTimeCode.id)
    )
    return [
        Waiting(
            code.id, business.id, business.name, code.medium, code.destination, (contact or staff).language,
            address.connection if address.channel == "sms" else f"sms:{business.slug}", code.created_at,
            code.code_hash,
        )
        for code, business, address, contact, staff in rows
    ]  # fmt: skip


async def _keep(session: AsyncSession, code: Waiting, kept: str) -> bool:
    """Take a code up, unless it is over or another process was quicker."""
    row = await session.get_one(OneTimeCode, code.id, with_for_update=True)
    if row.sent_at is not None or row.ended_at is not None or row.code_hash != code.kept:
        return False
    row.code_hash = kept
    return True


async def _mark_sent(session: AsyncSession, code_id: int, now: datetime) -> None:
    (await session.get_one(OneTimeCode, code_id, with_for_update=True)).sent_at = now

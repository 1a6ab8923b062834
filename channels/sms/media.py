"""Pictures and papers that were texted: fetched after the message was stored, and again until it is settled."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import httpx
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.changes.media import Content, Waiting, settle_media, waiting_media
from billing.filestore import FileStore
from billing.principal import Scope
from channels.content import ENDINGS, LARGEST, RefusedContentError, taken_type
from channels.sms.accounts import CHANNEL, Account, Accounts

log = structlog.get_logger()

MOST_REDIRECTS = 3
TIMEOUT = 20.0
LOOK_EVERY = 20.0  # seconds between looks for what an earlier process left
GIVEN_UP_AFTER = timedelta(hours=12)


@dataclass
class MediaFetcher:
    """Fetches what waits: when woken, and at a periodic look. transport: how HTTP is spoken, None for the network."""

    door: Door
    files: FileStore
    accounts: Accounts
    clock: Callable[[], datetime]
    transport: httpx.AsyncBaseTransport | None = None
    _woken: asyncio.Event = field(default_factory=asyncio.Event)
    _task: asyncio.Task[None] | None = None

    def wake(self) -> None:
        """A message with media came in."""
        self._woken.set()

    async def start(self) -> None:
        """Fetch what waits, and go on."""
        self._task = asyncio.ensure_future(self._go_on())

    async def stop(self) -> None:
        """Stop; what waits is fetched after the next start."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def look(self) -> None:
        """Fetch everything that waits on connections of texts."""
        now = self.clock()
        for waiting in await self.door.system(Scope.INTAKE).read(lambda session: waiting_media(session, now)):
            if waiting.connection.startswith(f"{CHANNEL}:"):
                await self._settle_all(waiting)

    async def _go_on(self) -> None:
        while True:
            try:
                await self.look()
            except Exception:
                log.exception("media_look_failed")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), LOOK_EVERY)
            self._woken.clear()

    async def _settle_all(self, waiting: Waiting) -> None:
        for place, attachment in enumerate(waiting.attachments):
            if attachment.get("state") != "pending":
                continue
            if waiting.assurance < 1:
                await self._settle(waiting, place, None, "unknown_sender")
            elif waiting.client_id is not None:
                await self._settle_one(waiting, place, str(attachment["value"]))

    async def _settle_one(self, waiting: Waiting, place: int, url: str) -> None:
        try:
            account = await self.accounts.find_by_key(waiting.connection)
            if account is None:
                return
            body = await self.fetch(account, url)
            media_type = taken_type(body)
        except RefusedContentError as refused:
            await self._settle(waiting, place, None, refused.why)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            log.warning("media_not_fetched", message=waiting.message_id, error=type(error).__name__)
            if waiting.created_at < self.clock() - GIVEN_UP_AFTER:
                await self._settle(waiting, place, None, "gone")
        else:
            sha256 = await asyncio.to_thread(self.files.put, body)
            name = f"{waiting.created_at:%Y-%m-%d}-{waiting.message_id}-{place + 1}.{ENDINGS[media_type]}"
            await self._settle(waiting, place, Content(sha256, len(body), media_type, name), "")

    async def _settle(self, waiting: Waiting, place: int, content: Content | None, why: str) -> None:
        from bot.announcements import tell_picture_refused

        now, message_id = self.clock(), waiting.message_id

        async def work(session: AsyncSession) -> None:
            is_new = await settle_media(session, message_id, place, content, why, now)
            if is_new and why in {"too_large", "refused_type"}:
                await tell_picture_refused(session, message_id, why, now)

        await self.door.system(Scope.INTAKE).write(work)

    async def fetch(self, account: Account, url: str) -> bytes:
        """The bytes behind a media URL. Raises RefusedContentError, httpx.HTTPError.

        The account's token goes to Twilio alone. Twilio answers with a redirect to its store: that is followed by
        https only, or within the settings' base address, and without the token.
        """
        async with httpx.AsyncClient(
            transport=self.transport, timeout=TIMEOUT, trust_env=False, follow_redirects=False
        ) as http:
            for _ in range(MOST_REDIRECTS + 1):
                if not may_fetch(url, account):
                    raise RefusedContentError("refused_address")
                auth = httpx.BasicAuth(account.sid, account.token) if is_twilios(url, account) else None
                async with http.stream("GET", url, auth=auth) as answer:
                    if answer.is_redirect:
                        url = str(answer.url.join(answer.headers.get("location", "")))
                        continue
                    if answer.status_code in {404, 410}:
                        raise RefusedContentError("gone")
                    answer.raise_for_status()
                    return await _read(answer)
        raise RefusedContentError("refused_address")


async def _read(answer: httpx.Response) -> bytes:
    """The body, never holding more of it than may be stored."""
    body = bytearray()
    async for part in answer.aiter_bytes():
        body += part
        if len(body) > LARGEST:
            raise RefusedContentError("too_large")
    return bytes(body)


def is_twilios(url: str, account: Account) -> bool:
    """Whether an address is the account's API, or Twilio's own by https."""
    asked, base = urlsplit(url), urlsplit(account.api_base)
    if (asked.scheme, asked.netloc) == (base.scheme, base.netloc):
        return True
    host = asked.hostname or ""
    return asked.scheme == "https" and (host == "twilio.com" or host.endswith(".twilio.com"))


def may_fetch(url: str, account: Account) -> bool:
    """Whether an address may be asked at all: by https, or where the settings' base address is."""
    return urlsplit(url).scheme == "https" or is_twilios(url, account)

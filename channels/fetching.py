"""Pictures, papers and voices that came with a message: fetched after it was stored, again until it is settled."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.changes.media import Content, Waiting, settle_media, waiting_media
from billing.filestore import FileStore
from billing.principal import Scope
from channels.content import ENDINGS, RefusedContentError, taken_type
from channels.timer import Timer

log = structlog.get_logger()

LOOK_EVERY = 20.0  # seconds between looks for what an earlier process left
GIVEN_UP_AFTER = timedelta(hours=12)
_TOLD = frozenset({"too_large", "refused_type"})


class UnfetchedError(Exception):
    """It could not be fetched now; the message says why, without any address."""


@dataclass
class MediaFetcher(ABC):
    """Fetches what waits on one channel's connections: when woken, and at a periodic look."""

    channel: ClassVar[str]
    hears: ClassVar[bool] = False  # whether voices are taken too

    door: Door
    files: FileStore
    clock: Callable[[], datetime]
    _timer: Timer = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._timer = Timer("media", LOOK_EVERY, self.look)

    @abstractmethod
    async def content_of(self, waiting: Waiting, attachment: Mapping[str, Any]) -> bytes | None:
        """The bytes of an attachment; None where nobody can fetch it. Raises RefusedContentError, UnfetchedError."""

    def wake(self) -> None:
        """A message with media came in."""
        self._timer.wake()

    async def start(self) -> None:
        """Fetch what waits, and go on."""
        self._timer.start()

    async def stop(self) -> None:
        """Stop; what waits is fetched after the next start."""
        await self._timer.stop()

    async def look(self) -> None:
        """Fetch everything that waits on connections of this channel."""
        now = self.clock()
        for waiting in await self.door.system(Scope.INTAKE).read(lambda session: waiting_media(session, now)):
            if waiting.connection.startswith(f"{self.channel}:"):
                await self._settle_all(waiting)

    async def _settle_all(self, waiting: Waiting) -> None:
        for place, attachment in enumerate(waiting.attachments):
            if attachment.get("state") != "pending":
                continue
            if waiting.assurance < 1:
                await self._settle(waiting, place, None, "unknown_sender")
            elif waiting.client_id is not None:
                await self._settle_one(waiting, place, attachment)

    async def _settle_one(self, waiting: Waiting, place: int, attachment: Mapping[str, Any]) -> None:
        try:
            body = await self.content_of(waiting, attachment)
            if body is None:
                return
            media_type = taken_type(body, hears=self.hears)
        except RefusedContentError as refused:
            await self._settle(waiting, place, None, refused.why)
        except UnfetchedError as error:
            log.warning("media_not_fetched", message=waiting.message_id, error=str(error))
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
            if is_new and why in _TOLD:
                await tell_picture_refused(session, message_id, why, now)

        await self.door.system(Scope.INTAKE).write(work)

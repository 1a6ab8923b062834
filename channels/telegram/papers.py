"""The bytes behind a file's link: what a document or a picture at Telegram is made of."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.filestore import FileNotStoredError, FileStore
from billing.principal import Scope
from billing.tables.files import File, FileLink, FileVersion

MOST_PICTURE, MOST_DOCUMENT = 10 * 1024 * 1024, 50 * 1024 * 1024
_PICTURES = frozenset({"image/jpeg", "image/png"})


@dataclass(frozen=True)
class Paper:
    """A file to hand over. is_picture: shown in the chat; else it is a document."""

    name: str
    content: bytes
    is_picture: bool


@dataclass(frozen=True)
class Papers:
    """Finds the bytes behind links of ours. hash_token: as tokens are stored."""

    door: Door
    files: FileStore
    hash_token: Callable[[str], str]
    clock: Callable[[], datetime]

    async def find(self, attachment: Mapping[str, Any]) -> Paper | None:
        """The file of an attachment; None where its link is over, it is gone, or too large."""
        token = urlsplit(str(attachment.get("value", ""))).path.rpartition("/")[2]
        digest, now = self.hash_token(token), self.clock()

        async def work(session: AsyncSession) -> tuple[str, str, str, int] | None:
            asked = (
                select(File.name, FileVersion.media_type, FileVersion.sha256, FileVersion.size)
                .join(FileVersion, FileVersion.file_id == File.id)
                .join(FileLink, FileLink.file_version_id == FileVersion.id)
                .where(FileLink.token_sha256 == digest, FileLink.expires_at > now)
            )
            row = (await session.execute(asked)).one_or_none()
            return None if row is None else (row[0], row[1], row[2], row[3])

        found = await self.door.system(Scope.SEND).read(work)
        if found is None or found[3] > MOST_DOCUMENT:
            return None
        name, media_type, sha256, size = found
        try:
            content = await asyncio.to_thread(lambda: self.files.open(sha256).read_bytes())
        except (FileNotStoredError, OSError):
            return None
        return Paper(name, content, media_type in _PICTURES and size <= MOST_PICTURE) if content else None

"""Files behind a link: the token is the permission, for as long as the link lives."""

from dataclasses import dataclass
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import FileResponse
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.filestore import FileNotStoredError
from billing.principal import Scope
from billing.tables.files import File, FileLink, FileVersion
from channels.web.desk import Desk, TheDesk

# What a browser may show by itself; anything else is saved, so that no stored page can run on our address.
_SHOWN_IN_PAGE = frozenset({"application/pdf", "image/jpeg", "image/png", "image/webp", "text/plain"})
router = APIRouter()


class FileGoneError(Exception):
    """No live link has this token, or the bytes are no longer stored."""


@dataclass(frozen=True)
class LinkedFile:
    """A file version that may be handed out now."""

    name: str
    media_type: str
    sha256: str


async def find_linked_file(desk: Desk, token: str) -> LinkedFile:
    """The file behind a link's token; FileGoneError when the link is unknown or over."""
    digest, now = desk.links.hash_token(token), desk.clock()

    async def work(session: AsyncSession) -> LinkedFile:
        statement = (
            select(File.name, FileVersion.media_type, FileVersion.sha256)
            .join(FileVersion, FileVersion.file_id == File.id)
            .join(FileLink, FileLink.file_version_id == FileVersion.id)
            .where(FileLink.token_sha256 == digest, FileLink.expires_at > now)
        )
        row = (await session.execute(statement)).one_or_none()
        if row is None:
            raise FileGoneError
        return LinkedFile(*row)

    return await desk.door.system(Scope.INTAKE).read(work)


def disposition(name: str, *, inline: bool) -> str:
    """A Content-Disposition that carries any name: plain ASCII for old readers, UTF-8 beside it."""
    plain = "".join(sign if sign.isascii() and sign.isprintable() and sign not in '"\\' else "_" for sign in name)
    return f"{'inline' if inline else 'attachment'}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


@router.get("/files/{token}")
async def fetch(token: str, desk: TheDesk) -> FileResponse:
    """Stream a stored file. A page inside it can do nothing: sandboxed, never sniffed."""
    linked = await find_linked_file(desk, token)
    try:
        path = desk.files.open(linked.sha256)
    except FileNotStoredError as error:
        raise FileGoneError from error
    inline = linked.media_type in _SHOWN_IN_PAGE
    return FileResponse(
        path,
        media_type=linked.media_type if inline else "application/octet-stream",
        headers={
            "Content-Disposition": disposition(linked.name, inline=inline),
            "Content-Security-Policy": "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; sandbox",
            "Cache-Control": "private, no-store",
        },
    )

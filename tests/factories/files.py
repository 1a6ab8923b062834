"""Files with one version, and links to them, for tests."""

from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from billing.tables.files import File, FileKind, FileLink, FileVersion, Visibility
from billing.tables.people import Client
from tests.factories.rows import add_row, next_number, owner_of
from tests.fakes.clock import NOW


async def make_file(session: AsyncSession, *, client: Client, sha256: str = "", size: int = 1000, **given: Any) -> File:
    """A PDF that the client may see, in one version."""
    dull: dict[str, Any] = {
        "kind": FileKind.CONTRACT,
        "name": "Contract.pdf",
        "visibility": Visibility.CLIENT,
    }
    file = await add_row(session, File(**owner_of(client), **(dull | given)))
    await make_file_version(session, file=file, sha256=sha256, size=size)
    return file


async def make_file_version(
    session: AsyncSession, *, file: File, number: int = 1, sha256: str = "", **given: Any
) -> FileVersion:
    """A version of a file; the bytes are not stored."""
    dull: dict[str, Any] = {"size": 1000, "media_type": "application/pdf", "stored_at": NOW}
    row = FileVersion(
        **owner_of(file),
        file_id=file.id,
        number=number,
        sha256=sha256 or f"{next_number():064x}",
        **(dull | given),
    )
    return await add_row(session, row)


async def make_file_link(session: AsyncSession, *, version: FileVersion, **given: Any) -> FileLink:
    """A link that is good for an hour."""
    dull: dict[str, Any] = {
        "token_sha256": f"{next_number():064x}",
        "created_at": NOW,
        "expires_at": NOW + timedelta(hours=1),
    }
    return await add_row(session, FileLink(**owner_of(version), file_version_id=version.id, **(dull | given)))

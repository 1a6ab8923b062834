"""Links to stored files are written here."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from billing.tables.files import FileLink, FileVersion

LIFETIME = timedelta(hours=24)


async def create_file_link(session: AsyncSession, *, version: FileVersion, token_sha256: str, now: datetime) -> None:
    """A link under which one file version can be fetched for a day."""
    session.add(
        FileLink(
            business_id=version.business_id,
            client_id=version.client_id,
            token_sha256=token_sha256,
            file_version_id=version.id,
            created_at=now,
            expires_at=now + LIFETIME,
        )
    )
    await session.flush()

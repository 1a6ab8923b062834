"""Internal notes about clients."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.tables.people import Client
from billing.tables.talk import Note


async def add_note(
    session: AsyncSession, client: Client, *, text: str, staff_id: int | None, now: datetime, idempotency_key: str
) -> Note:
    """Keep a note about a client, once per key. now: aware UTC."""
    known: Note | None = await session.scalar(select(Note).where(Note.idempotency_key == idempotency_key))
    if known is not None:
        return known
    note = Note(
        business_id=client.business_id,
        client_id=client.id,
        staff_id=staff_id,
        text=text,
        created_at=now,
        idempotency_key=idempotency_key,
    )
    session.add(note)
    await session.flush()
    return note

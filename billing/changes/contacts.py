"""A contact's own data is changed here; what it was before stays in an internal note."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.records.people import find_contact
from billing.tables.people import Client, Contact
from billing.tables.talk import Note, NoteKind

Field = Literal["phone", "email", "name", "address"]


@dataclass(frozen=True)
class Changed:
    """What a change replaced. row: the contact, or the client for a postal address."""

    row: Contact | Client
    before: str


async def change_contact(
    session: AsyncSession, *, contact_id: int, client_id: int, field: Field, value: str, now: datetime, key: str
) -> Changed | None:
    """Set one field of the contact (or the client's postal address); None when the session cannot see it.

    phone: E.164. The note under `key` keeps the old value and makes a repeated call harmless.
    """
    noted = (await session.scalars(select(Note).where(Note.idempotency_key == key))).one_or_none()
    row, column = await _target(session, contact_id, client_id, field)
    if row is None:
        return None
    before = getattr(row, column) or ""
    if noted is not None:
        return Changed(row, before)
    setattr(row, column, value)
    if isinstance(row, Contact) and field in {"phone", "email"}:
        setattr(row, f"{field}_since", now)
    words = f"{field} changed by the contact in chat, from {before or 'nothing'} to {value}"
    session.add(
        Note(
            business_id=row.business_id, client_id=client_id, kind=NoteKind.CHANGE, staff_id=None, text=words,
            created_at=now, idempotency_key=key,
        )
    )  # fmt: skip
    await session.flush()
    return Changed(row, before)


async def _target(
    session: AsyncSession, contact_id: int, client_id: int, field: Field
) -> tuple[Contact | Client | None, str]:
    if field == "address":
        return (await session.scalars(select(Client).where(Client.id == client_id))).one_or_none(), "postal"
    return await find_contact(session, contact_id), field


async def set_preference(
    session: AsyncSession, *, contact_id: int, name: str, value: Any, locale: str = ""
) -> Contact | None:
    """Set how a contact wants to be written to; "language" changes the language and locale themselves."""
    contact = await find_contact(session, contact_id)
    if contact is None:
        return None
    if name == "language":
        contact.language, contact.locale = str(value), locale
    else:
        # A new dict: a change inside the stored one would not be seen.
        contact.preferences = {**contact.preferences, name: value}
    await session.flush()
    return contact

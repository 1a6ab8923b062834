"""Connections and one-time codes, for tests."""

from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from billing.tables.addresses import Address, CodeMedium, Connection, OneTimeCode
from billing.tables.people import Business, Contact, Staff
from tests.factories.rows import add_row, next_number
from tests.fakes.clock import NOW


async def make_connection(session: AsyncSession, *, business: Business, key: str = "", **given: Any) -> Connection:
    """A business's account with a provider of text messages."""
    number = next_number()
    dull: dict[str, Any] = {
        "channel": "sms",
        "path": f"path-{number}",
        "account": f"AC{number:032d}",
        "sender": f"+1212556{number:04d}",
        "connected_at": NOW - timedelta(days=30),
    }
    return await add_row(session, Connection(business_id=business.id, key=key or f"sms:{number}", **(dull | given)))


async def make_code(session: AsyncSession, *, person: Contact | Staff, address: Address, **given: Any) -> OneTimeCode:
    """A code that was just sent by e-mail; its hash fits no code."""
    dull: dict[str, Any] = {
        "medium": CodeMedium.EMAIL,
        "destination": person.email or "nobody@example.com",
        "code_hash": "no code has this hash",
        "created_at": NOW,
        "expires_at": NOW + timedelta(minutes=10),
        "sent_at": NOW,
    }
    whose = {"contact_id": person.id} if isinstance(person, Contact) else {"staff_id": person.id}
    code = OneTimeCode(business_id=person.business_id, address_id=address.id, **whose, **(dull | given))
    return await add_row(session, code)

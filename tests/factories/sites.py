"""Websites that carry a business's chat, visits they vouched for, start links and growing answers, for tests."""

from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from billing.tables.addresses import StartLink
from billing.tables.people import Business, Contact, Staff
from billing.tables.sites import Site, SiteVisit
from billing.tables.talk import Draft, Turn
from tests.factories.rows import add_row, next_number
from tests.fakes.clock import NOW


async def make_site(session: AsyncSession, *, business: Business, **given: Any) -> Site:
    """A business's chat on one website that signs nothing."""
    dull: dict[str, Any] = {"origins": ["https://www.example.com"], "changed_at": NOW}
    return await add_row(session, Site(business_id=business.id, **(dull | given)))


async def make_site_visit(session: AsyncSession, *, business: Business, **given: Any) -> SiteVisit:
    """A signed visit that was taken."""
    dull: dict[str, Any] = {"jti": f"visit-{next_number()}", "expires_at": NOW + timedelta(minutes=5)}
    return await add_row(session, SiteVisit(business_id=business.id, **(dull | given)))


async def make_start_link(session: AsyncSession, *, person: Contact | Staff, **given: Any) -> StartLink:
    """A link into Telegram that was made just now and not used."""
    dull: dict[str, Any] = {
        "token_sha256": f"{next_number():064x}",
        "channel": "telegram",
        "created_at": NOW,
        "expires_at": NOW + timedelta(days=7),
    }
    whose = {"contact_id": person.id} if isinstance(person, Contact) else {"staff_id": person.id}
    return await add_row(session, StartLink(business_id=person.business_id, **whose, **(dull | given)))


async def make_draft(session: AsyncSession, *, turn: Turn, **given: Any) -> Draft:
    """What a channel shows of a growing answer."""
    dull: dict[str, Any] = {"provider_id": str(next_number()), "shown_at": NOW}
    return await add_row(session, Draft(business_id=turn.business_id, turn_id=turn.id, **(dull | given)))

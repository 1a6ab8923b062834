"""Start links: made for one person, and used once, by whoever opens the chat with it."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.tables.addresses import Address, StartLink

GOOD_FOR = timedelta(days=7)
EXPECTED_FOR = timedelta(days=1)  # how long after a link was used its person may still prove themselves


async def make_start_link(
    session: AsyncSession,
    *,
    business_id: int,
    channel: str,
    person: dict[str, int | None],
    conversation_id: int | None,
    token_sha256: str,
    now: datetime,
) -> StartLink:
    """A new link for one person. conversation_id: where it is sent, which is told what became of it."""
    link = StartLink(
        business_id=business_id, channel=channel, conversation_id=conversation_id, token_sha256=token_sha256,
        created_at=now, expires_at=now + GOOD_FOR, **person,
    )  # fmt: skip
    session.add(link)
    await session.flush()
    return link


async def use_start_link(session: AsyncSession, address: Address, token_sha256: str, now: datetime) -> StartLink | None:
    """Use the link with this token up, at the address it was opened from; None where it is none, used, or over."""
    named = select(StartLink).where(
        StartLink.token_sha256 == token_sha256,
        StartLink.business_id == address.business_id,
        StartLink.channel == address.channel,
    )
    link = (await session.scalars(named.with_for_update())).one_or_none()
    if link is None or link.used_at is not None or link.expires_at <= now:
        return None
    link.used_at, link.address_id = now, address.id
    await session.flush()
    return link


async def expected_at(session: AsyncSession, address_id: int, now: datetime) -> list[StartLink]:
    """The links that were opened from an address lately, newest first: whose proof is awaited there."""
    opened = select(StartLink).where(
        StartLink.address_id == address_id, StartLink.used_at > now - EXPECTED_FOR, StartLink.used_at <= now
    )
    return list(await session.scalars(opened.order_by(StartLink.used_at.desc(), StartLink.id.desc())))

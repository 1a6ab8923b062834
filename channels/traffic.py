"""What went through a connection: what came in last, what waits to go out, what was parked, who is not reached."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.doctor import Finding, Severity
from billing.principal import Scope
from billing.tables.addresses import Address
from billing.tables.talk import Delivery, Direction, Message

LATE = timedelta(minutes=10)


@dataclass(frozen=True)
class Traffic:
    """What the rows say of one connection. oldest: when the message was queued that waits longest to be sent."""

    last_in: datetime | None
    oldest: datetime | None
    waiting: int
    parked: int
    blocked: int


async def read_traffic(door: Door, connection: str) -> Traffic:
    """The traffic of a connection, by its rows."""

    async def work(session: AsyncSession) -> Traffic:
        here, out = Message.connection == connection, Message.direction == Direction.OUT
        queued = (here, out, Message.delivery == Delivery.QUEUED)
        last_in = select(func.max(Message.created_at)).where(here, Message.direction == Direction.IN)
        parked = select(func.count(Message.id)).where(here, Message.delivery == Delivery.PARKED)
        blocked = select(func.count(Address.id)).where(
            Address.connection == connection, Address.blocked_at.is_not(None)
        )  # fmt: skip
        return Traffic(
            last_in=await session.scalar(last_in),
            oldest=await session.scalar(select(func.min(Message.created_at)).where(*queued)),
            waiting=await session.scalar(select(func.count(Message.id)).where(*queued)) or 0,
            parked=await session.scalar(parked) or 0,
            blocked=await session.scalar(blocked) or 0,
        )

    return await door.system(Scope.DOCTOR).read(work)


def line_of(traffic: Traffic, now: datetime, noun: str) -> str:
    """One connection's traffic in a line. noun: what comes in there, "text" or "message"."""
    heard = f"last {noun} in {ago(traffic.last_in, now)}" if traffic.last_in else f"no {noun} came in yet"
    waits = (
        f"{traffic.waiting} wait to be sent, the oldest since {ago(traffic.oldest, now)}" if traffic.oldest else ""
    )  # fmt: skip
    return (
        f"{heard}; {waits or 'nothing waits to be sent'}; {traffic.parked} parked; {traffic.blocked} addresses blocked."
    )


def late_findings(key: str, traffic: Traffic, now: datetime, noun: str, provider: str) -> list[Finding]:
    """Replies that wait for too long."""
    if traffic.oldest is None or now - traffic.oldest < LATE:
        return []
    what = f"{traffic.waiting} {noun}s of {key} wait to be sent, the oldest since {ago(traffic.oldest, now)}."
    advice = f"Is `frontdesk serve` running, and does {provider} answer? Its log says why."
    return [Finding(Severity.WARNING, what, advice)]


def ago(moment: datetime | None, now: datetime) -> str:
    """How long ago it was, as people say it."""
    if moment is None:
        return "never"
    minutes = max(int((now - moment).total_seconds() // 60), 0)
    if minutes < 120:
        return f"{minutes} min ago"
    return f"{minutes // 60} h ago" if minutes < 48 * 60 else f"{minutes // 1440} days ago"

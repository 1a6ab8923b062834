"""How texts are: what came in last, what waits to go out, who is not reached, whether the number points at us."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.doctor import Finding, Severity
from billing.principal import Scope
from billing.tables.addresses import Address
from billing.tables.talk import Delivery, Direction, Message
from channels.outgoing import TryLaterError
from channels.sealing import SealBrokenError
from channels.sms.accounts import Account, Accounts
from channels.sms.connecting import CannotConnectError, Pointed, check_address, look_at
from channels.sms.texting import webhook_url

LATE = timedelta(minutes=10)
TIMEOUT = 5.0
Look = Callable[[Account, float], Pointed]


@dataclass(frozen=True)
class Health:
    """What the rows say of one connection. oldest: when the message was queued that waits longest to be sent."""

    last_in: datetime | None
    oldest: datetime | None
    waiting: int
    parked: int
    blocked: int


async def read_health(door: Door, connection: str) -> Health:
    """The health of a connection, by its rows."""

    async def work(session: AsyncSession) -> Health:
        here, out = Message.connection == connection, Message.direction == Direction.OUT
        queued = (here, out, Message.delivery == Delivery.QUEUED)
        last_in = select(func.max(Message.created_at)).where(here, Message.direction == Direction.IN)
        parked = select(func.count(Message.id)).where(here, Message.delivery == Delivery.PARKED)
        blocked = select(func.count(Address.id)).where(
            Address.connection == connection, Address.blocked_at.is_not(None)
        )  # fmt: skip
        return Health(
            last_in=await session.scalar(last_in),
            oldest=await session.scalar(select(func.min(Message.created_at)).where(*queued)),
            waiting=await session.scalar(select(func.count(Message.id)).where(*queued)) or 0,
            parked=await session.scalar(parked) or 0,
            blocked=await session.scalar(blocked) or 0,
        )

    return await door.system(Scope.DOCTOR).read(work)


async def check_texts(
    door: Door, accounts: Accounts, address: str, now: datetime, look: Look = look_at
) -> tuple[list[str], list[Finding]]:
    """A line on each connection, and what is wrong with one. Trouble of the network is a warning."""
    try:
        listed = await accounts.listed()
    except SealBrokenError:
        advice = "Set FRONTDESK_SECRET_KEY to the key that was used, or run `frontdesk connect twilio` again."
        return [], [Finding(Severity.ERROR, "The secret of a connection was sealed with another key.", advice)]
    lines, found = [], []
    for account in listed:
        health = await read_health(door, account.key)
        lines.append(f"{account.key}: {line_of(health, now)}")
        found += waiting_findings(account, health, now)
        if not account.is_local:
            found += await asyncio.to_thread(_pointing, account, address, look)
    return lines, found


def line_of(health: Health, now: datetime) -> str:
    """One connection's health in a line."""
    heard = f"last text in {_ago(health.last_in, now)}" if health.last_in else "no text came in yet"
    waits = f"{health.waiting} wait to be sent, the oldest since {_ago(health.oldest, now)}" if health.oldest else ""
    return (
        f"{heard}; {waits or 'nothing waits to be sent'}; {health.parked} parked; {health.blocked} addresses blocked."
    )


def waiting_findings(account: Account, health: Health, now: datetime) -> list[Finding]:
    """Replies that wait for too long."""
    if health.oldest is None or now - health.oldest < LATE:
        return []
    what = f"{health.waiting} texts of {account.key} wait to be sent, the oldest since {_ago(health.oldest, now)}."
    return [Finding(Severity.WARNING, what, "Is `frontdesk serve` running, and does Twilio answer? Its log says why.")]


def _pointing(account: Account, address: str, look: Look) -> list[Finding]:
    """Whether the account can be used, and its number posts to us."""
    advice = "Run `frontdesk connect twilio`, which sets it."
    try:
        check_address(address)
        pointed = look(account, TIMEOUT)
    except CannotConnectError as trouble:
        return [Finding(Severity.ERROR, f"{account.key}: {trouble}", "Mend it, then run `frontdesk connect twilio`.")]
    except TryLaterError as trouble:
        what = f"{account.key}: the account could not be looked at ({trouble.why})."
        return [Finding(Severity.WARNING, what, "Run `frontdesk doctor` again where Twilio is reached.")]
    ours = webhook_url(address, "sms", account.path)
    if pointed.url == ours:
        return []
    told = f"{pointed.name} posts texts to {pointed.url or 'nowhere'}, not to {ours}."
    return [Finding(Severity.ERROR, f"{account.key}: {told}", advice)]


def _ago(moment: datetime | None, now: datetime) -> str:
    if moment is None:
        return "never"
    minutes = max(int((now - moment).total_seconds() // 60), 0)
    if minutes < 120:
        return f"{minutes} min ago"
    return f"{minutes // 60} h ago" if minutes < 48 * 60 else f"{minutes // 1440} days ago"

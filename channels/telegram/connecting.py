"""`frontdesk connect telegram`: checks a bot, has its updates posted or fetched, and says what is wrong plainly."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from billing.access import Door
from billing.tables.addresses import Connection
from channels.connections import CannotConnectError, Kept, keep
from channels.outgoing import RefusedError, TryLaterError
from channels.sealing import Sealing
from channels.telegram.accounts import CHANNEL, BotAccount, seal_secrets, secret_for
from channels.telegram.calling import BadTokenError, Calls, ConflictError, Who
from channels.telegram.desk import webhook_url
from channels.telegram.parsing import ALLOWED_UPDATES

PORTS = (443, 80, 88, 8443)


@dataclass(frozen=True)
class Further:
    """A further business's bot, to be kept."""

    slug: str
    token: str = field(repr=False)


@dataclass(frozen=True)
class Connected:
    """What was done. url: where updates are posted; empty: they are fetched. is_fetched: somebody fetches them now."""

    who: Who
    url: str = ""
    waiting: int = 0
    is_fetched: bool = False


def check_token(token: str) -> None:
    """Whether it can be a bot's token. Raises CannotConnectError."""
    if not re.fullmatch(r"\d{3,20}:[A-Za-z0-9_-]{20,}", token):
        raise CannotConnectError(
            "A token is a number, a colon and some 35 letters and digits, such as 123456789:AAE…. Write /newbot or"
            " /token to @BotFather in Telegram, and copy it whole."
        )


def check_address(address: str) -> None:
    """Whether Telegram could post to our address. Raises CannotConnectError."""
    asked = urlsplit(address)
    if asked.scheme != "https" or not asked.hostname or "." not in asked.hostname:
        raise CannotConnectError(
            f"Telegram posts only to https, and cannot reach {address}. Put Frontdesk behind an https address that the"
            " internet reaches and set FRONTDESK_PUBLIC_URL to it, or set FRONTDESK_TELEGRAM_MODE=polling, which"
            " needs no address."
        )
    if (asked.port or 443) not in PORTS:
        known = ", ".join(str(port) for port in PORTS)
        raise CannotConnectError(f"Telegram posts only to the ports {known}, not to {asked.port}.")


async def look_at(calls: Calls) -> Who:
    """Whose token it is. Raises CannotConnectError, TryLaterError."""
    try:
        return await calls.who()
    except BadTokenError:
        raise CannotConnectError(
            "Telegram does not know this token. Copy it again from @BotFather (/token); if it was revoked, the old one"
            " no longer works."
        ) from None
    except RefusedError as refused:
        raise CannotConnectError(f"Telegram refused it: {refused.why}.") from None


async def point(account: BotAccount, calls: Calls, address: str) -> Connected:
    """Have a bot's updates posted to us, or wait to be fetched. Raises CannotConnectError, TryLaterError."""
    if not account.polls:
        check_address(address)
    who = await look_at(calls)
    try:
        return await _fetched(calls, who) if account.polls else await _posted(account, calls, who, address)
    except RefusedError as refused:
        raise CannotConnectError(f"Telegram refused it: {refused.why}.") from None


async def store(door: Door, sealing: Sealing, further: Further, who: Who, now: datetime) -> Connection:
    """Keep a further business's bot, its secrets sealed; a second time replaces it. Raises CannotConnectError."""
    sealed = seal_secrets(sealing, further.token, secret_for(further.token, sealing.secret))
    return await keep(door, Kept(CHANNEL, further.slug, str(who.id), who.username, sealed), now)


def told(connected: Connected) -> list[str]:
    """What was done, in lines for a person."""
    name = f"@{connected.who.username}" if connected.who.username else f"Bot {connected.who.id}"
    if connected.url:
        lines = [f"Telegram now posts what is written to {name} to {connected.url}."]
    else:
        lines = [f"What is written to {name} is fetched by `frontdesk serve`, wherever it runs."]
    if connected.is_fetched:
        lines.append(
            "Somebody fetches this bot's updates at this moment. If that is your own `frontdesk serve`, all is well;"
            " if not, stop it: Telegram gives them to one alone."
        )
    if connected.waiting:
        lines.append(f"{connected.waiting} updates wait, and come in as soon as `frontdesk serve` runs.")
    lines.append(f"Write to it: https://t.me/{connected.who.username}" if connected.who.username else "Write to it.")
    return lines


async def _posted(account: BotAccount, calls: Calls, who: Who, address: str) -> Connected:
    url = webhook_url(address, account.path)
    await calls.hook(url, account.secret, ALLOWED_UPDATES)
    return Connected(who, url, (await calls.hooked()).waiting)


async def _fetched(calls: Calls, who: Who) -> Connected:
    """A webhook is taken away, for nothing can be fetched beside it. What waits stays."""
    await calls.unhook()
    waiting = (await calls.hooked()).waiting
    try:
        await calls.updates(0, 0, ALLOWED_UPDATES)
    except ConflictError:
        return Connected(who, waiting=waiting, is_fetched=True)
    except TryLaterError:
        return Connected(who, waiting=waiting)
    return Connected(who, waiting=waiting)

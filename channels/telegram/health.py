"""How bots are: whether updates reach us, well before Telegram drops them, and what waits to go out."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from billing.access import Door
from billing.doctor import Finding, Severity
from channels.connections import CannotConnectError
from channels.outgoing import RefusedError, TryLaterError
from channels.sealing import SealBrokenError
from channels.telegram.accounts import BotAccount, Bots
from channels.telegram.calling import Calls, Hooked
from channels.telegram.connecting import check_address, look_at
from channels.telegram.desk import webhook_url
from channels.traffic import Traffic, ago, late_findings, line_of, read_traffic

KEPT = timedelta(hours=24)  # by Telegram: https://core.telegram.org/bots/api#getting-updates
WARNED_AFTER = timedelta(hours=6)
TIMEOUT = 5.0
AGAIN = "Mend it, then run `frontdesk connect telegram`."
Look = Callable[[BotAccount], Awaitable[Hooked]]


async def look(account: BotAccount) -> Hooked:
    """Where Telegram posts a bot's updates, once the token was tried. Raises CannotConnectError, TryLaterError."""
    calls = Calls(account, TIMEOUT)
    try:
        await look_at(calls)
        return await calls.hooked()
    except RefusedError as refused:
        raise CannotConnectError(f"Telegram refused it: {refused.why}.") from None
    finally:
        await calls.close()


async def check_bots(
    door: Door, bots: Bots, address: str, now: datetime, look: Look = look
) -> tuple[list[str], list[Finding]]:
    """A line on each bot, and what is wrong with one. Trouble of the network is a warning."""
    try:
        listed = await bots.listed()
    except SealBrokenError:
        advice = "Set FRONTDESK_SECRET_KEY to the key that was used, or run `frontdesk connect telegram` again."
        return [], [Finding(Severity.ERROR, "The token of a bot was sealed with another key.", advice)]
    lines, found = [], []
    for account in listed:
        traffic = await read_traffic(door, account.key)
        lines.append(f"{account.key}: {line_of(traffic, now, 'message')}")
        found += late_findings(account.key, traffic, now, "message", "Telegram")
        if not account.is_local:
            hooked = await _looked(account, look)
            if isinstance(hooked, Finding):
                found.append(hooked)
            else:
                found += pointing_findings(account, hooked, address)
                found += waiting_findings(account, hooked, traffic, now)
    return lines, found


async def _looked(account: BotAccount, look: Look) -> Hooked | Finding:
    try:
        return await look(account)
    except CannotConnectError as trouble:
        return Finding(Severity.ERROR, f"{account.key}: {trouble}", AGAIN)
    except TryLaterError as trouble:
        what = f"{account.key}: the bot could not be looked at ({trouble.why})."
        return Finding(Severity.WARNING, what, "Run `frontdesk doctor` again where Telegram is reached.")


def pointing_findings(account: BotAccount, hooked: Hooked, address: str) -> list[Finding]:
    """Whether updates go where we take them."""
    if account.polls:
        if not hooked.url:
            return []
        what = f"{account.key}: updates are posted to {hooked.url}, so `frontdesk serve` cannot fetch them."
        return [Finding(Severity.ERROR, what, "Run `frontdesk connect telegram`, or set FRONTDESK_TELEGRAM_MODE.")]
    try:
        check_address(address)
    except CannotConnectError as trouble:
        return [Finding(Severity.ERROR, f"{account.key}: {trouble}", AGAIN)]
    ours = webhook_url(address, account.path)
    if hooked.url == ours:
        return []
    what = f"{account.key}: updates are posted to {hooked.url or 'nowhere'}, not to {ours}."
    return [Finding(Severity.ERROR, what, "Run `frontdesk connect telegram`, which sets it.")]


def waiting_findings(account: BotAccount, hooked: Hooked, traffic: Traffic, now: datetime) -> list[Finding]:
    """Updates that wait at Telegram. It keeps each for 24 hours: long before that it is said, and more urgently."""
    said = f" Telegram's last trouble, {ago(hooked.trouble_at, now)}: {hooked.trouble}." if hooked.trouble else ""
    if not hooked.waiting:
        is_new = hooked.trouble_at is not None and now - hooked.trouble_at < WARNED_AFTER
        what = f"{account.key}: no update waits.{said}"
        return [Finding(Severity.WARNING, what, "It went well since; watch whether it returns.")] if is_new else []
    since = traffic.last_in
    is_long = since is None or now - since >= WARNED_AFTER
    what = (
        f"{account.key}: {hooked.waiting} updates wait at Telegram; the last message came in {ago(since, now)}.{said}"
    )
    hours = int(KEPT.total_seconds() // 3600)
    urgent = f" Telegram drops what is {hours} hours old: what people wrote would be lost."
    advice = "Is `frontdesk serve` running, and can Telegram reach it?" + (urgent if is_long else "")
    return [Finding(Severity.ERROR if is_long else Severity.WARNING, what, advice)]

"""How texts are: what came in last, what waits to go out, who is not reached, whether the number points at us."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from billing.access import Door
from billing.doctor import Finding, Severity
from channels.connections import CannotConnectError
from channels.outgoing import TryLaterError
from channels.sealing import SealBrokenError
from channels.sms.accounts import Account, Accounts
from channels.sms.connecting import Pointed, check_address, look_at
from channels.sms.texting import webhook_url
from channels.traffic import late_findings, line_of, read_traffic

TIMEOUT = 5.0
Look = Callable[[Account, float], Pointed]


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
        traffic = await read_traffic(door, account.key)
        lines.append(f"{account.key}: {line_of(traffic, now, 'text')}")
        found += late_findings(account.key, traffic, now, "text", "Twilio")
        if not account.is_local:
            found += await asyncio.to_thread(_pointing, account, address, look)
    return lines, found


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

"""`frontdesk connect twilio`: checks an account, points its number at us, and says what is wrong in plain words."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from billing.access import Door
from billing.tables.addresses import Connection
from channels.connections import CannotConnectError, Kept, keep
from channels.outgoing import TryLaterError
from channels.sealing import Sealing
from channels.sms.accounts import CHANNEL, Account
from channels.sms.texting import webhook_url

if TYPE_CHECKING:
    from twilio.rest import Client


@dataclass(frozen=True)
class Pointed:
    """Where a number or a messaging service posts texts now, and its name; whether the account is on trial."""

    name: str
    url: str
    status_url: str
    is_trial: bool = False


@dataclass(frozen=True)
class Further:
    """A further business's account, to be kept."""

    slug: str
    sid: str
    sender: str
    token: str = field(repr=False)


def check_address(address: str) -> None:
    """Whether Twilio could post to our address. Raises CannotConnectError."""
    asked = urlsplit(address)
    if asked.scheme != "https" or not asked.hostname or "." not in asked.hostname:
        raise CannotConnectError(
            f"Twilio cannot reach {address}. Put Frontdesk behind an https address that the internet reaches, and set"
            " FRONTDESK_PUBLIC_URL to it, such as https://desk.example.com."
        )


def look_at(account: Account, timeout: float = 10.0) -> Pointed:
    """Where the account's number or service points. Raises CannotConnectError, TryLaterError. Blocks."""
    client = _client(account, timeout)
    owner = _asked(lambda: client.api.accounts(account.sid).fetch())
    if str(owner.status or "active") != "active":
        raise CannotConnectError(f"The account is {owner.status}. Open Twilio's console to see why.")
    found = _find(client, account)
    if account.is_service:
        texts, statuses = str(found.inbound_request_url or ""), str(found.status_callback or "")
        if getattr(found, "use_inbound_webhook_on_number", None):
            raise CannotConnectError(
                f"The messaging service {found.friendly_name} leaves texts to its numbers' own webhooks. In Twilio's"
                " console, under the service's Integration, choose to send a webhook."
            )
    else:
        texts, statuses = str(found.sms_url or ""), str(found.status_callback or "")
    return Pointed(str(found.friendly_name or account.sender), texts, statuses, str(owner.type or "") == "Trial")


def point(account: Account, address: str, timeout: float = 10.0) -> Pointed:
    """Point the number or the service at our webhooks. Raises CannotConnectError, TryLaterError. Blocks."""
    before = look_at(account, timeout)
    client = _client(account, timeout)
    texts, statuses = (webhook_url(address, kind, account.path) for kind in ("sms", "status"))
    if account.is_service:
        service = client.messaging.v1.services(account.sender)
        _asked(lambda: service.update(inbound_request_url=texts, inbound_method="POST", status_callback=statuses))
    else:
        number = _find(client, account)
        _asked(lambda: number.update(sms_url=texts, sms_method="POST"))
    return Pointed(before.name, texts, statuses, before.is_trial)


async def store(door: Door, sealing: Sealing, further: Further, now: datetime) -> Connection:
    """Keep a further business's account, its token sealed; a second time replaces it. Raises CannotConnectError."""
    kept = Kept(CHANNEL, further.slug, further.sid, further.sender, sealing.seal(further.token))
    return await keep(door, kept, now)


def told(pointed: Pointed) -> list[str]:
    """What was done, in lines for a person."""
    lines = [f"{pointed.name} now posts texts to {pointed.url}", f"and what becomes of ours to {pointed.status_url}."]
    if pointed.is_trial:
        lines.append("The account is on trial: Twilio sends only to numbers that you verified in its console.")
    return lines


def check_given(sid: str, sender: str, token: str) -> None:
    """Whether these can be an account's. Raises CannotConnectError."""
    if not re.fullmatch(r"AC[0-9a-fA-F]{32}", sid) or not token:
        raise CannotConnectError("An account is AC and 32 digits, with its auth token: Twilio's console shows both.")
    if not re.fullmatch(r"\+[1-9]\d{6,14}|MG[0-9a-fA-F]{32}", sender):
        raise CannotConnectError("Texts come from a number such as +12125550140, or a messaging service (MG…).")


def _client(account: Account, timeout: float) -> "Client":
    from channels.sms.calling import open_client

    return open_client(account, timeout)


def _find(client: "Client", account: Account) -> Any:
    """The number or the service, as the SDK gives it."""
    if account.is_service:
        return _asked(lambda: client.messaging.v1.services(account.sender).fetch(), "messaging service", account.sender)
    numbers = _asked(lambda: client.incoming_phone_numbers.list(phone_number=account.sender, limit=1))
    if not numbers:
        raise CannotConnectError(
            f"{account.sender} is not a number of this account. Buy it there, or set FRONTDESK_TWILIO_FROM to one that"
            " is listed under Phone Numbers in Twilio's console."
        )
    return numbers[0]


def _asked(ask: Callable[[], Any], what: str = "account", name: str = "") -> Any:
    from twilio.base.exceptions import TwilioException, TwilioRestException

    try:
        return ask()
    except TwilioRestException as error:
        if error.status in {401, 403}:
            raise CannotConnectError(
                "Twilio refuses the account's SID and auth token. Copy both again from the first page of its console."
            ) from None
        if error.status == 404:
            raise CannotConnectError(f"Twilio knows no {what} {name} under this account.".replace("  ", " ")) from None
        raise CannotConnectError(f"Twilio refused it (error {error.code}): {error.msg}") from None
    except TwilioException as error:
        raise TryLaterError(f"Twilio's answer cannot be read: {type(error).__name__}") from None

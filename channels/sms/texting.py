"""Texting at work: the accounts, what a webhook needs, and the gateway of each connection."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from billing.access import Door
from bot.intake import Choose
from bot.messages import Inbound
from channels.outgoing import ChannelGateway, Sent, ToSend, TryLaterError
from channels.sealing import SealBrokenError
from channels.sms.accounts import CHANNEL, Account, Accounts
from channels.sms.gateway import TwilioGateway
from channels.sms.rest import Rest


class Inbox(Protocol):
    """Stores what came in from a phone."""

    async def accept_from(
        self, inbound: Inbound, business_id: int, media: Sequence[dict[str, Any]] = (), choose: Choose | None = None
    ) -> str:
        """Store a message once, wake the dispatcher, and return the message's public id."""


@dataclass(frozen=True)
class Texting:
    """Everything that texts need. address: ours as Twilio sees it, without a slash at its end.

    arrived: called when a message with media was stored, to have it fetched.
    """

    door: Door
    accounts: Accounts
    inbox: Inbox
    rest: Rest
    address: str
    clock: Callable[[], datetime]
    arrived: Callable[[], None] = lambda: None
    _gateways: dict[Account, TwilioGateway] = field(default_factory=dict, repr=False)

    def webhook_url(self, kind: str, account: Account) -> str:
        """Where Twilio posts texts (kind "sms") and statuses (kind "status") of an account."""
        return webhook_url(self.address, kind, account.path)

    def gateway_of(self, connection: str) -> ChannelGateway | None:
        """What sends on a connection; None where it is not one of texts."""
        return TextGateway(self, connection) if connection.startswith(f"{CHANNEL}:") else None

    async def find_gateway(self, connection: str) -> TwilioGateway | None:
        """The gateway of the connection's account, None where it has none. May raise SealBrokenError."""
        account = await self.accounts.find_by_key(connection)
        return None if account is None else self.gateway_for(account)

    def gateway_for(self, account: Account) -> TwilioGateway:
        """The gateway of an account."""
        known = self._gateways.get(account)
        if known is None:
            known = TwilioGateway(account, self.webhook_url("status", account), self.rest.url_of)
            self._gateways[account] = known
        return known


@dataclass(frozen=True)
class TextGateway:
    """Sends on one connection by the account that it has at that moment."""

    texting: Texting
    connection: str

    async def send(self, message: ToSend) -> Sent:
        """Hand a message over. Raises TryLaterError (where the connection has no account, too), RefusedError."""
        return await (await self._gateway()).send(message)

    async def find_sent(self, message: ToSend) -> Sent | None:
        """The message among those that were taken lately. Raises TryLaterError."""
        return await (await self._gateway()).find_sent(message)

    async def _gateway(self) -> TwilioGateway:
        try:
            found = await self.texting.find_gateway(self.connection)
        except SealBrokenError:
            raise TryLaterError("the account's secret was sealed with another key") from None
        if found is None:
            raise TryLaterError("no account at Twilio is connected")
        return found


def webhook_url(address: str, kind: str, path: str) -> str:
    """The address of a webhook."""
    return f"{address}/webhooks/twilio/{kind}" + (f"/{path}" if path else "")

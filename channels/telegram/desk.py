"""Telegram at work: the bots, what came in finds its way to the inbox, and the gateway of each connection."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from billing.access import Door
from bot.messages import Inbound
from channels.outgoing import ChannelGateway, Sent, ToSend, TryLaterError
from channels.sealing import SealBrokenError
from channels.telegram.accounts import CHANNEL, BotAccount, Bots
from channels.telegram.calling import Calls, Who
from channels.telegram.gateway import TelegramGateway
from channels.telegram.growing import AT_EASE, Growing, Pace
from channels.telegram.papers import Papers


class Inbox(Protocol):
    """Stores what came in from a chat."""

    async def accept_from(self, inbound: Inbound, business_id: int, media: Sequence[dict[str, Any]] = ()) -> str:
        """Store a message once, wake the dispatcher, and return the message's public id."""


@dataclass(frozen=True)
class TelegramDesk:
    """Everything that Telegram needs. opened: makes the calls of a bot; tests give their own."""

    door: Door
    bots: Bots
    inbox: Inbox
    papers: Papers
    clock: Callable[[], datetime]
    opened: Callable[[BotAccount], Calls] = Calls
    pace: Pace = AT_EASE
    _calls: dict[BotAccount, Calls] = field(default_factory=dict, repr=False)
    _names: dict[BotAccount, Who] = field(default_factory=dict, repr=False)
    _growing: list[Growing] = field(default_factory=list, repr=False)

    @property
    def growing(self) -> Growing:
        """What shows answers while they grow."""
        if not self._growing:
            self._growing.append(Growing(self.door, self.clock, self.find_gateway, self.pace))
        return self._growing[0]

    def calls_of(self, account: BotAccount) -> Calls:
        """The calls of a bot."""
        if account not in self._calls:
            self._calls[account] = self.opened(account)
        return self._calls[account]

    async def username_of(self, account: BotAccount) -> str:
        """The bot's name without @; empty where Telegram could not be asked yet."""
        if account.username:
            return account.username
        if account not in self._names:
            try:
                self._names[account] = await self.calls_of(account).who()
            except TryLaterError:
                return ""
        return self._names[account].username

    async def find_username(self, connection: str) -> str:
        """The name of a connection's bot, without @; empty where there is none. May raise SealBrokenError."""
        account = await self.bots.find_by_key(connection)
        return "" if account is None else await self.username_of(account)

    def gateway_of(self, connection: str) -> ChannelGateway | None:
        """What sends on a connection; None where it is not one of Telegram's."""
        return BotGateway(self, connection) if connection.startswith(f"{CHANNEL}:") else None

    async def find_gateway(self, connection: str) -> TelegramGateway:
        """The gateway of the bot that a connection has now. Raises TryLaterError where it has none."""
        try:
            account = await self.bots.find_by_key(connection)
        except SealBrokenError:
            raise TryLaterError("the bot's token was sealed with another key") from None
        if account is None:
            raise TryLaterError("no bot at Telegram is connected")
        return TelegramGateway(self.door, self.calls_of(account), self.papers, self.clock, self.growing.quiet)

    async def close(self) -> None:
        """Let go of every connection."""
        for calls in self._calls.values():
            await calls.close()


@dataclass(frozen=True)
class BotGateway:
    """Sends on one connection by the bot that it has at that moment."""

    desk: TelegramDesk
    connection: str

    async def send(self, message: ToSend) -> Sent:
        """Hand a message over. Raises TryLaterError (where the connection has no bot, too), RefusedError."""
        return await (await self.desk.find_gateway(self.connection)).send(message)

    async def find_sent(self, message: ToSend) -> Sent | None:
        """The message where our rows show that Telegram has all of it. Raises TryLaterError."""
        return await (await self.desk.find_gateway(self.connection)).find_sent(message)


def webhook_url(address: str, path: str) -> str:
    """The address of a bot's webhook."""
    return f"{address}/webhooks/telegram" + (f"/{path}" if path else "")

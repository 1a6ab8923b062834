"""What a channel that sends must be able to do: the port between the outbox and a provider."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True)
class ToSend:
    """One queued message on its way. address: in the channel's own form (E.164, chat id).

    attachments: as the message's row keeps them (bot/journal.attachment_to_json). attempts: how often it was handed
    over before. created_at: when it was queued, aware UTC.
    """

    id: int
    public_id: str
    business_id: int
    connection: str
    address: str
    text: str
    attachments: Sequence[Mapping[str, Any]]
    language: str
    created_at: datetime
    attempts: int = 0


@dataclass(frozen=True)
class Sent:
    """What the provider took: its own id, and in how many parts it goes out (0 where a channel has none)."""

    provider_id: str
    parts: int = 0


class TryLaterError(Exception):
    """The provider could not take it now; `after`: seconds it asked us to wait, None where it did not say."""

    def __init__(self, why: str, after: float | None = None) -> None:
        super().__init__(why)
        self.why, self.after = why, after


class RefusedError(Exception):
    """The provider will never take this message. code: its own.

    blocks_address: nothing can be sent to this address. opted_out: the person told the provider to stop.
    """

    def __init__(self, code: str, why: str, *, blocks_address: bool = False, opted_out: bool = False) -> None:
        super().__init__(f"{code}: {why}")
        self.code, self.why, self.blocks_address, self.opted_out = code, why, blocks_address, opted_out


class ChannelGateway(Protocol):
    """One connection to a provider that sends messages."""

    async def send(self, message: ToSend) -> Sent:
        """Hand a message to the provider. Raises TryLaterError, RefusedError."""

    async def find_sent(self, message: ToSend) -> Sent | None:
        """The message among those that the provider took lately: asked before a resend after a crash."""

"""Inbound, Reply and what travels between them: frozen values, no I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Channel(StrEnum):
    """Where a message came from or goes to."""

    WEB = "web"
    TERMINAL = "terminal"
    SMS = "sms"
    TELEGRAM = "telegram"


@dataclass(frozen=True)
class Inbound:
    """One message as a channel received it.

    `provider_id` is unique within `connection`: storing the same pair twice is one message.
    `address` is who wrote, in the channel's own form (E.164 phone, chat id, web session's address).
    `choice` carries a pressed button's value in place of typed words. `assurance` is how far the channel has
    the sender proved at this moment (bot/identity.py); 0 where it cannot say. `own_number` is the sender's own phone
    in E.164, where the channel itself vouches for it. `start_token` is what a link that opened the chat carried.
    `reply_to` is the provider's id of the message of ours that this one answers, as that one's row keeps it.
    """

    connection: str
    provider_id: str
    channel: Channel
    address: str
    text: str
    received_at: datetime
    choice: str | None = None
    assurance: int = 0
    own_number: str = ""
    start_token: str = ""
    reply_to: str = ""


@dataclass(frozen=True)
class Mention:
    """A record that was spoken of: what "this", "it" and "the other one" can mean.

    `kind` is the noun of the record ("invoice", "estimate", "project", "client", "payment", "request", "file").
    `key` is how a tool finds it again ("INV-1042", a client's name); never an internal id.
    """

    kind: str
    key: str
    label: str = ""


class AttachmentKind(StrEnum):
    """What can hang on a reply beside its words."""

    BUTTON = "button"  # value is sent back as the person's own message
    LINK = "link"  # value is a URL, e.g. the pay page
    FILE = "file"  # value is a URL of ours that serves the stored file
    CARD = "card"  # rows of label and figure
    CHART = "chart"  # rows of label and figure; extra["shares"]: the bars' lengths, 0 to 1, parted by blanks
    OWN_NUMBER = "own_number"  # asks for the person's own phone number, where a channel can vouch for it; or brought it
    START = "start"  # on a message that came by a start link
    REPLY = "reply"  # on a message that answers news of somebody whose thread it is no more


@dataclass(frozen=True)
class Attachment:
    """Something the channel shows with the reply. `rows` only for cards: (label, text) pairs with handles rendered."""

    kind: AttachmentKind
    label: str
    value: str = ""
    rows: tuple[tuple[str, str], ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Reply:
    """What goes back to the person: words in which each figure is bound, and what hangs on them."""

    text: str
    language: str
    attachments: tuple[Attachment, ...] = ()

"""What the web chat needs of the running Frontdesk, and how a request reaches it."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Protocol, cast

from fastapi import Depends, Request

from billing.access import Door
from bot.messages import Inbound
from channels.live import LiveBus
from channels.web.sites import Sites


class Inbox(Protocol):
    """Stores what came in."""

    async def accept(self, inbound: Inbound, conversation_id: int, media: Sequence[dict[str, Any]] = ()) -> str:
        """Store a message once, wake the dispatcher, and return the message's public id."""

    async def accept_from(self, inbound: Inbound, business_id: int, media: Sequence[dict[str, Any]] = ()) -> str:
        """The same for a message from an address, which says whose it is."""


class Files(Protocol):
    """Stored bytes by their SHA-256."""

    def put(self, content: bytes) -> str:
        """Store bytes and return their SHA-256."""

    def open(self, sha256: str) -> Path:
        """Where the bytes lie; billing.filestore.FileNotStoredError when they do not."""


class Tokens(Protocol):
    """Makes and hashes the secrets that links and sessions carry."""

    def new_token(self) -> str:
        """128 random bits, URL-safe."""

    def hash_token(self, token: str) -> str:
        """The SHA-256 under which a token is stored."""


class Address(Protocol):
    """Where the server listens."""

    @property
    def host(self) -> str:
        """The address the server is bound to."""

    @property
    def address(self) -> str:
        """The address under which others reach us."""


class Desk(Protocol):
    """The parts of Frontdesk that the web chat works with. `clock` tells the time in aware UTC."""

    @property
    def door(self) -> Door: ...
    @property
    def inbox(self) -> Inbox: ...
    @property
    def live(self) -> LiveBus: ...
    @property
    def files(self) -> Files: ...
    @property
    def links(self) -> Tokens: ...
    @property
    def settings(self) -> Address: ...
    @property
    def sites(self) -> Sites: ...
    def clock(self) -> datetime: ...


def desk_of(request: Request) -> Desk:
    """The Frontdesk that this application serves."""
    return cast("Desk", request.app.state.frontdesk)


TheDesk = Annotated[Desk, Depends(desk_of)]

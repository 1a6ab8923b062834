"""The rest of a long text: a page that shows a whole message, behind a signed link that ends after three days."""

import base64
import hashlib
import hmac
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.principal import Scope
from billing.tables.people import Business
from billing.tables.talk import Direction, Message
from channels.outgoing import ToSend
from channels.web.files import FileGoneError

LIFETIME = timedelta(days=3)
_SIGNED = 16  # bytes of the signature: 128 bits, as many as other links have
_PAGE = Path(__file__).parent / "rest.html"
_URL = re.compile(r"(https?://[^\s<>\"]+)")


@dataclass(frozen=True)
class Rest:
    """Makes and reads the links. address: ours, without a slash at its end."""

    address: str
    secret: bytes = field(repr=False)

    def url_of(self, message: ToSend) -> str:
        """The page of a message: the same link at every attempt to send it."""
        ends = int((message.created_at + LIFETIME).timestamp())
        body = struct.pack(">QI", message.id, ends)
        token = base64.urlsafe_b64encode(body + self._sign(body)).decode().rstrip("=")
        return f"{self.address}/m/{token}"

    def read(self, token: str, now: datetime) -> int | None:
        """The message's id; None where the link is not ours, or over."""
        try:
            whole = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
            body, signed = whole[:-_SIGNED], whole[-_SIGNED:]
            message_id, ends = struct.unpack(">QI", body)
        except (ValueError, struct.error):
            return None
        if not hmac.compare_digest(signed, self._sign(body)) or datetime.fromtimestamp(ends, UTC) <= now:
            return None
        return int(message_id)

    def _sign(self, body: bytes) -> bytes:
        return hmac.new(self.secret, b"frontdesk: whole messages\0" + body, hashlib.sha256).digest()[:_SIGNED]


def rest_router(door: Door, rest: Rest, clock: Any) -> APIRouter:
    """GET /m/{token}: the whole message, read only."""
    router = APIRouter()

    @router.get("/m/{token}")
    async def whole_message(token: str) -> HTMLResponse:
        message_id = rest.read(token, clock())
        if message_id is None:
            raise FileGoneError
        return HTMLResponse(await page_of(door, message_id), headers={"Cache-Control": "private, no-store"})

    return router


async def page_of(door: Door, message_id: int) -> str:
    """The page of one message of ours; FileGoneError where it is no longer kept."""

    async def work(session: AsyncSession) -> tuple[str, str, str, list[dict[str, Any]]]:
        asked = select(Business.name, Message.language, Message.text, Message.attachments)
        asked = asked.join(Business, Business.id == Message.business_id)
        row = (await session.execute(asked.where(Message.id == message_id, Message.direction == Direction.OUT))).first()
        if row is None:
            raise FileGoneError
        return row[0], row[1], row[2], list(row[3])

    name, language, text, attachments = await door.system(Scope.INTAKE).read(work)
    page = _PAGE.read_text("utf-8")
    filled = {
        "LANGUAGE": escape(language or "en"),
        "NAME": escape(name),
        "WORDS": _words(text),
        "MORE": _more(attachments),
    }
    return re.sub("|".join(filled), lambda found: filled[found[0]], page)


def _words(text: str) -> str:
    pieces = _URL.split(text)
    return "".join(_link(each, each) if place % 2 else escape(each) for place, each in enumerate(pieces))


def _more(attachments: Sequence[dict[str, Any]]) -> str:
    shown = []
    for each in attachments:
        if each["kind"] == "card":
            rows = "".join(f"<dt>{escape(label)}</dt><dd>{escape(value)}</dd>" for label, value in each["rows"])
            shown.append(f"<h2>{escape(each['label'])}</h2><dl>{rows}</dl>")
        elif each["kind"] in {"link", "file"} and each["value"].startswith(("https://", "http://")):
            shown.append(f"<p>{_link(each['value'], each['label'])}</p>")
    return "".join(shown)


def _link(url: str, label: str) -> str:
    return f'<a href="{escape(url)}" rel="noopener noreferrer">{escape(label)}</a>'

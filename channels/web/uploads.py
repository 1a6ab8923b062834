"""Pictures and papers that the person sends in the chat: checked by what they are, stored once with their message."""

import asyncio
import re
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.changes.media import Content, settle_media
from billing.principal import Scope
from billing.tables.talk import Message
from bot.cards.redacting import redact
from bot.messages import Channel, Inbound
from channels.content import ENDINGS, LARGEST, RefusedContentError, taken_type
from channels.web.desk import Desk, TheDesk
from channels.web.messages import Pace, clean, pace_of, stored_id
from channels.web.sessions import ChatSession, CurrentSession

_LONGEST_NAME = 80
router = APIRouter()


class UnknownSenderError(Exception):
    """A file from somebody of whom it is not known whose it would be."""


@router.post("/chat/files", status_code=202)
async def send(
    request: Request,
    me: CurrentSession,
    desk: TheDesk,
    pace: Annotated[Pace, Depends(pace_of)],
    message: Annotated[str, Query(alias="id", max_length=80)],
    name: Annotated[str, Query(max_length=1000)] = "",
) -> dict[str, str]:
    """Take a file, the whole body of the request, into the session's own thread; the same id again is the same."""
    if me.level < 1 or me.client_id is None:
        raise UnknownSenderError
    inbound = _inbound(me, message, desk)
    pace.count(me.conversation_id, inbound.received_at)
    body = await read_file(request)
    media_type = taken_type(body)
    sha256 = await asyncio.to_thread(desk.files.put, body)
    label = file_name(name, media_type)
    hung = {"kind": "media", "label": label, "value": sha256, "rows": [], "extra": {}, "state": "pending"}
    public_id = await desk.inbox.accept(inbound, me.conversation_id, [hung])
    await _settle(desk, public_id, Content(sha256, len(body), media_type, label))
    desk.live.publish(me.conversation_id, {"type": "message"})
    return {"id": public_id}


def _inbound(me: ChatSession, message: str, desk: Desk) -> Inbound:
    return Inbound(
        connection=me.connection, provider_id=stored_id(me, message), channel=Channel.WEB, address=me.address,
        text="", received_at=desk.clock(), assurance=me.level,
    )  # fmt: skip


async def read_file(request: Request) -> bytes:
    """The body, never holding more of it than may be stored. Raises RefusedContentError."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LARGEST:
            raise RefusedContentError("too_large")
    return bytes(body)


def file_name(given: str, media_type: str) -> str:
    """A file's name as it may be shown: no path, no control signs, no card's number, with the ending of what it is."""
    bare = redact(re.split(r"[/\\]", clean(given).replace("\n", " "))[-1].strip(" ."))
    ending = ENDINGS[media_type]
    stem = bare.rpartition(".")[0] if "." in bare else bare
    return f"{stem[:_LONGEST_NAME].strip() or 'file'}.{ending}"


async def _settle(desk: Desk, public_id: str, content: Content) -> None:
    now = desk.clock()

    async def work(session: AsyncSession) -> None:
        found = (await session.scalars(select(Message.id).where(Message.public_id == public_id))).one()
        await settle_media(session, found, 0, content, "", now)

    await desk.door.system(Scope.INTAKE).write(work)

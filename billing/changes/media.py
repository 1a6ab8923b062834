"""What people send beside words: pictures and papers, stored as files of their client and tied to what they ask for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import String, cast, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.tables.files import File, FileKind, FileVersion, Visibility
from billing.tables.talk import Conversation, Direction, Message
from billing.tables.work import Request, RequestStatus

TOGETHER = timedelta(hours=1)  # a picture and a request of one conversation this close belong together
KEPT_TRYING = timedelta(hours=24)
_ENDED = (RequestStatus.DONE, RequestStatus.DECLINED)


@dataclass(frozen=True)
class Waiting:
    """A message with media that nobody fetched yet. client_id: whose they become, None while that is not known."""

    message_id: int
    business_id: int
    client_id: int | None
    assurance: int
    connection: str
    created_at: datetime
    attachments: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Content:
    """What was fetched and stored: its bytes' SHA-256, their size, and the type that they themselves show."""

    sha256: str
    size: int
    media_type: str
    name: str


async def waiting_media(session: AsyncSession, now: datetime) -> list[Waiting]:
    """Messages of the last day with media that wait, oldest first."""
    found = await session.scalars(
        select(Message)
        .where(
            Message.direction == Direction.IN,
            Message.created_at > now - KEPT_TRYING,
            cast(Message.attachments, String).like('%"pending"%'),
        )
        .order_by(Message.id)
    )
    return [
        Waiting(
            row.id, row.business_id, row.client_id, row.assurance, row.connection, row.created_at,
            tuple(row.attachments),
        )
        for row in found
    ]  # fmt: skip


async def settle_media(
    session: AsyncSession, message_id: int, place: int, content: Content | None, why: str, now: datetime
) -> bool:
    """Write down what became of one attachment, once: a file of the client, or why there is none. False: known."""
    message = (await session.scalars(select(Message).where(Message.id == message_id).with_for_update())).one()
    hung = [dict(each) for each in message.attachments]
    if hung[place].get("state") != "pending":
        return False
    if content is None:
        hung[place] |= {"state": why, "value": ""}
    else:
        file = await _store(session, message, content, now)
        hung[place] |= {"state": "stored", "value": "", "label": content.name, "extra": {"file": str(file.id)}}
    message.attachments = hung
    return True


async def tie_media(session: AsyncSession, conversation_id: int, keys: Sequence[str], now: datetime) -> None:
    """Tie what came in lately in a conversation to the request that was opened under one of these keys."""
    if not keys:
        return
    opened = select(Request).where(Request.idempotency_key.in_(keys)).order_by(Request.id.desc()).limit(1)
    request = await session.scalar(opened)
    if request is None or request.client_id is None:
        return
    recent = select(Message.attachments).where(
        Message.conversation_id == conversation_id,
        Message.direction == Direction.IN,
        Message.created_at > now - TOGETHER,
        cast(Message.attachments, String).like('%"stored"%'),
    )
    ids = [int(each["extra"]["file"]) for hung in await session.scalars(recent) for each in hung if _is_stored(each)]
    files = select(File).where(File.id.in_(ids), File.client_id == request.client_id, File.request_id.is_(None))
    for file in (await session.scalars(files)).all():
        file.request_id = request.id


async def find_open_request(
    session: AsyncSession, conversation_id: int, client_id: int, at: datetime, turn_id: int | None = None
) -> Request | None:
    """The request that a picture of this moment belongs to: the turn's own, else the newest of the conversation."""
    here = (Request.conversation_id == conversation_id, Request.client_id == client_id)
    if turn_id is not None:
        own = select(Request).where(*here, Request.idempotency_key.startswith(f"turn:{turn_id}:"))
        found: Request | None = await session.scalar(own.order_by(Request.id).limit(1))
        if found is not None:
            return found
    near = (Request.created_at > at - TOGETHER, Request.created_at < at + TOGETHER, Request.status.not_in(_ENDED))
    newest: Request | None = await session.scalar(
        select(Request).where(*here, *near).order_by(Request.id.desc()).limit(1)
    )
    return newest


async def _store(session: AsyncSession, message: Message, content: Content, now: datetime) -> File:
    thread = await session.get_one(Conversation, message.conversation_id)
    client_id = message.client_id or thread.client_id
    if client_id is None:
        raise ValueError(f"message {message.id} is nobody's")
    request = await find_open_request(session, thread.id, client_id, message.created_at, message.turn_id)
    file = File(
        business_id=message.business_id,
        client_id=client_id,
        kind=FileKind.PHOTO if content.media_type.startswith("image/") else FileKind.OTHER,
        name=content.name,
        visibility=Visibility.CLIENT,
        request_id=request.id if request else None,
    )
    session.add(file)
    await session.flush()
    session.add(
        FileVersion(
            business_id=message.business_id, client_id=client_id, file_id=file.id, number=1, sha256=content.sha256,
            size=content.size, media_type=content.media_type, stored_at=now, stored_by="sender",
        )
    )  # fmt: skip
    await session.flush()
    return file


def _is_stored(attachment: dict[str, Any]) -> bool:
    return attachment.get("kind") == "media" and attachment.get("state") == "stored"

"""What the person sends: cleaned, checked, stored once under the id the component gave it."""

import json
import re
from collections import deque
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request

from bot.messages import Channel, Inbound
from channels.web.desk import Desk, TheDesk
from channels.web.events import Shown, client_key, look, read_before, state_of
from channels.web.sessions import ChatSession, CurrentSession
from channels.web.stepping import sent_by

MOST_BYTES = 64 * 1024  # of text, as UTF-8
_MOST_BODY = 8 * MOST_BYTES  # JSON may write each byte as six
_MOST_AT_ONCE, _WITHIN = 20, timedelta(seconds=20)
# Control characters but tab and line feed. Direction marks stay: the page isolates them.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
router = APIRouter()


class MessageTooLongError(Exception):
    """More text than one message may hold."""


class EmptyMessageError(Exception):
    """Nothing is left to read: no words and no choice."""


class UnreadableMessageError(Exception):
    """Not the JSON that this address takes."""


class TooManyMessagesError(Exception):
    """More messages in a few seconds than a person writes."""


class Pace:
    """Counts what each conversation sends, so that a runaway page cannot flood the desk."""

    def __init__(self) -> None:
        self._sent: dict[int, deque[datetime]] = {}

    def count(self, conversation_id: int, now: datetime, most: int = _MOST_AT_ONCE) -> None:
        """Note one message; TooManyMessagesError when there were too many just now."""
        since = now - _WITHIN
        for idle in [key for key, times in self._sent.items() if times[-1] < since]:
            del self._sent[idle]
        times = self._sent.setdefault(conversation_id, deque())
        while times and times[0] < since:
            times.popleft()
        if len(times) >= most:
            raise TooManyMessagesError
        times.append(now)


def pace_of(request: Request) -> Pace:
    """The application's one Pace."""
    pace: Pace = request.app.state.pace
    return pace


def clean(text: str) -> str:
    """Text without NUL, other control characters and broken surrogates; line ends as line feeds."""
    whole = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "ignore").decode("utf-8")
    return _CONTROL.sub("", whole).strip()


async def read_body(request: Request) -> dict[str, Any]:
    """The JSON object of a request, never holding more of it than a message may need."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_BODY:
            raise MessageTooLongError
    try:
        parsed = json.loads(bytes(body))
    except (ValueError, RecursionError) as error:
        raise UnreadableMessageError from error
    if not isinstance(parsed, dict):
        raise UnreadableMessageError
    return parsed


def parse_message(body: dict[str, Any], me: ChatSession, now: datetime) -> Inbound:
    """The Inbound of a posted body; raises UnreadableMessageError, MessageTooLongError, EmptyMessageError."""
    text, choice = body.get("text") or "", body.get("choice")
    if not isinstance(text, str) or not isinstance(choice, str | None):
        raise UnreadableMessageError
    if len(text.encode("utf-8", "ignore")) > MOST_BYTES or len(choice or "") > MOST_BYTES:
        raise MessageTooLongError
    text, choice = clean(text), clean(choice or "") or None
    if not text and not choice:
        raise EmptyMessageError
    return Inbound(
        connection=me.connection,
        provider_id=stored_id(me, body.get("id")),
        channel=Channel.WEB,
        address=me.address,
        text=text or choice or "",
        received_at=now,
        choice=choice,
        assurance=me.level,
    )


def stored_id(me: ChatSession, given: object) -> str:
    """The id a message is stored under: that of a visit stays the same when the visit changes threads."""
    own = message_id(given)
    return f"{sent_by(me.id)}{own}" if me.is_visit else client_key(me.conversation_id, own)


def message_id(given: object) -> str:
    """The canonical form of a UUID; UnreadableMessageError for anything else."""
    try:
        return str(UUID(given)) if isinstance(given, str) else _refuse()
    except ValueError:
        return _refuse()


def _refuse() -> str:
    raise UnreadableMessageError


async def take(desk: Desk, pace: Pace, me: ChatSession, body: dict[str, Any]) -> str:
    """Store one posted message and return its public id; the same id again is the same message."""
    now = desk.clock()
    inbound = parse_message(body, me, now)
    pace.count(me.conversation_id, now)
    if me.is_visit and not me.is_somebodys:
        # As from a phone: who has just been proved by a code is that person, in this very message.
        return await desk.inbox.accept_from(inbound, me.business_id)
    return await desk.inbox.accept(inbound, me.conversation_id)


@router.post("/chat/messages", status_code=202)
async def send(
    request: Request, me: CurrentSession, desk: TheDesk, pace: Annotated[Pace, Depends(pace_of)]
) -> dict[str, str]:
    """Take a message into the session's own thread."""
    return {"id": await take(desk, pace, me, await read_body(request))}


@router.get("/chat/messages")
async def read(
    me: CurrentSession,
    desk: TheDesk,
    after: Annotated[int, Query(ge=0)] = 0,
    before: Annotated[int | None, Query(ge=1)] = None,
) -> dict[str, Any]:
    """Messages of the session's own thread after or before a cursor, and its state, for who cannot stream."""
    if before is not None:
        return {"messages": [as_item(one) for one in await read_before(desk, me, before)]}
    news = await look(desk, me, after)
    return {"messages": [as_item(one) for one in news.messages], "state": state_of(news)}


def as_item(shown: Shown) -> dict[str, Any]:
    """A message with its cursor, as lists give it."""
    return {"cursor": shown.cursor, **shown.body}

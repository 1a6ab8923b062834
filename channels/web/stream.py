"""The stream of a conversation: server-sent events read by fetch, resumed from a cursor."""

import json
from asyncio import get_running_loop
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from channels.live import CLOSING, Event
from channels.web.desk import Desk, TheDesk
from channels.web.events import PAGE, News, look
from channels.web.sessions import ChatSession, CurrentSession

LOOK_EVERY = 1.0  # seconds: another process may have written the row, and it cannot publish here
BEAT_EVERY = 15.0  # seconds of silence after which a comment shows that the line still stands
Wait = Callable[[float], Awaitable[Event | None]]
_PASSING = ("draft", "preparing")
router = APIRouter()


def frame(event: str, data: Mapping[str, Any], cursor: int | None = None) -> str:
    """One server-sent event. JSON has no raw line ends, so the data is always one line."""
    head = "" if cursor is None else f"id: {cursor}\n"
    return f"{head}event: {event}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


async def stream(desk: Desk, me: ChatSession, after: int) -> AsyncIterator[str]:
    """Frames from a cursor on, until the session ends: rows in order, and between them what is being prepared.

    Rows are the truth: what the bus says about a message only makes the next look come at once.
    """
    with desk.live.subscribe(me.conversation_id) as news:
        view = View(after)
        yield ": here\n\n"
        while True:
            async for text in view.catch_up(desk, me):
                yield text
            if not view.ended:
                async for text in _until_next_look(news.wait, view):
                    yield text
            if view.ended:
                return


class View:
    """What one open stream has already told."""

    def __init__(self, after: int) -> None:
        self.cursor = after
        self.ended = False
        self.spoke_at = get_running_loop().time()
        self._state: dict[str, Any] | None = None

    async def catch_up(self, desk: Desk, me: ChatSession) -> AsyncIterator[str]:
        """Frames for every row after the cursor, and for the thread's state where it changed."""
        while True:
            found = await look(desk, me, self.cursor)
            if not found.alive:
                self.ended = True
                yield frame("ended", {})
                return
            for shown in found.messages:
                yield frame("message", shown.body, shown.cursor)
                self.cursor = shown.cursor
                self._spoke()
            if len(found.messages) < PAGE:
                break
        for text in self._changes(found):
            yield text

    def _changes(self, found: News) -> list[str]:
        state = {"held_by": found.held_by}
        first, changed = self._state is None, state != self._state
        self._state = state
        texts = [frame("state", state)] if changed else []
        if found.proved:
            texts.append(frame("proved", {}))
        if first and found.running is not None:
            texts.append(frame("preparing", {"turn": found.running}))
        return texts

    def pass_on(self, event: Event) -> str:
        """The frame of a draft or a preparing sign."""
        self._spoke()
        data = {key: value for key, value in event.items() if key != "type"}
        return frame(str(event["type"]), data)

    def beat(self) -> str:
        """A comment, when nothing was said for a while; else nothing."""
        if get_running_loop().time() - self.spoke_at < BEAT_EVERY:
            return ""
        self._spoke()
        return ": still here\n\n"

    def _spoke(self) -> None:
        self.spoke_at = get_running_loop().time()


async def _until_next_look(wait: Wait, view: View) -> AsyncIterator[str]:
    deadline = get_running_loop().time() + LOOK_EVERY
    while (left := deadline - get_running_loop().time()) > 0:
        event = await wait(left)
        if event is None:
            break
        if event == CLOSING:
            view.ended = True
            return
        if event.get("type") not in _PASSING:
            return  # a row was committed or the thread changed hands: look now
        yield view.pass_on(event)
    if beat := view.beat():
        yield beat


@router.get("/chat/stream")
async def open_stream(me: CurrentSession, desk: TheDesk, after: Annotated[int, Query(ge=0)] = 0) -> StreamingResponse:
    """The session's own thread, live."""
    return StreamingResponse(
        stream(desk, me, after),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )

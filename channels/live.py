"""LiveBus: news of a conversation to the streams that are open on it, in this process only."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from types import TracebackType
from typing import Any, Self

Event = Mapping[str, Any]
CLOSING: Event = {"type": "closing"}
_WAITING = 256  # events a slow reader may lag behind before the oldest are dropped


class Subscription(AsyncIterator[Event]):
    """The events of one conversation from now on; leave the `with` block to stop listening."""

    def __init__(self, bus: "LiveBus", conversation_id: int) -> None:
        self._bus, self._conversation_id = bus, conversation_id
        self._queue: asyncio.Queue[Event] = asyncio.Queue(_WAITING)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening."""
        self._bus.drop(self._conversation_id, self)

    def offer(self, event: Event) -> None:
        """Queue an event; a reader that is far behind loses the oldest, since rows are the truth."""
        if self._queue.full():
            self._queue.get_nowait()
        self._queue.put_nowait(event)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        return await self._queue.get()

    async def wait(self, seconds: float) -> Event | None:
        """The next event, or None when none came in time."""
        try:
            async with asyncio.timeout(seconds):
                return await self._queue.get()
        except TimeoutError:
            return None


class LiveBus:
    """Carries what must be quick and may be lost; what must not be lost is a Message row.

    Events are {"type": "preparing", "turn"} · {"type": "draft", "turn", "text"} (the whole text so far) ·
    {"type": "message"} (a row was committed: look now) · {"type": "state"} (the thread changed hands) ·
    {"type": "closing"} (this process stops).
    """

    def __init__(self) -> None:
        self._open: defaultdict[int, set[Subscription]] = defaultdict(set)
        self._is_closed = False

    def publish(self, conversation_id: int, event: Event) -> None:
        """Hand an event to every stream open on the conversation; never waits. Call it on the serving loop."""
        for subscription in tuple(self._open.get(conversation_id, ())):
            subscription.offer(event)

    def subscribe(self, conversation_id: int) -> Subscription:
        """Listen from this moment on."""
        subscription = Subscription(self, conversation_id)
        self._open[conversation_id].add(subscription)
        if self._is_closed:
            subscription.offer(CLOSING)
        return subscription

    def close(self) -> None:
        """Tell every stream, and any that still opens, to end: the process stops. Readers come back by themselves."""
        self._is_closed = True
        for conversation_id in tuple(self._open):
            self.publish(conversation_id, CLOSING)

    def drop(self, conversation_id: int, subscription: Subscription) -> None:
        """Forget a subscription; nothing is kept for a conversation nobody watches."""
        listeners = self._open.get(conversation_id, set())
        listeners.discard(subscription)
        if not listeners:
            self._open.pop(conversation_id, None)

    def listeners(self, conversation_id: int) -> int:
        """How many streams are open on the conversation."""
        return len(self._open.get(conversation_id, ()))

"""Local dispatch: turns run in this process; what another process left is picked up by a periodic look."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from billing.changes.turns import Claim, NotYet
from channels.dispatch.answering import Answering
from channels.timer import Timer

log = structlog.get_logger()

LOOK_EVERY = 0.5  # seconds between looks for what nobody woke us for


@dataclass
class LocalDispatcher:
    """Answers waiting conversations in this process. delivered(conversation id) is told after each turn."""

    answering: Answering
    delivered: Callable[[int], None]
    _running: dict[int, asyncio.Task[None]] = field(default_factory=dict)
    _again: set[int] = field(default_factory=set)
    _later: dict[int, asyncio.TimerHandle] = field(default_factory=dict)
    _slots: asyncio.Semaphore = field(init=False)
    _looker: Timer | None = None
    _is_stopping: bool = False

    def __post_init__(self) -> None:
        self._slots = asyncio.Semaphore(self.answering.at_once)

    def wake(self, conversation_id: int, after: float = 0.0) -> None:
        """Begin on a conversation after so many seconds, or once more when the turn that runs is over."""
        self._forget_timer(conversation_id)
        if self._is_stopping:
            return
        if conversation_id in self._running:
            self._again.add(conversation_id)
            return
        if after > 0:
            self._wake_in(conversation_id, after)
            return
        task = asyncio.ensure_future(self._answer_all(conversation_id))
        self._running[conversation_id] = task
        task.add_done_callback(lambda _: self._ended(conversation_id))

    def _ended(self, conversation_id: int) -> None:
        self._running.pop(conversation_id, None)
        if conversation_id in self._again:
            self._again.discard(conversation_id)
            self.wake(conversation_id)

    async def start(self) -> None:
        """Look at once for what an earlier process left, then every half second."""
        await self.look()
        self._looker = Timer("dispatch", LOOK_EVERY, self.look, first=LOOK_EVERY)
        self._looker.start()

    async def stop(self) -> None:
        """Let running turns end, then stop."""
        self._is_stopping = True
        if self._looker is not None:
            await self._looker.stop()
        for conversation_id in tuple(self._later):
            self._forget_timer(conversation_id)
        await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def look(self) -> None:
        """Wake every conversation in which something waits, or whose claimant is gone."""
        for conversation_id in await self.answering.waiting():
            self.wake(conversation_id)

    async def _answer_all(self, conversation_id: int) -> None:
        """Answer turn after turn. The wait for a quiet time or a rest takes no slot: a timer wakes us then."""
        try:
            async with self._slots:
                while isinstance(did := await self.answering.answer_next(conversation_id), Claim):
                    self.delivered(conversation_id)
                    if did.attempts == 1:
                        return  # it took all that waited; who wrote meanwhile has woken us again
        except Exception:
            log.exception("not_answered", conversation=conversation_id)  # the next look tries again
            return
        if isinstance(did, NotYet):
            self._wake_in(conversation_id, (did.until - self.answering.clock()).total_seconds())

    def _wake_in(self, conversation_id: int, seconds: float) -> None:
        if self._is_stopping:
            return
        self._forget_timer(conversation_id)
        loop = asyncio.get_running_loop()
        self._later[conversation_id] = loop.call_later(max(0.0, seconds), self.wake, conversation_id)

    def _forget_timer(self, conversation_id: int) -> None:
        timer = self._later.pop(conversation_id, None)
        if timer is not None:
            timer.cancel()

    async def answer_one(self, conversation_id: int) -> bool:
        """Claim and answer one turn; False when nothing may be begun here now or somebody else is at it."""
        return isinstance(await self.answering.answer_next(conversation_id), Claim)

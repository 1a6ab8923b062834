"""Local dispatch: turns run in this process; what another process left is picked up by a periodic look."""

import asyncio
import contextlib
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from billing.access import Door
from billing.changes.turns import (
    LEASE,
    MAX_ATTEMPTS,
    Claim,
    ClaimLostError,
    claim_turn,
    release_claim,
    renew_claim,
    running_owners,
    waiting_conversations,
)
from billing.principal import Scope
from bot.assistant import Assistant

log = structlog.get_logger()

LOOK_EVERY = 0.5  # seconds between looks for what nobody woke us for
AT_ONCE = 8  # conversations answered at the same time


def new_owner(tag: str) -> str:
    """A name for this process's claims: host, process, and a tag that no earlier process had."""
    return f"{socket.gethostname()}/{os.getpid()}/{tag}"


def is_dead(owner: str, own: str) -> bool:
    """Whether the process behind a claim is surely gone: of this host, not ours, and no such process runs."""
    host, _, rest = owner.rpartition("/")[0].rpartition("/")
    if owner == own or host != socket.gethostname() or not rest.isdigit():
        return False
    if int(rest) == os.getpid():
        return True  # an earlier process had our number
    try:
        os.kill(int(rest), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


@dataclass
class LocalDispatcher:
    """Answers waiting conversations in this process. delivered(conversation id) is told after each turn."""

    door: Door
    assistant: Assistant
    owner: str
    clock: Callable[[], datetime]
    delivered: Callable[[int], None]
    _running: dict[int, asyncio.Task[None]] = field(default_factory=dict)
    _again: set[int] = field(default_factory=set)
    _slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    _looker: asyncio.Task[None] | None = None
    _is_stopping: bool = False

    def wake(self, conversation_id: int) -> None:
        """Begin on a conversation now, or once more when the turn that runs is over."""
        if self._is_stopping:
            return
        if conversation_id in self._running:
            self._again.add(conversation_id)
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
        self._looker = asyncio.ensure_future(self._look_on())

    async def stop(self) -> None:
        """Let running turns end, then stop."""
        self._is_stopping = True
        if self._looker is not None:
            self._looker.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._looker
        await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def look(self) -> None:
        """Wake every conversation in which something waits, or whose claimant is gone."""
        waiting = await self._waiting()
        for conversation_id in waiting:
            self.wake(conversation_id)

    async def _look_on(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            try:
                await self.look()
            except Exception:
                log.exception("look_failed")

    async def _waiting(self) -> list[int]:
        now, dead = self.clock(), await self._dead_owners()
        return await self.door.system(Scope.DISPATCH).read(lambda session: waiting_conversations(session, now, dead))

    async def _dead_owners(self) -> frozenset[str]:
        owners = await self.door.system(Scope.DISPATCH).read(running_owners)
        return frozenset(owner for owner in owners if self._is_dead(owner))

    def _is_dead(self, owner: str) -> bool:
        return is_dead(owner, self.owner)

    async def _answer_all(self, conversation_id: int) -> None:
        async with self._slots:
            while await self.answer_one(conversation_id):
                self.delivered(conversation_id)

    async def answer_one(self, conversation_id: int) -> bool:
        """Claim and answer one turn; False when nothing waits here or somebody else is at it."""
        now = self.clock()
        claim = await self.door.system(Scope.DISPATCH).write(
            lambda session: claim_turn(session, conversation_id, owner=self.owner, now=now, is_dead=self._is_dead),
            lasting=False,  # a claim that a power cut takes back is simply made again
        )
        if claim is None:
            return False
        keeper = asyncio.ensure_future(self._keep(claim))
        try:
            await self._handle(claim)
        except ClaimLostError:
            log.warning("claim_lost", turn=claim.turn_id)
        except Exception:
            log.exception("turn_crashed", turn=claim.turn_id, attempt=claim.attempts)
            return await self._let_go(claim)
        finally:
            keeper.cancel()
        return True

    async def _let_go(self, claim: Claim) -> bool:
        """End the lease of a turn that crashed here, so that the next look tries it again."""
        now = self.clock()
        with contextlib.suppress(ClaimLostError):
            await self.door.system(Scope.DISPATCH).write(lambda session: release_claim(session, claim, now))
        return False

    async def _handle(self, claim: Claim) -> None:
        if claim.attempts > MAX_ATTEMPTS:
            await self.assistant.give_up(claim)
        else:
            await self.assistant.handle(claim)

    async def _keep(self, claim: Claim) -> None:
        """Renew the claim while the turn runs."""
        with contextlib.suppress(ClaimLostError):
            while True:
                await asyncio.sleep(LEASE.total_seconds() / 3)
                await self._renew(claim, self.clock())

    async def _renew(self, claim: Claim, now: datetime) -> None:
        await self.door.system(Scope.DISPATCH).write(lambda session: renew_claim(session, claim, now), lasting=False)

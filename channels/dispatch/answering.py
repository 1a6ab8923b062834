"""Answering: claims a conversation's next turn, keeps the claim while it runs, and deals with one that fails."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog

from billing.access import Door
from billing.changes.turns import (
    LEASE,
    MAX_ATTEMPTS,
    Claim,
    ClaimLostError,
    NotYet,
    Pace,
    claim_turn,
    park_turn,
    pause_after,
    release_claim,
    renew_claim,
    running_owners,
    waiting_conversations,
)
from billing.principal import Scope
from bot.assistant import Assistant
from channels.processes import is_dead

ELSEWHERE, HERE = 8, 2  # conversations answered at once by a model that is waited for, and by the one in this process

log = structlog.get_logger()


@dataclass
class Answering:
    """Answers turns in this process, under its name `owner`, whoever says when. pace: of one conversation."""

    door: Door
    assistant: Assistant
    owner: str
    clock: Callable[[], datetime]
    pace: Pace | None = None

    @property
    def at_once(self) -> int:
        """How many conversations this process answers at once.

        The built-in model only computes: more of its turns at once end no sooner, and hold up messages that come in.
        """
        return ELSEWHERE if self.assistant.agents.is_hosted else HERE

    async def waiting(self) -> list[int]:
        """Conversations in which something may be begun now, or whose claimant is gone."""
        dispatch, now = self.door.system(Scope.DISPATCH), self.clock()
        dead = frozenset(filter(self._is_dead, await dispatch.read(running_owners)))
        return await dispatch.read(lambda session: waiting_conversations(session, now, dead))

    async def answer_next(self, conversation_id: int) -> Claim | NotYet | None:
        """Claim and answer one turn: its claim, or why there was none (see claim_turn). A turn that fails rests."""
        claim = await self._claim(conversation_id)
        if not isinstance(claim, Claim):
            return claim
        keeper = asyncio.ensure_future(self._keep(claim))
        try:
            await self._handle(claim)
        except ClaimLostError:
            log.warning("claim_lost", turn=claim.turn_id)
        except Exception as failed:
            log.exception("turn_crashed", turn=claim.turn_id, attempt=claim.attempts)
            return await self._let_go(claim, type(failed).__name__)
        finally:
            keeper.cancel()
        return claim

    async def _claim(self, conversation_id: int) -> Claim | NotYet | None:
        claiming = partial(
            claim_turn, conversation_id=conversation_id, owner=self.owner, now=self.clock(), is_dead=self._is_dead,
            pace=self.pace,
        )  # fmt: skip
        # A claim that a power cut takes back is simply made again.
        return await self.door.system(Scope.DISPATCH).write(claiming, lasting=False)

    async def _handle(self, claim: Claim) -> None:
        """A turn that failed again and again is given up with words; one that killed its process even so, parked."""
        if claim.attempts > MAX_ATTEMPTS + 1:
            await self._park(claim, "it ended every process that tried it")
        elif claim.attempts > MAX_ATTEMPTS:
            await self.assistant.give_up(claim)
        else:
            await self.assistant.handle(claim)

    async def _let_go(self, claim: Claim, why: str) -> Claim | NotYet | None:
        """After a crash here: the turn rests and is tried again, and is parked when it could not be given up."""
        until = self.clock() + pause_after(claim.attempts)
        try:
            if claim.attempts > MAX_ATTEMPTS:
                await self._park(claim, why)
                return claim
            await self.door.system(Scope.DISPATCH).write(lambda session: release_claim(session, claim, until))
        except ClaimLostError:
            return None
        return NotYet(until)

    async def _park(self, claim: Claim, why: str) -> None:
        now = self.clock()
        await self.door.system(Scope.DISPATCH).write(lambda session: park_turn(session, claim, why, now))
        log.error("turn_parked", turn=claim.turn_id, why=why)

    async def _keep(self, claim: Claim) -> None:
        """Renew the claim while the turn runs."""
        with contextlib.suppress(ClaimLostError):
            while True:
                await asyncio.sleep(LEASE.total_seconds() / 3)
                await self._renew(claim, self.clock())

    async def _renew(self, claim: Claim, now: datetime) -> None:
        await self.door.system(Scope.DISPATCH).write(lambda session: renew_claim(session, claim, now), lasting=False)

    def _is_dead(self, owner: str) -> bool:
        return is_dead(owner, self.owner)

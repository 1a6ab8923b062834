"""One turn, whole: who asks, what decides it, the agent, grounding, and the commit. Read this file first."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from billing.access import Door
from billing.changes.turns import Claim, ClaimLostError
from billing.principal import Scope
from bot.agent import Agents
from bot.builtin.understanding import BuiltinUnderstanding
from bot.caps import CAPPED
from bot.deciding import decide
from bot.evidence import Answer
from bot.fallback import STOOD_IN
from bot.finishing import Finished, finish_turn
from bot.grounding import Binding, Unbound
from bot.noticing import card_alone, with_notices
from bot.opening import OpenTurn, Surroundings, open_turn
from bot.relaying import RELAYED, decide_relayed
from bot.replies import fixed
from bot.sayable import bind
from bot.turn import Draft, TurnWork, with_one_proposal
from bot.wording import render

log = structlog.get_logger()

ANSWERED = {"answered", STOOD_IN}

Publish = Callable[[int, str, dict[str, str]], Awaitable[None]]


@dataclass(frozen=True)
class Assistant:
    """Answers claimed turns. publish(conversation, event, data) shows a reader what is on its way."""

    door: Door
    understanding: BuiltinUnderstanding
    agents: Agents
    surroundings: Surroundings
    secret: bytes
    clock: Callable[[], datetime]
    publish: Publish

    async def handle(self, claim: Claim) -> None:
        """Answer the messages of a claimed turn, once; ClaimLostError when another process took it over."""
        started = self.clock()
        turn = await open_turn(self.door, claim, self.understanding, self.surroundings, self.clock, self.secret)
        if turn.is_unanswered:
            await self._commit(turn, await self._silent(turn), "", (), started)
            return
        await self.publish(claim.conversation_id, "preparing", {"turn": str(claim.turn_id)})
        turn.work.show = lambda text: self._show(turn, text)
        draft, text, bindings = await self.answer(turn)
        if text and not turn.work.spent.tried:  # a hosted model's sentences were shown as they came
            await self._stream(turn, text)
        await self._commit(turn, draft, text, bindings, started)

    async def give_up(self, claim: Claim) -> None:
        """Close a turn that failed again and again: say so once, and offer a person."""
        turn = await open_turn(self.door, claim, self.understanding, self.surroundings, self.clock, self.secret)
        draft, text, bindings = await self.answer(turn, given_up=True)
        await self._commit(turn, draft, text, bindings, self.clock())

    async def answer(self, turn: OpenTurn, *, given_up: bool = False) -> tuple[Draft, str, Sequence[Binding]]:
        """What an open turn is answered, every figure bound. A replay tells a turn again by the same way."""
        draft = self._trouble(turn.work, "given_up") if given_up else await self._draft(turn)
        if turn.needs_no_answer or (draft.outcome == RELAYED and not draft.text):
            return draft, "", ()
        return self._bind(turn.work, draft)

    async def _silent(self, turn: OpenTurn) -> Draft:
        """What a turn comes to that is not answered."""
        if turn.is_held:
            return Draft("", outcome="held")
        return await self._draft(turn) if turn.needs_no_answer else Draft("", outcome=CAPPED)

    async def _draft(self, turn: OpenTurn) -> Draft:
        """What decides the answer, in this order; the model comes last."""
        try:
            decided = await decide_relayed(turn) or await card_alone(turn) or await decide(turn)
            draft = decided or await self.agents.draft(turn.work)
            return await with_notices(turn, draft)
        except (ClaimLostError, asyncio.CancelledError):
            raise
        except Exception:
            log.exception("turn_failed", turn=turn.claim.turn_id, attempt=turn.claim.attempts)
            return self._trouble(turn.work, "failed")

    def _bind(self, work: TurnWork, draft: Draft) -> tuple[Draft, str, Sequence[Binding]]:
        """Bind every figure. What cannot be bound gives way to the phrasebook's answer from the same evidence.

        A proposal is always shown in the phrasebook's words, and one at a time: a yes must mean one thing.
        """
        if any(call.answer.proposal for call in draft.made) and draft.outcome in ANSWERED:
            draft = replace(self._from_phrasebook(work, with_one_proposal(draft)), outcome=draft.outcome)
        for attempt in (draft, self._from_phrasebook(work, draft), self._trouble(work, "unbound")):
            bound = bind(work, attempt.text, attempt.answers())
            if not isinstance(bound, Unbound) and bound.text.strip():
                return attempt, bound.text, bound.bindings
            log.warning("reply_unbound", turn=work.context.turn_id, reasons=getattr(bound, "reasons", ("empty",)))
        raise RuntimeError("the fixed reply of trouble is not bound")

    def _from_phrasebook(self, work: TurnWork, draft: Draft) -> Draft:
        language = work.reader.language
        parts = [render(call.answer, intent=call.intent, language=language) for call in draft.made]
        parts += [render(answer, intent="", language=language) for answer in draft.extra]
        return replace(draft, text="\n\n".join(dict.fromkeys(parts)), outcome="phrasebook")

    def _trouble(self, work: TurnWork, outcome: str) -> Draft:
        answer: Answer = fixed("trouble", work.context.business)
        return Draft(render(answer, intent="", language=work.reader.language), extra=(answer,), outcome=outcome)

    async def _stream(self, turn: OpenTurn, text: str) -> None:
        """Show the bound sentences as a draft; the committed message replaces them."""
        shown = ""
        for sentence in text.split("\n"):
            shown = f"{shown}\n{sentence}" if shown else sentence
            await self._show(turn, shown)

    async def _show(self, turn: OpenTurn, text: str) -> None:
        data = {"turn": str(turn.claim.turn_id), "text": text}
        await self.publish(turn.claim.conversation_id, "draft", data)

    async def _commit(
        self, turn: OpenTurn, draft: Draft, text: str, bindings: Sequence[Binding], started: datetime
    ) -> None:
        now = self.clock()
        done = Finished(draft, text, tuple(bindings), started, now, self.secret)
        await self.door.system(Scope.DISPATCH).write(lambda session: finish_turn(session, turn, done))

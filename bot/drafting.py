"""Sentences of a hosted model's answer as they are completed: bound to evidence, then shown; the rest waits."""

import structlog

from bot.claims.sentences import END
from bot.grounding import Unbound
from bot.sayable import bind
from bot.turn import Show, TurnWork

log = structlog.get_logger()


class LiveDraft:
    """What a reader has been shown of an answer. show gets the whole text so far; nothing unbound is in it."""

    def __init__(self, work: TurnWork, show: Show) -> None:
        self._work, self._show = work, show
        self._begin()

    def _begin(self) -> None:
        self._taken = 0  # how much of the answer was looked at
        self._shown = ""
        self._is_bound = True

    async def more(self, text: str) -> None:
        """The answer as far as the model has written it; shorter than before when it began anew."""
        if len(text) < self._taken:
            self._begin()
        for match in END.finditer(text, self._taken):
            upto = match.end()
            if text.count("{", 0, upto) == text.count("}", 0, upto):  # "{Okafor Inc. " is no sentence
                await self._take(text, upto)

    async def end(self, text: str) -> None:
        """The answer is whole: its last sentence is complete."""
        await self.more(text)
        if len(text) > self._taken:
            await self._take(text, len(text))

    async def _take(self, text: str, upto: int) -> None:
        sentence, self._taken = text[self._taken : upto], upto
        if not self._is_bound or any(call.answer.proposal for call in self._work.calls):
            return  # what follows an unbound sentence is not shown; a proposal is worded by the phrasebook
        bound = bind(self._work, sentence)
        if isinstance(bound, Unbound):
            self._is_bound = False
            return
        self._shown += bound.text
        if bound.text.strip():
            await self._publish()

    async def _publish(self) -> None:
        try:
            await self._show(self._shown.strip())
        except Exception:  # a draft that nobody sees must not end the turn
            log.exception("draft_not_shown", turn=self._work.context.turn_id)

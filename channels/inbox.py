"""The inbox: an inbound message is stored once, without card numbers, then whoever answers is woken."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from billing.access import Door
from billing.principal import Scope
from bot.intake import Choose, SplitCardError, Taken, Taking, take_in
from bot.messages import Inbound


@dataclass(frozen=True)
class Inbox:
    """Stores what came in. wake(conversation id, seconds) tells the dispatcher of this process, if there is one, and
    for how long somebody may still be writing.

    secret: the key of the receipts' chain, by which a redaction of sealed turns is sealed itself.
    """

    door: Door
    wake: Callable[[int, float], None]
    secret: bytes

    async def accept(self, inbound: Inbound, conversation_id: int, media: Sequence[dict[str, Any]] = ()) -> str:
        """Store a message of a known conversation once and return its public id.

        Nothing is acknowledged before it is stored, nor is a card's number ever written. media: as in `accept_from`.
        """
        return await self._take_in(Taking(inbound, conversation_id, media=tuple(media), secret=self.secret))

    async def accept_from(
        self, inbound: Inbound, business_id: int, media: Sequence[dict[str, Any]] = (), choose: Choose | None = None
    ) -> str:
        """Store a message from an address, known or new, once, and return its public id; see `accept`.

        media: what came with it, as attachments are kept (bot/journal.attachment_to_json). choose: what words stand
        for among what was offered last.
        """
        return await self._take_in(Taking(inbound, None, business_id, tuple(media), self.secret, choose))

    async def _take_in(self, taking: Taking) -> str:
        try:
            taken = await self._write(Scope.INTAKE, taking)
        except SplitCardError:
            # Turns, journals and receipts change with it, which an intake may not touch.
            taken = await self._write(Scope.DISPATCH, taking)
        if taken.is_new:
            self.wake(taken.conversation_id, taken.quiet)
        return taken.public_id

    async def _write(self, scope: Scope, taking: Taking) -> Taken:
        may_rewrite = scope is Scope.DISPATCH
        return await self.door.system(scope).write(
            lambda session: take_in(session, taking, may_rewrite=may_rewrite)
        )  # fmt: skip

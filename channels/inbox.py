"""The inbox: an inbound message is stored once, then whoever answers is woken."""

from collections.abc import Callable
from dataclasses import dataclass

from billing.access import Door
from billing.changes.messages import Received, store_inbound
from billing.principal import Scope
from bot.messages import Inbound


@dataclass(frozen=True)
class Inbox:
    """Stores what came in. wake(conversation id) tells the dispatcher of this process, if there is one."""

    door: Door
    wake: Callable[[int], None]

    async def accept(self, inbound: Inbound, conversation_id: int) -> str:
        """Store a message once and return its public id; nothing is acknowledged before it is stored."""
        received = Received(
            connection=inbound.connection,
            provider_id=inbound.provider_id,
            text=inbound.text,
            choice=inbound.choice,
            assurance=inbound.assurance,
            received_at=inbound.received_at,
        )
        public_id, is_new = await self.door.system(Scope.INTAKE).write(
            lambda session: store_inbound(session, conversation_id, received)
        )
        if is_new:
            self.wake(conversation_id)
        return public_id

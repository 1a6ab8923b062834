"""The sender: hands queued messages to their channel, and writes onto the row what became of them.

Our own channels (web, terminal) read the rows themselves; here they are marked as sent. On every other channel a row
is claimed, handed to the gateway of its connection and settled in a second commit, strictly in the order in which a
conversation's messages were queued, conversations beside each other.

Between the provider's yes and our commit lies the one window that no client can close. Before every attempt but the
first the gateway is asked whether the provider has the message already, so it errs towards sending again only when
the provider's own list does not show it: a message is never lost, and may come twice then.
"""

import asyncio
import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.changes import outbox
from billing.changes.outbox import Handover, HandoverLostError, Withheld
from billing.changes.turns import NotYet
from billing.principal import Scope
from billing.tables.talk import Conversation, Delivery, Direction, Message
from channels.outgoing import ChannelGateway, RefusedError, Sent, ToSend, TryLaterError
from channels.processes import is_dead, new_owner
from channels.timer import Timer

log = structlog.get_logger()

OWN_CHANNELS = ("web", "terminal")  # read from the rows by the page or the terminal themselves
LOOK_EVERY = 0.5
AT_ONCE = 8  # conversations handed over at the same time
PATIENCE = 45.0  # seconds for one handover: less than the claim lasts, so that a late answer is still ours
FIRST_REST, LONGEST_REST = 5.0, 3 * 3600.0  # seconds

Gateways = Callable[[str], ChannelGateway | None]


def rest_after(attempt: int, chance: float, asked: float | None = None) -> timedelta:
    """How long a message rests after a failed attempt: 5 s, 20 s, 80 s … 3 h, half as long up to half as long again,
    and no shorter than the provider asked. chance: from 0 to 1.
    """
    steady = min(FIRST_REST * 4 ** (attempt - 1), LONGEST_REST)
    return timedelta(seconds=max(steady * (0.5 + chance), asked or 0.0))


async def send_waiting(session: AsyncSession, now: datetime) -> list[int]:
    """Mark what is queued on our own channels as sent; the conversations it is in."""
    rows = await session.execute(
        select(Message, Conversation.id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(
            Message.direction == Direction.OUT,
            Message.delivery == Delivery.QUEUED,
            Conversation.channel.in_(OWN_CHANNELS),
        )
        .order_by(Message.id)
    )
    touched: dict[int, None] = {}
    for message, conversation_id in rows.all():
        message.delivery, message.sent_at = Delivery.SENT, now
        touched[conversation_id] = None
    return list(touched)


def no_gateways(_connection: str) -> ChannelGateway | None:
    """No channel outside is connected."""
    return None


@dataclass
class LocalSender:
    """Sends what is queued, when woken and at a periodic look. shown(conversation id) is told of each.

    gateway_of: the gateway of a connection's key, None where there is none (what is queued there waits). chance:
    spreads retries, from 0 to 1. owner: the name under which this process claims rows.
    """

    door: Door
    clock: Callable[[], datetime]
    shown: Callable[[int], None]
    gateway_of: Gateways = no_gateways
    chance: Callable[[], float] = random.random
    owner: str = field(default_factory=lambda: new_owner(f"sender-{secrets.token_hex(4)}"))
    _running: dict[int, asyncio.Task[None]] = field(default_factory=dict)
    _slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    _timer: Timer | None = None

    def wake(self) -> None:
        """Something was queued."""
        if self._timer is not None:
            self._timer.wake()

    async def start(self) -> None:
        """Send what waits, and go on."""
        self._timer = Timer("sender", LOOK_EVERY, self._look)
        self._timer.start()

    async def stop(self) -> None:
        """Send what waits, then stop."""
        if self._timer is not None:
            await self._timer.stop()
        await self.send()

    async def send(self) -> None:
        """Send what is queued now, and wait until it is handed over."""
        await self._look()
        while self._running:
            await asyncio.gather(*self._running.values())

    async def _look(self) -> None:
        now, records = self.clock(), self.door.system(Scope.SEND)
        if not await records.read(_is_waiting):
            return
        for conversation_id in await records.write(lambda session: send_waiting(session, now)):
            self.shown(conversation_id)
        dead = frozenset(filter(self._is_dead, await records.read(outbox.sending_owners)))
        due = await records.read(lambda session: outbox.due_conversations(session, now, OWN_CHANNELS, dead))
        for conversation_id, connection in due:
            if conversation_id not in self._running and self.gateway_of(connection) is not None:
                task = asyncio.ensure_future(self._hand_over_all(conversation_id))
                self._running[conversation_id] = task
                task.add_done_callback(partial(self._ended, conversation_id))

    def _ended(self, conversation_id: int, _task: asyncio.Task[None]) -> None:
        self._running.pop(conversation_id, None)

    async def _hand_over_all(self, conversation_id: int) -> None:
        try:
            async with self._slots:
                while await self.hand_over_one(conversation_id):
                    self.shown(conversation_id)
        except Exception:
            log.exception("send_failed", conversation=conversation_id)  # the next look tries again

    async def hand_over_one(self, conversation_id: int) -> bool:
        """Claim and hand over one message; whether the next one of the conversation may follow now."""
        taken = await self._take(conversation_id)
        if isinstance(taken, Withheld):
            return True
        if not isinstance(taken, Handover):
            return False
        gateway = self.gateway_of(taken.connection)
        try:
            if gateway is None:
                raise LookupError(f"nobody sends on {taken.connection}")
            return await self._hand_over(gateway, taken)
        except HandoverLostError:
            log.warning("handover_lost", message=taken.message_id)
            return False

    async def _take(self, conversation_id: int) -> Handover | Withheld | NotYet | None:
        from bot.announcements import tell_withheld
        from bot.sendgate import may_go_out

        now = self.clock()

        async def work(session: AsyncSession) -> Handover | Withheld | NotYet | None:
            taken = await outbox.take_next(
                session, conversation_id, owner=self.owner, now=now, is_dead=self._is_dead, why_not=may_go_out
            )
            if isinstance(taken, Withheld):
                await tell_withheld(session, taken.message, taken.holder_id, now)
            return taken

        return await self.door.system(Scope.SEND).write(work)

    async def _hand_over(self, gateway: ChannelGateway, taken: Handover) -> bool:
        """Ask first whether the provider has it, where somebody tried before. No transaction is open meanwhile."""
        message = _to_send(taken)
        try:
            async with asyncio.timeout(PATIENCE):
                sent = None if taken.is_first else await self._found(gateway, message)
                if sent is None and taken.holder_id is not None:
                    return await self._withhold(taken, taken.holder_id)
                if sent is None:
                    self._check_time(taken)
                    sent = await gateway.send(message)
        except RefusedError as refused:
            await self._refuse(taken, refused)
            return True
        except TryLaterError as later:
            return await self._put_off(taken, later.why, later.after)
        except HandoverLostError:
            raise
        except Exception as failed:
            log.exception("handover_failed", message=taken.message_id)
            return await self._put_off(taken, type(failed).__name__, None)
        await self._settle(taken, sent)
        return True

    async def _found(self, gateway: ChannelGateway, message: ToSend) -> Sent | None:
        """The message among those the provider took lately, unless that one is another row's."""
        found = await gateway.find_sent(message)
        if found is None:
            return None
        records, provider_id = self.door.system(Scope.SEND), found.provider_id
        taken = await records.read(
            lambda session: outbox.is_anothers(session, message.id, message.connection, provider_id)
        )
        return None if taken else found

    def _check_time(self, taken: Handover) -> None:
        """A process that was frozen since its claim sends nothing: another one may have."""
        if self.clock() >= taken.until:
            raise HandoverLostError(f"message {taken.message_id} was held too long")

    async def _withhold(self, taken: Handover, holder_id: int) -> bool:
        from bot.announcements import tell_withheld

        now = self.clock()

        async def work(session: AsyncSession) -> None:
            await tell_withheld(session, await outbox.withhold(session, taken), holder_id, now)

        await self.door.system(Scope.SEND).write(work)
        return True

    async def _settle(self, taken: Handover, sent: Sent) -> None:
        now = self.clock()
        await self.door.system(Scope.SEND).write(
            lambda session: outbox.mark_sent(session, taken, sent.provider_id, sent.parts, now)
        )

    async def _refuse(self, taken: Handover, refused: RefusedError) -> None:
        now = self.clock()
        await self.door.system(Scope.SEND).write(
            lambda session: outbox.mark_refused(
                session, taken, str(refused), blocks=refused.blocks_address, opted_out=refused.opted_out,
                code=refused.code, now=now,
            )
        )  # fmt: skip

    async def _put_off(self, taken: Handover, why: str, asked: float | None) -> bool:
        """Let it rest; whether the next message may follow now, since this one was parked."""
        due_at = self.clock() + rest_after(taken.attempt, self.chance(), asked)
        rests = await self.door.system(Scope.SEND).write(lambda session: outbox.put_off(session, taken, why, due_at))
        return not rests

    def _is_dead(self, owner: str) -> bool:
        return is_dead(owner, self.owner)


def _to_send(taken: Handover) -> ToSend:
    return ToSend(
        id=taken.message_id,
        public_id=taken.public_id,
        business_id=taken.business_id,
        connection=taken.connection,
        address=taken.address,
        text=taken.text,
        attachments=taken.attachments,
        language=taken.language,
        created_at=taken.created_at,
        attempts=taken.attempt - 1,
    )


async def _is_waiting(session: AsyncSession) -> bool:
    queued = select(Message.id).where(Message.direction == Direction.OUT, Message.delivery == Delivery.QUEUED)
    return await session.scalar(queued.limit(1)) is not None

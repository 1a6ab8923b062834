"""What came in finds its way: words and files to the inbox, presses judged first, blocked chats marked as such."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.principal import Scope
from billing.tables.addresses import Address, AddressLink
from billing.tables.talk import Conversation, Direction, Message
from bot.messages import Channel, Inbound
from channels.outgoing import RefusedError, TryLaterError
from channels.telegram.accounts import BotAccount
from channels.telegram.desk import TelegramDesk
from channels.telegram.handing import place_of
from channels.telegram.parsing import Pressed, Reached, Written, is_group_message, pending, read_update
from channels.telegram.presses import choice_of, judge, press_id

log = structlog.get_logger()

BLOCKED_FOR = "blocked the bot"
_LOOKED_THROUGH = 50  # messages of ours that somebody may still be answering


@dataclass
class Intake:
    """Takes updates in, one bot's like another's: whoever has them, by webhook or by polling.

    arrived: called when a message with files was stored, to have them fetched.
    """

    desk: TelegramDesk
    arrived: Callable[[], None] = lambda: None
    _answers: set["asyncio.Task[None]"] = field(default_factory=set)
    _locks: list[asyncio.Lock] = field(default_factory=lambda: [asyncio.Lock() for _ in range(64)])

    async def take(self, account: BotAccount, update: Mapping[str, Any]) -> None:
        """Store what an update brings; what is not for us is passed by. Returns once it is stored."""
        username = await self.desk.username_of(account) if is_group_message(update) else account.username
        came = read_update(update, account.bot_id, username)
        if isinstance(came, Written):
            await self._take_words(account, came)
        elif isinstance(came, Pressed):
            await self._take_press(account, came)
        elif isinstance(came, Reached):
            await self._mark(account, came)

    async def settle(self) -> None:
        """Wait until every press was answered."""
        await asyncio.gather(*self._answers)

    async def _take_words(self, account: BotAccount, came: Written) -> None:
        if came.is_group and not await self._is_staff(account, came.user):
            return
        inbound = Inbound(
            connection=account.key,
            provider_id=f"m:{place_of(str(came.chat), came.message_id)}",
            channel=Channel.TELEGRAM,
            address=str(came.user),
            text=came.text,
            received_at=self.desk.clock(),
            choice=await self._choice(account, came),
            own_number=came.own_number,
            start_token=came.start_token,
            reply_to=await self._replied_to(account, came),
        )
        await self.desk.inbox.accept_from(inbound, account.business_id, pending(came.media))
        if came.media:
            self.arrived()

    async def _take_press(self, account: BotAccount, pressed: Pressed) -> None:
        """Store what a button says, once: two presses at the same moment come one after the other."""
        async with self._one_at_a_time(pressed.user):
            judged = await self.desk.door.system(Scope.INTAKE).read(
                lambda session: judge(session, account.key, pressed, self.desk.clock())
            )
            if judged.value is not None:
                inbound = Inbound(
                    connection=account.key,
                    provider_id=press_id(pressed),
                    channel=Channel.TELEGRAM,
                    address=str(pressed.user),
                    text=judged.value,
                    received_at=self.desk.clock(),
                    choice=judged.value,
                )
                await self.desk.inbox.accept_from(inbound, account.business_id)
        task = asyncio.ensure_future(self._answer(account, pressed, judged.notice))
        self._answers.add(task)
        task.add_done_callback(self._answers.discard)

    async def _answer(self, account: BotAccount, pressed: Pressed, notice: str) -> None:
        """Let the button rest at once; nobody waits for the turn, nor we for Telegram."""
        try:
            await self.desk.calls_of(account).answer_press(pressed.callback_id, notice)
        except (TryLaterError, RefusedError) as trouble:  # it is too old by now, or Telegram is not reached
            log.info("press_not_answered", connection=account.key, why=str(trouble))

    async def _mark(self, account: BotAccount, came: Reached) -> None:
        now = self.desk.clock()

        async def work(session: AsyncSession) -> None:
            here = (Address.connection == account.key, Address.address == str(came.user))
            address = await session.scalar(select(Address).where(*here).with_for_update())
            if address is not None:
                address.blocked_at = now if came.is_blocked else None
                address.blocked_for = BLOCKED_FOR if came.is_blocked else ""

        await self.desk.door.system(Scope.INTAKE).write(work)

    async def _is_staff(self, account: BotAccount, user: int) -> bool:
        """Whether somebody's private chat is linked to a member of staff: only they are heard in groups."""

        async def work(session: AsyncSession) -> bool:
            linked = select(AddressLink.id).join(Address, Address.id == AddressLink.address_id)
            here = (Address.connection == account.key, Address.address == str(user))
            is_staff = (AddressLink.staff_id.is_not(None), AddressLink.ended_at.is_(None))
            return await session.scalar(linked.where(*here, *is_staff).limit(1)) is not None

        return await self.desk.door.system(Scope.INTAKE).read(work)

    async def _choice(self, account: BotAccount, came: Written) -> str | None:
        if not came.text or came.is_group or came.media:
            return None
        return await self.desk.door.system(Scope.INTAKE).read(
            lambda session: choice_of(session, account.key, came.user, came.text)
        )

    async def _replied_to(self, account: BotAccount, came: Written) -> str:
        """The id, as our row keeps it, of the message that this one answers, whichever of its parts that is."""
        if not came.replied_to or came.is_group:
            return ""
        place = place_of(str(came.chat), came.replied_to)

        async def work(session: AsyncSession) -> str:
            ours = (
                select(Message.provider_id, Message.handed)
                .join(Conversation, Conversation.id == Message.conversation_id)
                .where(Conversation.connection == account.key, Conversation.key == str(came.user))
                .where(Message.direction == Direction.OUT, Message.handed != "")
                .order_by(Message.id.desc())
                .limit(_LOOKED_THROUGH)
            )
            rows = (await session.execute(ours)).all()
            return next((known for known, handed in rows if known and place in handed.split()), place)

        return await self.desk.door.system(Scope.INTAKE).read(work)

    def _one_at_a_time(self, user: int) -> asyncio.Lock:
        return self._locks[user % len(self._locks)]

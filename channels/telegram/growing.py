"""Answers that grow: the typing sign while a turn runs, its bound sentences in one message that is edited.

What is shown is a draft. The sender's handover of the answer edits the same message, so there are never two. A Draft
row is written before anything is shown, while the turn still runs; whoever hands the answer over reads it.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.principal import Scope
from billing.tables.talk import Conversation, Delivery
from channels.outgoing import RefusedError, TryLaterError
from channels.telegram.accounts import CHANNEL
from channels.telegram.calling import Calls
from channels.telegram.formatting import MOST, lines_of, parts_of, to_html
from channels.telegram.gateway import TelegramGateway
from channels.telegram.handing import (
    OVER,
    claim_draft,
    is_running,
    leftovers,
    message_id_of,
    note_draft,
    place_of,
    reply_of,
    to_send,
)

log = structlog.get_logger()

LONGEST = 180.0  # then only the answer itself is sent
LOOK_EVERY = 20.0  # between looks for drafts whose turn ended some other way
SETTLED_WITHIN = 15.0
KNOWN = 2000  # conversations whose chat is remembered
_GROWS = " …"


@dataclass(frozen=True)
class Pace:
    """Seconds. An answer that comes before `typing_after` needs no sign, nor before `shown_after` a draft.

    typing_every: Telegram shows the sign for five.
    """

    typing_after: float = 0.3
    typing_every: float = 4.5
    shown_after: float = 0.6
    edit_every: float = 1.0


AT_EASE = Pace()


@dataclass(frozen=True)
class Chat:
    """Where a conversation is shown."""

    connection: str
    address: str


@dataclass
class Grown:
    """One turn's answer as far as it is known. quiet: nothing more may be shown of it. doubt: it may be over."""

    conversation_id: int
    turn_id: int
    text: str = ""
    shown: str = ""
    place: str = ""
    quiet: bool = False
    doubt: bool = False
    news: asyncio.Event = field(default_factory=asyncio.Event)
    task: "asyncio.Task[None] | None" = None


@dataclass
class Growing:
    """Shows answers of this process's turns while they grow. gateway_of(connection): may raise TryLaterError."""

    door: Door
    clock: Callable[[], datetime]
    gateway_of: Callable[[str], Awaitable[TelegramGateway]]
    pace: Pace = AT_EASE
    _turns: dict[int, Grown] = field(default_factory=dict)
    _chats: dict[int, Chat | None] = field(default_factory=dict)
    _done: "deque[int]" = field(default_factory=lambda: deque(maxlen=KNOWN))
    _looking: "asyncio.Task[None] | None" = None

    def note(self, conversation_id: int, event: str, data: Mapping[str, str]) -> None:
        """An answer is being prepared, or has grown. Never waits."""
        if event not in {"preparing", "draft"} or self._chats.get(conversation_id, ...) is None:
            return
        turn_id = int(data["turn"])
        grown = self._turns.get(turn_id)
        if grown is None and turn_id in self._done:
            return
        if grown is None:
            grown = self._turns[turn_id] = Grown(conversation_id, turn_id)
            grown.task = asyncio.ensure_future(self._follow(grown))
        grown.text = data.get("text", grown.text)
        grown.news.set()

    def ended(self, conversation_id: int) -> None:
        """A turn of the conversation is over."""
        for grown in tuple(self._turns.values()):
            if grown.conversation_id == conversation_id:
                grown.doubt = True
                grown.news.set()

    async def quiet(self, turn_id: int) -> None:
        """Show nothing more of a turn's answer, and wait until what is being shown is there."""
        grown = self._turns.get(turn_id)
        if grown is not None and grown.task is not None:
            grown.quiet = True
            grown.news.set()
            await asyncio.wait([grown.task], timeout=SETTLED_WITHIN)

    async def start(self) -> None:
        """Clear up what an earlier process left, and go on."""
        self._looking = asyncio.ensure_future(self._look_on())

    async def stop(self) -> None:
        """Show nothing more; answers are still handed over."""
        await asyncio.gather(*(self.quiet(turn_id) for turn_id in tuple(self._turns)))
        if self._looking is not None:
            self._looking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._looking

    async def clear(self) -> None:
        """Take away drafts whose turn came to no answer that is sent, and forget those that became one."""
        for left in await self.door.system(Scope.SEND).read(leftovers):
            try:
                if left.shown and not left.is_answered:
                    gateway = await self.gateway_of(left.connection)
                    await gateway.calls.delete(left.shown.partition(":")[0], message_id_of(left.shown))
            except TryLaterError:
                continue
            except RefusedError as refused:  # it is gone, or the chat is
                log.info("draft_not_taken_away", turn=left.turn_id, why=refused.why)
            await self._note_draft(left.turn_id, "")

    async def _look_on(self) -> None:
        while True:
            try:
                await self.clear()
            except Exception:
                log.exception("drafts_not_cleared")
            await asyncio.sleep(LOOK_EVERY)

    async def _follow(self, grown: Grown) -> None:
        try:
            chat = await self._chat(grown.conversation_id)
            if chat is not None:
                await self._show_all(grown, chat)
        except (TryLaterError, RefusedError) as trouble:
            log.info("growing_ended", turn=grown.turn_id, why=str(trouble))
        except Exception:
            log.exception("growing_failed", turn=grown.turn_id)
        finally:
            self._turns.pop(grown.turn_id, None)
            self._done.append(grown.turn_id)

    async def _show_all(self, grown: Grown, chat: Chat) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        type_at, show_at = began + self.pace.typing_after, began + self.pace.shown_after
        calls: Calls | None = None
        while not grown.quiet and not await self._is_over(grown) and loop.time() < began + LONGEST:
            has_more = grown.text != grown.shown
            due = min(type_at, show_at) if has_more else type_at
            if loop.time() < due:
                await _news(grown, due - loop.time())
                continue
            calls = calls or (await self.gateway_of(chat.connection)).calls
            if has_more and show_at <= loop.time():
                await self._show(grown, chat, calls)
                show_at = loop.time() + self.pace.edit_every
            else:
                await calls.show_typing(chat.address)
            type_at = loop.time() + self.pace.typing_every
        if grown.place and not grown.quiet:
            await self._mend(grown, chat)

    async def _is_over(self, grown: Grown) -> bool:
        """Whether the turn is over: asked when we hear so, and after each thing that was shown."""
        if not grown.doubt:
            return False
        grown.doubt = False
        return not await self.door.system(Scope.SEND).read(lambda session: is_running(session, grown.turn_id))

    async def _show(self, grown: Grown, chat: Chat, calls: Calls) -> None:
        text = grown.text
        parts = parts_of(lines_of(text, ()), MOST - len(_GROWS)) or [""]
        html = to_html(parts[0] + _GROWS)
        if not grown.place:
            grown.place = await self._claim(grown)
            if grown.quiet:
                return
        if grown.place:
            await calls.edit_words(chat.address, message_id_of(grown.place), html)
        else:
            await self._begin(grown, chat, calls, html)
        grown.shown, grown.doubt = text, True

    async def _claim(self, grown: Grown) -> str:
        """What is shown of the turn already. Where it is over, nothing may be shown any more."""
        now = self.clock()
        known = await self.door.system(Scope.SEND).write(
            lambda session: claim_draft(session, grown.turn_id, grown.conversation_id, now)
        )
        grown.quiet = grown.quiet or known is None
        return known or ""

    async def _begin(self, grown: Grown, chat: Chat, calls: Calls, html: str) -> None:
        try:
            grown.place = place_of(chat.address, await calls.send_words(chat.address, html))
        finally:
            await asyncio.shield(self._note_draft(grown.turn_id, grown.place))

    async def _mend(self, grown: Grown, chat: Chat) -> None:
        """Another process may have handed the answer over while an older draft was on its way: show the answer."""
        loop = asyncio.get_running_loop()
        until = loop.time() + SETTLED_WITHIN
        while loop.time() < until and not grown.quiet:
            reply = await self.door.system(Scope.SEND).read(lambda session: reply_of(session, grown.turn_id))
            if reply is None or reply.delivery in OVER:
                return await self.clear()
            if reply.delivery is not Delivery.QUEUED:
                if reply.provider_id == grown.place or grown.place in reply.handed.split():
                    await (await self.gateway_of(chat.connection)).rewrite(to_send(reply, chat.address), grown.place)
                return None
            await _news(grown, self.pace.edit_every)
        return None

    async def _note_draft(self, turn_id: int, place: str) -> None:
        await self.door.system(Scope.SEND).write(lambda session: note_draft(session, turn_id, place))

    async def _chat(self, conversation_id: int) -> Chat | None:
        """Where a conversation is shown; None where that is not Telegram. Asked once."""
        if conversation_id not in self._chats:

            async def work(session: AsyncSession) -> Chat | None:
                thread = await session.get_one(Conversation, conversation_id)
                return Chat(thread.connection, thread.address) if thread.channel == CHANNEL else None

            if len(self._chats) >= KNOWN:
                self._chats.clear()
            self._chats[conversation_id] = await self.door.system(Scope.SEND).read(work)
        return self._chats[conversation_id]


async def _news(grown: Grown, seconds: float) -> None:
    """Wait for news, or so long."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(grown.news.wait(), seconds)
    grown.news.clear()

"""Calls to the Bot API by aiogram: our own values in and out, its errors told as ours, the token in none of them."""

import asyncio
from collections.abc import AsyncIterable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from channels.content import RefusedContentError
from channels.outgoing import RefusedError, TryLaterError
from channels.telegram.accounts import BotAccount
from channels.telegram.buttons import Button, Keyboard

if TYPE_CHECKING:
    from aiogram import Bot
    from aiogram.types import InlineKeyboardMarkup, ReplyKeyboardMarkup

TIMEOUT = 15.0  # seconds; a handover may take three of them
BOT_PAUSE = 60.0  # seconds until something is tried again that only the bot's owner can help
_GONE = ("chat not found", "user is deactivated", "user not found", "peer_id_invalid", "bot can't initiate")


class BadTokenError(TryLaterError):
    """Telegram does not know the token: it was mistyped, or revoked."""


class ConflictError(TryLaterError):
    """Updates cannot be fetched: another process fetches them, or Telegram posts them to a webhook."""


@dataclass(frozen=True)
class Who:
    """A bot as Telegram knows it. username: without @."""

    id: int
    username: str


@dataclass(frozen=True)
class Hooked:
    """Where Telegram posts updates, how many wait, and its last trouble with that address (aware UTC)."""

    url: str
    waiting: int
    trouble: str = ""
    trouble_at: Any = None


@dataclass
class Calls:
    """One bot's calls. opened: makes aiogram's bot; its import takes seconds, so it is made when first needed."""

    account: BotAccount
    timeout: float = TIMEOUT
    opened: Callable[[BotAccount, float], "Bot"] | None = None
    _bot: "Bot | None" = None
    _opening: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    async def send_words(self, chat: str, html: str, keyboard: Keyboard | None = None) -> int:
        """Send a message of words; its id."""
        from aiogram.methods import SendMessage

        sent = await self._ask(
            SendMessage(chat_id=int(chat), text=html, parse_mode="HTML", reply_markup=markup_of(keyboard))
        )
        return int(sent.message_id)

    async def edit_words(self, chat: str, message_id: int, html: str, keyboard: Keyboard | None = None) -> None:
        """Put other words in place of a message's. Words that are the same already are well too."""
        from aiogram.methods import EditMessageText

        markup: Any = markup_of(keyboard)
        edit = EditMessageText(
            chat_id=int(chat), message_id=message_id, text=html, parse_mode="HTML", reply_markup=markup
        )
        try:
            await self._ask(edit)
        except RefusedError as refused:
            if "not modified" not in refused.why:
                raise

    async def send_picture(self, chat: str, content: bytes, name: str, caption: str) -> int:
        """Send a picture; its message's id."""
        from aiogram.methods import SendPhoto
        from aiogram.types import BufferedInputFile

        photo = BufferedInputFile(content, name)
        return int((await self._ask(SendPhoto(chat_id=int(chat), photo=photo, caption=caption or None))).message_id)

    async def send_document(self, chat: str, content: bytes, name: str, caption: str) -> int:
        """Send a file; its message's id."""
        from aiogram.methods import SendDocument
        from aiogram.types import BufferedInputFile

        paper = BufferedInputFile(content, name)
        sent = await self._ask(SendDocument(chat_id=int(chat), document=paper, caption=caption or None))
        return int(sent.message_id)

    async def delete(self, chat: str, message_id: int) -> None:
        """Take a message away."""
        from aiogram.methods import DeleteMessage

        await self._ask(DeleteMessage(chat_id=int(chat), message_id=message_id))

    async def show_typing(self, chat: str) -> None:
        """Show for five seconds that an answer is being written."""
        from aiogram.methods import SendChatAction

        await self._ask(SendChatAction(chat_id=int(chat), action="typing"))

    async def answer_press(self, callback_id: str, notice: str = "") -> None:
        """Let a pressed button rest, with a notice or without."""
        from aiogram.methods import AnswerCallbackQuery

        await self._ask(AnswerCallbackQuery(callback_query_id=callback_id, text=notice[:200] or None))

    async def who(self) -> Who:
        """Whose token it is."""
        from aiogram.methods import GetMe

        me = await self._ask(GetMe())
        return Who(int(me.id), str(me.username or ""))

    async def hooked(self) -> Hooked:
        """Where updates are posted to."""
        from aiogram.methods import GetWebhookInfo

        found = await self._ask(GetWebhookInfo())
        said, at = str(found.last_error_message or ""), found.last_error_date
        return Hooked(str(found.url or ""), int(found.pending_update_count or 0), said, at)

    async def hook(self, url: str, secret: str, allowed: tuple[str, ...]) -> None:
        """Have updates posted to an address. What waits is posted too."""
        from aiogram.methods import SetWebhook

        await self._ask(SetWebhook(url=url, secret_token=secret, allowed_updates=list(allowed)))

    async def unhook(self) -> None:
        """Have updates wait to be fetched."""
        from aiogram.methods import DeleteWebhook

        await self._ask(DeleteWebhook())

    async def updates(self, after: int, wait: int, allowed: tuple[str, ...]) -> list[Mapping[str, Any]]:
        """Updates from id `after` on, as Telegram wrote them; waits up to `wait` seconds for one."""
        asked = _get_updates()(offset=after, timeout=wait, allowed_updates=list(allowed))
        found = await self._ask(asked, wait + self.timeout)
        return [each for each in found if isinstance(each, Mapping)]

    async def fetch(self, file_id: str, largest: int) -> bytes:
        """The bytes of a file that came in. Raises RefusedContentError, TryLaterError, RefusedError."""
        from aiogram.methods import GetFile

        try:
            found = await self._ask(GetFile(file_id=file_id))
        except RefusedError as refused:
            raise RefusedContentError("too_large" if "too big" in refused.why else "gone") from None
        if (found.file_size or 0) > largest:
            raise RefusedContentError("too_large")
        bot = await self._open()
        url = bot.session.api.file_url(bot.token, str(found.file_path))
        try:
            return await _read(bot.session.stream_content(url, timeout=int(self.timeout)), largest)
        except RefusedContentError:
            raise
        except Exception as error:  # noqa: BLE001 - its text holds the address, and so the token
            raise _unfetched(error) from None

    async def warm(self) -> None:
        """Import what the first call needs."""
        await self._open()

    async def close(self) -> None:
        """Let go of the connections."""
        if self._bot is not None:
            await self._bot.session.close()

    async def _open(self) -> "Bot":
        async with self._opening:
            if self._bot is None:
                opened = self.opened or open_bot
                self._bot = await asyncio.to_thread(opened, self.account, self.timeout)
        return self._bot

    async def _ask(self, method: Any, patience: float | None = None) -> Any:
        bot = await self._open()
        try:
            return await bot(method, None if patience is None else int(patience))
        except Exception as error:  # noqa: BLE001 - its text may hold the token
            raise told(error) from None


def open_bot(account: BotAccount, timeout: float) -> "Bot":
    """The bot of an account as aiogram has it, at the address of the settings."""
    from aiogram import Bot
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer

    session = AiohttpSession(api=TelegramAPIServer.from_base(account.api_base), timeout=timeout)
    return Bot(account.token, session=session)


def told(error: Exception) -> Exception:
    """An error of aiogram's as one of ours; any that is not known to it as it is."""
    from aiogram import exceptions as of

    why = _plain(error)
    is_gone = any(each in why.lower() for each in _GONE)
    meanings: list[tuple[Any, Exception]] = [
        (of.TelegramRetryAfter, TryLaterError("Telegram asks to wait", float(getattr(error, "retry_after", 0)))),
        (of.TelegramForbiddenError, RefusedError("403", why, blocks_address=True)),
        (of.TelegramUnauthorizedError, BadTokenError("Telegram does not know the bot's token", BOT_PAUSE)),
        (of.TelegramNotFound, BadTokenError("Telegram does not know the bot's token", BOT_PAUSE)),
        (of.TelegramConflictError, ConflictError(why)),
        (of.TelegramEntityTooLarge, RefusedError("413", "it is too large for Telegram")),
        (of.TelegramNetworkError, TryLaterError("Telegram is not reached")),
        (of.TelegramBadRequest, RefusedError("400", why, blocks_address=is_gone)),
        (of.TelegramMigrateToChat, RefusedError("400", why)),
        (of.AiogramError, TryLaterError(f"Telegram is in trouble ({type(error).__name__})")),
        (OSError, TryLaterError("Telegram is not reached")),
    ]
    return next((ours for theirs, ours in meanings if isinstance(error, theirs)), error)


def markup_of(keyboard: Keyboard | None) -> "InlineKeyboardMarkup | ReplyKeyboardMarkup | None":
    """A keyboard as Telegram takes it."""
    from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup, KeyboardButton, ReplyKeyboardMarkup

    if keyboard is None:
        return None
    if keyboard.asks_number:
        keys = [[KeyboardButton(text=keyboard.asks_number, request_contact=True)]]
        keys += [[KeyboardButton(text=each.label) for each in row] for row in keyboard.rows]
        return ReplyKeyboardMarkup(keyboard=keys, resize_keyboard=True, one_time_keyboard=True)

    def made(button: Button) -> InlineKeyboardButton:
        return InlineKeyboardButton(text=button.label, callback_data=button.data or None, url=button.url or None)

    return InlineKeyboardMarkup(inline_keyboard=[[made(each) for each in row] for row in keyboard.rows])


@cache
def _get_updates() -> Any:
    """A getUpdates whose answer stays as it was written: one update of a new kind must not hold the others up."""
    from aiogram.methods.base import TelegramMethod

    class RawUpdates(TelegramMethod[list[Any]]):
        __returning__ = list[Any]
        __api_method__ = "getUpdates"

    return RawUpdates


def _plain(error: Any) -> str:
    """What Telegram said, in a line; it never repeats the token."""
    said = str(getattr(error, "message", "")).partition("\n")[0]
    return said.removeprefix("Bad Request: ").removeprefix("Forbidden: ").removeprefix("Conflict: ")[:200]


async def _read(parts: AsyncIterable[bytes], largest: int) -> bytes:
    """A body, never holding more of it than may be stored."""
    body = bytearray()
    async for part in parts:
        body += part
        if len(body) > largest:
            raise RefusedContentError("too_large")
    return bytes(body)


def _unfetched(error: Exception) -> Exception:
    status = getattr(error, "status", 0)
    if status in {404, 410}:
        return RefusedContentError("gone")
    return TryLaterError(f"the file could not be fetched ({type(error).__name__})")

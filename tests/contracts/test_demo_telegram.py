"""aiogram at the demo's own form of Telegram, over real HTTP: it reads every form and raises the errors it knows."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from io import BytesIO
from typing import Any

import pytest
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramConflictError,
    TelegramForbiddenError,
    TelegramUnauthorizedError,
)
from aiogram.types import BotCommand, BufferedInputFile, ReplyParameters

from billing.access import Door
from channels.telegram.local_updates import post_update
from tests.conftest import Run
from tests.fakes.hosting import _free_port
from tests.fakes.telegram_bot import DOT, SmallBot, open_bot, served_here
from tests.fakes.telegram_room import TelegramRoom

Scene = Callable[[TelegramRoom, SmallBot], Awaitable[None]]


@pytest.fixture
def play(sqlite_door: Door, run: Run) -> Callable[[Scene], None]:
    """Play a scene with a bot on aiogram that is told by its webhook, all over HTTP."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[tuple[TelegramRoom, SmallBot]]:
        port = _free_port()
        room = TelegramRoom(sqlite_door, f"http://127.0.0.1:{port}", post_update)
        await room.open()
        bot = SmallBot(open_bot(room.bot))
        room.answer = bot.take
        async with served_here(room.app, port):
            yield room, bot
            await bot.bot.session.close()

    async def scene_on(scene: Scene) -> None:
        async with opened() as (room, bot):
            await scene(room, bot)

    return lambda scene: run(scene_on(scene))


async def last_words(room: TelegramRoom) -> str:
    """The newest words in Dana's chat."""
    return str((await room.shown())["messages"][-1]["text"])


def test_everything_that_is_sent_is_read(play: Callable[[Scene], None]) -> None:
    async def scene(room: TelegramRoom, small: SmallBot) -> None:
        bot, dana = small.bot, room.dana
        assert (await bot.get_me()).username == "harbor_pine_bot"
        sent = await bot.send_message(dana, "Hello <b>Dana</b>", parse_mode="HTML")
        assert sent.entities is not None
        assert (sent.text, sent.entities[0].type, sent.chat.id) == ("Hello Dana", "bold", dana)
        edited = await bot.edit_message_text("Hello", chat_id=dana, message_id=sent.message_id)
        assert not isinstance(edited, bool)
        assert (edited.text, edited.edit_date is None) == ("Hello", False)
        reply = await bot.send_message(dana, "a", reply_parameters=ReplyParameters(message_id=sent.message_id))
        assert reply.reply_to_message is not None
        paper = await bot.send_document(
            dana, BufferedInputFile("Straße".encode(), "Überblick 1.txt"), caption="<i>x</i>"
        )
        assert paper.document is not None
        assert (paper.document.file_name, paper.caption) == ("Überblick 1.txt", "<i>x</i>")
        photo = await bot.send_photo(dana, BufferedInputFile(DOT, "a.png"))
        assert photo.photo is not None
        fetched = await bot.download(photo.photo[-1], BytesIO())
        assert fetched is not None
        assert fetched.read() == DOT
        assert await bot.send_chat_action(dana, "typing")
        assert await bot.set_my_commands([BotCommand(command="help", description="What you can ask")])
        assert (await bot.get_chat(dana)).first_name == "Dana"
        assert await bot.delete_message(dana, sent.message_id)
        assert [each["kind"] for each in (await room.shown())["messages"]] == ["", "", "document", "photo"]

    play(scene)


def test_everything_that_comes_is_read(play: Callable[[Scene], None]) -> None:
    async def scene(room: TelegramRoom, small: SmallBot) -> None:
        await room.chat("send", text="hi & <there>")
        assert await last_words(room) == "You wrote hi & <there>"
        await room.chat("contact")
        assert await last_words(room) == "Thank you."
        await room.chat("contact", whose="other")
        assert await last_words(room) == "That is not your own."
        for kind in ("photo", "document", "voice"):
            await room.chat("send", file={"kind": kind, "name": "a", "data": "data:image/png;base64,AAAA"})
            assert await last_words(room) == f"We have your {kind}."
        await room.chat("send", text="pay")
        asked = (await room.shown())["messages"][-1]
        await room.chat("press", message=asked["id"], data="b:person")
        assert await last_words(room) == "You pressed b:person."
        await room.chat("block", on=True)
        assert small.got[-1].my_chat_member is not None
        await room.chat("block", on=False)
        await room.chat("send", text="yes", reply_to=asked["id"])
        assert (await last_words(room)).startswith("Passed on to: $1,840.00 is due")

    play(scene)


def test_refusals_are_the_errors_that_aiogram_knows(play: Callable[[Scene], None]) -> None:
    async def scene(room: TelegramRoom, small: SmallBot) -> None:
        bot, dana = small.bot, room.dana

        async def refused(kind: type[Exception], call: Awaitable[Any]) -> str:
            with pytest.raises(kind) as error:
                await call
            return str(error.value)

        assert "can't parse entities" in await refused(
            TelegramBadRequest, bot.send_message(dana, "a < b", parse_mode="HTML")
        )
        assert "too long" in await refused(TelegramBadRequest, bot.send_message(dana, "x" * 4097))
        assert "message is not modified" in await refused(TelegramBadRequest, edit_same(small, dana))
        assert "webhook is active" in await refused(TelegramConflictError, bot.get_updates())
        await room.chat("block", on=True)
        assert "blocked by the user" in await refused(TelegramForbiddenError, bot.send_message(dana, "hi"))
        stranger = open_bot(room.bot)
        stranger._Bot__token = f"{room.bot.id}:wrong"  # type: ignore[attr-defined]  # another token at the same place
        await refused(TelegramUnauthorizedError, stranger.get_me())
        await stranger.session.close()

    play(scene)


async def edit_same(small: SmallBot, chat: int) -> None:
    sent = await small.bot.send_message(chat, "same")
    await small.bot.edit_message_text("same", chat_id=chat, message_id=sent.message_id)


def test_polling_takes_over_and_gives_back(play: Callable[[Scene], None]) -> None:
    async def scene(room: TelegramRoom, small: SmallBot) -> None:
        bot = small.bot
        hook = (await bot.get_webhook_info()).url
        assert await bot.delete_webhook()
        await room.chat("send", text="polled")
        [update] = await bot.get_updates(timeout=5)
        assert update.message is not None
        assert (update.message.text, small.got) == ("polled", [])
        assert await bot.get_updates(offset=update.update_id + 1, timeout=0) == []
        assert await bot.set_webhook(hook, secret_token=room.bot.secret, allowed_updates=["message"])
        await room.chat("send", text="posted")
        assert await last_words(room) == "You wrote posted"

    play(scene)

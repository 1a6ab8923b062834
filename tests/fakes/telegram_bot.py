"""A small bot on aiogram that answers in the local Telegram: what the page shows can be tried without a Frontdesk."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from socket import socket
from typing import Any

import uvicorn
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import (
    BufferedInputFile,
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    Message,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    Update,
)
from fastapi import FastAPI

from channels.telegram.local_values import MadeUpBot

DOT = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cf500f000383"
    "0180e4ae22d80000000049454e44ae426082"
)  # a picture of one dot


def open_bot(account: MadeUpBot) -> Bot:
    """The bot's own client, at the address of its account."""
    session = AiohttpSession(api=TelegramAPIServer.from_base(account.api_base))
    return Bot(account.token, session=session)


class SmallBot:
    """Answers by what is asked: "pay", "paper", "chart", "grow", else by repeating it."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot
        self.got: list[Update] = []

    async def take(self, update: dict[str, Any]) -> None:
        """Answer an update."""
        read = Update.model_validate(update, context={"bot": self.bot})
        self.got.append(read)
        if read.message is not None:
            await self._answer(read.message)
        if read.callback_query is not None:
            await self._pressed(read.callback_query)

    async def _answer(self, message: Message) -> None:
        ways: dict[str, Callable[[Message], Awaitable[Any]]] = {
            "pay": self._pay, "paper": self._paper, "chart": self._chart, "grow": self._grow, "number": self._number,
        }  # fmt: skip
        if message.contact is not None:
            own = message.contact.user_id == message.chat.id
            await message.answer("Thank you." if own else "That is not your own.", reply_markup=ReplyKeyboardRemove())
        elif message.text in ways:
            await ways[message.text](message)
        elif message.photo or message.document or message.voice:
            kind = "photo" if message.photo else "document" if message.document else "voice"
            await message.answer(f"We have your {kind}.")
        elif message.reply_to_message is not None:
            await message.answer(f"Passed on to: {message.reply_to_message.text}")
        else:
            await message.answer(f"You wrote <b>{message.html_text}</b>", parse_mode="HTML")

    async def _pay(self, message: Message) -> None:
        keys = [
            [InlineKeyboardButton(text="Pay INV-1042", url="http://127.0.0.1:8000/pay/x")],
            [
                InlineKeyboardButton(text="Show invoice", callback_data="b:show"),
                InlineKeyboardButton(text="Talk to a person", callback_data="b:person"),
            ],
        ]
        await message.answer("<b>$1,840.00</b> is due Fri 28 Nov.", parse_mode="HTML", reply_markup=_inline(keys))

    async def _paper(self, message: Message) -> None:
        await message.answer_document(BufferedInputFile(b"%PDF-1.7", "INV-1042.pdf"), caption="Your invoice.")

    async def _chart(self, message: Message) -> None:
        await message.answer_photo(BufferedInputFile(DOT, "chart.png"), caption="Open balances by age")

    async def _number(self, message: Message) -> None:
        key = KeyboardButton(text="Share my phone number", request_contact=True)
        board = ReplyKeyboardMarkup(keyboard=[[key]], resize_keyboard=True, one_time_keyboard=True)
        await message.answer("To know you, we need your number.", reply_markup=board)

    async def _grow(self, message: Message) -> None:
        await self.bot.send_chat_action(message.chat.id, "typing")
        draft = await message.answer("4 clients owe $12,480.00")
        await asyncio.sleep(0.3)
        await draft.edit_text("4 clients owe $12,480.00; the oldest is Okafor Dental.")

    async def _pressed(self, pressed: CallbackQuery) -> None:
        await pressed.answer("One moment")
        assert isinstance(pressed.message, Message)
        await pressed.message.edit_reply_markup(reply_markup=None)
        await pressed.message.answer(f"You pressed {pressed.data}.")


def _inline(keys: list[list[InlineKeyboardButton]]) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(inline_keyboard=keys)


class _ToldServer(uvicorn.Server):
    """Says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listens = asyncio.Event()

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        self.listens.set()


@asynccontextmanager
async def served_here(app: FastAPI, port: int) -> AsyncIterator[None]:
    """The application over real HTTP, on the loop of the test."""
    config = uvicorn.Config(app, port=port, log_level="warning", access_log=False, ws="none")
    server = _ToldServer(config)
    task = asyncio.ensure_future(server.serve())
    await server.listens.wait()
    try:
        yield
    finally:
        server.should_exit = True
        await task

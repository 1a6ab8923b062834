"""The demo's Telegram chat: what the chat on the page reads, and what its person writes, presses and shares."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.principal import Scope
from billing.tables.people import Business
from channels.pay.form import read_body
from channels.sms.phone import UNKNOWN, phones_of
from channels.telegram.local import LocalTelegram
from channels.telegram.local_api import Bots
from channels.telegram.local_asking import require_writable
from channels.telegram.local_values import Bubble, MadeUpBot, Person, RefusedByBotAPIError
from channels.web.files import disposition
from channels.web.loopback import require_loopback
from channels.web.pages import NothingHereError

MOST_BODY = 8 * 1024 * 1024  # a file of 5 MB as base64, and the words
PLACE = "/demo/telegram-chat"
_KINDS = frozenset({"photo", "document", "voice"})


class NotSentError(Exception):
    """The page asked for something that cannot be sent; `why` is a sentence for its person."""

    def __init__(self, why: str = "That could not be sent. Please try again.") -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class DemoChat:
    """The chat's own endpoints. host: what the server is bound to."""

    local: LocalTelegram
    bots: Bots
    door: Door
    host: str

    async def people(self, request: Request) -> dict[str, Any]:
        """GET people: who one can be."""
        require_loopback(request, self.host)
        return {"people": [about for about, _, _ in await self._everybody()]}

    async def messages(self, request: Request, connection: str, chat: int, after: int = 0) -> dict[str, Any]:
        """GET messages: what is new or changed in a chat."""
        require_loopback(request, self.host)
        bot = await self._bot(connection)
        place = (bot.id, chat)
        toast = self.local.toasts.get(place)
        return {
            "messages": [bubble_of(each) for each in self.local.between(bot, chat, after)],
            "typing": self.local.is_typing(bot, chat), "blocked": place in self.local.blocked,
            "toast": toast if toast and toast["number"] > after else None,
            "commands": self.local.commands.get(bot.id, []),
        }  # fmt: skip

    async def do(self, request: Request, what: str) -> JSONResponse:
        """POST send, press, contact or block."""
        require_loopback(request, self.host)
        try:
            asked = await _read(request)
            bot, person = await self._who(asked)
            DOINGS[what](self.local, bot, person, asked)
        except NotSentError as error:
            return JSONResponse({"error": "not_sent", "sentence": error.why}, 400)
        except RefusedByBotAPIError:
            return JSONResponse({"error": "gone", "sentence": "That button is gone. Please look further down."}, 409)
        return JSONResponse({"ok": True}, 202)

    async def file(self, request: Request, name: str) -> Response:
        """GET files/{id}: shown where it is a picture, else saved."""
        require_loopback(request, self.host)
        kept = self.local.files.get(name)
        if kept is None:
            raise NothingHereError
        shows = kept.media_type in {"image/png", "image/jpeg", "image/gif", "image/webp"}
        headers = {
            "Content-Disposition": disposition(kept.name, inline=shows),
            "Content-Security-Policy": "default-src 'none'; sandbox",
        }
        return Response(
            kept.content, media_type=kept.media_type if shows else "application/octet-stream", headers=headers
        )

    async def _bot(self, connection: str) -> MadeUpBot:
        found = [bot for bot in await self.bots.listed() if bot.key == connection]
        if not found:
            raise NothingHereError
        return found[0]

    async def _who(self, asked: dict[str, Any]) -> tuple[MadeUpBot, Person]:
        for _, bot, person in await self._everybody():
            if bot.key == asked["connection"] and str(person.id) == str(asked["chat"]):
                return bot, person
        raise NothingHereError

    async def _everybody(self) -> list[tuple[dict[str, Any], MadeUpBot, Person]]:
        """Everybody with a phone on file, and a stranger for each bot."""
        bots = await self.bots.listed()

        async def work(session: AsyncSession) -> list[tuple[MadeUpBot, Business, list[dict[str, str]]]]:
            found = []
            for bot in bots:
                business = await session.get_one(Business, bot.business_id)
                found.append((bot, business, await phones_of(session, business)))
            return found

        # The doctor's scope reads every table; this list exists for demo data alone.
        there = await self.door.system(Scope.DOCTOR).read(work)
        return [
            self._one(bot, business, each) for bot, business, phones in there for each in [*phones, _stranger(business)]
        ]

    def _one(
        self, bot: MadeUpBot, business: Business, each: dict[str, str]
    ) -> tuple[dict[str, Any], MadeUpBot, Person]:
        # A phone has one account at Telegram, whoever shares it.
        person = self.local.person_of(bot.key, each["name"].partition(" and ")[0], each["phone"])
        about = {
            **each, "connection": bot.key, "chat": person.id, "business": business.name,
            "bot": {"name": bot.name, "username": bot.username},
        }  # fmt: skip
        return about, bot, person


def chat_router(local: LocalTelegram, bots: Bots, door: Door, host: str) -> APIRouter:
    """The demo's Telegram chat, on this machine only. host: what the server is bound to."""
    router, chat = APIRouter(), DemoChat(local, bots, door, host)
    router.add_api_route(f"{PLACE}/people", chat.people, methods=["GET"])
    router.add_api_route(f"{PLACE}/messages", chat.messages, methods=["GET"])
    router.add_api_route(f"{PLACE}/files/{{name}}", chat.file, methods=["GET"], response_model=None)
    for what in DOINGS:
        router.add_api_route(f"{PLACE}/{what}", _doing(chat, what), methods=["POST"], response_model=None)
    return router


def bubble_of(one: Bubble) -> dict[str, Any]:
    """A message as the page shows it."""
    return {
        "number": one.number, "id": one.message_id, "way": one.way, "at": one.at.isoformat(), "text": one.text,
        "entities": one.entities, "edited": one.edited_at is not None, "gone": one.is_gone, "kind": one.kind,
        "buttons": (one.markup or {}).get("inline_keyboard", []), "keyboard": one.keyboard,
        "file": {"id": one.file.id, "name": one.file.name, "size": len(one.file.content)} if one.file else None,
        "contact": one.contact, "reply": _quoted(one.reply_to) if one.reply_to else None,
    }  # fmt: skip


def _quoted(one: Bubble) -> dict[str, Any]:
    return {"way": one.way, "text": one.text[:120] or (one.file.name if one.file else "")}


def _stranger(business: Business) -> dict[str, str]:
    phone = UNKNOWN.get(business.locale.rpartition("_")[2], UNKNOWN["US"])
    return {"phone": phone, "name": "Sam Stranger", "kind": "stranger"}


def _send(local: LocalTelegram, bot: MadeUpBot, person: Person, asked: dict[str, Any]) -> None:
    reply, file = asked.get("reply_to", 0), asked.get("file")
    if not isinstance(reply, int) or not (asked["text"].strip() or file):
        raise NotSentError
    if file is None:
        local.message_in(bot, person, asked["text"], reply)
        return
    kind, name, media_type, content = _file(file)
    kept = local.keep_file(name, media_type, content, kind)
    local.message_in(bot, person, asked["text"], reply, kind=kind, file=kept)


def _press(local: LocalTelegram, bot: MadeUpBot, person: Person, asked: dict[str, Any]) -> None:
    if not isinstance(asked.get("message"), int) or not isinstance(asked.get("data"), str):
        raise NotSentError
    local.press(bot, person, asked["message"], asked["data"])


def _contact(local: LocalTelegram, bot: MadeUpBot, person: Person, asked: dict[str, Any]) -> None:
    """The person's own card, or somebody else's: such a card names another account."""
    if asked.get("whose") == "other":
        card = {"phone_number": person.phone, "first_name": "Somebody else"}
    else:
        card = person.as_contact()
    local.message_in(bot, person, "", kind="contact", contact=card)


def _block(local: LocalTelegram, bot: MadeUpBot, person: Person, asked: dict[str, Any]) -> None:
    local.turn_away(bot, person, is_blocked=asked.get("on") is True)


DOINGS = {"send": _send, "press": _press, "contact": _contact, "block": _block}


def _doing(chat: DemoChat, what: str) -> Any:
    async def doing(request: Request) -> JSONResponse:
        return await chat.do(request, what)

    return doing


def _file(file: Any) -> tuple[str, str, str, bytes]:
    """Kind, name, media type and bytes of what the page attaches: a data: URL."""
    wanted: Sequence[str] = ("kind", "name", "data")
    if not isinstance(file, dict) or not all(isinstance(file.get(name), str) for name in wanted):
        raise NotSentError
    head, _, coded = file["data"].partition(";base64,")
    try:
        content = base64.b64decode(coded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NotSentError from error
    if file["kind"] not in _KINDS or not content:
        raise NotSentError
    return file["kind"], file["name"][:200], head.removeprefix("data:").partition(";")[0][:80], content


async def _read(request: Request) -> dict[str, Any]:
    body = await read_body(request, MOST_BODY)
    if body is None:
        raise NotSentError("That file is larger than 5 MB.")
    try:
        asked = json.loads(body)
        require_writable(asked)
    except (ValueError, RecursionError) as error:
        raise NotSentError from error
    if not isinstance(asked, dict) or not isinstance(asked.get("connection"), str) or "chat" not in asked:
        raise NotSentError
    text = asked.setdefault("text", "")
    if not isinstance(text, str):
        raise NotSentError
    return asked

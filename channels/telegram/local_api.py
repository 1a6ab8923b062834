"""The Bot API of the demo's own form of Telegram over HTTP, on this machine only and behind each bot's token."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.access import Door
from billing.principal import Scope
from billing.tables.people import Business
from channels.telegram.local import LINKS, PREFIX, LocalTelegram
from channels.telegram.local_asking import read_asked
from channels.telegram.local_methods import find_method
from channels.telegram.local_values import MadeUpBot, RefusedByBotAPIError
from channels.web.loopback import require_loopback
from channels.web.pages import NothingHereError


class Bots(Protocol):
    """The made-up bots there are."""

    async def listed(self) -> Sequence[MadeUpBot]:
        """Each of them, the first business's before the others."""


@dataclass(frozen=True)
class DemoBots:
    """A made-up bot for each demo business."""

    door: Door
    local: LocalTelegram

    async def listed(self) -> list[MadeUpBot]:
        """Read anew each time: businesses come and go."""

        async def work(session: AsyncSession) -> list[MadeUpBot]:
            found = await session.scalars(select(Business).where(Business.is_demo).order_by(Business.id))
            return [self.local.bot_of(each, each.slug if place else "") for place, each in enumerate(found)]

        return await self.door.system(Scope.CONNECT).read(work)


@dataclass(frozen=True)
class LocalForm:
    """The form over HTTP. host: what the server is bound to."""

    local: LocalTelegram
    bots: Bots
    host: str

    async def call(self, request: Request, token: str, method: str) -> JSONResponse:
        """POST /bot{token}/{method}."""
        require_loopback(request, self.host)
        try:
            bot = await self._bot(token)
            result = await find_method(method)(self.local, bot, await read_asked(request))
        except RefusedByBotAPIError as refused:
            return _refused(refused)
        return JSONResponse({"ok": True, "result": result})

    async def file(self, request: Request, token: str, path: str) -> Response:
        """GET /file/bot{token}/{path}: what getFile told of."""
        require_loopback(request, self.host)
        try:
            await self._bot(token)
        except RefusedByBotAPIError as refused:
            return _refused(refused)
        kept = next((each for each in self.local.files.values() if each.path == path), None)
        if kept is None:
            return _refused(RefusedByBotAPIError(404, "Not Found"))
        return Response(kept.content, media_type="application/octet-stream")

    async def opened(self, request: Request, username: str) -> Response:
        """GET /demo/t.me/{username}?start=…: a link into a chat opens the demo's page there, and changes nothing."""
        require_loopback(request, self.host)
        if not any(bot.username == username for bot in await self.bots.listed()):
            raise NothingHereError
        wanted = f"/?{request.url.include_query_params(telegram=username).query}"
        return RedirectResponse(wanted, 303)

    async def _bot(self, token: str) -> MadeUpBot:
        for bot in await self.bots.listed():
            if hmac.compare_digest(bot.token.encode(), token.encode("utf-8", "replace")):
                return bot
        raise RefusedByBotAPIError(401, "Unauthorized")


def bot_router(local: LocalTelegram, bots: Bots, host: str) -> APIRouter:
    """The local form of the Bot API. host: what the server is bound to."""
    router, form = APIRouter(), LocalForm(local, bots, host)
    router.add_api_route(f"{PREFIX}/bot{{token}}/{{method}}", form.call, methods=["POST"], response_model=None)
    router.add_api_route(f"{PREFIX}/file/bot{{token}}/{{path:path}}", form.file, methods=["GET"], response_model=None)
    router.add_api_route(f"{LINKS}/{{username}}", form.opened, methods=["GET"], response_model=None)
    return router


def _refused(refused: RefusedByBotAPIError) -> JSONResponse:
    told: dict[str, Any] = {"ok": False, "error_code": refused.code, "description": refused.why}
    if refused.parameters:
        told["parameters"] = refused.parameters
    return JSONResponse(told, refused.code)

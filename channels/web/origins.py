"""Which pages of other addresses may use the chat: those of the businesses' websites, each answered by name (CORS)."""

from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from channels.web.desk import Desk

_SHARED = ("/chat/", "/static/chat-")
_ASKED_FOR = frozenset({"authorization", "content-type"})
_METHODS = "GET, POST"
_KEPT_FOR = "600"  # seconds for which a browser need not ask again


class Origins:
    """Plain ASGI, so that a stream passes through untouched. Nothing is ever allowed with cookies, nor to everybody."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not is_shared(scope["path"]):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        allowed = await _allowed(scope, headers.get("origin"))
        if scope["method"] == "OPTIONS":
            await _preflight(allowed)(scope, receive, send)
            return

        async def send_with_origin(message: Message) -> None:
            if message["type"] == "http.response.start":
                answered = MutableHeaders(scope=message)
                answered.add_vary_header("Origin")
                if allowed:
                    answered["Access-Control-Allow-Origin"] = allowed
                    answered["Access-Control-Expose-Headers"] = "Retry-After"
            await send(message)

        await self._app(scope, receive, send_with_origin)


def is_shared(path: str) -> bool:
    """Whether websites use what stands under this path."""
    return path == "/chat.js" or path.startswith(_SHARED)


async def _allowed(scope: Scope, origin: str | None) -> str:
    """The origin, where a business has its chat there; else nothing."""
    app: Any = scope["app"]
    desk: Desk = app.state.frontdesk
    return origin if origin and await desk.sites.is_known(origin) else ""


def _preflight(allowed: str) -> Response:
    answer = Response(status_code=204 if allowed else 403, headers={"Vary": "Origin"})
    if allowed:
        answer.headers["Access-Control-Allow-Origin"] = allowed
        answer.headers["Access-Control-Allow-Methods"] = _METHODS
        answer.headers["Access-Control-Allow-Headers"] = ", ".join(sorted(_ASKED_FOR))
        answer.headers["Access-Control-Max-Age"] = _KEPT_FOR
    return answer

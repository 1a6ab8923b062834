"""The demo's page and the files it is made of."""

from html import escape
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.principal import Scope
from billing.tables.people import Business
from channels.web.desk import Desk, TheDesk
from channels.web.loopback import NotOnLoopbackError, require_loopback

_HERE = Path(__file__).parent
_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
router = APIRouter()


class NothingHereError(Exception):
    """No page stands under this address."""


async def has_demo(desk: Desk) -> bool:
    """Whether a demo business exists."""

    async def work(session: AsyncSession) -> bool:
        statement = select(Business.id).where(Business.is_demo.is_(True)).limit(1)
        return (await session.scalars(statement)).first() is not None

    return await desk.door.system(Scope.IDENTITY).read(work)


def sentence_page(sentence: str) -> str:
    """A whole page that says one sentence, for people who opened an address in their browser."""
    return (_HERE / "templates" / "sentence.html").read_text("utf-8").replace("SENTENCE", escape(sentence))


@router.get("/", response_class=HTMLResponse)
async def home(request: Request, desk: TheDesk) -> HTMLResponse:
    """The demo page; where there is no demo or the visitor is elsewhere, nothing."""
    try:
        require_loopback(request, desk.settings.host)
    except NotOnLoopbackError as error:
        raise NothingHereError from error
    if not await has_demo(desk):
        raise NothingHereError
    return HTMLResponse((_HERE / "templates" / "demo.html").read_text("utf-8"))


@router.get("/chat.js")
async def component() -> FileResponse:
    """The chat component, for any page."""
    return _static("chat.js")


@router.get("/static/{name}")
async def static(name: str) -> FileResponse:
    """A script or style of the pages."""
    return _static(name)


def _static(name: str) -> FileResponse:
    path = _HERE / "static" / name
    if path.parent != _HERE / "static" or path.suffix not in _TYPES or not path.is_file():
        raise NothingHereError
    return FileResponse(
        path,
        media_type=_TYPES[path.suffix],
        headers={"Cache-Control": "no-cache", "Cross-Origin-Resource-Policy": "cross-origin"},
    )

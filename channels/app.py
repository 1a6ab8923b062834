"""create_app: the routers, the error table, the headers, and what starts and stops with the server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from fastapi import APIRouter, FastAPI
from fastapi.responses import JSONResponse
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from billing.principal import Scope
from billing.tables.people import Business
from channels.errors import install_errors
from channels.headers import SecurityHeaders
from channels.web import files, host_page, messages, pages, people, sessions, stream, uploads, visits
from channels.web.desk import Desk, TheDesk
from channels.web.origins import Origins

health = APIRouter()


class Running(Desk, Protocol):
    """A Frontdesk that can be served."""

    @property
    def pay(self) -> APIRouter:
        """The routes behind payment links."""

    @property
    def texts(self) -> APIRouter:
        """The webhooks of texts, and the pages behind their links."""

    async def start(self) -> None:
        """Begin to answer: dispatch, sender, provider events."""

    async def stop(self) -> None:
        """Finish what runs and close everything."""


def create_app(frontdesk: Running) -> FastAPI:
    """The web application of one Frontdesk; starting and stopping it starts and stops Frontdesk."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await frontdesk.start()
        try:
            yield
        finally:
            await frontdesk.stop()

    app = FastAPI(title="Frontdesk", lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None)
    app.state.frontdesk = frontdesk
    app.state.pace = messages.Pace()
    for room in (pages, host_page, people, sessions, visits, messages, uploads, stream, files):
        app.include_router(room.router)
    app.include_router(frontdesk.pay)
    app.include_router(frontdesk.texts)
    app.include_router(health)
    install_errors(app)
    app.add_middleware(Origins)
    app.add_middleware(SecurityHeaders)
    return app


@health.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@health.get("/readyz")
async def readyz(desk: TheDesk) -> JSONResponse:
    """The database answers too; 503 while it does not."""

    async def work(session: AsyncSession) -> None:
        (await session.scalars(select(Business.id).limit(1))).first()

    try:
        await desk.door.system(Scope.IDENTITY).read(work)
    except (SQLAlchemyError, OSError):
        return JSONResponse({"status": "the database does not answer"}, 503)
    return JSONResponse({"status": "ready"})

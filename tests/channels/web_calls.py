"""How the web chat's tests call the application: as a browser on this machine would, or from elsewhere."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from fastapi import FastAPI

from tests.fakes.desk import FakeDesk, fake_app, fake_desk

HERE = ("127.0.0.1", 50_000)


@asynccontextmanager
async def served(root: Path) -> AsyncIterator[tuple[FakeDesk, FastAPI]]:
    """A started fake desk and its application; stopped at the end, its scripted answers finished."""
    desk = fake_desk(root)
    app = fake_app(desk)
    try:
        await desk.start()
        yield desk, app
    finally:
        await desk.inbox.finish()
        await desk.stop()


def visitor(
    app: FastAPI, token: str = "", *, client: tuple[str, int] = HERE, host: str = "127.0.0.1:8000", **headers: str
) -> httpx.AsyncClient:
    """A caller of the application; `headers` with underscores for dashes."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if token:
        sent["authorization"] = f"Bearer {token}"
    raw = [(name.encode(), value.encode()) for name, value in sent.items()]
    transport = httpx.ASGITransport(app=app, client=client, raise_app_exceptions=True)
    return httpx.AsyncClient(transport=transport, base_url=f"http://{host}", headers=raw)


async def become(app: FastAPI, who: str, level: int = 2) -> str:
    """The token of a new session of a demo person."""
    async with visitor(app) as http:
        answer = await http.post("/chat/sessions", json={"as": who, "level": level})
    assert answer.status_code == 201, answer.text
    token: str = answer.json()["token"]
    return token


async def post(app: FastAPI, token: str, text: str, **more: Any) -> httpx.Response:
    """Send a message."""
    async with visitor(app, token) as http:
        return await http.post("/chat/messages", json={"id": str(uuid4()), "text": text} | more)


async def texts(app: FastAPI, token: str, author: str = "you") -> list[str]:
    """What stands in the session's thread, by one author."""
    async with visitor(app, token) as http:
        answer = await http.get("/chat/messages")
    return [one["text"] for one in answer.json()["messages"] if one["author"] == author]

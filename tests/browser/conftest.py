"""Fixtures of the browser tests: an application served on a free port, and a page in Debian's chromium."""

import asyncio
import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from channels.server import Server
from tests.fakes.desk import FakeDesk, fake_app, fake_desk

CHROMIUM = Path("/usr/bin/chromium")
AXE = Path(__file__).parent.parent.parent / "node_modules" / "axe-core" / "axe.min.js"
Serve = Callable[[FastAPI], str]

expect.set_options(timeout=15_000)  # milliseconds: a page beside other tests on a slow machine takes its time


def needs(path: Path, how: str) -> None:
    """Skip where a tool of the browser tests is missing, but never where the tests are run for proof."""
    if path.exists():
        return
    reason = f"{path.name} is missing: {how}"
    if os.environ.get("CI") == "true":  # noqa: TID251 - settings are the product's; this is the test run's own
        pytest.fail(reason)
    pytest.skip(reason)


class Served(Server):
    """A server in a thread of its own, whose open connections a test can cut."""

    def __init__(self, app: FastAPI, port: int = 0) -> None:
        super().__init__(app, app.state.frontdesk.live, host="127.0.0.1", port=0)
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", port))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self.run, kwargs={"sockets": [self._socket]}, daemon=True)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)

    def open(self) -> None:
        self._thread.start()
        while not self.started:
            if not self._thread.is_alive():
                pytest.fail("the server did not start")
            self._thread.join(0.01)

    def close(self) -> None:
        self.should_exit = True
        self._thread.join(15)
        self._socket.close()

    def cut(self) -> None:
        """Break every open connection, as a lost network would."""
        for connection in list(self.server_state.connections):
            transport: Any = getattr(connection, "transport", None)
            self._loop.call_soon_threadsafe(transport.abort)


@pytest.fixture
def servers() -> Iterator[list[Served]]:
    """The servers of a test; closed after it."""
    running: list[Served] = []
    yield running
    for server in running:
        server.close()


@pytest.fixture
def serve(servers: list[Served]) -> Serve:
    """Serve an application on 127.0.0.1 and return its address."""

    def start(app: FastAPI) -> str:
        server = Served(app)
        server.open()
        servers.append(server)
        return server.url

    return start


@pytest.fixture
def cut(servers: list[Served]) -> Callable[[], None]:
    """Break every open connection of the served applications."""

    def break_all() -> None:
        for server in servers:
            server.cut()

    return break_all


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's chromium, without a head.

    Closed after each module: while it is open, playwright's own event loop counts as running in this thread, and
    tests elsewhere could not run theirs.
    """
    needs(CHROMIUM, "apt-get install chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh browser profile."""
    fresh = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-US", reduced_motion="reduce")
    fresh.set_default_timeout(10_000)
    yield fresh
    fresh.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page that fails the test when its scripts throw or its content policy is broken."""
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on(
        "console",
        lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None,
    )
    yield opened
    assert complaints == []


@pytest.fixture
def desk(tmp_path: Path) -> FakeDesk:
    """A desk with a scripted assistant."""
    return fake_desk(tmp_path)


@pytest.fixture
def url(desk: FakeDesk, serve: Serve) -> str:
    """The address of the scripted desk's page."""
    return serve(fake_app(desk))


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core."""
    needs(AXE, "npm install")
    return AXE.read_text("utf-8")

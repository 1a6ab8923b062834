"""Serving: the web application under uvicorn, as the one process that answers."""

import asyncio
import contextlib
import socket
import sys
from collections.abc import AsyncIterator, Iterator

import typer
from filelock import Timeout

from channels.app import create_app
from channels.asking import serving_lock
from channels.server import Server
from channels.settings import Settings
from channels.wiring import Frontdesk, build_frontdesk


def serve_forever(settings: Settings) -> None:
    """Serve until stopped. On SQLite only one process may serve a data folder."""
    frontdesk = build_frontdesk(settings)
    lock = serving_lock(frontdesk)
    try:
        lock.acquire(timeout=10)
    except Timeout:
        sys.exit(f"Another Frontdesk is serving {settings.data}. Stop it first, or set FRONTDESK_DATA.")
    try:
        typer.echo(f"Frontdesk is at {settings.address} (Ctrl+C stops it)")
        Server(create_app(frontdesk), frontdesk.live, host=settings.host, port=settings.port).run()
    finally:
        lock.release()


class BesideServer(Server):
    """A server beside a terminal, which keeps Ctrl+C for itself."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the terminal."""
        yield


@contextlib.asynccontextmanager
async def serving_beside(frontdesk: Frontdesk) -> AsyncIterator[bool]:
    """Serve the pages while a terminal is open, where nobody does; whether links can be opened meanwhile.

    Where another process serves this data folder, that one answers and its pages are used.
    """
    lock = serving_lock(frontdesk)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        yield True
        return
    listening = _listen(frontdesk.settings)
    if listening is None:
        lock.release()
        yield False
        return
    server = BesideServer(create_app(frontdesk), frontdesk.live, host=frontdesk.settings.host, port=0)
    running = asyncio.ensure_future(server.serve([listening]))
    try:
        yield True
    finally:
        server.should_exit = True
        await running
        listening.close()
        lock.release()


def _listen(settings: Settings) -> socket.socket | None:
    """The port of the settings, or None where something else has it."""
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
    except OSError:
        listening.close()
        return None
    return listening

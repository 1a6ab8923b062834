"""Serving: the web application under uvicorn; and a worker, which answers and sends without a page."""

import asyncio
import contextlib
import signal
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


def serve_forever(settings: Settings, *, answers: bool = True) -> None:
    """Serve until stopped. Where no workers are, only one process may serve a data folder, and it answers too."""
    frontdesk = build_frontdesk(settings, answers=answers)
    try:
        with _alone(frontdesk):
            typer.echo(f"Frontdesk is at {settings.address} (Ctrl+C stops it)")
            Server(create_app(frontdesk), frontdesk.live, host=settings.host, port=settings.port).run()
    except Timeout:
        sys.exit(f"Another Frontdesk is serving {settings.data}. Stop it first, or set FRONTDESK_DATA.")


def work_forever(settings: Settings) -> None:
    """Answer and send until told to stop (SIGTERM, Ctrl+C), without serving a page."""
    frontdesk = build_frontdesk(settings, keeps_house=False)

    async def work() -> None:
        told = asyncio.Event()
        for sign in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(sign, told.set)
        await frontdesk.start()
        typer.echo("This worker answers (Ctrl+C stops it)")
        await told.wait()
        await frontdesk.stop()

    asyncio.run(work())


@contextlib.contextmanager
def _alone(frontdesk: Frontdesk) -> Iterator[None]:
    if frontdesk.settings.dispatch == "procrastinate":
        yield
        return
    with serving_lock(frontdesk).acquire(timeout=10):
        yield


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

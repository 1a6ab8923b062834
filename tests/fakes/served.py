"""An application over real HTTP, for as long as a test needs it."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

# What calls on plain HTTP hand to httpx as `verify`: of itself it reads every certificate there is, 40 ms a call.
NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@contextmanager
def served(app: FastAPI, port: int) -> Iterator[None]:
    """The application over real HTTP."""
    server = uvicorn.Server(
        uvicorn.Config(app, port=port, log_level="warning", access_log=False, ws="none", timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            thread.join(0.01)
        yield
    finally:
        server.should_exit = True
        thread.join()

"""The web server: uvicorn, which lets go of the open streams before it stops."""

import socket
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI

from channels.live import LiveBus

GRACE = 5  # seconds that running requests may take once the server was told to stop


class Server(uvicorn.Server):
    """Serves the application. A stream never ends by itself, so a stop would wait for its reader to leave."""

    def __init__(
        self, app: FastAPI, live: LiveBus, *, host: str, port: int, listening: Callable[[], None] | None = None
    ) -> None:
        config = uvicorn.Config(
            app,
            host=host,
            port=port,
            log_level="warning",
            access_log=False,
            ws="none",
            server_header=False,
            # Behind a proxy on this machine a stranger must not look local (channels/web/loopback.py).
            proxy_headers=False,
            timeout_graceful_shutdown=GRACE,
        )
        super().__init__(config)
        self._live, self._listening = live, listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the port, then call `listening`."""
        await super().startup(sockets)
        if self.started and self._listening is not None:
            self._listening()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close the streams, let running requests end, then stop."""
        self._live.close()
        await super().shutdown(sockets)

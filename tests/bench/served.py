"""A real Frontdesk in a process of its own, asked over HTTP on the loopback address."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

COMMAND = Path(sys.executable).with_name("frontdesk")
PATIENCE = 120.0  # seconds


def environment(folder: Path) -> dict[str, str]:
    """What the command is started with: a data folder of its own, and byte code kept as `make` keeps it."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith("FRONTDESK_")}  # noqa: TID251 - a child's surroundings
    mine.pop("PYTHONDONTWRITEBYTECODE", None)
    return mine | {"FRONTDESK_DATA": str(folder / "data"), "PYTHONPYCACHEPREFIX": str(folder / "bytecode")}


@dataclass(frozen=True)
class Served:
    """A running server. began: when it was started, by time.perf_counter."""

    process: subprocess.Popen[bytes]
    http: httpx.Client
    began: float

    def since_start(self) -> float:
        """Seconds since the process was started."""
        return time.perf_counter() - self.began

    def wait_for_page(self) -> None:
        """Until the chat page is served."""
        while self.since_start() < PATIENCE:
            try:
                if self.http.get("/").status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.02)
        raise TimeoutError("no page is served")

    def become(self, who: str, business: str) -> str:
        """The token of a session of this person of the demo."""
        answer = self.http.post("/chat/sessions", json={"as": who, "level": 2, "business": business})
        answer.raise_for_status()
        token: str = answer.json()["token"]
        return token

    def ask(self, token: str, text: str) -> str:
        """Say something, and wait for what is answered."""
        mine = str(uuid4())
        headers = {"authorization": f"Bearer {token}"}
        self.http.post("/chat/messages", json={"id": mine, "text": text}, headers=headers).raise_for_status()
        until = time.perf_counter() + PATIENCE
        while time.perf_counter() < until:
            messages = self.http.get("/chat/messages", headers=headers).json()["messages"]
            said = next(place for place, each in enumerate(messages) if each.get("sent_as") == mine)
            replies = [each["text"] for each in messages[said + 1 :] if each["author"] == "assistant"]
            if replies:
                return str(replies[-1])
            time.sleep(0.01)
        raise TimeoutError(f"no answer to {text!r}")

    def people(self) -> list[tuple[str, str]]:
        """The key and business of everybody one may be."""
        listed: list[dict[str, Any]] = self.http.get("/chat/people").json()["businesses"]
        return [(person["key"], business["slug"]) for business in listed for person in business["people"]]

    def resident(self) -> float:
        """Resident memory in MB (10^6 bytes)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) * 1024 / 1e6


@contextmanager
def serve_demo(folder: Path) -> Iterator[Served]:
    """`frontdesk demo` on a free port; stopped at the end."""
    port = _free_port()
    began = time.perf_counter()
    process = subprocess.Popen(
        [COMMAND, "demo", "--port", str(port)], cwd=folder, env=environment(folder), stdout=subprocess.DEVNULL
    )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as http:
            yield Served(process, http, began)
    finally:
        process.terminate()
        process.wait(30)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port

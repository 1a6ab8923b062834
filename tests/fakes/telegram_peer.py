"""lo-bot-api-emulator, a stand-in for the Bot API over real HTTP; and a server of faults that it does not have."""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.fakes.hosting import PeerMissingError, _free_port
from tests.fakes.served import NO_CERTIFICATES

EMULATOR = Path(sys.executable).parent / "lo-bot-api-emulator"


@dataclass
class TelegramPeer:
    """The emulator at work. It never checks a token, keeps what waits by token, and journals methods and fields."""

    url: str
    journal: Path

    def say(self, token: str, update: Mapping[str, Any]) -> None:
        """Somebody writes to a bot."""
        told = {name: part for name, part in update.items() if name != "update_id"}
        body = {"token": token, "update": told}
        httpx.post(f"{self.url}/__fixture/updates", json=body, timeout=10, verify=NO_CERTIFICATES).raise_for_status()

    def ask(self, token: str, method: str, **given: Any) -> Any:
        """A call in a bot's name."""
        answer = httpx.post(f"{self.url}/bot{token}/{method}", json=given, timeout=10, verify=NO_CERTIFICATES)
        return answer.json()

    def methods(self) -> list[str]:
        """What was asked and taken, in order."""
        import json

        lines = [json.loads(line) for line in self.journal.read_text(encoding="utf-8").splitlines()]
        return [str(line.get("method")) for line in lines if line.get("method") and line.get("status") == 200]


@contextmanager
def run_telegram(folder: Path) -> Iterator[TelegramPeer]:
    """The emulator on a free port."""
    if not EMULATOR.exists():
        raise PeerMissingError("lo-bot-api-emulator is missing: run `make`")
    port, journal = _free_port(), folder / "journal.jsonl"
    command = [
        str(EMULATOR), "--port", str(port), "--enable-control", "--allow-insecure-loopback-webhooks",
        "--journal", str(journal),
    ]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)
    try:
        peer = TelegramPeer(f"http://127.0.0.1:{port}", journal)
        _wait_for(peer, process)
        yield peer
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def answering(status: int, body: str, *, resets: int = 0) -> Iterator[str]:
    """A server that answers all alike; the first `resets` connections it cuts off in the middle. Its address."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen(20)
    cut = [resets]

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                connection.recv(65536)
                if cut[0]:
                    cut[0] -= 1
                    continue
                head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(body.encode())}"
                connection.sendall(f"{head}\r\nConnection: close\r\n\r\n{body}".encode())

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()


def _wait_for(peer: TelegramPeer, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise PeerMissingError(f"lo-bot-api-emulator ended with {process.returncode}")
        try:
            peer.ask("1:none", "getMe")
        except httpx.HTTPError:
            time.sleep(0.05)
        else:
            return
    raise PeerMissingError("lo-bot-api-emulator does not answer")

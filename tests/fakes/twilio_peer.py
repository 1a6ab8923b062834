"""emulate, a stand-in for Twilio over real HTTP: REST, signed webhooks, and texts it is told to send."""

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.fakes.hosting import NODE, PeerMissingError, _free_port
from tests.fakes.served import NO_CERTIFICATES

EMULATE = Path(__file__).parent.parent.parent / "node_modules" / "emulate" / "dist" / "index.js"
SID, TOKEN = "AC" + "1" * 32, "the peer's token"
NUMBER, SERVICE, PHONE = "+12125550140", "MG" + "2" * 32, "+12125550101"


@dataclass
class TwilioPeer:
    """emulate at work."""

    url: str

    def ask(self, method: str, path: str, **more: Any) -> Any:
        """A request in the account's name."""
        answer = httpx.request(
            method, f"{self.url}{path}", auth=(SID, TOKEN), timeout=10, **more, verify=NO_CERTIFICATES
        )
        answer.raise_for_status()
        return answer.json()

    def sent(self) -> list[dict[str, Any]]:
        """What was handed over, newest first."""
        path = f"/2010-04-01/Accounts/{SID}/Messages.json?PageSize=100"
        return [each for each in self.ask("GET", path)["messages"] if each["direction"] == "outbound-api"]

    def text_in(self, text: str, sender: str = PHONE) -> None:
        """Somebody texts the number."""
        self.ask("POST", "/_twilio/simulate/inbound-message", data={"To": NUMBER, "From": sender, "Body": text})

    def report(self, sid: str, status: str) -> None:
        """The carrier reports."""
        self.ask("POST", "/_twilio/simulate/message-status", data={"MessageSid": sid, "Status": status})


@contextmanager
def run_twilio(folder: Path) -> Iterator[TwilioPeer]:
    """Emulate on a free port, with one account, its number and a messaging service."""
    if not EMULATE.exists() or not NODE.exists():
        raise PeerMissingError("emulate is missing: run `make node_modules/.installed`")
    seed = folder / "twilio.json"
    number = {"phone_number": NUMBER, "friendly_name": "Desk"}
    service = {"sid": SERVICE, "friendly_name": "Desk", "phone_numbers": [NUMBER]}
    account = {"sid": SID, "auth_token": TOKEN, "friendly_name": "Desk"}
    wanted = {"account": account, "phone_numbers": [number], "messaging_services": [service]}
    seed.write_text(json.dumps({"twilio": wanted}), encoding="utf-8")
    port = _free_port()
    command: list[str | Path] = [NODE, EMULATE, "start", "--service", "twilio", "--port", str(port), "--seed", seed]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)
    try:
        peer = TwilioPeer(f"http://127.0.0.1:{port}")
        _wait_for(peer, process)
        yield peer
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(peer: TwilioPeer, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(200):
        if process.poll() is not None:
            raise PeerMissingError(f"emulate ended with {process.returncode}")
        try:
            peer.sent()
        except httpx.HTTPError:
            time.sleep(0.05)
        else:
            return
    raise PeerMissingError("emulate does not answer")

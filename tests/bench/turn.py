"""A full turn with the built-in model on 1,000 clients and 100,000 invoices."""

import asyncio

from tests.bench.desks import large_desk, turns_of
from tests.bench.figures import Figure, percentile

QUESTIONS = (
    "what do i owe?",
    "what's this invoice for?",
    "and when is it due?",
    "did you receive my payment?",
    "which project does this relate to?",
    "list my paid invoices",
    "ok send me the link",
    "who should i contact about billing?",
    "what's the next step on my project?",
    "thanks!",
)
ROUNDS, WARM = 30, 2


def run() -> list[Figure]:
    """Half and 95 of 100 turns, from the inbox to the stored reply, in milliseconds."""
    took = asyncio.run(_measure())
    return [
        Figure("full turn, built-in model, 1,000 clients / 100,000 invoices: p50", percentile(took, 0.5), "ms", 40),
        Figure("full turn, the same: p95", percentile(took, 0.95), "ms", 100, f"{len(took)} turns"),
    ]


async def _measure() -> list[float]:
    async with large_desk() as desk:
        turns = await turns_of(desk, "client:bench-client")
        took = [await turns.ask(question) for _ in range(ROUNDS + WARM) for question in QUESTIONS]
        return took[WARM * len(QUESTIONS) :]

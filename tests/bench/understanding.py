"""How long the built-in model takes to understand a message: what people wrote, in six languages."""

import time
from datetime import UTC, datetime
from pathlib import Path

import yaml

from bot.meaning import TurnContext
from tests.bench.figures import Figure, percentile
from tests.fakes.desk_at_work import the_understanding

TEXTS = Path(__file__).parents[1] / "builtin" / "blind.yaml"
WARM = 20


def run() -> list[Figure]:
    """Milliseconds from a message's words to its meaning."""
    understanding, now = the_understanding(), datetime.now(UTC)
    took = []
    for language, text in _texts():
        context = TurnContext("client", language, "en_US", "America/New_York", now)
        began = time.perf_counter()
        understanding.understand(text, context)
        took.append((time.perf_counter() - began) * 1000)
    took = took[WARM:]
    return [
        Figure("a message understood by the built-in model: p50", percentile(took, 0.5), "ms"),
        Figure("a message understood by the built-in model: p95", percentile(took, 0.95), "ms", 15, f"{len(took)}"),
    ]


def _texts() -> list[tuple[str, str]]:
    groups = yaml.safe_load(TEXTS.read_text(encoding="utf-8")).values()
    by_language = [(name, said) for group in groups for name, said in group.items() if name not in {"tools", "act"}]
    return [(language, text) for language, texts in by_language for text in texts]

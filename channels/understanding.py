"""What messages are understood to ask, for programs: JSON lines in, JSON lines out, no side effect."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from bot.builtin.understanding import load_understanding
from bot.meaning import TurnContext, Understanding
from knowledge.embedding import bundled_encoder


def understand_lines(lines: Iterable[str], who: str) -> Iterator[str]:
    """For each line {"text": …}: {"text", "act", "tools", "confidence", "lang"}; a bad line says what is wrong."""
    model = load_understanding(bundled_encoder())
    kind = "staff" if who.startswith("staff:") else "client"
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            text = json.loads(line)["text"]
        except (ValueError, KeyError, TypeError):
            yield json.dumps({"line": number, "error": 'a line must be JSON like {"text": "…"}'})
            continue
        context = TurnContext(kind=kind, language="en", locale="en_US", zone="UTC", now=datetime.now(UTC))
        yield json.dumps(_as_json(model.understand(str(text), context)), ensure_ascii=False)


def _as_json(understood: Understanding) -> dict[str, Any]:
    return {
        "text": understood.text,
        "act": understood.act.value,
        "tools": [{"name": call.tool, "args": dict(call.args)} for call in understood.calls],
        "confidence": round(understood.confidence, 4),
        "lang": understood.language,
    }

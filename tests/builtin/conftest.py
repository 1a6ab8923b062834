"""The bundled understanding, loaded once for these tests."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.builtin.understanding import BuiltinUnderstanding, load_understanding
from bot.builtin.utterance_files import HELD_OUT, Utterance, read_hashes, read_utterances
from bot.meaning import TurnContext, Understanding
from knowledge.embedding import bundled_encoder

NOW = datetime(2026, 11, 22, 15, tzinfo=UTC)
Understand = Callable[..., Understanding]


@pytest.fixture(scope="session")
def builtin() -> BuiltinUnderstanding:
    """The shipped understanding with the bundled encoder."""
    return load_understanding(bundled_encoder())


@pytest.fixture(scope="session")
def utterances() -> tuple[Utterance, ...]:
    """Every utterance that training sees, read once: expanding the patterns takes a second or two."""
    return read_utterances(held_out=read_hashes(HELD_OUT))


@pytest.fixture
def understand(builtin: BuiltinUnderstanding) -> Understand:
    """`understand(text, kind="client", language="en", **context)`."""

    def run(text: str, *, kind: str = "client", language: str = "en", **context: Any) -> Understanding:
        return builtin.understand(text, TurnContext(kind, language, language, "UTC", NOW, **context))

    return run

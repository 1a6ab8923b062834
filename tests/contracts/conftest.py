"""Fixtures of the contract tests: stand-ins for providers of models."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.hosting import Aimock, Llmock, PeerMissingError, run_aimock, run_llmock


@pytest.fixture(scope="module")
def provider() -> Iterator[Llmock]:
    """A provider that breaks as it is told."""
    with run_llmock() as peer:
        yield peer


@contextmanager
def scripted_provider(folder: Path, fixtures: list[dict[str, Any]]) -> Iterator[Aimock]:
    """A provider that follows a script. Where it cannot start: skipped, in CI a failure."""
    try:
        with run_aimock(folder, fixtures) as peer:
            yield peer
    except PeerMissingError as missing:
        if os.environ.get("CI", "").lower() == "true":  # noqa: TID251 - the tests' own switch, not a setting
            raise
        pytest.skip(str(missing))

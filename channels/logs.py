"""Logs: JSON lines on standard error, with no message text, no secret and no card number in them."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from bot.cards.redacting import redact, redacted_value


def start_logs(level: int = logging.WARNING) -> None:
    """Send the project's own and the libraries' logs to standard error."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            redact_cards,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_WithoutCards("%(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=level, handlers=[handler])


def redact_cards(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> dict[str, Any]:
    """A structlog processor: no card's number in any value of a line, however deep."""
    return {key: redacted_value(value) for key, value in line.items()}


class _WithoutCards(logging.Formatter):
    """The libraries' own lines, exceptions included, without card numbers."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))

"""The moment at which tests happen, unless they say otherwise."""

from datetime import UTC, date, datetime

NOW = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)  # a Wednesday morning in New York, an afternoon in Paris
TODAY: date = NOW.date()

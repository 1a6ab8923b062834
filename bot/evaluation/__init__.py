"""Evaluation: scenarios with people and records, and what must be true and said at their end."""

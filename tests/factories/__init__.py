"""Rows for tests, one file a noun as in billing/tables: keyword-only factories with dull defaults."""

"""Receipts: what a turn was answered from and what it said, sealed so that it can be checked, explained and erased."""

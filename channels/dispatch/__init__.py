"""Dispatch: one turn at a time in a conversation, conversations in parallel."""

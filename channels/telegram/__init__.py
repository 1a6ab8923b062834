"""Telegram: what comes in from it and goes out to it, and the demo's own form of it."""

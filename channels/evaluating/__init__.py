"""Running scenarios: each in a database of its own, through the inbox and dispatch like every message."""

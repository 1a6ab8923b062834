"""What wakes the work: the small port behind which dispatch runs, in one process or many."""

from typing import Protocol


class Dispatcher(Protocol):
    """Sees to it that every waiting conversation is answered."""

    def wake(self, conversation_id: int) -> None:
        """Something waits in this conversation. Never waits itself; loses nothing if it is lost."""

    async def start(self) -> None:
        """Begin, with what an earlier process left."""

    async def stop(self) -> None:
        """Let running turns end, then stop."""

"""What wakes the work: the small port behind which dispatch runs, in one process or many."""

from typing import Protocol

from channels.dispatch.answering import Answering


class Dispatcher(Protocol):
    """Sees to it that every waiting conversation is answered."""

    @property
    def answering(self) -> Answering | None:
        """What claims and answers in this process; None where it only takes messages in."""

    def wake(self, conversation_id: int, after: float = 0.0) -> None:
        """Something waits in this conversation, to be begun after so many seconds. Loses nothing if it is lost."""

    async def start(self) -> None:
        """Begin, with what an earlier process left."""

    async def answer_one(self, conversation_id: int) -> bool:
        """Claim and answer one turn here; False when nothing may be begun now or somebody else is at it."""

    async def stop(self) -> None:
        """Let running turns end, then stop."""

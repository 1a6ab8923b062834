"""How a part of a receipt is named to a person: the journal step, the message, the figures."""

from bot.receipts.parts import REPLY, SAID, STEP
from bot.receipts.reading import Rows

NAMES = {
    "context": "what it was answered from (its context)",
    "understanding": "what its words were taken to mean",
    "calls": "the list of tools it called",
    "evidence": "its evidence",
    "bindings": "where its figures came from",
}


def name_of(part: str, rows: Rows) -> str:
    """The part's name, with the row it stands in."""
    if part.startswith(STEP):
        name = part.removeprefix(STEP)
        row = next((step.id for step in rows.steps if step.step == name), None)
        return f"journal step {name}" + (f" (row {row})" if row is not None else "")
    if part.startswith(SAID):
        return f"inbound message {part.removeprefix(SAID)}"
    if part == REPLY:
        return "the reply" + "".join(f" (message {reply.id})" for reply in rows.replies)
    return NAMES.get(part, part)

"""A draft that no model wrote, and what is written with it."""

from dataclasses import dataclass
from enum import StrEnum

from billing.tables.talk import ProposalStatus
from bot.codes import CodeWish
from bot.turn import Draft


class Consent(StrEnum):
    """What a person decided about being written to."""

    GIVEN = "given"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Decided(Draft):
    """A draft that no model wrote, and what is written with it: consent, what became of proposals, a code to be sent.

    waiting_words: the question that is answered once it is known for whom. named: whose name was said.
    """

    consent: Consent | None = None
    settled: tuple[int, ...] = ()
    settled_as: ProposalStatus | None = None
    waiting_words: str = ""
    named: str = ""
    wish: CodeWish | None = None

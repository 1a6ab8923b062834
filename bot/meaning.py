"""What a message means: acts, calls and the context they are understood in. Frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.messages import Mention


class Act(StrEnum):
    """What the person is doing with the message."""

    TOOL = "tool"
    SMALLTALK = "smalltalk"
    OUT_OF_SCOPE = "out_of_scope"
    OPT_OUT = "opt_out"
    REFUSE = "refuse"
    CLARIFY = "clarify"


@dataclass(frozen=True)
class Call:
    """One tool the message asks for, with the person's own words as arguments.

    `intent` is the finer question ("invoice_due_date"), which the phrasebook answers first.
    """

    tool: str
    args: Mapping[str, str] = field(default_factory=dict)
    intent: str = ""


@dataclass(frozen=True)
class TurnContext:
    """What a message is read against. No record ids, no figures.

    mentions: records spoken of lately, newest first. last_calls: what the turn before asked for.
    now: aware UTC; zone: IANA name of the reader's zone. kind: "client" or "staff".
    client_focus: for staff, the client spoken of last ("what about …", "send them …").
    """

    kind: str
    language: str
    locale: str
    zone: str
    now: datetime
    mentions: tuple[Mention, ...] = ()
    last_calls: tuple[Call, ...] = ()
    client_focus: str = ""
    has_pending_proposal: bool = False


@dataclass(frozen=True)
class Understanding:
    """What was understood of one message, which may hold several questions.

    choices: when act is CLARIFY, up to three calls to offer. confidence: 0..1, calibrated.
    smalltalk: which kind ("greeting", "thanks", "bye", "identity", "praise", …) when act is SMALLTALK.
    """

    text: str
    act: Act
    calls: tuple[Call, ...] = ()
    confidence: float = 0.0
    language: str = "en"
    choices: tuple[Call, ...] = ()
    smalltalk: str = ""

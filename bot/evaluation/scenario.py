"""A scenario: a person with an aim, what they say, and what must be true and said at the end. Frozen values."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.evaluation.given import STRICT, Given

Words = str | tuple[str, ...]  # several: any of them will do
Wanted = str | int | bool | None
Row = dict[str, dict[str, Wanted]]  # {"request": {"kind": "dispute", "invoice": "INV-1042"}}

WEDNESDAY = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)  # 10:00 in New York, 16:00 in Paris


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """One message of the person, and what its answer must hold.

    say: what they write. press: words on a button of the last answer, which they press instead.
    says: wordings with figures as handles, `{INV-1042.balance}`; each must be there, in one of its forms.
    never: what must not be. attached: kinds of what hangs on the reply (link, file, button, card), or
    "kind: words of its label". later: minutes that pass before the message.
    """

    __pydantic_config__ = STRICT
    say: str = ""
    press: str = ""
    says: tuple[Words, ...] = ()
    never: tuple[str, ...] = ()
    attached: tuple[str, ...] = ()
    not_attached: tuple[str, ...] = ()
    later: int = 0


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What changed in the records from start to end; what is not named here must not have changed.

    new: rows that came. changed: rows that are there with these values now. A message of ours into another
    person's thread is a row "message", with whom it went to as "to".
    """

    __pydantic_config__ = STRICT
    new: tuple[Row, ...] = ()
    changed: tuple[Row, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One scenario. who: "client:KEY" of a contact or "staff:KEY". level: how far they are proved, 0 to 2.

    turns: what they say. Without turns a simulated person pursues `aim`, knowing what `knows` says, for at
    most `patience` messages. says and never: over the whole conversation.
    """

    __pydantic_config__ = STRICT
    name: str
    who: str
    intent: str = ""
    state: str = ""
    aim: str = ""
    knows: str = ""
    patience: int = 6
    level: int = 2
    now: datetime = WEDNESDAY
    given: Given = field(default_factory=Given)
    turns: tuple[Exchange, ...] = ()
    then: Outcome = field(default_factory=Outcome)
    says: tuple[Words, ...] = ()
    never: tuple[str, ...] = ()
    review: tuple[str, ...] = ()  # what a person should look at before this counts

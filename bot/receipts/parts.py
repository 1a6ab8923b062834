"""The parts of a receipt: which words and data of which rows each commitment is over, and what the seal covers."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from bot.receipts.sealing import SealKey, commitment, new_salt, seal

COLUMNS = ("context", "understanding", "calls", "evidence", "bindings")  # of the turn's own row
REPLY = "reply"
STEP = "step:"
SAID = "said:"


@dataclass(frozen=True)
class Part:
    """One part: "said:MESSAGE", "step:STEP", "reply", or a column of the turn."""

    name: str
    pieces: tuple[str | int | None, ...]


class SaidRow(Protocol):
    """An inbound message of a turn."""

    @property
    def id(self) -> int: ...
    @property
    def text(self) -> str: ...
    @property
    def choice(self) -> str | None: ...
    @property
    def assurance(self) -> int: ...
    @property
    def created_at(self) -> datetime: ...


class StepRow(Protocol):
    """A step of a turn's journal."""

    @property
    def step(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def content(self) -> dict[str, Any] | str: ...
    @property
    def at(self) -> datetime: ...


def parts_of(turn: Any, said: Iterable[SaidRow], steps: Iterable[StepRow], replies: Iterable[Any]) -> list[Part]:
    """The parts of a turn, in the order of their rows; `turn` has the columns of Turn, a reply those of Message.

    JSON columns count as they are stored: a check then hashes their text and need not read it.
    """
    return [
        *(said_part(each) for each in said),
        *(Part(name, (stored(getattr(turn, name)),)) for name in COLUMNS),
        *(Part(STEP + each.step, (each.kind, stored(each.content), _written(each.at))) for each in steps),
        *(reply_part(each) for each in replies),
    ]


def stored(value: Any) -> str:
    """The text that a JSON column holds: `value` itself where it was read as text, else what will be written."""
    return value if isinstance(value, str) else json.dumps(value)


def said_part(row: SaidRow) -> Part:
    """What a person wrote."""
    return Part(f"{SAID}{row.id}", (row.text, row.choice, row.assurance, _written(row.created_at)))


def reply_part(row: Any) -> Part:
    """What was answered; delivery is not part of it."""
    written = (row.public_id, str(row.author), row.text, stored(row.attachments), row.language)
    return Part(REPLY, (*written, _written(row.created_at)))


def committed(parts: Iterable[Part]) -> tuple[list[list[str]], dict[str, str]]:
    """The commitments of parts, in order, and the salts that open them."""
    salts: dict[str, str] = {}
    commitments = []
    for part in parts:
        salts[part.name] = new_salt()
        commitments.append([part.name, commitment(salts[part.name], part.pieces)])
    return commitments, salts


def seal_of(turn: Any, receipt: Mapping[str, Any], key: SealKey) -> str:
    """The seal of a finished turn: over who asked, what answered, when, and the receipt with its commitments."""
    return seal(
        key,
        {
            "of": "turn",
            "turn": turn.id,
            "business": turn.business_id,
            "conversation": turn.conversation_id,
            "client": turn.client_id,
            "status": str(turn.status),
            "attempts": turn.attempts,
            "started": _written(turn.started_at),
            "finished": _written(turn.finished_at),
            "asked_as": turn.asked_as,
            "model": turn.model,
            "prompt": turn.prompt_version,
            "timings": turn.timings,
            "outcome": turn.outcome,
            "receipt": receipt,
        },
    )


def erasure_of(turn: Any, at: datetime, key: SealKey) -> str:
    """The seal of an erasure: that the words of this turn were taken away by us, and when."""
    return seal(key, {"of": "erasure", "turn": turn.id, "chain": turn.chain, "at": _written(at)})


def redaction_of(turn: Any, left: Iterable[Part], at: datetime, key: SealKey) -> str:
    """The seal of a redaction: that a card's number was taken out of this turn by us, when, and what was left."""
    parts = [[part.name, commitment("", part.pieces)] for part in left]
    of = {"of": "redaction", "turn": turn.id, "chain": turn.chain, "at": _written(at), "parts": parts}
    return seal(key, of)


def anchor_seal(anchor: Any, key: SealKey) -> str:
    """The seal of an anchor; `anchor` has the columns of Anchor."""
    return seal(
        key,
        {
            "of": "anchor",
            "business": anchor.business_id,
            "number": anchor.number,
            "at": _written(anchor.at),
            "heads": anchor.heads,
            "previous": anchor.previous,
        },
    )


def _written(moment: datetime | None) -> str:
    return moment.isoformat() if moment is not None else ""

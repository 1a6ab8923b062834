"""Checking receipts: each edited, missing, added or reordered row is found and named."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from billing.tables.audit import Anchor
from billing.tables.talk import TurnStatus
from bot.receipts import reading
from bot.receipts.anchors import anchors_of_all
from bot.receipts.naming import name_of
from bot.receipts.parts import (
    COLUMNS,
    Part,
    anchor_seal,
    erasure_of,
    parts_of,
    redaction_of,
    reply_part,
    said_part,
    seal_of,
)
from bot.receipts.sealing import SealKey, commitment

EMPTY = {"{}", "[]"}
SETTLED = timedelta(minutes=1)  # a turn that ended this long ago is on its conversation's row, on every database


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it was sealed. turn, conversation: where, if it is known."""

    what: str
    turn: int | None = None
    conversation: int | None = None


@dataclass
class Report:
    """What was checked, and what was found. earlier: turns from before receipts were sealed this way.

    other_key: turns and anchors sealed with a key that is not this installation's.
    """

    turns: int = 0
    conversations: int = 0
    steps: int = 0
    messages: int = 0
    anchors: int = 0
    erased: int = 0
    redacted: int = 0
    running: int = 0
    earlier: int = 0
    since_anchor: int = 0
    other_key: int = 0
    anchored: list[tuple[int, int, datetime, str]] = field(default_factory=list)  # business, number, at, seal
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether every row is as it was sealed, by this installation's key."""
        return not self.findings and not self.other_key


async def verify(session: AsyncSession, key: SealKey, now: datetime, expected: str = "") -> Report:
    """Check every receipt. expected: the seal of an anchor noted elsewhere, which must still be there."""
    check = _Check(key, now)
    # What may still go on is read first, so that what is read later can only be newer.
    anchors = await anchors_of_all(session)
    heads = await reading.every_head(session)
    async for turn_id, rows in reading.every_turn(session):
        check.rows(turn_id, rows)
    check.heads(heads)
    check.anchors(anchors, expected)
    for turn_id in sorted(await reading.orphans(session)):
        check.missing(turn_id, None, "a message or journal step of it is there")
    return check.report


@dataclass
class _Seen:
    """The last sealed turn of a conversation, so far."""

    turn: int
    chain: str
    finished: datetime


class _Check:
    """A check in progress, turn by turn."""

    def __init__(self, key: SealKey, now: datetime) -> None:
        self.report = Report()
        self._key, self._now = key, now
        self._last: dict[int, _Seen] = {}
        self._chains: dict[int, str] = {}
        self._of: dict[int, int] = {}  # turn → conversation
        self._missing: set[int] = set()
        self._sealed_since = 0  # the first turn with a receipt

    def rows(self, turn_id: int, rows: reading.Rows | None) -> None:
        """Check one turn; None stands for rows that the database gives back only as an error."""
        try:
            if rows is not None:
                self._turn(rows)
                return
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            pass  # what was edited may be anything
        self._chains.setdefault(turn_id, "")
        self.report.findings.append(Finding("one of its rows cannot be read: edited", turn_id))

    def _turn(self, rows: reading.Rows) -> None:
        turn, report = rows.turn, self.report
        self._of[turn.id] = turn.conversation_id
        if (
            not turn.receipt and not turn.chain and turn.status is not TurnStatus.DONE
        ):  # a parked one told nobody anything
            report.running += 1
            return
        if not turn.receipt:
            self._unsealed(turn)
            return
        self._sealed_since = self._sealed_since or turn.id
        report.turns += 1
        report.steps += len(rows.steps)
        report.messages += len(rows.said) + len(rows.replies)
        self._row(turn)
        if turn.erased_at is not None:
            self._erased(rows)
        else:
            self._parts(rows)
        self._place(turn)
        self._chains[turn.id] = turn.chain
        finished = turn.finished_at or turn.started_at
        self._last[turn.conversation_id] = _Seen(turn.id, turn.chain, finished)

    def _unsealed(self, turn: Any) -> None:
        if self._sealed_since:
            self._found(turn, "its receipt was taken away")
        else:
            self.report.earlier += 1

    def _row(self, turn: Any) -> None:
        if turn.receipt.get("key") != self._key.fingerprint:
            self.report.other_key += 1
        elif turn.receipt.get("turn") != turn.id:
            self._found(turn, f"the row of turn {turn.receipt.get('turn')} stands in its place: reordered")
        elif seal_of(turn, turn.receipt, self._key) != turn.chain:
            self._found(turn, "its row was edited (who asked, model, times, outcome, or the receipt itself)")

    def _parts(self, rows: reading.Rows) -> None:
        turn = rows.turn
        there = parts_of(turn, rows.said, rows.steps, rows.replies)
        wanted = dict(_pairs(turn.receipt))
        self._compare(rows, there, wanted)
        for name in Counter(part.name for part in there) - Counter(list(wanted)):
            self._found(turn, f"{name_of(name, rows)} was added, or moved here")
        for name in wanted:
            if name not in {part.name for part in there}:
                self._found(turn, f"{name_of(name, rows)} is missing")
        order = [part.name for part in there if part.name in wanted]
        if order != [name for name in wanted if name in order]:
            self._found(turn, "its rows were reordered")

    def _compare(self, rows: reading.Rows, there: Sequence[Part], wanted: dict[str, str]) -> None:
        for part in there:
            salt = rows.turn.salts.get(part.name, "")
            if part.name in wanted and commitment(salt, part.pieces) != wanted[part.name]:
                self._found(rows.turn, f"{name_of(part.name, rows)} was edited")

    def _erased(self, rows: reading.Rows) -> None:
        turn = rows.turn
        self.report.erased += 1
        is_ours = turn.receipt.get("key") == self._key.fingerprint
        left = [*map(said_part, rows.said), *map(reply_part, rows.replies)]
        is_redacted = redaction_of(turn, left, turn.erased_at, self._key) == turn.erasure
        if is_ours and not is_redacted and erasure_of(turn, turn.erased_at, self._key) != turn.erasure:
            self._found(turn, "it is marked as erased, but `frontdesk erase` did not do it")
        self.report.redacted += is_redacted
        kept = [getattr(turn, name) for name in COLUMNS] + [each.content for each in rows.steps]
        has_words = not is_redacted and any(each.text for each in (*rows.said, *rows.replies))
        if any(each not in EMPTY for each in kept) or has_words:
            self._found(turn, "words were written into it after it was erased")

    def _place(self, turn: Any) -> None:
        before, last = turn.receipt.get("previous"), self._last.get(turn.conversation_id)
        if before is None:
            if last is not None:
                self._found(turn, f"it begins its conversation, but turn {last.turn} stands before it: reordered")
            return
        number, chain = before
        if last is not None and (last.turn, last.chain) == (number, chain):
            return
        if number not in self._chains or self._of.get(number) != turn.conversation_id:
            self.missing(number, turn.conversation_id, f"turn {turn.id} follows it")
        elif last is not None and last.turn != number:
            self._found(turn, f"it follows turn {number}, but turn {last.turn} stands between: reordered or added")
        else:
            self._found(turn, f"the seal of turn {number}, which it follows, was another one")

    def missing(self, turn_id: int, conversation_id: int | None, because: str) -> None:
        """A turn that is not there; said once."""
        if turn_id in self._missing:
            return
        self._missing.add(turn_id)
        self.report.findings.append(Finding(f"it is missing: {because}", turn_id, conversation_id))

    def heads(self, heads: Sequence[Any]) -> None:
        """Check that no conversation ends before its own row says, and that each is there."""
        self.report.conversations = len(self._last)
        known = {row.id for row in heads}
        for conversation in sorted(set(self._last) - known):
            what = "it is missing, but turns of it are there"
            self.report.findings.append(Finding(what, None, conversation))
        for row in heads:
            self._head(row)

    def _head(self, row: Any) -> None:
        last = self._last.get(row.id)
        if row.head_turn is not None and self._of.get(row.head_turn) != row.id:
            self.missing(row.head_turn, row.id, "it was the newest of its conversation")
        elif last is not None and (row.head_turn, row.head) != (last.turn, last.chain):
            is_new = row.head_turn is not None and row.head_turn < last.turn and last.finished > self._now - SETTLED
            if not is_new:
                what = f"its newest turn is {last.turn}, but its row names another: edited"
                self.report.findings.append(Finding(what, None, row.id))

    def anchors(self, anchors: Sequence[Anchor], expected: str) -> None:
        """Check the anchors' own chain, and that every turn they name is still there as it was."""
        last: dict[int, Anchor] = {}
        for anchor in anchors:
            self.report.anchors += 1
            self._anchor(anchor, last.get(anchor.business_id))
            last[anchor.business_id] = anchor
            for conversation, turn, chain in anchor.heads:
                self._anchored(anchor, conversation, turn, chain)
        self.report.anchored = [(each.business_id, each.number, each.at, each.seal) for each in last.values()]
        reached: dict[int, int] = {}
        for conversation, turn, _ in (head for anchor in anchors for head in anchor.heads):
            reached[conversation] = max(turn, reached.get(conversation, 0))
        self.report.since_anchor = sum(turn > reached.get(self._of.get(turn, 0), 0) for turn in self._chains)
        if expected and expected not in {anchor.seal for anchor in anchors}:
            self.report.findings.append(Finding("the anchor whose seal you noted is missing"))

    def _anchor(self, anchor: Anchor, before: Anchor | None) -> None:
        name = f"anchor {anchor.number} of business {anchor.business_id}"
        number, chain = (before.number, before.seal) if before else (0, "")
        if anchor.number != number + 1:
            self.report.findings.append(Finding(f"an anchor is missing or reordered before {name}"))
        elif anchor.previous != chain:
            self.report.findings.append(Finding(f"{name} does not follow the one before: edited or reordered"))
        if anchor.key != self._key.fingerprint:
            self.report.other_key += 1
        elif anchor_seal(anchor, self._key) != anchor.seal:
            self.report.findings.append(Finding(f"{name} was edited"))

    def _anchored(self, anchor: Anchor, conversation: int, turn: int, chain: str) -> None:
        if turn not in self._chains:
            self.missing(
                turn, conversation, f"it was there on {anchor.at:%Y-%m-%d}, when anchor {anchor.number} was set"
            )
        elif self._chains[turn] != chain:
            what = f"it is not as it was on {anchor.at:%Y-%m-%d}, when anchor {anchor.number} was set: edited"
            self.report.findings.append(Finding(what, turn, conversation))

    def _found(self, turn: Any, what: str) -> None:
        self.report.findings.append(Finding(what, turn.id, turn.conversation_id))


def _pairs(receipt: dict[str, Any]) -> list[tuple[str, str]]:
    return [(name, digest) for name, digest in receipt.get("parts", ())]

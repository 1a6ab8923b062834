"""Redacting what is stored: a card's number that came in parts is taken out of messages, turns and what they made.

Unlike an erasure, a redaction keeps the messages, in the words that are left; its seal covers those.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.tables.talk import Author, Conversation, Direction, Message, Proposal, Turn, TurnStatus, TurnStep
from billing.tables.work import Request
from bot.cards.finding import CARD_REMOVED
from bot.cards.reading import runs_of
from bot.receipts.parts import COLUMNS, Part, redaction_of, reply_part, said_part
from bot.receipts.sealing import SealKey, key_of

SHORTEST_SECRET = 3  # digits: fewer are not told apart from anything else
LATELY = timedelta(minutes=20)


@dataclass(frozen=True)
class Rewritten:
    """A stored message whose words change."""

    message_id: int
    before: str
    after: str


async def redact_stored(
    session: AsyncSession, conversation_id: int, changes: Sequence[Rewritten], secret: bytes, now: datetime
) -> None:
    """Rewrite messages of a conversation, and take what is gone from them out of all that was made of them."""
    after = {each.message_id: each.after for each in changes}
    touched: set[int] = set()
    for message in (await session.scalars(select(Message).where(Message.id.in_(list(after))))).all():
        message.text, message.redacted_at = after[message.id], now
        message.choice = CARD_REMOVED if message.choice else None
        touched |= {message.turn_id} if message.turn_id is not None else set()
    await session.flush()
    secrets = secrets_of((each.before, each.after) for each in changes)
    since = select(Turn).where(Turn.conversation_id == conversation_id, Turn.started_at >= now - LATELY)
    for turn in (await session.scalars(since)).all():
        await _redact_turn(session, turn, secrets, key_of(secret), now, is_part=turn.id in touched)
    await _redact_around(session, conversation_id, secrets, now)


def secrets_of(pairs: Iterable[tuple[str, str]]) -> list[str]:
    """The runs of digits that texts (before, after) had and have no more, the longest first."""
    gone: set[str] = set()
    for before, after in pairs:
        kept = {run.value for run in runs_of(after)}
        gone |= {run.value for run in runs_of(before)} - kept
    return sorted((each for each in gone if len(each) >= SHORTEST_SECRET), key=len, reverse=True)


async def redact_as_it_ends(
    session: AsyncSession, turn: Turn, thread: Conversation, said: Iterable[Any], secret: bytes
) -> None:
    """Redact a turn whose messages were redacted while it ran, once its receipt is sealed."""
    at = turn.erased_at
    assert at is not None
    await session.flush()
    rows = select(Message.id, Message.text).where(Message.turn_id == turn.id, Message.direction == Direction.IN)
    stored = {row.id: row.text for row in await session.execute(rows)}
    secrets = secrets_of((each.text, stored.get(each.id, "")) for each in said)
    thread.focus = scrubbed(thread.focus, secrets)
    await _redact_turn(session, turn, secrets, key_of(secret), at, is_part=True)
    await _redact_around(session, turn.conversation_id, secrets, at)


async def _redact_turn(
    session: AsyncSession, turn: Turn, secrets: Sequence[str], key: SealKey, now: datetime, *, is_part: bool
) -> None:
    steps = (await session.scalars(select(TurnStep).where(TurnStep.turn_id == turn.id))).all()
    if turn.status is TurnStatus.RUNNING:
        if is_part:
            turn.erased_at = now  # whoever runs it has the words in hand: it is redacted as it ends
        for step in steps:
            step.content = scrubbed(step.content, secrets)
        return
    kept = json.dumps([*(getattr(turn, name) for name in COLUMNS), *(step.content for step in steps)])
    if not is_part and not any(each in kept for each in secrets):
        return
    of_turn = select(Message).where(Message.turn_id == turn.id).order_by(Message.id)
    messages = (await session.scalars(of_turn)).all()
    for message in messages:
        message.text = scrubbed(message.text, secrets)
        message.attachments = scrubbed(message.attachments, secrets)
    for step in steps:
        step.content = {}
    turn.context, turn.understanding, turn.salts = {}, {}, {}
    turn.calls, turn.evidence, turn.bindings = [], [], []
    turn.erased_at = now
    turn.erasure = redaction_of(turn, parts_left(messages), now, key)
    await session.flush()


def parts_left(messages: Iterable[Any]) -> list[Part]:
    """What is left of a redacted turn: its messages, in the order of their rows."""
    return [said_part(each) if each.direction is Direction.IN else reply_part(each) for each in messages]


async def _redact_around(session: AsyncSession, conversation_id: int, secrets: Sequence[str], now: datetime) -> None:
    """What the words went into beside turns: the focus, proposals, requests, and what colleagues were told."""
    if not secrets:
        return
    thread = await session.get_one(Conversation, conversation_id, populate_existing=True)
    if (focus := scrubbed(thread.focus, secrets)) != thread.focus:
        thread.focus = focus
    proposals = select(Proposal).where(Proposal.conversation_id == conversation_id, Proposal.created_at >= now - LATELY)
    for proposal in (await session.scalars(proposals)).all():
        proposal.arguments, proposal.summary = (
            scrubbed(proposal.arguments, secrets),
            scrubbed(proposal.summary, secrets),
        )
    requests = select(Request).where(Request.conversation_id == conversation_id, Request.created_at >= now - LATELY)
    for request in (await session.scalars(requests)).all():
        request.summary = scrubbed(request.summary, secrets)
    told = select(Message).where(
        Message.business_id == thread.business_id, Message.author == Author.SYSTEM, Message.created_at >= now - LATELY
    )
    for message in (await session.scalars(told)).all():
        message.text = scrubbed(message.text, secrets)
    await session.flush()


def scrubbed(value: Any, secrets: Sequence[str]) -> Any:
    """A text or JSON without these runs of digits, whatever separators stand in them."""
    if not secrets:
        return value
    if isinstance(value, str):
        return _pattern(tuple(secrets)).sub(CARD_REMOVED, value)
    if isinstance(value, dict):
        return {key: scrubbed(each, secrets) for key, each in value.items()}
    if isinstance(value, list):
        return [scrubbed(each, secrets) for each in value]
    return value


def _pattern(secrets: tuple[str, ...]) -> re.Pattern[str]:
    """The runs in any script, and with what is unseen between their digits."""
    return re.compile("|".join(_run(each) for each in secrets))


def _run(digits: str) -> str:
    return r"[\u200b-\u200f\u2060\ufeff]*".join(_digit(each) for each in digits)


def _digit(digit: str) -> str:
    place = int(digit)
    return f"[{digit}{chr(0xFF10 + place)}{chr(0x660 + place)}{chr(0x6F0 + place)}{chr(0x966 + place)}]"

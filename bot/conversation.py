"""History and focus: what was said in a thread, what "this" means in it, and who holds it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import ScalarSelect, Select, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from billing.built import rows_of
from billing.tables.talk import Author, Conversation, Direction, Message
from bot.journal import mention_to_json
from bot.meaning import Call
from bot.messages import Mention

KEPT_MENTIONS = 12
KEPT_MESSAGES = 12
_EVER = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Line:
    """Something that was said. who: "person" or "us"."""

    id: int
    who: str
    text: str


async def read_lines(session: AsyncSession, thread_id: int, since: datetime | None, before: int) -> list[Line]:
    """The last messages of a conversation's context before message `before`, oldest first; none of the system's."""
    rows = await rows_of(session, _latest(), {"thread": thread_id, "before": before, "since": since or _EVER})
    return [
        Line(row.id, "person" if row.direction is Direction.IN else "us", row.text)
        for row in reversed(rows)
        if row.author is not Author.SYSTEM
    ]


@cache
def _latest() -> Select[int, Direction, Author, str]:
    said = select(Message.id, Message.direction, Message.author, Message.text).where(
        Message.conversation_id == bindparam("thread"),
        Message.id < bindparam("before"),
        Message.created_at >= bindparam("since"),
        Message.text != "",
        Message.about_id.is_(None),  # what staff wrote to a client through us was not said to us
    )
    return said.order_by(Message.id.desc()).limit(KEPT_MESSAGES)


def mentions_of(focus: dict[str, Any]) -> tuple[Mention, ...]:
    """Records spoken of lately, newest first."""
    return tuple(Mention(**each) for each in focus.get("mentions", ()))


def last_calls_of(focus: dict[str, Any]) -> tuple[Call, ...]:
    """What the turn before asked for."""
    return tuple(Call(each["tool"], each["args"], each["intent"]) for each in focus.get("calls", ()))


def focus_after(
    focus: dict[str, Any], mentions: Sequence[Mention], calls: Sequence[Call], pending: str = "", named: str = ""
) -> dict[str, Any]:
    """The focus once a turn is over: its mentions before the older ones, its calls in place of the last ones.

    pending: a question that waits until it is known who asks, or for whom. named: whose name was said for it.
    """
    seen: dict[tuple[str, str], Mention] = {}
    for mention in (*mentions, *mentions_of(focus)):
        seen.setdefault((mention.kind, mention.key), mention)
    kept = list(seen.values())[:KEPT_MENTIONS]
    client = next((mention.key for mention in kept if mention.kind == "client"), "")
    after: dict[str, Any] = {
        "mentions": [mention_to_json(mention) for mention in kept],
        "calls": [{"tool": c.tool, "args": dict(c.args), "intent": c.intent} for c in calls] or focus.get("calls", []),
        "client": client,
    }
    if pending:
        after["waiting_words"] = pending
    if named:
        after["named"] = named
    return after


async def find_holder(session: AsyncSession, thread: Conversation) -> int | None:
    """The staff member who has this conversation, or another one of the same client."""
    if thread.holder_id is not None or thread.client_id is None:
        return thread.holder_id
    held = await rows_of(session, _held(), {"client": thread.client_id})
    return held[0].holder_id if held else None


@cache
def _held() -> Select[int | None]:
    held = (Conversation.client_id == bindparam("client"), Conversation.holder_id.is_not(None))
    return select(Conversation.holder_id).where(*held).order_by(Conversation.id).limit(1)


@cache
def holder_elsewhere() -> ScalarSelect[int | None]:
    """Of a query over conversations: the staff member who has another thread of the same client.

    A client who is taken is taken in every thread, one that is begun later included.
    """
    other = aliased(Conversation)
    held = select(other.holder_id).where(other.client_id == Conversation.client_id, other.holder_id.is_not(None))
    return held.order_by(other.id).limit(1).scalar_subquery()

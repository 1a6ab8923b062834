"""Propose, confirm, expire: what goes out or changes only on the person's own yes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.built import rows_of
from billing.principal import Principal
from billing.tables.talk import Conversation, Proposal, ProposalStatus, Turn
from bot.evidence import Answer
from bot.journal import answer_from_json, answer_to_json

LASTS = timedelta(minutes=15)
KEPT = timedelta(hours=24)


@dataclass(frozen=True)
class Pending:
    """A proposal that waits, as it was shown. asked_since: another turn came between it and now."""

    id: int
    action: str
    subject: str
    content: Mapping[str, Any]
    is_fresh: bool
    asked_since: bool

    @property
    def arguments(self) -> Mapping[str, Any]:
        """What it is carried out with."""
        arguments: Mapping[str, Any] = self.content["arguments"]
        return arguments

    @property
    def shown(self) -> Answer:
        """What the person was shown."""
        return answer_from_json(self.content["shown"])


async def find_pending(
    session: AsyncSession, thread: Conversation, who: Principal, turn_id: int, now: datetime
) -> tuple[Pending, ...]:
    """The proposals of this thread that wait for this very person, newest last."""
    whose = {"thread": thread.id, "contact": who.contact_id, "staff": who.staff_id, "since": now - KEPT}
    rows = await rows_of(session, _waiting(), whose)
    if not rows:
        return ()
    last_turn = await session.scalar(
        select(Turn.id).where(Turn.conversation_id == thread.id, Turn.id < turn_id).order_by(Turn.id.desc()).limit(1)
    )
    return tuple(
        Pending(
            id=row.id,
            action=row.action,
            subject=row.subject,
            content=row.arguments,
            is_fresh=row.expires_at > now and row.shown_at is not None,
            asked_since=row.turn_id != last_turn,
        )
        for row in rows
    )


@cache
def _waiting() -> Select[int, str, str, dict[str, Any], int | None, datetime, datetime | None]:
    parts = select(
        Proposal.id,
        Proposal.action,
        Proposal.subject,
        Proposal.arguments,
        Proposal.turn_id,
        Proposal.expires_at,
        Proposal.shown_at,
    )
    return parts.where(
        Proposal.conversation_id == bindparam("thread"),
        Proposal.status == ProposalStatus.PENDING,
        # A proposal is one person's, a contact's or a staff member's; what nobody is asked compares with nothing.
        or_(Proposal.contact_id == bindparam("contact"), Proposal.staff_id == bindparam("staff")),
        Proposal.created_at > bindparam("since"),
    ).order_by(Proposal.id)


def may_confirm(pending: tuple[Pending, ...]) -> Pending | None:
    """The one proposal that a plain yes carries out: the only one that waits, shown within 15 minutes, with
    nothing else asked since.
    """
    if len(pending) != 1 or not pending[0].is_fresh or pending[0].asked_since:
        return None
    return pending[0]


def row_of(answer: Answer, *, thread: Conversation, who: Principal, turn_id: int, text: str, now: datetime) -> Proposal:
    """The row of a proposal that `answer` puts to the person; `text` is what they are shown."""
    proposal = answer.proposal or {}
    return Proposal(
        business_id=thread.business_id,
        client_id=proposal.get("client_id", who.client_id),
        conversation_id=thread.id,
        turn_id=turn_id,
        contact_id=who.contact_id,
        staff_id=who.staff_id,
        action=proposal["action"],
        arguments={"arguments": proposal["arguments"], "shown": answer_to_json(answer)},
        subject=proposal.get("subject", ""),
        summary=text,
        status=ProposalStatus.PENDING,
        created_at=now,
        expires_at=now + LASTS,
        shown_at=now,
        idempotency_key=f"turn:{turn_id}:{proposal['action']}:{proposal.get('subject', '')}",
    )


async def decide(session: AsyncSession, ids: tuple[int, ...], status: ProposalStatus, now: datetime) -> None:
    """Write what became of proposals."""
    if not ids:
        return
    for row in await session.scalars(select(Proposal).where(Proposal.id.in_(ids))):
        row.status, row.decided_at = status, now

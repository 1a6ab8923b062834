"""Turns: claiming the messages of one, its journal, and the fence that lets only the claimant commit."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, Update, bindparam, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.dml import ReturningInsert

from billing.built import add_to, rows_of, table_of
from billing.tables.talk import Conversation, Delivery, Direction, Message, Turn, TurnStatus, TurnStep

LEASE = timedelta(seconds=30)
MAX_ATTEMPTS = 3  # times a turn is tried; the next time it is given up, and the time after that parked
LONGEST_QUIET = timedelta(seconds=20)  # somebody who goes on and on is answered in between
_NOBODY = ""  # the owner of a turn that failed and waits for its next attempt


class ClaimLostError(Exception):
    """Another process took the turn over; nothing of ours may be written."""


@dataclass(frozen=True)
class Claim:
    """A turn that is ours to answer while its lease stands. `fence` is checked at every commit."""

    turn_id: int
    business_id: int
    conversation_id: int
    owner: str
    fence: int
    attempts: int


@dataclass(frozen=True)
class NotYet:
    """Something waits, and nobody may begin on it before this moment."""

    until: datetime


@dataclass(frozen=True)
class Pace:
    """After so many turns of a conversation within a time, the next begin so far apart, each with all that came
    meanwhile. Who writes faster than people read does not take the time of others.
    """

    turns: int = 5
    within: timedelta = timedelta(seconds=30)
    apart: timedelta = timedelta(seconds=4)


def pause_after(attempts: int) -> timedelta:
    """How long a turn rests that failed for the `attempts`-th time: 1, 4, 16 … seconds."""
    return timedelta(seconds=4 ** (attempts - 1))


def _alive(_owner: str) -> bool:
    return False


async def claim_turn(
    session: AsyncSession,
    conversation_id: int,
    *,
    owner: str,
    now: datetime,
    is_dead: Callable[[str], bool] = _alive,
    pace: Pace | None = None,
) -> Claim | NotYet | None:
    """Claim what waits in a conversation: take over a turn whose claim ran out or whose owner is dead, or begin
    one with all pending messages.

    NotYet while somebody may still be writing, writes too fast, or a turn that failed rests. None when there is
    nothing to do or somebody else is at it.
    """
    here = {"thread": conversation_id}
    thread = next(iter(await rows_of(session, _owners(), here)), None)
    if thread is None:
        return None
    (found,) = await rows_of(session, _what_is_there(), here)
    if found.running is not None:
        return _take_over(await session.get_one(Turn, found.running), owner, now, is_dead)
    if found.waits_since is None:
        return None
    if thread.answer_after is not None:
        quiet_until = min(thread.answer_after, found.waits_since + LONGEST_QUIET)
        if quiet_until > now:
            return NotYet(quiet_until)
    if pace is not None and (until := await _paced_until(session, conversation_id, pace, now)) > now:
        return NotYet(until)
    whose = {"business_id": thread.business_id, "client_id": thread.client_id, "conversation_id": conversation_id}
    return await _begin(session, whose, owner, now)


async def _paced_until(session: AsyncSession, conversation_id: int, pace: Pace, now: datetime) -> datetime:
    asked = {"thread": conversation_id, "earlier": pace.turns - 1}
    ((latest, earlier),) = await rows_of(session, _begun(), asked)
    return latest + pace.apart if earlier is not None and earlier > now - pace.within else now


@cache
def _begun() -> Select[datetime | None, datetime | None]:
    """When the latest turn of a conversation began, and the one so many turns before it."""
    begun = select(Turn.started_at).where(Turn.conversation_id == bindparam("thread")).order_by(Turn.id.desc())
    earlier = begun.offset(bindparam("earlier", type_=Integer)).limit(1)
    return select(begun.limit(1).scalar_subquery(), earlier.scalar_subquery())


def _take_over(turn: Turn, owner: str, now: datetime, is_dead: Callable[[str], bool]) -> Claim | NotYet | None:
    if turn.lease_until > now and not is_dead(turn.owner):
        return NotYet(turn.lease_until) if turn.owner == _NOBODY else None
    turn.owner, turn.lease_until = owner, now + LEASE
    turn.fence += 1
    turn.attempts += 1
    return Claim(turn.id, turn.business_id, turn.conversation_id, turn.owner, turn.fence, turn.attempts)


# The statements of every turn are built once: building one takes as long as running it.


@cache
def _owners() -> Select[int, int | None, datetime | None]:
    """Whose a conversation is, and until when its person may still be writing; locked until the transaction ends."""
    owners = select(Conversation.business_id, Conversation.client_id, Conversation.answer_after)
    return owners.where(Conversation.id == bindparam("thread")).with_for_update()


def _waiting() -> tuple[ColumnElement[bool], ...]:
    return (
        Message.conversation_id == bindparam("thread"),
        Message.direction == Direction.IN,
        Message.delivery == Delivery.RECEIVED,
        Message.turn_id.is_(None),
    )


@cache
def _what_is_there() -> Select[int | None, datetime | None]:
    """The turn that runs in a conversation, and since when messages wait. Asked once the conversation is locked."""
    running = select(Turn.id).where(Turn.conversation_id == bindparam("thread"), Turn.status == TurnStatus.RUNNING)
    waits = select(func.min(Message.created_at)).where(*_waiting())
    return select(running.scalar_subquery().label("running"), waits.scalar_subquery().label("waits_since"))


@cache
def _take_waiting() -> Update:
    return update(table_of(Message)).where(*_waiting()).values(turn_id=bindparam("turn"), version=Message.version + 1)


@cache
def _add_turn() -> ReturningInsert[int]:
    return add_to(Turn).returning(Turn.id)


async def _begin(session: AsyncSession, whose: dict[str, Any], owner: str, now: datetime) -> Claim:
    claimed = {"status": TurnStatus.RUNNING, "owner": owner, "lease_until": now + LEASE, "started_at": now}
    ((turn_id,),) = await rows_of(session, _add_turn(), {**whose, **claimed})
    await rows_of(session, _take_waiting(), {"thread": whose["conversation_id"], "turn": turn_id})
    return Claim(turn_id, whose["business_id"], whose["conversation_id"], owner, 1, 1)


async def hold_claim(session: AsyncSession, claim: Claim) -> Turn:
    """The turn's row while the claim stands; ClaimLostError when it does not."""
    turn = await session.scalar(_held(), _of(claim))
    if turn is None:
        raise ClaimLostError(f"turn {claim.turn_id} is no longer ours")
    return turn


async def hold_to_finish(session: AsyncSession, claim: Claim) -> tuple[Turn, Conversation]:
    """The turn's row while the claim stands, and its conversation, locked."""
    found = (await session.execute(_held_to_finish(), _of(claim))).first()
    if found is None:
        raise ClaimLostError(f"turn {claim.turn_id} is no longer ours")
    turn, thread = found
    return turn, thread


async def check_claim(session: AsyncSession, claim: Claim) -> int | None:
    """The client of the claim's turn, None where it has none; ClaimLostError when the claim does not stand.

    The turn's row, receipt and all, is not read for it: a turn asks this at each of its steps.
    """
    found = next(iter(await rows_of(session, _client_of(), _of(claim))), None)
    if found is None:
        raise ClaimLostError(f"turn {claim.turn_id} is no longer ours")
    client_id: int | None = found.client_id
    return client_id


def _of(claim: Claim) -> dict[str, Any]:
    return {"turn": claim.turn_id, "fence": claim.fence, "owner": claim.owner}


def _standing() -> tuple[ColumnElement[bool], ...]:
    return (
        Turn.id == bindparam("turn"),
        Turn.fence == bindparam("fence"),
        Turn.owner == bindparam("owner"),
        Turn.status == TurnStatus.RUNNING,
    )


@cache
def _held() -> Select[Turn]:
    return select(Turn).where(*_standing())


@cache
def _held_to_finish() -> Select[Turn, Conversation]:
    both = select(Turn, Conversation).join(Conversation, Conversation.id == Turn.conversation_id)
    return both.where(*_standing()).with_for_update(of=Conversation)


@cache
def _client_of() -> Select[int | None]:
    return select(Turn.client_id).where(*_standing())


async def renew_claim(session: AsyncSession, claim: Claim, now: datetime) -> None:
    """Make the claim last longer; ClaimLostError when it is gone."""
    (await hold_claim(session, claim)).lease_until = now + LEASE


async def release_claim(session: AsyncSession, claim: Claim, until: datetime) -> None:
    """Let a turn rest until then; anybody may take it over afterwards. ClaimLostError when it is gone."""
    turn = await hold_claim(session, claim)
    turn.owner, turn.lease_until = _NOBODY, until


async def park_turn(session: AsyncSession, claim: Claim, why: str, now: datetime) -> None:
    """Set a turn that cannot even be given up aside, with its messages, so that the next ones are answered."""
    turn, _ = await hold_to_finish(session, claim)
    turn.status, turn.finished_at, turn.outcome = TurnStatus.FAILED, now, "parked"
    await rows_of(session, _park(), {"turn": turn.id, "why": why[:500]})


@cache
def _park() -> Update:
    parked = update(table_of(Message)).where(Message.turn_id == bindparam("turn"), Message.direction == Direction.IN)
    return parked.values(delivery=Delivery.PARKED, error=bindparam("why"), version=Message.version + 1)


@dataclass(frozen=True)
class Said:
    """One inbound message of a turn: its id, words, how far its sender was proved, and when it came.

    attachments: what came with it. about_id: the client's conversation that a member of staff answers by it.
    """

    id: int
    text: str
    choice: str | None
    assurance: int
    created_at: datetime
    attachments: Sequence[Mapping[str, Any]] = ()
    about_id: int | None = None


@dataclass(frozen=True)
class Step:
    """One journalled step: what a model answered or a tool returned."""

    step: str
    kind: str
    content: dict[str, Any]
    at: datetime


async def messages_of(session: AsyncSession, claim: Claim) -> list[Said]:
    """The frozen set of inbound messages that a turn answers, in order; ClaimLostError when it is not ours."""
    said = [Said(*row) for row in await rows_of(session, _said(), _of(claim))]
    if not said:
        raise ClaimLostError(f"turn {claim.turn_id} is no longer ours")
    return said


@cache
def _said() -> Select[int, str, str | None, int, datetime, list[Any], int | None]:
    return (
        select(
            Message.id,
            Message.text,
            Message.choice,
            Message.assurance,
            Message.created_at,
            Message.attachments,
            Message.about_id,
        )
        .join(Turn, Turn.id == Message.turn_id)
        .where(*_standing(), Message.direction == Direction.IN)
        .order_by(Message.id)
    )


async def mark_answered(session: AsyncSession, turn_id: int, client_id: int | None) -> None:
    """Close the inbound messages of a turn, which were about this client."""
    await rows_of(session, _answer(), {"turn": turn_id, "client": client_id})


@cache
def _answer() -> Update:
    answered = update(table_of(Message)).where(Message.turn_id == bindparam("turn"), Message.direction == Direction.IN)
    return answered.values(delivery=Delivery.ANSWERED, client_id=bindparam("client"), version=Message.version + 1)


async def read_journal(session: AsyncSession, claim: Claim) -> list[Step]:
    """What was journalled of a turn, in order; nothing is, when this claim is the first."""
    if claim.attempts == 1:
        return []
    kept = select(TurnStep.step, TurnStep.kind, TurnStep.content, TurnStep.at)
    rows = await session.execute(kept.where(TurnStep.turn_id == claim.turn_id).order_by(TurnStep.id))
    return [Step(*row) for row in rows]


async def add_steps(session: AsyncSession, claim: Claim, client_id: int | None, steps: Sequence[Step]) -> None:
    """Journal steps of a turn whose claim was found to stand in this transaction, and whose client this is."""
    whose = {"business_id": claim.business_id, "client_id": client_id, "turn_id": claim.turn_id}
    rows = [
        {**whose, "step": each.step, "kind": each.kind, "content": each.content, "at": each.at} for each in steps
    ]  # fmt: skip
    if rows:
        await rows_of(session, add_to(TurnStep), rows)


async def waiting_conversations(
    session: AsyncSession, now: datetime, dead_owners: frozenset[str] = frozenset()
) -> list[int]:
    """Conversations with messages nobody answers yet though their quiet time is over, or with a turn whose claim
    ran out.
    """
    waits = (Message.direction == Direction.IN, Message.delivery == Delivery.RECEIVED, Message.turn_id.is_(None))
    quiet = Conversation.answer_after.is_(None) | (Conversation.answer_after <= now)
    pending = await session.scalars(
        select(Message.conversation_id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(*waits, quiet | (Message.created_at <= now - LONGEST_QUIET))
        .distinct()
    )
    lapsed = await session.scalars(
        select(Turn.conversation_id).where(
            Turn.status == TurnStatus.RUNNING, or_(Turn.lease_until <= now, Turn.owner.in_(dead_owners))
        )
    )
    return sorted({*pending, *lapsed})


async def running_owners(session: AsyncSession) -> set[str]:
    """Who holds a claim at this moment."""
    return set(await session.scalars(select(Turn.owner).where(Turn.status == TurnStatus.RUNNING)))

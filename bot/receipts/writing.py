"""Writing a turn's receipt: who asked, what ran, which record each figure came from; and finding it again."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.principal import Principal
from billing.tables.talk import Conversation, Message, Turn
from bot.grounding import Binding
from bot.journal import fact_to_json, value_to_json
from bot.meaning import Understanding
from bot.receipts.parts import Part, committed, seal_of
from bot.receipts.sealing import key_of
from bot.turn import CallMade


def binding_to_json(binding: Binding) -> dict[str, Any]:
    """One figure of a reply and where it came from, as it is kept and shown."""
    fact = binding.fact
    return {
        "text": binding.text,
        "handle": fact.handle,
        "kind": fact.kind.value,
        "record": fact.record,
        "field": fact.field,
        "version": fact.version,
        "calculation": fact.calculation,
        "inputs": list(fact.inputs),
        "value": value_to_json(fact.value),
        "start": binding.start,
        "end": binding.end,
    }


def evidence_to_json(calls: tuple[CallMade, ...]) -> list[dict[str, Any]]:
    """Every fact the tools of a turn returned."""
    return [fact_to_json(fact) for call in calls for fact in call.answer.facts()]


def asked_as(principal: Principal) -> dict[str, Any]:
    """Who the turn was answered for."""
    return {
        "kind": principal.kind.value,
        "assurance": principal.assurance,
        "client": principal.client_id,
        "contact": principal.contact_id,
        "staff": principal.staff_id,
    }


def understanding_to_json(understood: Understanding) -> dict[str, Any]:
    """What the words were taken to mean, without the words."""
    return {
        "act": understood.act.value,
        "confidence": round(understood.confidence, 4),
        "language": understood.language,
        "smalltalk": understood.smalltalk,
        "tools": [{"name": c.tool, "args": dict(c.args), "intent": c.intent} for c in understood.calls],
    }


def write_receipt(row: Turn, thread: Conversation, parts: Iterable[Part], secret: bytes) -> None:
    """Seal a finished turn's row, and make it the head of its conversation, which is locked.

    The receipt names the turn before it and that one's seal, so that none can be taken out from between.
    """
    key = key_of(secret)
    commitments, salts = committed(parts)
    previous = [thread.head_turn, thread.head] if thread.head else None
    row.receipt = {"turn": row.id, "key": key.fingerprint, "previous": previous, "parts": commitments}
    row.salts = salts
    row.chain = seal_of(row, row.receipt, key)
    thread.head_turn, thread.head = row.id, row.chain


async def find_receipt(session: AsyncSession, message: str) -> tuple[Message, Turn | None] | None:
    """A message by its public id or number, and the turn that wrote it; None when there is none."""
    by = Message.id == int(message) if message.isdigit() else Message.public_id == message
    row = await session.scalar(select(Message).where(by))
    if row is None:
        return None
    turn = await session.get(Turn, row.turn_id) if row.turn_id is not None else None
    return row, turn

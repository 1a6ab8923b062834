"""The receipt of a turn: who asked, what ran, which record each figure came from; chained per conversation."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.principal import Principal
from billing.tables.talk import Message, Turn
from bot.grounding import Binding
from bot.journal import fact_to_json, value_to_json
from bot.meaning import Understanding
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


def receipt_of(turn: Turn, reply: str) -> dict[str, Any]:
    """What the hash covers."""
    return {
        "turn": turn.id,
        "asked_as": turn.asked_as,
        "model": turn.model,
        "prompt": turn.prompt_version,
        "understanding": turn.understanding,
        "calls": turn.calls,
        "evidence": turn.evidence,
        "bindings": turn.bindings,
        "reply": reply,
        "outcome": turn.outcome,
    }


def seal(previous: str, receipt: Mapping[str, Any], secret: bytes) -> str:
    """What ties a receipt to the conversation's one before: HMAC-SHA256 over that one's seal and canonical JSON."""
    canonical = json.dumps(receipt, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hmac.new(secret, f"{previous}\n{canonical}".encode(), hashlib.sha256).hexdigest()


async def find_receipt(session: AsyncSession, message: str) -> tuple[Message, Turn | None] | None:
    """A message by its public id or number, and the turn that wrote it; None when there is none."""
    by = Message.id == int(message) if message.isdigit() else Message.public_id == message
    row = await session.scalar(select(Message).where(by))
    if row is None:
        return None
    turn = await session.get(Turn, row.turn_id) if row.turn_id is not None else None
    return row, turn

"""What a turn was answered from beside its messages and its journal: kept as JSON, and made a turn of again."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from billing.access import Door
from billing.changes.turns import Claim, Said
from billing.principal import Principal, PrincipalKind
from billing.tables.talk import Conversation, Turn
from bot.caps import Cap
from bot.codes import Proof
from bot.consenting import Heard, hear
from bot.identity import Asker, Party
from bot.journal import Journal, mention_to_json
from bot.keywords import Keyword
from bot.meaning import Act, Call, TurnContext, Understanding
from bot.messages import Mention
from bot.opening import OpenTurn, Surroundings
from bot.proposals import Pending
from bot.replies import base_facts
from bot.showing import Reader
from bot.tools.context import BusinessCard, ToolContext
from bot.turn import TurnWork, grants_of


@dataclass(frozen=True)
class Stage:
    """Where a kept turn is told again: its journal, the door its tools would go through, and their surroundings."""

    journal: Journal
    door: Door
    around: Surroundings


def context_to_json(turn: OpenTurn) -> dict[str, Any]:
    """All that decides what an open turn says, but for its messages and its journal."""
    work, asker, asked = turn.work, turn.asker, turn.work.asked
    understood = work.understanding
    return {
        "words": turn.words,
        "now": work.reader.now.isoformat(),
        "reader": [work.reader.language, work.reader.locale],
        "asked": [asked.language, asked.locale, asked.zone],
        "mentions": [mention_to_json(each) for each in asked.mentions],
        "calls": [_call_to_json(each) for each in asked.last_calls],
        "client": asked.client_focus,
        "pending": [_pending_to_json(each) for each in turn.pending],
        "asker": [asker.name, asker.language, asker.locale, asker.principal.role],
        "parties": [[each.id, each.name, each.version] for each in asker.parties],
        "business": asdict(asker.business),
        "understood": {
            "text": understood.text,
            "act": understood.act.value,
            "confidence": understood.confidence,
            "language": understood.language,
            "smalltalk": understood.smalltalk,
            "calls": [_call_to_json(each) for each in understood.calls],
            "choices": [_call_to_json(each) for each in understood.choices],
        },
        "waiting": turn.thread.focus.get("waiting_words", ""),
        "since": turn.thread.context_since.isoformat() if turn.thread.context_since else None,
        "threads": [[each, since.isoformat() if since else None] for each, since in turn.threads],
        "switched": turn.switched.id if turn.switched else None,
        "asks_to_switch": turn.asks_to_switch,
        "holder": turn.holder_id,
        "heard": [turn.heard.keyword.value, turn.heard.is_all, turn.heard.is_silent] if turn.heard else None,
        "proof": work.proof.to_json() if work.proof is not None else None,
        "named": turn.thread.focus.get("named", ""),
        "cap": turn.cap.value,
    }


def _call_to_json(call: Call) -> dict[str, Any]:
    return {"tool": call.tool, "args": dict(call.args), "intent": call.intent}


def _pending_to_json(pending: Pending) -> dict[str, Any]:
    return {
        "id": pending.id,
        "action": pending.action,
        "subject": pending.subject,
        "content": dict(pending.content),
        "is_fresh": pending.is_fresh,
        "asked_since": pending.asked_since,
    }


def opened_again(row: Turn, said: tuple[Said, ...], stage: Stage) -> OpenTurn:
    """The turn as it was when it was opened, from its row and its messages."""
    kept = row.context
    now = datetime.fromisoformat(kept["now"])
    asker = _asker_of(row)
    understood = understanding_of(kept["understood"])
    asked = asked_of(row)
    context = _tool_context(row, asker, asked, stage)
    work = TurnWork(
        context=context,
        understanding=understood,
        asked=asked,
        journal=stage.journal,
        reader=Reader(context.language, context.locale, context.zone, now),
        base=base_facts(asker.business),
        person=asker.name,
        grants=grants_of(understood),
        proof=Proof.from_json(kept["proof"]) if kept.get("proof") else None,
    )
    claim = Claim(row.id, row.business_id, row.conversation_id, owner="", fence=0, attempts=row.attempts)
    thread = Conversation(
        id=row.conversation_id,
        business_id=row.business_id,
        focus={"waiting_words": kept["waiting"], "named": kept.get("named", "")},
    )
    switched = next((party for party in asker.parties if party.id == kept["switched"]), None)
    pending = tuple(Pending(**each) for each in kept["pending"])
    return OpenTurn(
        claim, thread, asker, pending, said, work, kept["holder"], switched, kept["asks_to_switch"], _heard(kept, said),
        cap=Cap(kept.get("cap", "")),
    )  # fmt: skip


def _heard(kept: dict[str, Any], said: tuple[Said, ...]) -> Heard | None:
    if "heard" not in kept:  # of a turn before this was kept
        return hear(said, "")[1]
    if kept["heard"] is None:
        return None
    keyword, is_all, is_silent = kept["heard"]
    return Heard(Keyword(keyword), is_all, is_silent)


def asked_of(row: Turn) -> TurnContext:
    """What the words of a turn were understood against."""
    kept = row.context
    language, locale, zone = kept["asked"]
    return TurnContext(
        kind=row.asked_as["kind"],
        language=language,
        locale=locale,
        zone=zone,
        now=datetime.fromisoformat(kept["now"]),
        mentions=tuple(Mention(**each) for each in kept["mentions"]),
        last_calls=_calls_of(kept["calls"]),
        client_focus=kept["client"],
        has_pending_proposal=bool(kept["pending"]),
    )


def understanding_of(kept: dict[str, Any]) -> Understanding:
    """An understanding as it was kept."""
    return Understanding(
        text=kept["text"],
        act=Act(kept["act"]),
        calls=_calls_of(kept["calls"]),
        confidence=kept["confidence"],
        language=kept["language"],
        choices=_calls_of(kept["choices"]),
        smalltalk=kept["smalltalk"],
    )


def _calls_of(kept: list[dict[str, Any]]) -> tuple[Call, ...]:
    return tuple(Call(each["tool"], each["args"], each["intent"]) for each in kept)


def _asker_of(row: Turn) -> Asker:
    kept, who = row.context, row.asked_as
    name, language, locale, role = kept["asker"]
    principal = Principal(
        business_id=row.business_id,
        kind=PrincipalKind(who["kind"]),
        assurance=who["assurance"],
        client_id=who["client"],
        contact_id=who["contact"],
        staff_id=who["staff"],
        role=role,
    )
    parties = tuple(Party(*each) for each in kept["parties"])
    return Asker(principal, BusinessCard(**kept["business"]), name, language, locale, parties)


def _tool_context(row: Turn, asker: Asker, asked: TurnContext, stage: Stage) -> ToolContext:
    language, locale = row.context["reader"]
    return ToolContext(
        principal=asker.principal,
        door=stage.door,
        business=asker.business,
        now=asked.now,
        language=language,
        locale=locale,
        zone=asker.business.zone,
        links=stage.around.links,
        words=row.context["words"],
        mentions=asked.mentions,
        client_focus=asked.client_focus,
        conversation_id=row.conversation_id,
        turn_id=row.id,
        knowledge=stage.around.knowledge,
    )

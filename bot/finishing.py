"""Finishing a turn: reply, receipt, focus, proposals and alerts, written together while the claim stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from billing.changes.media import tie_media
from billing.changes.messages import Outgoing, add_outgoing
from billing.changes.turns import hold_to_finish, mark_answered
from billing.tables.addresses import Consent as ConsentRow
from billing.tables.talk import Author, Conversation, Message, ProposalStatus, Turn, TurnStatus
from bot import prompts
from bot.announcements import alert_staff, tell_holder
from bot.claims.foreign import own_links_only
from bot.conversation import focus_after
from bot.deciding import Consent, Decided
from bot.evidence import Answer
from bot.grounding import Binding, render_handles
from bot.identity import speak_for
from bot.journal import attachment_to_json
from bot.messages import Attachment, AttachmentKind
from bot.opening import OpenTurn
from bot.proposals import decide, row_of
from bot.receipts.context import context_to_json
from bot.receipts.parts import parts_of
from bot.receipts.writing import asked_as, binding_to_json, evidence_to_json, understanding_to_json, write_receipt
from bot.replies import yes_no
from bot.tools.registry import find_tool
from bot.turn import Draft, TurnWork, call_key

SENDS = {AttachmentKind.LINK, AttachmentKind.FILE}


@dataclass(frozen=True)
class Finished:
    """A drafted and bound turn, ready to be written. secret: the key of the receipts' chain."""

    draft: Draft
    text: str
    bindings: tuple[Binding, ...]
    started: datetime
    now: datetime
    secret: bytes


async def finish_turn(session: AsyncSession, turn: OpenTurn, done: Finished) -> None:
    """Write all that a turn leaves behind, or nothing: ClaimLostError when another process has it."""
    row, thread = await hold_to_finish(session, turn.claim)
    if turn.switched is not None:
        speak_for(thread, turn.switched, done.now)
    turn.work.journal.write_held(session, row.client_id)
    row.client_id = thread.client_id
    await mark_answered(session, row.id, thread.client_id)
    await _write_decisions(session, turn, done)
    replies: list[Message] = []
    if done.text:
        replies.append(_write_reply(session, turn, thread, done))
        _write_focus(turn, thread, done)
        written = _keys_written(turn, done.draft)
        await tie_media(session, thread.id, written, done.now)
        await alert_staff(session, written, done.now)
    elif turn.holder_id is not None:
        await tell_holder(session, thread, turn.holder_id, turn.words, f"turn:{row.id}:held", done.now)
    _describe(row, turn, done)
    parts = parts_of(row, turn.said, turn.work.journal.steps, replies)
    write_receipt(row, thread, parts, done.secret)


def _keys_written(turn: OpenTurn, draft: Draft) -> list[str]:
    """The keys under which the turn's writing tools may have opened requests."""
    kind = turn.asker.principal.kind
    found = [(call, find_tool(kind, call.tool)) for call in draft.made]
    return [call_key(turn.claim.turn_id, call.step) for call, spec in found if spec is None or spec.writes]


def _write_reply(session: AsyncSession, turn: OpenTurn, thread: Conversation, done: Finished) -> Message:
    hung = attachments_of(turn.work, done.draft)
    outgoing = Outgoing(
        text=done.text,
        author=Author.ASSISTANT,
        at=done.now,
        idempotency_key=f"turn:{turn.claim.turn_id}:reply",
        language=turn.work.reader.language,
        attachments=[attachment_to_json(each) for each in hung],
        turn_id=turn.claim.turn_id,
        invoice_id=_invoice_sent(done.draft) if any(each.kind in SENDS for each in hung) else None,
    )
    return add_outgoing(session, thread, outgoing)  # while the claim stands, the turn has no reply yet


def _invoice_sent(draft: Draft) -> int | None:
    """The invoice that a reply with a link or file is about, when it is about one."""
    records = {
        fact.record for answer in draft.answers() for fact in answer.facts() if fact.record.startswith("invoice:")
    }
    return int(records.pop().partition(":")[2]) if len(records) == 1 else None


def attachments_of(work: TurnWork, draft: Draft) -> tuple[Attachment, ...]:
    """What hangs on the reply: from the tools' answers, never from the model; each once, handles written out."""
    hung: dict[tuple[str, str, str], Attachment] = {}
    for answer in draft.answers():
        wanted = [*answer.attachments, *(yes_no(work.reader.language) if answer.proposal else ())]
        for each in wanted:
            shown = _shown(each, answer.facts(), work)
            hung.setdefault((shown.kind.value, shown.label, shown.value), shown)
    return tuple(hung.values())


def _shown(attachment: Attachment, facts: Sequence[Any], work: TurnWork) -> Attachment:
    def write(text: str) -> str:
        reader = work.reader
        written = render_handles(
            text,
            facts,
            locale=reader.locale,
            zone=reader.zone,
            now=reader.now,
            language=reader.language,
            keep_unknown=True,
        )
        return own_links_only(written, (*facts, *work.base))  # a file's name may hold a link

    is_address = attachment.kind in SENDS
    return Attachment(
        kind=attachment.kind,
        label=write(attachment.label),
        value=attachment.value if is_address else write(attachment.value),
        rows=tuple((write(label), write(text)) for label, text in attachment.rows),
        extra=attachment.extra,
    )


async def _write_decisions(session: AsyncSession, turn: OpenTurn, done: Finished) -> None:
    """What became of proposals, new proposals, and consent."""
    draft = done.draft
    who = turn.asker.principal
    if isinstance(draft, Decided):
        if draft.settled and draft.settled_as is not None:
            await decide(session, draft.settled, draft.settled_as, done.now)
        if draft.consent is not None and who.contact_id is not None:
            session.add(_consent_row(turn, draft.consent, done.now))
    if who.contact_id is None and who.staff_id is None:
        return
    for answer in draft.answers():
        if answer.proposal is not None and "action" in answer.proposal and answer.kind != "ask_again":
            await decide(session, _same_as(answer, turn), ProposalStatus.SUPERSEDED, done.now)
            session.add(
                row_of(
                    answer,
                    thread=turn.thread,
                    who=who,
                    turn_id=turn.claim.turn_id,
                    text=done.text,
                    now=done.now,
                )
            )


def _same_as(answer: Answer, turn: OpenTurn) -> tuple[int, ...]:
    """Proposals that wait and are of the same thing: the new one takes their place, so that a yes stays clear."""
    same = answer.proposal or {}
    return tuple(
        waiting.id
        for waiting in turn.pending
        if (waiting.action, waiting.subject) == (same["action"], same.get("subject", ""))
    )


def _consent_row(turn: OpenTurn, consent: Consent, now: datetime) -> ConsentRow:
    return ConsentRow(
        business_id=turn.thread.business_id,
        contact_id=turn.asker.principal.contact_id,
        channel=turn.thread.channel,
        scope="proactive",
        source="message",
        wording=turn.words[:500],
        is_given=consent is Consent.GIVEN,
        at=now,
    )


def _write_focus(turn: OpenTurn, thread: Conversation, done: Finished) -> None:
    draft = done.draft
    waiting = draft.waiting_words if isinstance(draft, Decided) else ""
    thread.focus = focus_after(thread.focus, draft.mentions(), draft.asked, waiting)
    thread.language = turn.work.reader.language


def _describe(row: Turn, turn: OpenTurn, done: Finished) -> None:
    draft = done.draft
    row.status = TurnStatus.DONE
    row.finished_at = done.now
    row.asked_as = asked_as(turn.asker.principal)
    row.model = draft.model or "fixed"
    row.prompt_version = prompts.VERSION
    row.understanding = understanding_to_json(turn.work.understanding)
    row.calls = [{"name": call.tool, "args": dict(call.args), "step": call.step} for call in draft.made]
    row.evidence = evidence_to_json(draft.made)
    row.bindings = [binding_to_json(binding) for binding in done.bindings]
    took = round((done.now - done.started).total_seconds() * 1000, 1)
    row.timings = {"ms": took, **turn.work.spent.to_json()}
    row.outcome = draft.outcome
    row.context = context_to_json(turn)

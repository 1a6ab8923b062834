"""Finishing a turn: reply, receipt, focus, proposals and alerts, written together while the claim stands."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from billing.changes.media import tie_media
from billing.changes.messages import Outgoing, add_outgoing
from billing.changes.turns import hold_to_finish, mark_answered
from billing.tables.talk import Author, Conversation, Message, ProposalStatus, Turn, TurnStatus
from bot import prompts
from bot.addresses import turn_to
from bot.announcements import alert_staff, alert_too_many, tell_holder
from bot.caps import CAPPED, Cap
from bot.claims.foreign import own_links_only
from bot.codes import SENT
from bot.conversation import find_holder, focus_after
from bot.decided import Decided
from bot.deciding_proof import lacks_proof
from bot.evidence import Answer
from bot.grounding import Binding, render_handles
from bot.identity import speak_for
from bot.journal import attachment_to_json
from bot.messages import Attachment, AttachmentKind
from bot.opening import OpenTurn
from bot.proposals import decide, row_of
from bot.proving import request_code
from bot.receipts.context import context_to_json
from bot.receipts.parts import parts_of
from bot.receipts.redacting import redact_as_it_ends
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
    """Write all that a turn leaves behind, or nothing: ClaimLostError when another process has it.

    The conversation is locked first. Where a person took it since the turn began, no reply is written: they are
    handed the words, and what the turn's tools did stands, its requests told to staff.
    """
    row, thread = await hold_to_finish(session, turn.claim)
    _turn_to_who_asks(turn, thread, done)
    written = _keys_written(turn, done.draft)
    taken_by = await _taken_by(session, turn, thread)
    if taken_by is not None:
        turn, done = replace(turn, holder_id=taken_by), replace(done, draft=Draft("", outcome="held"), text="")
    await turn.work.journal.write_held(session, row.client_id)
    row.client_id = thread.client_id
    await mark_answered(session, row.id, thread.client_id)
    await _write_decisions(session, turn, done)
    replies: list[Message] = []
    if done.text:
        replies.append(_write_reply(session, turn, thread, done))
        _write_focus(turn, thread, done)
        await tie_media(session, thread.id, written, done.now)
    elif turn.holder_id is not None:
        key = f"turn:{row.id}:held"
        words, wants_none = turn.words_as_said, turn.wants_no_messages
        await tell_holder(session, thread, turn.holder_id, words, key, done.now, wants_none=wants_none)
    await alert_staff(session, written, done.now)
    if done.draft.outcome == CAPPED and turn.cap is Cap.FIRST:
        await alert_too_many(session, thread, f"turn:{row.id}:capped", done.now)
    _describe(row, turn, done)
    parts = parts_of(row, turn.said, turn.work.journal.steps, replies)
    write_receipt(row, thread, parts, done.secret)
    if row.erased_at is not None:  # earlier parts of a card's number were taken out while it ran
        await redact_as_it_ends(session, row, thread, turn.said, done.secret)


def _turn_to_who_asks(turn: OpenTurn, thread: Conversation, done: Finished) -> None:
    """A client that was chosen, or a person whom a code proved: from now on the thread speaks for them."""
    if turn.switched is not None:
        speak_for(thread, turn.switched, done.now)
    if turn.is_proved_now:
        who = turn.asker.principal
        turn_to(thread, who.contact_id, who.staff_id, who.client_id, done.now)


async def _taken_by(session: AsyncSession, turn: OpenTurn, thread: Conversation) -> int | None:
    """Who has the conversation now, as it stands under its lock; a member of staff's own thread is never held."""
    if turn.asker.principal.is_staff:
        return None
    return await find_holder(session, thread)


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
        if draft.outcome == SENT and (address_id := turn.address_id) is not None:
            await request_code(session, turn.thread.business_id, address_id, draft.wish, done.now)
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


def _write_focus(turn: OpenTurn, thread: Conversation, done: Finished) -> None:
    draft = done.draft
    waiting, named = (draft.waiting_words, draft.named) if isinstance(draft, Decided) else ("", "")
    if turn.work.proof is not None and not isinstance(draft, Decided) and lacks_proof(turn.work):
        waiting = turn.words  # the part that was refused is answered after the proof
    thread.focus = focus_after(thread.focus, draft.mentions(), draft.asked, waiting, named)
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

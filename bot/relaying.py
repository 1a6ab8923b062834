"""What staff write in reply to our news of a client goes to that client, in their own name; no model reads it."""

from collections.abc import Iterable

from sqlalchemy.ext.asyncio import AsyncSession

from billing.changes.addresses import find_one_address
from billing.changes.messages import Outgoing, queue_outgoing
from billing.changes.threads import hold_where_free
from billing.changes.turns import Said
from billing.tables.people import Client
from billing.tables.talk import Author, Conversation
from bot.decided import Decided
from bot.evidence import Answer, Fact, RecordFacts
from bot.journal import answer_from_json, answer_to_json
from bot.messages import AttachmentKind
from bot.opening import OpenTurn
from bot.sendgate import Refused, may_send
from bot.stored import is_relayed
from bot.turn import call_key
from bot.wording import render

RELAYED = "relayed"
STEP = "relay:"
SENT = Answer("relayed")


async def decide_relayed(turn: OpenTurn) -> Decided | None:
    """Of a turn that is nothing but such replies: nothing to say, unless one could not be sent."""
    if not turn.said or not all(map(is_relayed, turn.said)):
        return None
    failed = await relay(turn)
    words = [render(answer, intent="", language=turn.work.reader.language) for answer in failed]
    return Decided("\n\n".join(words), extra=failed, outcome=RELAYED)


async def relay(turn: OpenTurn) -> tuple[Answer, ...]:
    """Send every such reply on, once; the answers that say why one could not be sent."""
    answers = [await _relay_once(turn, each) for each in turn.said if is_relayed(each)]
    return tuple(answer for answer in answers if answer.kind != SENT.kind)


async def _relay_once(turn: OpenTurn, message: Said) -> Answer:
    step, journal = f"{STEP}{message.id}", turn.work.journal
    known = journal.recall(step)
    if known is not None:
        return answer_from_json(known["answer"])
    answer = await _relay(turn, message, call_key(turn.claim.turn_id, step))
    await journal.record(step, "tool", {"tool": "relay", "args": {}, "answer": answer_to_json(answer)})
    return answer


async def _relay(turn: OpenTurn, message: Said, key: str) -> Answer:
    who, now = turn.asker.principal, turn.work.reader.now

    async def work(session: AsyncSession) -> Answer:
        thread = await session.get_one(Conversation, message.about_id)
        why = "" if who.is_staff and who.assurance > 1 else "proof"
        why = why or await _why_not(session, thread, message, key)
        if why:
            return Answer("relay_failed", {"client": await _named(session, thread, why), "why": why}, error=True)
        outgoing = Outgoing(
            message.text.strip(), Author.STAFF, now, key, language=thread.language, author_staff_id=who.staff_id
        )
        written = await queue_outgoing(session, thread, outgoing)
        await hold_where_free(session, written, who.staff_id or 0, now)
        return SENT

    return await turn.work.context.records.write(work)


async def _why_not(session: AsyncSession, thread: Conversation, message: Said, key: str) -> str:
    """Why a reply cannot go to whom it was meant for; "" where it can."""
    if not message.text.strip():
        return "empty"
    changed = thread.context_since is not None and thread.context_since > message.created_at
    if changed or _is_late(message.attachments):
        return "other"
    if isinstance(await may_send(session, thread, Author.STAFF, key, message.created_at), Refused):
        return "opted_out"
    address = await find_one_address(session, thread.connection, thread.address)
    return "blocked" if address is not None and address.blocked_at is not None else ""


def _is_late(marks: Iterable[object]) -> bool:
    return any(isinstance(mark, dict) and mark.get("kind") == AttachmentKind.REPLY.value for mark in marks)


async def _named(session: AsyncSession, thread: Conversation, why: str) -> Fact | str:
    """Whom it was for; not where the thread is somebody else's by now."""
    client = await session.get(Client, thread.client_id) if thread.client_id is not None and why != "other" else None
    return RecordFacts(client.name, "client", client.id, client.version).name("name", client.name) if client else ""

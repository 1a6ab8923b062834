"""What a client is told when a person takes their conversation, and when the assistant answers again."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from billing.changes.messages import Outgoing, queue_outgoing
from billing.records.reaching import REACHABLE
from billing.tables.people import Staff
from billing.tables.talk import Author, Conversation
from bot.evidence import Answer
from bot.sendgate import Refused, may_send
from bot.tools.context import ToolContext
from bot.tools.outgoing import outgoing_text
from bot.tools.progress import staff_name


async def say_who_answers(
    session: AsyncSession, context: ToolContext, threads: Sequence[Conversation], *, taken: bool
) -> None:
    """Put the notice into each thread that the page shows; once for each change of hands."""
    staff = await session.get(Staff, context.principal.staff_id) if context.principal.staff_id else None
    if staff is None:
        return
    for thread in threads:
        key = f"{context.key}:notice:{thread.id}"
        allowed = await may_send(session, thread, Author.SYSTEM, key, context.now)
        if thread.channel not in REACHABLE or isinstance(allowed, Refused):
            continue
        language = thread.language or context.business.locale.partition("_")[0]
        answer = Answer("notice_taken" if taken else "notice_freed", {"staff": staff_name(staff)})
        text = outgoing_text(answer, language, context.business.locale, context.business.zone, context.now)
        notice = Outgoing(
            text=text,
            author=Author.SYSTEM,
            at=context.now,
            idempotency_key=key,
            language=language,
        )
        await queue_outgoing(session, thread, notice)

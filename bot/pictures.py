"""A picture without words: added to the request it belongs to, else a request is made of it, so that staff see it."""

from dataclasses import dataclass

from billing.changes.media import find_open_request
from billing.tables.work import Request, RequestKind
from bot.evidence import Answer
from bot.journal import answer_from_json, answer_to_json
from bot.opening import OpenTurn
from bot.replies import fixed
from bot.tools.context import ToolContext, facts_of
from bot.tools.requests import carry_out_create_request
from bot.turn import CallMade
from bot.wording import label

STEP = "picture"
TOOL = "create_request"


@dataclass(frozen=True)
class Pictured:
    """What is said to a picture, and the call that opened a request for it, if one did."""

    answer: Answer
    made: tuple[CallMade, ...] = ()


async def answer_picture(turn: OpenTurn) -> Pictured | None:
    """The answer to a turn whose messages carry no word; None for any other. A channel stores no message that has
    neither words nor a picture.
    """
    who = turn.asker.principal
    if turn.words.strip() or turn.switched is not None:
        return None
    if who.is_staff or who.client_id is None or who.assurance == 0:
        return Pictured(fixed("picture_unknown", turn.asker.business, staff=who.is_staff))
    known = turn.work.journal.recall(STEP)
    if known is not None:
        return _told(turn, answer_from_json(known["answer"]))
    request = await _open_request(turn, who.client_id)
    if request is not None:
        number = facts_of(request.number, request).number(request.number)
        return Pictured(fixed("picture_added", turn.asker.business, number=number))
    context: ToolContext = turn.work.tool_context(STEP)
    summary = label(turn.work.reader.language, "picture_summary")
    arguments = {"kind": str(RequestKind.SERVICE), "summary": summary, "priority": "normal"}
    opened = await carry_out_create_request(context, arguments)
    answer = Answer("picture_received", dict(opened.data), mentions=opened.mentions)
    await turn.work.journal.record(STEP, "tool", {"tool": TOOL, "args": {}, "answer": answer_to_json(answer)})
    return _told(turn, answer)


async def _open_request(turn: OpenTurn, client_id: int) -> Request | None:
    thread_id, now = turn.thread.id, turn.work.reader.now
    return await turn.work.context.records.read(
        lambda session: find_open_request(session, thread_id, client_id, now)
    )  # fmt: skip


def _told(turn: OpenTurn, answer: Answer) -> Pictured:
    made = CallMade(STEP, TOOL, {}, answer)
    turn.work.calls.append(made)
    return Pictured(answer, (made,))

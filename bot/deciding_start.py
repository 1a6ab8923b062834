"""What is decided of going on in the chat app: TELEGRAM, written anywhere else by somebody who is known."""

from bot.decided import Decided
from bot.deciding_proof import ask_who
from bot.evidence import Answer
from bot.journal import answer_from_json, answer_to_json
from bot.keywords import Keyword, find_keyword
from bot.opening import OpenTurn
from bot.tools.start_links import APP, days_good, offer_start
from bot.wording import render

START_STEP = "start_link"


async def decide_start(turn: OpenTurn) -> Decided | None:
    """The link, once: the journal remembers it. None where it was not asked for, or the business has no bot."""
    if find_keyword(turn.words) is not Keyword.TELEGRAM:
        return None
    known = turn.work.journal.recall(START_STEP)
    if known is not None:
        return _said(turn, answer_from_json(known["answer"]))
    if turn.asker.principal.assurance == 0 and turn.work.proof is not None:
        return ask_who(turn)
    if turn.thread.channel == APP:
        return None
    link = await offer_start(turn.work.tool_context(START_STEP), even_if_known=True)
    if link is None:
        return None
    answer = Answer("start_link", {"channel": APP, "days": days_good()}, (link,))
    content = {"tool": "start_link", "args": {}, "answer": answer_to_json(answer)}
    await turn.work.journal.record(START_STEP, "tool", content)
    return _said(turn, answer)


def _said(turn: OpenTurn, answer: Answer) -> Decided:
    words = render(answer, intent="", language=turn.work.reader.language)
    return Decided(words, extra=(answer,), outcome="start_link")

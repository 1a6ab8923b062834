"""What is decided in code before any model: for whom, keywords with legal force, a yes or no to a proposal."""

from dataclasses import dataclass
from enum import StrEnum

from billing.tables.talk import ProposalStatus
from bot.evidence import Answer
from bot.journal import answer_from_json, answer_to_json
from bot.keywords import Keyword, find_keyword
from bot.meaning import Act
from bot.opening import OpenTurn
from bot.pictures import answer_picture
from bot.proposals import Pending, may_confirm
from bot.replies import ask_again, ask_for_whom, fixed, now_speaking_for
from bot.tools.registry import find_tool
from bot.turn import CallMade, Draft
from bot.wording import render

CONFIRM_STEP = "confirm"


class Consent(StrEnum):
    """What a person decided about being written to."""

    GIVEN = "given"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Decided(Draft):
    """A draft that no model wrote, and what is written with it: consent, and what became of proposals."""

    consent: Consent | None = None
    settled: tuple[int, ...] = ()
    settled_as: ProposalStatus | None = None
    waiting_words: str = ""


async def decide(turn: OpenTurn) -> Decided | None:
    """The answer that needs no model, if there is one."""
    return _for_whom(turn) or await _picture(turn) or _keyword(turn) or await _confirmation(turn)


def _for_whom(turn: OpenTurn) -> Decided | None:
    """Which client this is about, where a contact speaks for several."""
    if turn.asker.must_choose:
        waiting = turn.thread.focus.get("waiting_words", "")
        answer = ask_for_whom(turn.asker, after_choice=bool(waiting))
        words = waiting or ("" if turn.asks_to_switch else turn.words)
        return Decided(_words(turn, answer), extra=(answer,), outcome="asked_for_whom", waiting_words=words)
    if turn.switched is not None and not turn.words:
        answer = now_speaking_for(turn.asker, turn.switched.id)
        return Decided(_words(turn, answer), extra=(answer,), outcome="switched")
    return None


async def _picture(turn: OpenTurn) -> Decided | None:
    """A picture without words."""
    pictured = await answer_picture(turn)
    if pictured is None:
        return None
    words = _words(turn, pictured.answer)
    return Decided(words, made=pictured.made, extra=(pictured.answer,), outcome="picture")


def _keyword(turn: OpenTurn) -> Decided | None:
    """STOP, START and HELP, and the plain wish not to be written to."""
    keyword = find_keyword(turn.words)
    card = turn.asker.business
    if keyword is Keyword.STOP or (turn.work.understanding.act is Act.OPT_OUT and keyword is None):
        answer = fixed("opted_out", card)
        return Decided(_words(turn, answer), extra=(answer,), outcome="opted_out", consent=Consent.WITHDRAWN)
    if keyword is Keyword.START:
        answer = fixed("opted_in", card)
        return Decided(_words(turn, answer), extra=(answer,), outcome="opted_in", consent=Consent.GIVEN)
    if keyword is Keyword.HELP:
        answer = fixed("help", card, staff=turn.asker.principal.is_staff)
        return Decided(_words(turn, answer), extra=(answer,), outcome="help")
    return None


async def _confirmation(turn: OpenTurn) -> Decided | None:
    """A plain yes or no to what was proposed to this very person."""
    keyword = find_keyword(turn.words)
    if keyword not in {Keyword.YES, Keyword.NO} or not turn.pending:
        return None
    every = tuple(pending.id for pending in turn.pending)
    if keyword is Keyword.NO:
        answer = fixed("declined", turn.asker.business)
        return Decided(
            _words(turn, answer),
            extra=(answer,),
            outcome="declined",
            settled=every,
            settled_as=ProposalStatus.DECLINED,
        )
    chosen = may_confirm(turn.pending)
    if chosen is None:
        return _ask_again(turn, every)
    return await _carry_out(turn, chosen)


def _ask_again(turn: OpenTurn, every: tuple[int, ...]) -> Decided:
    again = ask_again(turn.pending, turn.asker.business)
    last = turn.pending[-1].shown
    text = f"{_words(turn, again)}\n{_words(turn, last)}"
    return Decided(
        text, extra=(again, last), outcome="asked_again", settled=every, settled_as=ProposalStatus.SUPERSEDED
    )


async def _carry_out(turn: OpenTurn, chosen: Pending) -> Decided:
    """Carry a proposal out, once: the journal remembers it, and (turn, step) is its idempotency key."""
    work = turn.work
    known = work.journal.recall(CONFIRM_STEP)
    if known is not None:
        answer = answer_from_json(known["answer"])
    else:
        spec = find_tool(work.context.principal.kind, chosen.action)
        if spec is None or spec.carry_out is None or spec.level > work.context.principal.assurance:
            answer = fixed("prove_first", turn.asker.business)
        else:
            answer = await spec.carry_out(work.tool_context(CONFIRM_STEP), chosen.arguments)
        content = {"tool": chosen.action, "args": {}, "answer": answer_to_json(answer)}
        await work.journal.record(CONFIRM_STEP, "tool", content)
    made = CallMade(CONFIRM_STEP, chosen.action, {"confirmed": chosen.subject}, answer)
    work.calls.append(made)
    return Decided(
        _words(turn, answer),
        made=(made,),
        outcome="confirmed",
        settled=(chosen.id,),
        settled_as=ProposalStatus.CONFIRMED,
    )


def _words(turn: OpenTurn, answer: Answer) -> str:
    return render(answer, intent="", language=turn.work.reader.language)

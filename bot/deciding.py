"""What is decided in code before any model: for whom, keywords with legal force, a yes or no to a proposal."""

from dataclasses import replace

from billing.tables.talk import ProposalStatus
from bot.caps import CAPPED, Cap
from bot.consenting import Heard
from bot.decided import Decided
from bot.deciding_proof import decide_brought, decide_proof, not_yet
from bot.deciding_start import decide_start
from bot.evidence import Answer
from bot.journal import answer_from_json, answer_to_json
from bot.keywords import Keyword, find_keyword
from bot.meaning import Act
from bot.opening import OpenTurn
from bot.pictures import answer_picture
from bot.proposals import Pending, may_confirm
from bot.replies import ask_again, ask_for_whom, fixed, now_speaking_for, share_number
from bot.taking import decide_taking
from bot.tools.registry import find_tool
from bot.turn import CallMade
from bot.wording import render

CONFIRM_STEP = "confirm"


async def decide(turn: OpenTurn) -> Decided | None:
    """The answer that needs no model, if there is one."""
    if turn.cap is not Cap.NONE:
        return _consent(turn) or _help(turn) or _capped(turn)
    return (
        decide_brought(turn)
        or _consent(turn)
        or _for_whom(turn)
        or await _picture(turn)
        or _help(turn)
        or await decide_start(turn)
        or await decide_taking(turn)
        or await _confirmation(turn)
        or await decide_proof(turn)
        or _unsure_consent(turn)
    )


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


def _capped(turn: OpenTurn) -> Decided:
    """That so much came within an hour that a person looks at it first; said once, then all is only stored."""
    answer = fixed("too_many", turn.asker.business)
    return Decided(_words(turn, answer), extra=(answer,), outcome=CAPPED)


def _consent(turn: OpenTurn) -> Decided | None:
    """STOP and START, when the messages say nothing else; written down with the message itself (bot/consenting)."""
    if turn.heard is None or not turn.heard.is_all:
        return None
    every = tuple(pending.id for pending in turn.pending)
    kind = consent_kind(turn.heard)
    answer = fixed(kind, turn.asker.business)
    return Decided(
        "" if turn.needs_no_answer else _words(turn, answer),
        extra=() if turn.needs_no_answer else (answer,),
        outcome=kind,
        settled=every if kind == "opted_out" else (),
        settled_as=ProposalStatus.DECLINED,
    )


def consent_kind(heard: Heard) -> str:
    """Which answer confirms what was heard."""
    return "opted_out" if heard.keyword is Keyword.STOP else "opted_in"


def _help(turn: OpenTurn) -> Decided | None:
    if find_keyword(turn.words) is not Keyword.HELP:
        return None
    proof, who = turn.work.proof, turn.asker.principal
    offers = proof is not None and proof.is_vouched and who.assurance == 0
    answer = fixed("help", turn.asker.business, staff=who.is_staff, vouched=offers)
    if offers:
        answer = replace(answer, attachments=(share_number(turn.work),))
    return Decided(_words(turn, answer), extra=(answer,), outcome="help")


def _unsure_consent(turn: OpenTurn) -> Decided | None:
    """What only sounds like a wish not to be written to is asked about: nobody is stopped on a guess."""
    if turn.work.understanding.act is not Act.OPT_OUT or turn.heard is not None:
        return None
    answer = fixed("opt_out_unsure", turn.asker.business)
    return Decided(_words(turn, answer), extra=(answer,), outcome="asked_opt_out")


async def _picture(turn: OpenTurn) -> Decided | None:
    """A picture without words."""
    pictured = await answer_picture(turn)
    if pictured is None:
        return None
    words = _words(turn, pictured.answer)
    return Decided(words, made=pictured.made, extra=(pictured.answer,), outcome="picture")


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
    spec = find_tool(turn.asker.principal.kind, chosen.action)
    if spec is not None and spec.level > turn.asker.principal.assurance:
        return not_yet(turn)
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
        if spec is None or spec.carry_out is None:
            answer = fixed("no_permission", turn.asker.business)
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

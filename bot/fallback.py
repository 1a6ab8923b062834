"""The built-in model's answer where a hosted one gave none: over what the turn's tools have answered already."""

from collections import Counter

from bot.builtin.direct import direct_answer
from bot.calls import run_step
from bot.evidence import Answer
from bot.journal import answer_from_json
from bot.meaning import Act, Call
from bot.providers import BUILTIN
from bot.spending import usage_from_json, usage_to_json
from bot.tools.registry import ToolSpec, tools_for
from bot.turn import CallMade, Draft, TurnWork, with_one_proposal
from bot.wording import render

STEP = "fallback"
STOOD_IN = "stood_in"


async def stand_in(work: TurnWork, reason: str) -> Draft:
    """Answer the turn without the hosted model, from here on and whenever the turn is begun again."""
    work.spent.trouble = reason
    content = {"reason": reason, "usage": usage_to_json(work.spent.used)}
    content["made"] = [{"step": call.step, "tool": call.tool, "args": dict(call.args)} for call in work.calls]
    # Durable before a tool may write: begun again, the turn must not ask the hosted model, which could write once more.
    await work.journal.record(STEP, "model", content)
    return await _answer(work)


def has_begun(work: TurnWork) -> bool:
    """Whether an earlier process already answered this turn without the hosted model."""
    return work.journal.recall(STEP) is not None


async def go_on(work: TurnWork) -> Draft:
    """Answer as an earlier process began to, from its journal."""
    known = work.journal.recall(STEP) or {}
    work.spent.trouble = known["reason"]
    work.spent.add(usage_from_json(known.get("usage", ())))
    for each in known["made"]:
        step = work.journal.recall(each["step"]) or {}
        answer = answer_from_json(step["answer"])
        if not answer.error:
            work.take_grant(each["tool"])
        intent = next((call.intent for call in work.understanding.calls if call.tool == each["tool"]), "")
        work.calls.append(CallMade(each["step"], each["tool"], each["args"], answer, intent))
    return await _answer(work)


async def _answer(work: TurnWork) -> Draft:
    principal = work.context.principal
    specs = {spec.name: spec for spec in tools_for(principal.kind, principal.assurance)}
    asked = work.understanding.calls if work.understanding.act is Act.TOOL else ()
    answered = [call for call in work.calls if not call.answer.error]
    for place, call in enumerate(asked):
        if call.tool in specs and not _is_answered(call, asked[: place + 1], answered):
            answered += await _call(specs[call.tool], work, f"{STEP}.t{place}", call)
    told = _worth_telling(answered, asked, specs)
    extra: tuple[Answer, ...] = ()
    if not told or any(call.tool not in specs for call in asked):
        extra = (direct_answer(work),)
    draft = with_one_proposal(
        Draft("", made=tuple(told), extra=extra, model=BUILTIN, outcome=STOOD_IN, asked=work.understanding.calls)
    )
    return Draft(_words(work, draft), draft.made, draft.extra, draft.model, draft.outcome, draft.asked)


def _is_answered(call: Call, upto: tuple[Call, ...], answered: list[CallMade]) -> bool:
    """Whether a tool has answered this wish: as many calls of it were answered as the words asked for so far."""
    wanted = sum(each.tool == call.tool for each in upto)
    return sum(each.tool == call.tool for each in answered) >= wanted


async def _call(spec: ToolSpec, work: TurnWork, step: str, call: Call) -> list[CallMade]:
    said = {name: words for name, words in call.args.items() if name in spec.parameters and words}
    await run_step(spec, work, step, said)
    return work.calls[-1:]


def _worth_telling(made: list[CallMade], asked: tuple[Call, ...], specs: dict[str, ToolSpec]) -> list[CallMade]:
    """What was written is always told; what was read or is proposed, where the words asked for it.

    Where the words ask for nothing known, all that was read is told.
    """
    wanted = Counter(call.tool for call in asked)
    done = Counter(call.tool for call in made if call.answer.proposal is None)
    return [call for call in made if _is_worth(call, wanted, done, writes=specs[call.tool].writes)]


def _is_worth(call: CallMade, wanted: Counter[str], done: Counter[str], *, writes: bool) -> bool:
    if call.answer.proposal is not None:  # not beside what is done already
        return done[call.tool] < wanted[call.tool]
    return writes or not wanted or wanted[call.tool] > 0


def _words(work: TurnWork, draft: Draft) -> str:
    language = work.reader.language
    parts = [render(call.answer, intent=call.intent, language=language) for call in draft.made]
    intent = work.understanding.smalltalk or work.context.principal.kind.value
    parts += [render(answer, intent=intent, language=language) for answer in draft.extra]
    return "\n\n".join(dict.fromkeys(parts))

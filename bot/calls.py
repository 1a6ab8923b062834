"""One tool call of a turn: from its journal where an earlier process made it, else made once and journalled."""

from collections.abc import Mapping

from bot.evidence import Answer
from bot.journal import answer_from_json, answer_to_json
from bot.tools.registry import ToolSpec, run_tool
from bot.turn import CallMade, TurnWork


async def run_step(spec: ToolSpec, work: TurnWork, step: str, said: Mapping[str, str]) -> Answer:
    """The answer of the tool at this step of the turn, which is added to the turn's calls."""
    known = work.journal.recall_call(step, spec.name, said)
    if known is not None:
        answer = answer_from_json(known["answer"])
        if not answer.error:
            work.take_grant(spec.name)
    else:
        granted = spec.writes and work.take_grant(spec.name)
        answer = await run_tool(spec, work.tool_context(step), said, granted=granted)
        if granted and answer.error:  # nothing was written: the person's wish is still open
            work.give_grant_back(spec.name)
        content = {"tool": spec.name, "args": dict(said), "answer": answer_to_json(answer)}
        if spec.writes:
            await work.journal.record(step, "tool", content)
        else:
            work.journal.hold(step, "tool", content)  # reading again does no harm: it waits for the next durable step
    work.calls.append(CallMade(step, spec.name, said, answer, _intent_of(spec, work)))
    return answer


def _intent_of(spec: ToolSpec, work: TurnWork) -> str:
    """Which finer question this call answers: the words may ask for one tool several times."""
    intents = [call.intent for call in work.understanding.calls if call.tool == spec.name]
    earlier = sum(call.tool == spec.name for call in work.calls)
    return intents[min(earlier, len(intents) - 1)] if intents else ""

"""The exchange with a hosted model: what its provider is told, what comes back, and one attempt at repair."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.tools import BaseTool

from billing.principal import Scope
from billing.records.people import identifying_values
from billing.records.turns import Used, used_by_business_since, used_since
from bot.drafting import LiveDraft
from bot.grounding import Unbound
from bot.hosted import Hosting, ModelTroubleError, ask
from bot.privacy import Veil
from bot.prompts import WE_WROTE_FIRST, repair_prompt, standing_prompt, turn_prompt
from bot.sayable import bind
from bot.spending import business_excess, daily_excess, usage_from_json, usage_to_json
from bot.turn import TurnWork

REPAIR_STEP = "repair"
FIELDS = {"phone": "phone", "email": "email", "address": "address"}  # of update_contact: how a new value is hidden


async def prepare(work: TurnWork, hosting: Hosting) -> None:
    """Set up what the turn may send and spend; ModelTroubleError when its person has spent the day's share."""
    if work.journal.recall("m1") is None:  # a turn that was begun is ended
        await _check_day(work, hosting)
    work.veil = Veil(is_strict=hosting.is_strict)
    if hosting.is_strict:
        await _learn(work)


async def _check_day(work: TurnWork, hosting: Hosting) -> None:
    context, days, limits = work.context, hosting.days, hosting.limits
    principal, business = context.principal, context.business.id
    known = (principal.staff_id, principal.contact_id)
    person = known if any(known) else context.conversation_id
    whole = ("business", business)

    async def of_person(since: datetime) -> Used:
        return await dispatch.read(lambda session: used_since(session, principal, context.conversation_id, since))

    async def of_business(since: datetime) -> Used:
        return await dispatch.read(lambda session: used_by_business_since(session, business, since))

    dispatch = context.door.system(Scope.DISPATCH)
    of_all = await days.of(whole, context.now, of_business)
    excess = business_excess(of_all, limits)
    if not excess and daily_excess(of_all, limits):  # else nobody alone can have spent as much
        excess = daily_excess(await days.of(person, context.now, of_person), limits)
    if excess:
        raise ModelTroubleError(excess, is_provider=False)
    days.note(person, context.now, work.spent)
    days.note(whole, context.now, work.spent)


async def _learn(work: TurnWork) -> None:
    """Names, phones and addresses that are on file for whoever the asker may see, and those that they just gave."""
    if work.person:
        work.veil.learn("name", work.person)
    if work.context.principal.assurance > 0:
        for kind, value in await work.context.records.read(identifying_values):
            work.veil.learn(kind, value)
    for call in work.understanding.calls:
        if call.tool == "update_contact" and call.args.get("value"):
            work.veil.learn(FIELDS.get(call.args.get("field", ""), "name"), call.args["value"])


class Exchange:
    """A hosted model with the tools of one kind of principal: asked, hidden from, journalled."""

    def __init__(self, model: BaseChatModel, tools: list[BaseTool], hosting: Hosting) -> None:
        self._model, self._hosting = model.bind_tools(tools), hosting

    async def answer(self, work: TurnWork, number: int, messages: Sequence[AnyMessage]) -> AIMessage:
        """The model's answer number `number` of the turn: from the journal, else asked for and journalled.

        One that calls tools is durable before they run; one that does not waits for the turn's own commit.
        """
        step = f"m{number}"
        known = work.journal.recall(step)
        if known is not None:
            work.spent.add(usage_from_json(known.get("usage", ())))
            return AIMessage(content=known["text"], tool_calls=known["calls"])
        if number > self._hosting.limits.model_calls:
            raise ModelTroubleError("too_many_calls", is_provider=False)
        before = work.spent.used
        said = await self._ask(work, messages)
        content = {"text": said.text, "calls": _plain_calls(said), "usage": usage_to_json(work.spent.used - before)}
        if said.tool_calls:
            await work.journal.record(step, "model", content)
        else:
            work.journal.hold(step, "model", content)
        return said

    async def bound(self, work: TurnWork, messages: Sequence[AnyMessage], text: str) -> str:
        """`text`, or what the model makes of it once it was told which figures could not be bound.

        Where that is not bound either, the phrasebook will answer from the tools' answers; where there are none,
        this is a ModelTroubleError.
        """
        bound = bind(work, text)
        if not isinstance(bound, Unbound) or any(call.answer.proposal for call in work.calls):
            return text
        known = work.journal.recall(REPAIR_STEP)
        if known is None:
            before = work.spent.used
            better = await self._repair(work, [*messages, HumanMessage(repair_prompt(bound.reasons))])
            known = {"text": better, "usage": usage_to_json(work.spent.used - before)}
            work.journal.hold(REPAIR_STEP, "model", known)
        else:
            work.spent.add(usage_from_json(known.get("usage", ())))
        work.spent.is_repaired = bool(known["text"])
        if not known["text"] and all(call.answer.error for call in work.calls):
            raise ModelTroubleError("unbound", is_provider=False)
        return str(known["text"]) or text

    async def _repair(self, work: TurnWork, messages: Sequence[AnyMessage]) -> str:
        try:
            said = await self._ask(work, messages, tries=1)
        except ModelTroubleError:
            return ""
        again = bind(work, said.text)
        return "" if said.tool_calls or isinstance(again, Unbound) else said.text

    async def _ask(self, work: TurnWork, messages: Sequence[AnyMessage], *, tries: int = 3) -> AIMessage:
        live = LiveDraft(work, work.show) if work.show is not None else None
        sent = [self._told(work), *_outgoing(messages, work.veil)]
        message = await ask(self._model, sent, self._hosting, work.spent, _listener(live, work.veil), tries=tries)
        said = _incoming(message, work.veil)
        if live is not None and not said.tool_calls:
            await live.end(said.text)
        return said

    def _told(self, work: TurnWork) -> SystemMessage:
        is_staff = work.context.principal.is_staff
        standing = standing_prompt(is_staff=is_staff, is_strict=self._hosting.is_strict, instead=self._hosting.standing)
        person = work.veil.hide(work.person)
        own = turn_prompt(work.context, person, work.reader)
        if not self._hosting.caches_prefix:
            return SystemMessage(f"{standing}\n\n{own}")
        # The mark covers the tools too, which come before the instructions in the request.
        kept: dict[str, Any] = {"type": "text", "text": standing, "cache_control": {"type": "ephemeral"}}
        return SystemMessage([kept, {"type": "text", "text": own}])


def _listener(live: LiveDraft | None, veil: Veil) -> Callable[[str], Awaitable[None]]:
    async def told(text: str) -> None:
        if live is not None:
            await live.more(veil.reveal(text))

    return told


def _outgoing(messages: Sequence[AnyMessage], veil: Veil) -> list[AnyMessage]:
    """The conversation as the provider may see it. What tools returned was written down for it already."""
    sent: list[AnyMessage] = []
    for message in messages:
        if isinstance(message, ToolMessage) and message.status != "error":
            sent.append(message)
        elif isinstance(message, ToolMessage):
            hidden = veil.hide(message.text, has_handles=True)
            sent.append(ToolMessage(hidden, tool_call_id=message.tool_call_id, status="error"))
        elif isinstance(message, AIMessage):
            calls = [{**call, "args": veil.hide_args(call["args"])} for call in message.tool_calls]
            sent.append(AIMessage(content=veil.hide(message.text, has_handles=True), tool_calls=calls))
        else:
            sent.append(HumanMessage(veil.hide(message.text)))
    whole = [each for each in sent if each.text.strip() or isinstance(each, ToolMessage) or _calls(each)]
    if whole and isinstance(whole[0], AIMessage):  # some providers want the person to have the first word
        whole.insert(0, HumanMessage(WE_WROTE_FIRST))
    return whole


def _calls(message: AnyMessage) -> bool:
    return isinstance(message, AIMessage) and bool(message.tool_calls)


def _incoming(message: AIMessage, veil: Veil) -> AIMessage:
    """What the model said, with values in place of placeholders, and arguments as the words that tools take."""
    calls = [
        {
            "name": call["name"],
            "args": veil.reveal_args(
                {name: _words(value) for name, value in call["args"].items() if value is not None}
            ),
            "id": call["id"] or f"call_{place}",
            "type": "tool_call",
        }
        for place, call in enumerate(message.tool_calls)
    ]
    return AIMessage(content=veil.reveal(message.text), tool_calls=calls)


def _words(value: Any) -> Any:
    """An argument as words; what is no word is left for the tool to refuse."""
    if isinstance(value, (bool, int, float)):
        return str(value)
    if isinstance(value, list) and all(isinstance(each, (str, int, float)) for each in value):
        return ", ".join(str(each) for each in value)
    return value


def _plain_calls(message: AIMessage) -> list[dict[str, Any]]:
    return [{"name": call["name"], "args": call["args"], "id": call["id"]} for call in message.tool_calls]

"""Taking and giving back with one press: a button under our news of a client is the person's own word."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.tables.talk import Conversation, Direction, Message
from bot.announcements import DEEDS
from bot.decided import Decided
from bot.deciding_proof import not_yet
from bot.journal import answer_from_json, answer_to_json
from bot.opening import OpenTurn
from bot.tools.threads import carry_out_hand_back, carry_out_take_conversation
from bot.turn import CallMade
from bot.wording import render

STEP = "taking"
CARRY_OUT = {"take": carry_out_take_conversation, "give_back": carry_out_hand_back}
TOOLS = {"take": "take_conversation", "give_back": "hand_back"}
LEVEL = 2  # of proof, as its tools need it
LOOKED_AT = 50  # of our news, newest first


async def decide_taking(turn: OpenTurn) -> Decided | None:
    """What a press on such a button does, for exactly the client that its message was about."""
    who = turn.asker.principal
    if not who.is_staff or len(turn.said) != 1 or not turn.said[0].choice:
        return None
    work, known = turn.work, turn.work.journal.recall(STEP)
    if known is not None and "answer" not in known:
        return not_yet(turn)
    if known is not None:
        tool, answer = known["tool"], answer_from_json(known["answer"])
    else:
        pressed = None if work.journal.is_closed else await work.context.records.read(lambda s: _pressed(s, turn))
        if pressed is None:
            return None
        deed, client_id = pressed
        tool = TOOLS[deed]
        if who.assurance < LEVEL:
            work.journal.hold(STEP, "press", {"tool": tool})
            return not_yet(turn)
        answer = await CARRY_OUT[deed](work.tool_context(STEP), {"client_id": client_id})
        await work.journal.record(STEP, "tool", {"tool": tool, "args": {}, "answer": answer_to_json(answer)})
    made = CallMade(STEP, tool, {}, answer)
    work.calls.append(made)
    return Decided(render(answer, intent="", language=work.reader.language), made=(made,), outcome="confirmed")


async def _pressed(session: AsyncSession, turn: OpenTurn) -> tuple[str, int] | None:
    """The deed of the pressed button and whose conversation it is about; None where it is another button.

    Of several messages with the same button, the one that was pressed where the channel says so, else the newest.
    """
    (said,) = turn.said
    for told, about in (await session.execute(_news(turn.thread.id))).all():
        is_meant = said.about_id in {None, about.id}
        is_late = about.context_since is not None and about.context_since > told.created_at
        deed = next((_deed(each) for each in told.attachments if each["value"] == said.choice), "")
        if is_meant and deed and about.client_id is not None and not is_late:
            return deed, about.client_id
    return None


def _news(conversation_id: int) -> Select[Message, Conversation]:
    told = select(Message, Conversation).join(Conversation, Conversation.id == Message.about_id)
    here = (Message.conversation_id == conversation_id, Message.direction == Direction.OUT)
    return told.where(*here).order_by(Message.id.desc()).limit(LOOKED_AT)


def _deed(button: Mapping[str, Any]) -> str:
    deed = str(button.get("extra", {}).get("deed", ""))
    return deed if deed in DEEDS else ""

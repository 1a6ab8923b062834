"""A simulated person: a chat model that plays somebody with an aim, one message at a time, until it is reached."""

from collections.abc import Sequence
from dataclasses import dataclass

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from bot.evaluation.grading import Said
from bot.evaluation.scenario import Scenario

DONE = "[done]"

ROLE = """You play a person who writes to a business from their phone. You are not an assistant and never help.
Your name: {name}. What you want: {aim}
{knows}
Write only your next message, as people text: one or two short sentences, one thing at a time.
Never invent a number, a date or a name that you were not told. Answer what the business asks you.
When you have what you want, or it is clear that you will not get it here, write {done} and nothing else."""


@dataclass(frozen=True)
class SimulatedPerson:
    """Somebody with an aim, played by a model."""

    model: BaseChatModel
    name: str
    scenario: Scenario

    async def next_message(self, so_far: Sequence[Said]) -> str | None:
        """What they write next; None when they are done, or have lost patience."""
        if len(so_far) >= self.scenario.patience:
            return None
        # Seen from the person: what they wrote is their own, what the business wrote comes from the other side.
        messages: list[BaseMessage] = [SystemMessage(self._role()), HumanMessage("(You open the chat. Write first.)")]
        for one in so_far:
            messages += [AIMessage(one.words), HumanMessage(one.reply or "(no answer)")]
        said = (await self.model.ainvoke(messages)).text.strip()
        words = said.replace(DONE, "").strip()
        return None if DONE in said or not words else words

    def _role(self) -> str:
        knows = f"What you know: {self.scenario.knows}" if self.scenario.knows else ""
        return ROLE.format(name=self.name, aim=self.scenario.aim, knows=knows, done=DONE)

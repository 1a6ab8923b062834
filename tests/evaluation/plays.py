"""Scenarios of the tests' own, and models that say what they are told to."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import Field

from bot.evaluation.given import Client, Contact, Given, Invoice, Line
from bot.evaluation.scenario import Exchange, Outcome, Row, Scenario

SHIPPED = Path(__file__).parents[1] / "eval"

ROOF = Invoice(number="INV-7", title="Roof check", due=5, lines=(Line(what="Roof check", price="120.00"),))
ONE_BILL = Given(
    clients=(
        Client(
            key="moss",
            name="Ida Moss",
            manager="tom",
            contacts=(Contact(key="ida", name="Ida Moss", phone="+12125550165"),),
            invoices=(ROOF,),
        ),
    )
)


def balance(*says: str, never: Sequence[str] = (), new: Sequence[Row] = (), say: str = "what do I owe?") -> Scenario:
    """Ida asks what she owes."""
    turn = Exchange(say=say, says=says, never=tuple(never))
    then = Outcome(new=tuple(new))
    return Scenario(name="ida", who="client:ida", aim="Know the balance.", given=ONE_BILL, turns=(turn,), then=then)


class ScriptedModel(BaseChatModel):
    """Says one line after the other; `heard` keeps what it was asked."""

    lines: list[str]
    heard: list[list[str]] = Field(default_factory=list)

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        self.heard.append([message.text for message in messages])
        return ChatResult(generations=[ChatGeneration(message=AIMessage(self.lines.pop(0)))])

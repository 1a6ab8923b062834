"""A turn in progress: who asks, in which words, what may be done, and what the tools have answered so far."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot.codes import Proof
from bot.evidence import Answer, Fact
from bot.journal import Journal
from bot.meaning import Act, Call, TurnContext, Understanding
from bot.messages import Mention
from bot.privacy import Veil
from bot.showing import Reader
from bot.spending import Spent
from bot.tools.context import ToolContext

Show = Callable[[str], Awaitable[None]]


def call_key(turn_id: int | None, step: str) -> str:
    """The idempotency key of what a call writes."""
    return f"turn:{turn_id}:{step}"


@dataclass(frozen=True)
class CallMade:
    """A tool that ran in this turn, with the words it was given and what it answered."""

    step: str
    tool: str
    args: Mapping[str, str]
    answer: Answer
    intent: str = ""


@dataclass
class TurnWork:
    """What one turn's agent, tools and middleware share. One turn, one object; it is not kept.

    base: facts that are evidence in every turn (the business's own name, phone, hours).
    grants: how often each writing tool may act in this turn, from the person's own words.
    lock: tools of one turn run one at a time, since they may write.
    veil: what a hosted model's provider may see. spent: what that model used. show: hands a reader the bound part
    of an answer that is still being written. proof: how the asker can be proved, where they write from a phone.
    """

    context: ToolContext
    understanding: Understanding
    asked: TurnContext
    journal: Journal
    reader: Reader
    base: tuple[Fact, ...] = ()
    person: str = ""  # the name of who asks
    history: tuple[tuple[str, str], ...] = ()  # ("person" | "us", text), oldest first
    calls: list[CallMade] = field(default_factory=list)
    grants: Counter[str] = field(default_factory=Counter)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    veil: Veil = field(default_factory=Veil)
    spent: Spent = field(default_factory=Spent)
    show: Show | None = None
    proof: Proof | None = None

    def facts(self) -> tuple[Fact, ...]:
        """All evidence of the turn so far."""
        return (*self.base, *(fact for call in self.calls for fact in call.answer.facts()))

    def tool_context(self, step: str) -> ToolContext:
        """What a tool gets at `step`: its idempotency key is (turn, step)."""
        return replace(self.context, key=call_key(self.context.turn_id, step))

    def take_grant(self, tool: str) -> bool:
        """Whether the person's words still grant `tool`; each wish grants it once."""
        if self.grants[tool] <= 0:
            return False
        self.grants[tool] -= 1
        return True

    def give_grant_back(self, tool: str) -> None:
        """A granted call that wrote nothing leaves the wish open."""
        self.grants[tool] += 1


def grants_of(understanding: Understanding) -> Counter[str]:
    """The tools that the person's own words ask for. Read before any record or file text is."""
    if understanding.act is not Act.TOOL:
        return Counter()
    return Counter(call.tool for call in understanding.calls)


@dataclass(frozen=True)
class Draft:
    """Words with handles, before grounding, and the answers they are made from.

    spoken_of: what "this" means from here on. calls: what was asked, for a follow-up.
    """

    text: str
    made: tuple[CallMade, ...] = ()
    extra: tuple[Answer, ...] = ()  # answers that no tool gave: small talk, choices, a decided proposal
    model: str = ""
    outcome: str = "answered"
    asked: tuple[Call, ...] = ()

    def answers(self) -> tuple[Answer, ...]:
        """Every answer behind the words, in order."""
        return (*(call.answer for call in self.made), *self.extra)

    def mentions(self) -> tuple[Mention, ...]:
        """What was spoken of, most relevant first."""
        return tuple(mention for answer in reversed(self.answers()) for mention in answer.mentions)


def said_args(args: Mapping[str, Any]) -> dict[str, str]:
    """Tool arguments as the words they are; what was not said is left out."""
    return {name: str(value) for name, value in args.items() if value not in (None, "")}


def with_one_proposal(draft: Draft) -> Draft:
    """The draft without the proposals after its first one."""
    kept: list[CallMade] = []
    for call in draft.made:
        if call.answer.proposal is None or all(earlier.answer.proposal is None for earlier in kept):
            kept.append(call)
    return replace(draft, made=tuple(kept))

"""A turn in which somebody is to be proved, without a database."""

from datetime import UTC
from typing import Any

from billing.principal import Principal, PrincipalKind
from bot.codes import Proof
from bot.journal import Journal
from bot.meaning import Act, TurnContext, Understanding
from bot.replies import base_facts
from bot.showing import Reader
from bot.tools.context import BusinessCard, ToolContext
from bot.turn import TurnWork
from tests.fakes.clock import NOW

DAYS = ("mon", "tue", "wed", "thu", "fri")
CARD = BusinessCard(
    1, "harbor-and-pine", "Harbor & Pine", "", "America/New_York", "en_US", "USD",
    {day: ["08:00", "17:00"] for day in DAYS}, "+12125550140", "", "", 1,
)  # fmt: skip


def work_of(proof: Proof | None, *, card: BusinessCard = CARD, level: int = 1) -> TurnWork:
    """A turn of a client at this level."""
    who = Principal(card.id, PrincipalKind.CLIENT, level, client_id=1 if level else None)
    nothing: Any = None
    context = ToolContext(who, nothing, card, NOW, "en", "en_US", card.zone, nothing)
    asked = TurnContext("client", "en", "en_US", card.zone, NOW.astimezone(UTC))
    return TurnWork(
        context=context,
        understanding=Understanding("", Act.CLARIFY),
        asked=asked,
        journal=Journal(nothing, nothing, (), lambda: NOW),
        reader=Reader("en", "en_US", card.zone, NOW),
        base=base_facts(card),
        proof=proof,
    )

"""What may be said in a turn: its figures bound to all its evidence, its promises backed, its instructions kept."""

from collections.abc import Sequence

from bot.evidence import Answer
from bot.grounding import Grounded, Unbound, ground
from bot.prompts import standing_prompt
from bot.turn import TurnWork


def bind(work: TurnWork, draft: str, answers: Sequence[Answer] = ()) -> Grounded | Unbound:
    """Bind a draft to what the turn's tools answered, and to further `answers` that it is made from."""
    facts = (*work.facts(), *(fact for answer in answers for fact in answer.facts()))
    return ground(
        draft,
        facts,
        work.reader,
        said=work.context.words,
        answers=(*(call.answer for call in work.calls), *answers),
        people=work.person,
        instructions=standing_prompt(is_staff=work.context.principal.is_staff, is_strict=True),
    )

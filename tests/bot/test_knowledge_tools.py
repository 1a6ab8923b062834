"""Quoting the business's own guides."""

from collections.abc import Sequence

from billing.access import Door
from bot.tools.knowledge import search_knowledge
from knowledge.index import Found
from knowledge.passages import Passage
from tests.bot.shop import Desk, Run, say

DEPOSIT = "We ask for a deposit of 30 % before work starts. It is taken off the first invoice. Cards are welcome."


class OnePage:
    """A search that knows one page, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, str]] = []

    async def search(self, business_id: int, question: str, limit: int = 3) -> Sequence[Found]:
        self.asked.append((business_id, question))
        if "deposit" not in question:
            return []
        return [Found(Passage("deposits.md", "Deposits", ("How much",), DEPOSIT, "en", 0), 0.8)]


def test_sentences_are_quoted_with_their_page(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run, knowledge=OnePage())
    answer = desk.ask(search_knowledge, "how much deposit do you ask for")
    assert say(answer).startswith("We ask for a deposit of 30 % before work starts.")
    assert say(answer).endswith("From our page “Deposits”.")
    assert {fact.record for fact in answer.facts() if fact.subject.startswith("guide")} == {"guide:deposits.md"}


def test_the_search_is_of_the_own_business(sqlite_door: Door, run: Run) -> None:
    pages = OnePage()
    desk = Desk(sqlite_door, run, knowledge=pages, words="is there a deposit?")
    desk.ask(search_knowledge)
    assert pages.asked == [(desk.shop.business.id, "is there a deposit?")]


def test_nothing_found_is_said_with_whom_to_ask(sqlite_door: Door, run: Run) -> None:
    desk = Desk(sqlite_door, run, knowledge=OnePage())
    assert say(desk.ask(search_knowledge, "do you sell cars")) == (
        "I can't find that in our guides. Priya Raman (Owner) can tell you: +1 212-555-0141."
    )


def test_without_an_index_nothing_is_invented(sqlite_door: Door, run: Run) -> None:
    assert Desk(sqlite_door, run).ask(search_knowledge, "deposit").kind == "knowledge_nothing"

"""Sentences of an answer are shown once they are complete and bound, and nothing else is."""

from dataclasses import dataclass, field
from typing import cast

from billing.money import Money
from billing.principal import Principal, PrincipalKind
from bot.drafting import LiveDraft
from bot.evidence import Answer, Fact, FactKind
from bot.showing import Reader
from bot.turn import CallMade, TurnWork
from tests.conftest import Run
from tests.fakes.clock import NOW

OWED = Fact("Okafor Inc. Ltd", "owed", FactKind.MONEY, Money(620_000, "USD"), "client:1", "owed", 1)


@dataclass
class FakeContext:
    words: str = "who owes us?"
    turn_id: int = 1
    principal: Principal = field(default_factory=lambda: Principal(1, PrincipalKind.STAFF, 2, staff_id=1, role="owner"))


@dataclass
class FakeWork:
    """What a live draft reads of a turn."""

    calls: list[CallMade] = field(default_factory=list)
    reader: Reader = field(default_factory=lambda: Reader("en", "en_US", "America/New_York", NOW))
    context: FakeContext = field(default_factory=FakeContext)
    person: str = "Priya"

    def facts(self) -> tuple[Fact, ...]:
        return (OWED,)


def shown(run: Run, *texts: str, end: str = "", work: FakeWork | None = None) -> list[str]:
    """What a reader is shown while the answer grows as `texts` say."""
    seen: list[str] = []

    async def show(text: str) -> None:
        seen.append(text)

    async def write() -> None:
        draft = LiveDraft(cast("TurnWork", work or FakeWork()), show)
        for text in texts:
            await draft.more(text)
        if end:
            await draft.end(end)

    run(write())
    return seen


def test_sentence_waits_for_its_end(run: Run) -> None:
    assert shown(run, "One moment", "One moment. And") == ["One moment."]
    assert shown(run, "One moment. And", end="One moment. And more") == ["One moment.", "One moment. And more"]


def test_full_stop_in_a_handle_ends_nothing(run: Run) -> None:
    whole = "It is {Okafor Inc. Ltd.owed}. Shall I ask?"
    assert shown(run, "It is {Okafor Inc. ", whole) == ["It is $6,200.00."]


def test_nothing_is_shown_from_an_unbound_sentence_on(run: Run) -> None:
    assert shown(run, end="It is {Okafor Inc. Ltd.owed}. It was $7.00. Shall I ask?") == ["It is $6,200.00."]


def test_answer_that_begins_anew_is_shown_anew(run: Run) -> None:
    assert shown(run, "First try. Or", "", "Second one. Or") == ["First try.", "Second one."]


def test_proposal_is_left_to_its_own_words(run: Run) -> None:
    call = CallMade("m1.t0", "update_contact", {}, Answer("proposal", proposal={"action": "x", "arguments": {}}))
    assert shown(run, end="Done. Your address is changed.", work=FakeWork(calls=[call])) == []


def test_reader_who_is_gone_does_not_end_the_turn(run: Run) -> None:
    async def show(_text: str) -> None:
        raise ConnectionError("gone")

    run(LiveDraft(cast("TurnWork", FakeWork()), show).end("Hello there."))

"""What is journalled comes back as it was."""

from datetime import UTC, date, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from billing.money import Money
from bot.evidence import Answer, Fact, FactKind
from bot.journal import answer_from_json, answer_to_json
from bot.messages import Attachment, AttachmentKind, Mention

words = st.text(alphabet=st.characters(blacklist_categories=["Cs"]), max_size=12)
values = st.one_of(
    words,
    st.integers(-(10**12), 10**12),
    st.builds(Money, st.integers(-(10**12), 10**12), st.sampled_from(["USD", "EUR", "JPY"])),
    st.dates(min_value=date(1990, 1, 1), max_value=date(2100, 1, 1)),
    st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis adds the zone
)
facts = st.builds(
    Fact, words, words, st.sampled_from(FactKind), values, words, words, st.integers(0, 99), words, st.tuples(words)
)
trees = st.recursive(
    st.one_of(facts, words, st.booleans(), st.none()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(words, inner, max_size=3)),
    max_leaves=8,
)
answers = st.builds(
    Answer,
    words,
    st.dictionaries(words, trees, max_size=4),
    st.tuples(st.builds(Attachment, st.sampled_from(AttachmentKind), words, words, st.tuples(st.tuples(words, words)))),
    st.tuples(st.builds(Mention, words, words, words)),
    st.booleans(),
    st.none() | st.fixed_dictionaries({"action": words, "arguments": st.dictionaries(words, words)}),
)


@given(answers)
def test_answer_survives_the_journal(answer: Answer) -> None:
    again = answer_from_json(answer_to_json(answer))
    assert again.facts() == answer.facts()
    assert again == answer


def test_moment_and_day_stay_apart() -> None:
    moment: Any = datetime(2026, 11, 22, tzinfo=UTC)
    answer = Answer(
        "x", {"at": Fact("a", "b", FactKind.DATETIME, moment), "on": Fact("a", "c", FactKind.DATE, moment.date())}
    )
    kinds = [type(fact.value) for fact in answer_from_json(answer_to_json(answer)).facts()]
    assert kinds == [datetime, date]

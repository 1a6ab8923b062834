"""Words shared by question and text."""

import pytest

from knowledge.overlap import is_same_word, overlap, topic_words


def test_empty_words_and_accents_do_not_count() -> None:
    assert topic_words("What is the deposit?") == {"deposit"}
    assert topic_words("¿Cuál es la GARANTÍA?") == {"garantia"}
    assert topic_words("Quel est le délai ?") == {"delai"}


@pytest.mark.parametrize(
    ("one", "other"),
    [("cancel", "cancelling"), ("réclamation", "réclamations"), ("fermez", "fermes"), ("rate", "rate")],
)
def test_forms_of_a_word_are_one(one: str, other: str) -> None:
    assert is_same_word(one, other)


@pytest.mark.parametrize(("one", "other"), [("date", "data"), ("contrat", "controle"), ("car", "card")])
def test_different_words_stay_apart(one: str, other: str) -> None:
    assert not is_same_word(one, other)


def test_heading_counts_more_than_body() -> None:
    question = topic_words("late fee")
    assert overlap(question, {"late", "fee"}, ()) == 1
    assert overlap(question, (), {"late", "fee"}) == pytest.approx(0.6)
    assert overlap(question, {"late"}, ()) == pytest.approx(0.5)
    assert overlap((), {"late"}, {"fee"}) == 0

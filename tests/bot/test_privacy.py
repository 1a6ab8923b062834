"""What is hidden comes back as it was, and what must never leave does not."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.money import Money
from bot.cards.redacting import is_redacted
from bot.evidence import Fact, FactKind
from bot.privacy import Veil
from bot.showing import Reader
from tests.fakes.clock import NOW

READER = Reader("en", "en_US", "America/New_York", NOW)


def strict() -> Veil:
    veil = Veil(is_strict=True)
    for kind, value in [("name", "Dana Lee"), ("name", "Will Mason"), ("address", "12 Elm Walk, Brooklyn, NY 11215")]:
        veil.learn(kind, value)
    return veil


@pytest.mark.parametrize(
    ("said", "secrets"),
    [
        ("it's dana, not DANA LEE's sister", ["dana", "lee"]),
        ("pay $1,840.00 or 1.840,00 € or 500 of it", ["1,840", "1.840", "500"]),
        ("reach me at +1 (917) 555-0134 or d.lee@mail.example", ["917", "0134", "d.lee"]),
        ("I live at 12 Elm Walk, Brooklyn", ["elm walk", "brooklyn"]),
        ("we moved to 77 Juniper Lane", ["juniper"]),
        ("j'habite 14 rue de la Paix", ["paix"]),
        ("ich wohne Lindenstraße 12", ["linden"]),
        ("vivo en calle Mayor 5", ["mayor"]),
        ("see https://pay.example/t/abc", ["abc"]),
    ],
)
def test_strict_privacy_hides_and_gives_back(said: str, secrets: list[str]) -> None:
    veil = strict()
    hidden = veil.hide(said)
    assert not [secret for secret in secrets if secret in hidden.lower()], hidden
    assert veil.reveal(hidden) == said


def test_words_that_are_no_names_stay() -> None:
    veil = strict()
    assert veil.hide("will you send INV-1042 by Fri 28 Nov?") == "will you send INV-1042 by Fri 28 Nov?"
    assert "Will" not in veil.hide("Will Mason called")


def test_one_value_has_one_placeholder() -> None:
    veil = strict()
    assert veil.hide("$5.00 and $6.00 and $5.00") == "{number_1} and {number_2} and {number_1}"


def test_handles_stay_and_names_in_them_do_not() -> None:
    veil = strict()
    hidden = veil.hide("{INV-1042.balance} of {Dana Lee.owed}", has_handles=True)
    assert hidden == "{INV-1042.balance} of {name_1.owed}"
    assert veil.reveal(hidden) == "{INV-1042.balance} of {Dana Lee.owed}"


def test_invented_placeholders_reach_no_tool() -> None:
    veil = strict()
    veil.hide("pay $75.00")
    assert veil.reveal_args({"amount": "{number_1}", "invoice": "number_9"}) == {"amount": "$75.00"}


def test_facts_are_written_as_privacy_allows() -> None:
    balance = Fact("INV-1", "balance", FactKind.MONEY, Money(184_000, "USD"))
    link = Fact("INV-1", "link", FactKind.LINK, "https://pay.example/t/abc")
    name = Fact("Dana Lee", "name", FactKind.NAME, "Dana Lee")
    assert Veil().line(balance, READER) == "$1,840.00 {INV-1.balance}"
    assert Veil().line(link, READER) == "{INV-1.link}", "a link's token is for nobody but the person"
    assert strict().line(balance, READER) == "{INV-1.balance}"
    assert strict().line(name, READER) == "{name_1.name}"


@pytest.mark.parametrize(
    "card", ["4242424242424242", "4242 4242 4242 4242", "3782-822463-10005", "6304 0000 0000 0000"]
)
@pytest.mark.parametrize("frame", ["{}", "my card {} exp 12/29", "it is {} 500 dollars", "77 {}"])
def test_card_numbers_are_gone_for_good(card: str, frame: str) -> None:
    for veil in (Veil(), strict()):
        hidden = veil.hide(frame.format(card))
        assert is_redacted(hidden)
        assert card not in veil.reveal(hidden)


def test_long_numbers_that_are_no_cards_stay() -> None:
    assert Veil().hide("transfer 4242424242424241 of 3 Nov") == "transfer 4242424242424241 of 3 Nov"


words = st.text(st.sampled_from("abzAZ 0123456789.,-$€@{}\n’éß/:+()"), max_size=60)


@given(words)
def test_whatever_is_written_comes_back(said: str) -> None:
    veil = strict()
    hidden = veil.hide(said)
    if not is_redacted(hidden) and not re.search(r"(name|phone|email|address|number|link)_\d", said):
        assert veil.reveal(hidden) == said

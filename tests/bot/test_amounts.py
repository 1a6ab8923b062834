"""Amounts people say."""

import pytest

from bot.tools.amounts import Said, UnclearAmountError, parse_amount, to_decimal


@pytest.mark.parametrize(
    ("said", "minor"),
    [
        ("half", 920_01), ("la mitad", 920_01), ("die Hälfte", 920_01), ("50%", 920_01), ("a third", 613_34),
        ("un tercio", 613_34), ("a quarter", 460_00), ("$500", 500_00), ("500", 500_00), ("500 bucks", 500_00),
        ("1,200", 1200_00), ("$1,200.50", 1200_50), ("1.200,50", 1200_50), ("1 200", 1200_00), ("$99.5", 99_50),
        ("1.5k", 1500_00), ("$1'200.50", 1200_50),
    ],
)  # fmt: skip
def test_parts_and_sums_are_read(said: str, minor: int) -> None:
    assert parse_amount(said, 1840_01, "USD").minor == minor


@pytest.mark.parametrize("said", ["", "all", "all of it", "everything", "the full amount", "todo", "le solde", "alles"])
def test_all_is_no_sum(said: str) -> None:
    assert parse_amount(said, 1840_00, "USD") == Said(None)


@pytest.mark.parametrize("said", ["part", "some", "500 €", "-20", "0", "£5", "0%", "a bit"])
def test_what_names_no_sum_is_unclear(said: str) -> None:
    with pytest.raises(UnclearAmountError):
        parse_amount(said, 1840_00, "USD")


def test_a_currency_without_cents_has_no_decimals() -> None:
    assert parse_amount("1,200", 5000, "JPY").minor == 1200
    assert str(to_decimal("1.200", "JPY")) == "1200"


def test_the_clients_own_sign_is_fine() -> None:
    assert parse_amount("500,00 €", 1840_00, "EUR").minor == 500_00

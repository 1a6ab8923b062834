"""One-time codes without a database: what is one, what asks for one, what is a name, and what is masked."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.tables.addresses import CodeMedium
from bot.codes import (
    HIDDEN,
    asks_for_code,
    bare_name,
    hash_code,
    hide_codes,
    introduced,
    is_same_code,
    is_written_as_name,
    make_code,
    mask,
    name_key,
    read_code,
)

CODES = st.text("0123456789", min_size=6, max_size=6)


@pytest.mark.parametrize(
    ("text", "digits"),
    [("123456", "123456"), ("123 456", "123456"), ("123-456", "123456"), ("1 2 3 4 5 6", "123456"),
     ("my code is 123456", "123456"), ("Code: 123456.", "123456"), ("mi código es 123456", "123456"),
     ("mein Code ist 123456", "123456"), ("le code est 123 456", "123456"), (" 000000 ", "000000")],
)  # fmt: skip
def test_code_is_read_however_it_is_written(text: str, digits: str) -> None:
    assert read_code(text) == digits


@pytest.mark.parametrize(
    "text",
    ["12345", "1234567", "INV-123456", "pay 123456", "123456 and 654321", "+12125550101", "12 34 56 78", "",
     "what is 123456", "my code", "1234 56"],
)  # fmt: skip
def test_other_numbers_are_no_codes(text: str) -> None:
    assert read_code(text) is None


@pytest.mark.parametrize("text", ["code", "CODE", "Resend!", "new code", "Nuevo código", "neuer Code", "nouveau code"])
def test_codes_are_asked_for(text: str) -> None:
    assert asks_for_code(text)


@pytest.mark.parametrize("text", ["what code do I need for the gate", "is it up to code?", "codes"])
def test_speaking_of_codes_asks_for_none(text: str) -> None:
    assert not asks_for_code(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [("I'm Leila Haddad", "Leila Haddad"), ("hi, this is dana lee.", "dana lee"), ("Soy Ana Ruiz", "Ana Ruiz"),
     ("je m'appelle Marc Dubois", "Marc Dubois"), ("Ich heiße Jonas Weber", "Jonas Weber")],
)  # fmt: skip
def test_people_introduce_themselves(text: str, name: str) -> None:
    assert introduced(text) == name


@pytest.mark.parametrize("text", ["this is what I owe", "I'm sure you can help", "I am 45", "it's my invoice"])
def test_other_sentences_introduce_nobody(text: str) -> None:
    assert introduced(text) == ""


@pytest.mark.parametrize("text", ["Bill Will", "Famille Dubois", "SCI Les Tilleuls", "O'Brien & Sons", "Mary-Ann Do"])
def test_name_that_was_asked_for_is_one(text: str) -> None:
    assert bare_name(text) == text


@pytest.mark.parametrize("text", ["what do I owe?", "are you open today", "call me", "INV-1042", "123456", ""])
def test_question_is_no_name(text: str) -> None:
    assert bare_name(text) == ""


@pytest.mark.parametrize(("text", "is_one"), [("Mei Chen", True), ("mei chen", False), ("Okafor Dental", True),
                                              ("Hello there", False), ("Hello", False), ("", False)])  # fmt: skip
def test_capitals_tell_a_name(text: str, is_one: bool) -> None:
    assert is_written_as_name(text) == is_one


def test_name_is_the_same_in_any_order_and_case() -> None:
    assert name_key("HÉLÈNE durand") == name_key("Durand, Helene")


@settings(derandomize=True, max_examples=200)
@given(digits=CODES, other=CODES, row=st.integers(1, 10**6))
def test_hash_fits_its_own_digits_and_row_alone(digits: str, other: str, row: int) -> None:
    kept = hash_code(b"key", row, digits)
    assert is_same_code(b"key", row, digits, kept)
    assert is_same_code(b"key", row, other, kept) == (digits == other)
    assert not is_same_code(b"key", row + 1, digits, kept)
    assert not is_same_code(b"another key", row, digits, kept)
    assert not is_same_code(b"key", row, digits, "")
    assert digits not in kept or len(set(digits)) < 6


@settings(derandomize=True, max_examples=200)
@given(digits=CODES, around=st.sampled_from(("{}", "my code is {}", " {}. ", "Code: {}")))
def test_digits_are_hidden_wherever_a_code_is_read(digits: str, around: str) -> None:
    text = around.format(digits)
    assert read_code(text) == digits
    assert digits not in hide_codes(text)
    assert HIDDEN in hide_codes(text)


def test_codes_are_six_digits_and_differ() -> None:
    made = {make_code() for _ in range(200)}
    assert all(len(code) == 6 and code.isdigit() for code in made)
    assert len(made) > 190


def test_contact_points_are_masked() -> None:
    assert mask(CodeMedium.EMAIL, "dana.lee@mail.example") == "d***@mail.example"
    assert mask(CodeMedium.SMS, "+12125550101") == "***0101"

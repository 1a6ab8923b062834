"""Commitments hide and bind; seals depend on the key; what a database gives back counts as what was put in."""

import json

from hypothesis import given
from hypothesis import strategies as st

from bot.receipts.parts import stored
from bot.receipts.sealing import commitment, key_of, new_salt, seal

pieces = st.lists(st.none() | st.integers() | st.text(max_size=8), max_size=4)
tree = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(pieces, pieces)
def test_other_pieces_have_another_commitment(one: list[str | int | None], other: list[str | int | None]) -> None:
    salt = new_salt()
    is_same = [each if each is None else str(each) for each in one] == [
        each if each is None else str(each) for each in other
    ]
    assert (commitment(salt, one) == commitment(salt, other)) is is_same


def test_salt_hides_what_could_be_guessed() -> None:
    assert commitment(new_salt(), ["yes"]) != commitment(new_salt(), ["yes"])


@given(st.dictionaries(st.text(), tree, max_size=3))
def test_stored_text_survives_reading(value: dict[str, object]) -> None:
    assert stored(stored(value)) == stored(json.loads(stored(value)))


def test_seal_depends_on_key_and_kind() -> None:
    one, other = key_of(b"one"), key_of(b"other")
    sealed = {"of": "turn", "turn": 1}
    assert seal(one, sealed) == seal(key_of(b"one"), dict(reversed(sealed.items())))
    assert len({seal(one, sealed), seal(other, sealed), seal(one, sealed | {"of": "anchor"})}) == 3
    assert one.fingerprint != other.fingerprint
    assert "value" not in repr(one)

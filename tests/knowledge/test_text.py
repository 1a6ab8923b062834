"""Text out of bytes in any encoding."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.text import NotTextError, UnsupportedTextError, text_from

WORDS = "Échéance : 30 jours – Größe 5 €"


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (WORDS.encode(), "text/plain"),
        (WORDS.encode(), "text/plain; charset=iso-8859-1"),  # a lie, and common
        (WORDS.encode("utf-8-sig"), "text/markdown"),
        (WORDS.encode("utf-16"), "text/markdown"),
        (codecs.BOM_UTF16_BE + WORDS.encode("utf-16-be"), "text/plain"),
        (WORDS.encode("utf-16-le"), "text/plain"),
        (WORDS.encode("utf-16-be"), "text/plain; charset=utf-8"),
        (WORDS.encode("utf-32"), "text/plain"),
        (WORDS.encode("cp1252"), "Text/Markdown"),
        (WORDS.encode("cp1252"), "text/plain; charset=no-such-thing"),
        ("Échéance : 30 jours – Größe 5 €".encode("mac-roman"), 'text/plain; charset="mac-roman"'),
    ],
)
def test_every_encoding_gives_the_same_words(data: bytes, media_type: str) -> None:
    assert text_from(data, media_type) == WORDS


def test_lines_and_accents_are_made_one_form() -> None:
    assert text_from("a\r\nb\rc\u2028d e\u0301\x00\u202e\ufeff!".encode(), "text/plain") == "a\nb\nc\nd é!"


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(NotTextError):
        text_from(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, "text/plain")


def test_other_media_types_are_refused() -> None:
    with pytest.raises(UnsupportedTextError) as caught:
        text_from(b"PK", "application/zip")
    assert caught.value.media_type == "application/zip"


def test_no_bytes_are_no_text() -> None:
    assert text_from(b"", "text/plain") == ""


@given(st.binary(max_size=300), st.sampled_from(["", "; charset=utf-16", "; charset=latin-1", "; charset=hex"]))
def test_any_bytes_are_read_or_refused(data: bytes, charset: str) -> None:
    try:
        text = text_from(data, f"text/plain{charset}")
    except NotTextError:
        return
    assert "\x00" not in text
    assert "\r" not in text

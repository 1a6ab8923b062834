"""Words, buttons and charts as Telegram takes them, whatever a record contains."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from teremok.validation import ApiRuleViolation, validate_html

from channels.outgoing import ToSend
from channels.telegram.buttons import Button, keyboard_of, read_data, takes_url
from channels.telegram.charts import alternative, shares_of
from channels.telegram.formatting import MOST, caption, lines_of, parts_of, to_html, units
from channels.telegram.pieces import PieceKind, pieces_of

PUBLIC = "a" * 32
PAY = "https://desk.example.com/pay/abc"
NASTY = ['<b>"Kitchen" & Co</i> <script>', "a < b && c > d", "</b></pre>&amp;&#0;", "_x_ *y* `z` [a](b)", "<tg-emoji>"]


def hung(kind: str, label: str = "", value: str = "", **more: Any) -> dict[str, Any]:
    return {"kind": kind, "label": label, "value": value, "rows": [], "extra": {}} | more


def message(text: str, *attachments: dict[str, Any]) -> ToSend:
    return ToSend(1, PUBLIC, 1, "telegram:harbor", "5", text, attachments, "en", datetime(2026, 11, 28, tzinfo=UTC))


@pytest.mark.parametrize("text", NASTY)
def test_whatever_a_record_contains_is_escaped(text: str) -> None:
    validate_html(to_html(text))
    assert "<script>" not in to_html(text)


def test_bold_is_the_only_mark() -> None:
    assert to_html("**INV-1042** & <b>\n# Due **soon**") == "<b>INV-1042</b> &amp; &lt;b&gt;\n<b>Due soon</b>"


@settings(max_examples=30, derandomize=True, deadline=None)
@given(text=st.text(max_size=300) | st.text(alphabet="*<>&#\n a😀", max_size=200).map(lambda some: some * 40))
def test_any_text_makes_messages_that_are_taken(text: str) -> None:
    parts = parts_of(lines_of(text, ()))
    for part in parts:
        assert 0 < units(to_html(part)) <= MOST
        assert part.strip()
        validate_html(to_html(part))


def test_long_text_is_cut_between_paragraphs() -> None:
    first, second = "one. " * 700, "two. " * 100
    assert [part[:4] for part in parts_of([first.strip(), "", second.strip(), "", second.strip()])] == ["one.", "two."]


def test_long_line_is_cut_after_a_sentence_and_loses_nothing() -> None:
    parts = parts_of(["Eight doors. " * 700])
    assert all(part.rstrip().endswith("doors.") for part in parts)
    assert " ".join(parts).split() == ("Eight doors. " * 700).split()


def test_figure_far_outside_the_alphabet_counts_twice() -> None:
    assert [units(part) for part in parts_of(["😀" * 3000])] == [4094, 1906]


def test_card_is_written_in_lines() -> None:
    card = hung("card", "INV-1042", rows=[["Due", "Fri 28 Nov"], ["Left", "$1,840.00"]])
    assert to_html("\n".join(lines_of("$1,840.00 is left.", [card]))) == (
        "$1,840.00 is left.\n\n<b>INV-1042</b>\nDue: Fri 28 Nov"
    )


@pytest.mark.parametrize(
    ("url", "taken"),
    [(PAY, True), ("http://desk.example.com/x", True), ("http://127.0.0.1:8000/pay/a", False),
     ("http://localhost/pay", False), ("https://10.0.0.5/pay", False), ("ftp://desk.example.com", False),
     ("https://user:pw@desk.example.com", False), ("https://desk.local/x", False), ("https://[bad/x", False),
     ("https://desk.example.com/a b", False), ("javascript:alert(1)", False)],
)  # fmt: skip
def test_only_public_addresses_stand_under_buttons(url: str, *, taken: bool) -> None:
    assert takes_url(url) is taken


def test_link_that_no_button_opens_is_written_out() -> None:
    link = hung("link", "Pay $5.00", "http://127.0.0.1:8000/pay/a")
    [piece] = pieces_of(message("Here.", link))
    assert (piece.html, piece.keyboard) == ("Here.\nPay $5.00: http://127.0.0.1:8000/pay/a", None)


def test_buttons_carry_their_message_and_place() -> None:
    keyboard = keyboard_of(PUBLIC, [hung("link", "Pay", PAY), hung("button", "Yes", "yes"), hung("button", "No", "no")])
    assert keyboard is not None
    assert keyboard.rows[0] == (Button("Pay", url=PAY),)
    assert [read_data(each.data) for each in keyboard.rows[1]] == [(PUBLIC, 1), (PUBLIC, 2)]
    assert all(len(each.data.encode()) <= 64 for each in keyboard.rows[1])


@pytest.mark.parametrize("data", ["", "yes", f"b:{PUBLIC}:", f"b:{PUBLIC}:-1", f"b:{PUBLIC[:-1]}:1", f"b:{PUBLIC}:1\n"])
def test_data_of_others_is_nothing(data: str) -> None:
    assert read_data(data) is None


def test_places_stay_where_links_are_written_out() -> None:
    asked = message("Here.", hung("link", "Pay", PAY), hung("button", "Yes", "yes"))
    one, other = pieces_of(asked)[0].keyboard, pieces_of(asked, opens_links=False)[0].keyboard
    assert one is not None
    assert other is not None
    assert one.rows[-1] == other.rows[-1]


def test_key_for_the_number_leaves_links_to_the_words() -> None:
    [piece] = pieces_of(message("Who are you?", hung("own_number", "Share my number"), hung("link", "Pay", PAY)))
    assert piece.keyboard is not None
    assert piece.keyboard.asks_number == "Share my number"
    assert PAY in piece.html


def test_pieces_stand_in_order() -> None:
    asked = message("x" * 5000, hung("file", "INV-1042.pdf", "u"), hung("chart", "Aging"), hung("button", "Yes", "yes"))
    pieces = pieces_of(asked)
    assert [piece.kind for piece in pieces] == [PieceKind.WORDS, PieceKind.WORDS, PieceKind.CHART, PieceKind.FILE]
    assert [piece.keyboard is not None for piece in pieces] == [False, True, False, False]


def test_label_is_one_short_line() -> None:
    keyboard = keyboard_of(PUBLIC, [hung("button", "a\nb " * 60, "x"), hung("button", "", "")])
    assert keyboard is not None
    assert [len(row[0].label) for row in keyboard.rows] == [60, 1]


def test_captions_are_short() -> None:
    assert units(caption("😀 " * 2000)) <= 1024
    assert caption("  \n ") == ""


def test_chart_is_told_in_words() -> None:
    rows = [["Okafor Dental", "$6,200.00 and $5"], ["A" * 80, "$3,100.00"], ["名前 $x$", "1"]]
    chart = hung("chart", "Owed over $30 and $40", rows=rows, extra={"shares": "1 0.5"})
    assert shares_of(chart) == [1.0, 0.5, 0.0]
    assert alternative(chart).splitlines()[1] == "Okafor Dental: $6,200.00 and $5"


@pytest.mark.parametrize("shares", ["", "nan inf", "x", "-1 7", "1 " * 99])
def test_odd_shares_are_lengths(shares: str) -> None:
    chart = hung("chart", "", rows=[["a", "1"], ["b", "2"]], extra={"shares": shares})
    assert len(shares_of(chart)) == 2
    assert all(0 <= each <= 1 for each in shares_of(chart))


def test_peer_refuses_broken_tags() -> None:
    with pytest.raises(ApiRuleViolation):
        validate_html("<b>never closed")

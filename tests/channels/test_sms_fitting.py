"""Fitting a reply to a text: parts counted as carriers do, nothing cut, nothing lost."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.sms.alphabet import BASIC, EXTENDED, count_parts, is_gsm, sendable
from channels.sms.choices import chosen
from channels.sms.fitting import MOST_CHARACTERS, MOST_PARTS, choices_of, fit, plain

REST = "https://desk.example.com/m/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
FIGURE = re.compile(r"\d[\d.,:/-]*\d|\d")
WORDS = st.text(st.sampled_from("aeé’“”–…• \u00a0\n$€0123456789.,ñçß[]{}→漢🙂"), max_size=900)
LINES = st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=200), max_size=40)


def hung(kind: str, label: str, value: str = "", **more: Any) -> dict[str, Any]:
    return {"kind": kind, "label": label, "value": value, "rows": [], "extra": {}} | more


def reference_parts(text: str) -> int:
    """Counted another way: by filling parts one character at a time, from the published limits."""
    gsm = all(sign in BASIC | EXTENDED for sign in text)
    units = [(2 if sign in EXTENDED else 1) if gsm else len(sign.encode("utf-16-le")) // 2 for sign in text]
    if sum(units) <= (160 if gsm else 70):
        return 1 if text else 0
    parts: list[int] = [0]
    for unit in units:
        if parts[-1] + unit > (153 if gsm else 67):
            parts.append(0)
        parts[-1] += unit
    return len(parts)


@pytest.mark.parametrize(
    ("text", "parts"),
    [("", 0), ("a" * 160, 1), ("a" * 161, 2), ("€" * 80, 1), ("€" * 81, 2), ("a" * 306, 2), ("a" * 307, 3),
     ("ç" * 70, 1), ("ç" * 71, 2), ("🙂" * 35, 1), ("🙂" * 36, 2), ("a" * 152 + "€" + "a" * 20, 2)],
)  # fmt: skip
def test_parts_are_those_of_the_standard(text: str, parts: int) -> None:
    assert count_parts(text) == parts == reference_parts(text)


def test_typographic_characters_are_folded() -> None:
    said = "“Dana’s kitchen” – 6\u00a0doors… • $1,440.00"
    assert sendable(said) == '"Dana\'s kitchen" - 6 doors... - $1,440.00'
    assert is_gsm(sendable(said))


def test_letters_outside_the_alphabet_stay() -> None:
    assert sendable("Ça coûte 12 €…") == "Ça coûte 12 €…"


def test_markdown_is_taken_out() -> None:
    said = "# Bill\n**$12.00** is due, see [the bill](https://x.example/a__b__c) or `INV-1`\n* one"
    assert plain(said) == "Bill\n$12.00 is due, see the bill: https://x.example/a__b__c or INV-1\n- one"


def test_buttons_become_numbers() -> None:
    attached = [hung("button", "Pay", "pay INV-1042"), hung("button", "Talk to a person", "I want a person")]
    fitted = fit("$1,840.00 is due.", attached, language="en", rest=REST)
    assert fitted.text == "$1,840.00 is due.\nReply 1 for Pay or 2 for Talk to a person."
    assert choices_of(attached)[0] == ("Pay", "pay INV-1042")


def test_yes_and_no_are_asked_for_as_words() -> None:
    attached = [hung("button", "Ja", "Ja"), hung("button", "Nein", "Nein")]
    assert fit("Senden?", attached, language="de", rest=REST).text == "Senden?\nAntworten Sie Ja oder Nein."


def test_words_and_numbers_stand_together() -> None:
    attached = [
        hung("button", "Talk to a person", "a person"),
        hung("button", "Yes", "Yes"),
        hung("button", "No", "No"),
    ]
    fitted = fit("Shall I ask?", attached, language="en", rest=REST)
    assert fitted.text == "Shall I ask?\nReply Yes, No or 1 for Talk to a person."
    assert [chosen(said, attached) for said in ("1", "no", "2")] == ["a person", "No", None]


def test_card_adds_only_what_was_not_said() -> None:
    card = hung("card", "INV-1", rows=[["Total", "$5.00"], ["Due", "Fri 28 Nov"]])
    assert fit("INV-1 is $5.00.", [card], language="en", rest=REST).text == "INV-1 is $5.00.\nDue: Fri 28 Nov"


def test_long_list_ends_at_a_line_with_a_link() -> None:
    lines = [f"• Client number {number}: $1,{number:03}.00, {number} days late" for number in range(40)]
    fitted = fit("40 clients.\n" + "\n".join(lines), [], language="en", rest=REST)
    kept = fitted.text.split("\n")
    assert kept[-1] == f"... The rest: {REST}"
    assert set(kept[1:-1]) <= {sendable(line) for line in lines}
    assert fitted.parts <= MOST_PARTS


def test_figure_with_spaces_is_never_cut() -> None:
    said = " ".join(f"{number}\u202f840,00\u00a0€" for number in range(100, 200))
    fitted = fit(said, [], language="fr", rest=REST)
    assert re.search(r"(\d{3} 840,00 € )*\d{3}[ \u202f]840,00[ \u00a0]€\n", fitted.text)


def test_pictures_go_along_where_a_phone_takes_them() -> None:
    photo = hung("file", "Porch.jpg", "https://desk.example.com/files/abc", extra={"media_type": "image/jpeg"})
    paper = hung("file", "Bill.pdf", "https://desk.example.com/files/def", extra={"media_type": "application/pdf"})
    fitted = fit("Here.", [photo, paper], language="en", rest=REST, takes_pictures=True)
    assert fitted.media == ("https://desk.example.com/files/abc",)
    assert fitted.text == "Here.\nBill.pdf: https://desk.example.com/files/def"
    assert fit("Here.", [photo], language="en", rest=REST).media == ()


def check_fitted(text: str, links: list[str], language: str) -> None:
    attached = [hung("link", f"Link {place}", f"https://x.example/{link}") for place, link in enumerate(links)]
    fitted = fit(text, attached, language=language, rest=REST)
    assert fitted.parts == reference_parts(fitted.text) <= MOST_PARTS
    assert len(fitted.text.encode("utf-16-le")) // 2 <= MOST_CHARACTERS
    whole = plain(text) + "".join(str(each["value"]) for each in attached) + REST + "0123456789"
    assert set(FIGURE.findall(sendable(fitted.text))) <= set(FIGURE.findall(sendable(whole))) | set("0123456789")
    for url in re.findall(r"https://x\.example/\S+", fitted.text):
        assert url in {each["value"] for each in attached}


def check_folded(text: str) -> None:
    folded = sendable(text)
    assert [sign for sign in folded if sign.isdigit()] == [sign for sign in text if sign.isdigit()]
    assert re.findall(r"https?://\S+", folded) == re.findall(r"https?://\S+", folded.strip())
    assert count_parts(folded) == reference_parts(folded)


@settings(max_examples=50, derandomize=True, deadline=None)
@given(WORDS)
def test_folding_loses_no_figure(text: str) -> None:
    check_folded(text)


@settings(max_examples=50, derandomize=True, deadline=None)
@given(
    LINES, st.lists(st.text("abcXYZ019-_", min_size=4, max_size=40), max_size=6), st.sampled_from(["en", "fr", "de"])
)
def test_every_fitted_text_is_within_limits(lines: list[str], links: list[str], language: str) -> None:
    check_fitted("\n".join(lines), links, language)


@pytest.mark.prove
@settings(max_examples=1000, derandomize=True, deadline=None)
@given(WORDS)
def test_folding_loses_no_figure_at_length(text: str) -> None:
    check_folded(text)


@pytest.mark.prove
@settings(max_examples=1000, derandomize=True, deadline=None)
@given(
    LINES, st.lists(st.text("abcXYZ019-_", min_size=4, max_size=40), max_size=6), st.sampled_from(["en", "fr", "de"])
)
def test_every_fitted_text_is_within_limits_at_length(lines: list[str], links: list[str], language: str) -> None:
    check_fitted("\n".join(lines), links, language)

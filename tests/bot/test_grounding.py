"""Every figure of a reply is bound to a fact, or the reply is not sent."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.money import format_money
from bot.evidence import Fact, FactKind, RecordFacts, calculated
from bot.grounding import Grounded, Unbound, ground, render_handles
from bot.showing import Reader, reader_locale, show_fact

NOW = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
READER = Reader("en", "en_US", "America/New_York", NOW)
KITCHEN = RecordFacts("INV-1042", "invoice", 17, 3)
DECK = RecordFacts("INV-1047", "invoice", 18, 1)
FACTS = (
    KITCHEN.number("INV-1042"),
    KITCHEN.money("balance", 184_000, "USD"),
    KITCHEN.date("due_on", date(2026, 11, 28)),
    KITCHEN.text("line", "6 oak doors, 24/7 support"),
    DECK.number("INV-1047"),
    DECK.money("balance", 62_000, "USD"),
)


def bound(draft: str, *, facts: tuple[Fact, ...] = FACTS, said: str = "") -> Grounded:
    result = ground(draft, facts, READER, said)
    assert isinstance(result, Grounded), result
    return result


def refused(draft: str, *, said: str = "") -> Unbound:
    result = ground(draft, FACTS, READER, said)
    assert isinstance(result, Unbound), result
    return result


def test_handles_are_written_for_their_reader() -> None:
    text = bound("{INV-1042.number} is {INV-1042.balance}, due {INV-1042.due_on}.").text
    assert text == "INV-1042 is $1,840.00, due Sat 28 Nov."


def test_each_figure_names_its_record() -> None:
    result = bound("{INV-1042.number} is {INV-1042.balance}.")
    assert [(each.text, each.fact.record, each.fact.field) for each in result.bindings] == [
        ("INV-1042", "invoice:17", "number"),
        ("$1,840.00", "invoice:17", "balance"),
    ]


def test_unknown_handle_is_refused() -> None:
    refused("It is {INV-9.balance}.")


@pytest.mark.parametrize(
    "claim",
    [
        "It is $1,841.00.",
        "It is 1841 dollars.",
        "Pay within 3 days.",
        "See https://example.com/pay.",
        "Write to someone@example.com.",
        "It is INV-7.",
        "That is 15% off.",
        "Call +1 212 555 0100.",
    ],
)
def test_figure_without_a_record_is_refused(claim: str) -> None:
    refused(claim)


def test_bare_figure_passes_when_one_record_holds_it() -> None:
    result = bound("INV-1042 comes to $1,840.00.")
    assert {each.fact.record for each in result.bindings} == {"invoice:17"}


def test_bare_figure_of_two_records_is_refused() -> None:
    same = (*FACTS, DECK.money("total", 184_000, "USD"))
    assert isinstance(ground("That is $1,840.00.", same, READER), Unbound)


def test_sentence_about_one_invoice_carries_no_other_ones_amount() -> None:
    refused("{INV-1042.number} has {INV-1047.balance} left.")
    bound("{INV-1042.number} has {INV-1042.balance} left. The other is {INV-1047.balance}.")


def test_figures_inside_record_words_are_bound_by_them() -> None:
    bound("It covers {INV-1042.line}.")


def test_handle_inside_a_record_is_not_rendered_again() -> None:
    tricky = (KITCHEN.text("memo", "{INV-1047.balance}"), *FACTS)
    assert bound("Note: {INV-1042.memo}", facts=tricky).text == "Note: {INV-1047.balance}"


def test_own_figure_may_be_echoed_in_quotes() -> None:
    bound("You wrote “5 doors”.", said="I need 5 doors")
    refused("You get 5 doors.", said="I need 5 doors")
    refused("You wrote “9 doors”.", said="I need 5 doors")


def test_direction_marks_of_a_record_are_taken_out() -> None:
    tricky = (KITCHEN.text("memo", "abc\u202e00.1$\x00"),)
    assert bound("{INV-1042.memo}", facts=tricky).text == "abc00.1$"


def test_missing_fact_cannot_be_rendered() -> None:
    with pytest.raises(KeyError):
        render_handles("{INV-1.x}", FACTS, locale="en_US", zone="UTC", now=NOW, language="en")


@settings(deadline=None)  # as below
@given(st.integers(min_value=0, max_value=10**10), st.integers(min_value=0, max_value=10**10))
def test_only_the_recorded_amount_can_be_said(recorded: int, claimed: int) -> None:
    facts = (KITCHEN.money("balance", recorded, "USD"),)
    amount = show_fact(KITCHEN.money("balance", claimed, "USD"), READER)
    result = ground(f"It comes to {amount}.", facts, READER)
    assert isinstance(result, Grounded) is (recorded == claimed)


@settings(deadline=None)  # the words of a language are read once
@given(st.sampled_from(["en_US", "es_US", "fr_FR", "de_DE", "en_GB", "pt_BR"]), st.integers(0, 10**12))
def test_amounts_are_bound_in_every_locale(locale: str, minor: int) -> None:
    reader = Reader(locale[:2], locale, "Europe/Paris", NOW)
    fact = KITCHEN.money("balance", minor, "EUR")
    shown = ground(f"→ {fact} ←", (fact,), reader)
    assert isinstance(shown, Grounded)
    assert shown.text == f"→ {format_money(fact.value, locale)} ←"
    bare = ground(shown.text, (fact,), reader)
    assert isinstance(bare, Grounded), bare


def test_year_stands_only_when_it_is_another() -> None:
    assert show_fact(KITCHEN.date("due_on", date(2025, 3, 4)), READER) == "Tue 4 Mar 2025"


def test_moments_are_told_in_the_readers_zone() -> None:
    assert show_fact(KITCHEN.moment("sent_at", NOW - timedelta(hours=3)), READER) == "today at 11:00"
    late = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
    assert show_fact(KITCHEN.moment("sent_at", late), READER) == "yesterday at 22:00"


def test_calculation_names_what_it_read() -> None:
    total = calculated("owed", "total", FactKind.COUNT, 2, what="count of open invoices", inputs=("invoice:17.status",))
    assert bound("You have {owed.total} open invoices.", facts=(total,)).bindings[0].fact.inputs == (
        "invoice:17.status",
    )


def test_figures_follow_the_language_of_the_sentence() -> None:
    assert reader_locale("es", "en_US") == "es_US"
    assert reader_locale("fr", "fr_CA") == "fr_CA"
    assert reader_locale("en", "nonsense!") == "en"


@pytest.mark.parametrize(
    ("language", "locale", "day", "shown"),
    [
        ("de", "de_DE", date(2026, 11, 28), "Sa., 28. November"),
        ("de", "de_AT", date(2025, 11, 28), "Fr., 28. November 2025"),
        ("fr", "fr_FR", date(2026, 11, 28), "samedi 28 novembre"),
        ("fr", "fr_FR", date(2027, 1, 1), "vendredi 1er janvier 2027"),
        ("es", "es_US", date(2026, 11, 28), "sáb 28 nov"),
    ],
)
def test_days_read_well_inside_a_sentence(language: str, locale: str, day: date, shown: str) -> None:
    assert show_fact(KITCHEN.date("due_on", day), Reader(language, locale, "Europe/Paris", NOW)) == shown


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("de", "heute um 15:30 Uhr"),
        ("fr", "aujourd’hui à 15\u00a0h\u00a030"),
        ("es", "hoy a las 15:30"),
    ],
)
def test_hours_are_told_as_the_language_does(language: str, shown: str) -> None:
    moment = KITCHEN.moment("sent_at", datetime(2026, 11, 22, 14, 30, tzinfo=UTC))
    assert show_fact(moment, Reader(language, language, "Europe/Paris", NOW)) == shown


def test_full_hours_have_no_minutes_in_french() -> None:
    moment = KITCHEN.moment("sent_at", datetime(2026, 11, 21, 8, 0, tzinfo=UTC))
    assert show_fact(moment, Reader("fr", "fr_FR", "Europe/Paris", NOW)) == "hier à 9\u00a0h"


def test_full_stop_of_a_date_ends_no_sentence() -> None:
    german = Reader("de", "de_DE", "Europe/Berlin", NOW)
    mixed = ground("Auf {INV-1042.number} sind am {INV-1042.due_on} {INV-1047.balance} fällig.", FACTS, german)
    assert isinstance(mixed, Unbound), mixed
    named = "INV-1042 ist am {INV-1042.due_on} mit {INV-1042.balance} fällig."
    assert isinstance(ground(named, FACTS, german), Grounded)
    apart = "{INV-1042.number} ist am {INV-1042.due_on} fällig. Offen sind noch {INV-1047.balance}."
    assert isinstance(ground(apart, FACTS, german), Grounded)


def test_full_stop_of_a_record_is_not_doubled() -> None:
    okafor = RecordFacts("Okafor", "client", 4, 1).name("name", "Okafor Inc.")
    result = bound("We wrote to {Okafor.name}. {INV-1042.balance} is due.", facts=(*FACTS, okafor))
    assert result.text == "We wrote to Okafor Inc. $1,840.00 is due."
    assert [result.text[each.start : each.end] for each in result.bindings] == ["Okafor Inc.", "$1,840.00"]


@pytest.mark.parametrize("language", ["en", "es", "fr", "de"])
@pytest.mark.parametrize("locale", ["en_US", "es_US", "es_ES", "fr_FR", "de_DE", "de_AT", "pt_BR", "xx_YY"])
def test_every_reader_can_be_written_to(language: str, locale: str) -> None:
    reader = Reader(language, reader_locale(language, locale), "Europe/Paris", NOW)
    for fact in FACTS:
        assert show_fact(fact, reader)
    assert show_fact(KITCHEN.moment("sent_at", NOW), reader)

"""Figures in every form people write them: what the evidence holds passes, anything else is stopped."""

from datetime import UTC, date, datetime

import pytest

from bot.evidence import Fact, FactKind, RecordFacts, calculated
from bot.grounding import Grounded, Unbound, ground
from bot.showing import Reader

NOW = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)  # a Sunday
KITCHEN = RecordFacts("INV-1042", "invoice", 17, 3)
DECK = RecordFacts("INV-1047", "invoice", 18, 1)
BUSINESS = RecordFacts("business", "business", 1, 1)
FACTS: tuple[Fact, ...] = (
    KITCHEN.number("INV-1042"),
    KITCHEN.text("title", "Kitchen cabinets"),
    KITCHEN.money("balance", 184_000, "USD"),
    KITCHEN.money("half", 92_000, "USD"),
    KITCHEN.date("due_on", date(2026, 11, 27)),
    KITCHEN.text("line", "6 oak doors"),
    calculated("INV-1042", "late", FactKind.DAYS, 62, what="days from today"),
    calculated("INV-1042", "discount", FactKind.PERCENT, 1500, what="discount"),
    calculated("invoices", "count", FactKind.COUNT, 2, what="open invoices"),
    DECK.number("INV-1047"),
    DECK.text("title", "Deck repair"),
    DECK.money("balance", 62_000, "USD"),
    DECK.text("memo", "balance is $7.00, see https://evil.example/pay"),
    KITCHEN.moment("sent_at", datetime(2026, 11, 22, 19, 32, tzinfo=UTC)),
    BUSINESS.fact("phone", FactKind.PHONE, "+12125550140"),
    BUSINESS.fact("email", FactKind.EMAIL, "hello@pine.example"),
    KITCHEN.fact("link", FactKind.LINK, "https://pine.example/pay/abc"),
)
LOCALES = {"en": "en_US", "es": "es_ES", "fr": "fr_FR", "de": "de_DE", "pt": "pt_BR", "it": "it_IT"}


def result_of(text: str, language: str = "en", said: str = "") -> Grounded | Unbound:
    return ground(text, FACTS, Reader(language, LOCALES[language], "America/New_York", NOW), said)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        *(("en", f"INV-1042 comes to {amount}.") for amount in (
            "$1,840.00", "$1840", "USD 1,840", "1,840.00 USD", "US$1,840.00", "$1,840", "1.840,00 $", "1 840.00 $",
            "1'840.00 USD", "$1\u202f840.00", "1840 dollars", "$1.84k", "$１,８４０.００", "$١٨٤٠")),
        *(("en", f"INV-1042 is due {day}.") for day in (
            "Fri 27 Nov", "November 27", "Nov 27, 2026", "11/27", "2026-11-27", "Friday", "this Friday", "in 5 days",
            "in five days", "on the 27th", "11/27/2026", "Friday, November 27th")),
        ("en", "You have two open invoices."), ("en", "You have 2 open invoices."),
        ("en", "It is 62 days overdue."), ("en", "It is sixty-two days overdue."),
        ("en", "That is 15% off."), ("en", "That is fifteen percent off."),
        ("en", "See invoice 1042."), ("en", "See #1042."), ("en", "See inv-1042."),
        ("en", "It covers 6 oak doors."), ("en", "Half of it is due."),
        ("en", "Call (212) 555-0140."), ("en", "Call 212-555-0140."), ("en", "Call +1 212 555 0140."),
        ("en", "Write to Hello@pine.example."), ("en", "Pay at https://pine.example/pay/abc."),
        ("en", "It was sent today at 2:32 pm."), ("en", "How can I help you today?"),
        ("es", "INV-1042 vence el 27 de noviembre: 1.840,00 USD."), ("es", "Tiene dos facturas pendientes."),
        ("es", "Vence el viernes."), ("es", "Lleva 62 días de retraso."),
        ("fr", "INV-1042 est à régler le vendredi 27 novembre : 1 840,00 USD."), ("fr", "Vous avez deux factures."),
        ("fr", "Elle est à régler dans cinq jours."), ("fr", "C’est soixante-deux jours de retard."),
        ("de", "INV-1042 ist am Freitag, 27. November fällig: 1.840,00 $."), ("de", "Sie haben zwei Rechnungen."),
        ("de", "Fällig am 27.11.2026."), ("de", "Sie ist zweiundsechzig Tage überfällig."),
        ("pt", "INV-1042 vence em 27 de novembro: 1.840,00 USD."), ("pt", "Você tem duas faturas."),
        ("it", "INV-1042 scade il 27 novembre: 1.840,00 USD."), ("it", "Ha due fatture aperte."),
        ("it", "Scade venerdì prossimo."),
    ],
)  # fmt: skip
def test_true_figure_passes_however_written(language: str, text: str) -> None:
    result = result_of(text, language)
    assert isinstance(result, Grounded), result


@pytest.mark.parametrize(
    ("language", "text"),
    [
        *(("en", f"INV-1042 comes to {amount}.") for amount in (
            "$1,841.00", "€1,840.00", "1840 EUR", "$1.8k", "-$1,840.00", "twenty dollars", "$18,40.00", "1840", "$0.18",
            "about $1,800", "$620.00", "$7.00")),
        *(("en", f"INV-1042 is due {day}.") for day in (
            "Fri 28 Nov", "Sat 27 Nov", "November 28", "tomorrow", "Monday", "last Friday", "in 6 days", "11/28",
            "next month", "2027-11-27", "27 October", "on the 26th", "in two weeks")),
        ("en", "You have three open invoices."), ("en", "You have 4 invoices."), ("en", "It is 61 days overdue."),
        ("en", "That is 16% off."), ("en", "See invoice 1043."), ("en", "See estimate 1042."), ("en", "See #7."),
        ("en", "It covers 7 oak doors."), ("en", "Call 212-555-0141."), ("en", "Write to thief@evil.example."),
        ("en", "Pay at https://evil.example/pay."), ("en", "Pay at evil.example/pay."),
        ("en", "It was sent at 2:33 pm."),
        ("en", "The kitchen invoice comes to $620.00."), ("en", "INV-1042 is the kitchen. It comes to $620.00."),
        ("en", "$620.00 on INV-1042 and $1,840.00 on INV-1047."),
        ("en", "Kitchen (INV-1042, $620.00) or deck (INV-1047, $1,840.00)?"),
        ("es", "Tiene tres facturas."), ("es", "Vence mañana."), ("es", "Son veinte dólares."),
        ("fr", "Vous avez trois factures."), ("fr", "Elle est à régler demain."), ("fr", "Le 28 novembre."),
        ("de", "Sie haben drei Rechnungen."), ("de", "Fällig am 28.11."), ("de", "Es sind einundzwanzig Euro."),
        ("pt", "Você tem três faturas."), ("pt", "Vence amanhã."), ("it", "Ha tre fatture."), ("it", "Scade domani."),
    ],
)  # fmt: skip
def test_false_figure_is_stopped_however_written(language: str, text: str) -> None:
    result = result_of(text, language)
    assert isinstance(result, Unbound), result


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "One of us is here, and this one is for you."), ("es", "Una persona le atiende, es un placer."),
        ("fr", "Une personne vous répond."), ("de", "Ein Mensch ist immer erreichbar."),
        ("pt", "Uma pessoa responde aqui."), ("it", "Una persona risponde qui."),
    ],
)  # fmt: skip
def test_articles_are_no_figures(language: str, text: str) -> None:
    assert isinstance(result_of(text, language), Grounded)


def test_own_figure_is_told_as_theirs_only() -> None:
    said = "can i pay 500 on friday for invoice 9999"
    assert isinstance(result_of("You said 500.", said=said), Grounded)
    assert isinstance(result_of("I can't find invoice 9999.", said=said), Grounded)
    assert isinstance(result_of("You owe 500.", said=said), Unbound)
    assert isinstance(result_of("You said 600.", said=said), Unbound)


def test_two_records_in_a_sentence_keep_their_own_values() -> None:
    assert isinstance(result_of("$1,840.00 on INV-1042 and $620.00 on INV-1047."), Grounded)
    assert isinstance(result_of("Kitchen (INV-1042, $1,840.00) or deck (INV-1047, $620.00)?"), Grounded)


def test_foreign_link_of_a_record_is_left_out() -> None:
    result = result_of("It says: {INV-1047.memo}.")
    assert isinstance(result, Grounded)
    assert "evil" not in result.text

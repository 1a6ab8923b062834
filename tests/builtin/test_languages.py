"""Several questions, follow-ups and doubt in each of the six languages."""

from collections.abc import Callable

import pytest

from bot.builtin.intents import WRITING
from bot.meaning import Act, Call, Understanding
from bot.messages import Mention

Understand = Callable[..., Understanding]
_INVOICE = (Mention("invoice", "INV-1042"),)
_ASKED = (Call("explain_invoice", {"invoice": "1042"}, "invoice_purpose"),)


@pytest.mark.parametrize(
    ("said", "tools", "language"),
    [
        ("Did my transfer arrive? And when does the technician come?",
         ["payment_status", "upcoming_appointments"], "en"),
        ("¿Llegó mi transferencia? ¿Y cuándo viene el técnico?", ["payment_status", "upcoming_appointments"], "es"),
        ("Avez-vous reçu mon virement ? Et quand passe le technicien ?",
         ["payment_status", "upcoming_appointments"], "fr"),
        ("Haben Sie meine Zahlung erhalten? Und wann kommt der Techniker?",
         ["payment_status", "upcoming_appointments"], "de"),
        ("Vocês receberam meu pagamento? E quando vem o técnico?", ["payment_status", "upcoming_appointments"], "pt"),
        ("Avete ricevuto il mio bonifico? E quando viene il tecnico?",
         ["payment_status", "upcoming_appointments"], "it"),
    ],
)  # fmt: skip
def test_both_questions_are_answered_in_order(
    understand: Understand, said: str, tools: list[str], language: str
) -> None:
    meaning = understand(said)
    assert [call.tool for call in meaning.calls] == tools, meaning
    assert meaning.language == language


@pytest.mark.parametrize(
    ("said", "intent"),
    [
        ("and when?", "invoice_due_date"), ("¿y cuándo?", "invoice_due_date"), ("et quand ?", "invoice_due_date"),
        ("und wann?", "invoice_due_date"), ("e quando?", "invoice_due_date"),
    ],
)  # fmt: skip
def test_follow_up_keeps_its_invoice(understand: Understand, said: str, intent: str) -> None:
    for language in ("en", "es", "fr", "de", "pt", "it"):
        meaning = understand(said, language=language, mentions=_INVOICE, last_calls=_ASKED)
        if meaning.language == language:
            assert [(call.intent, call.args.get("invoice")) for call in meaning.calls] == [(intent, "1042")], meaning


@pytest.mark.parametrize(
    ("said", "tools"),
    [
        ("où en est mon devis ?", {"list_estimates"}),
        ("qu'en est-il du devis ?", {"list_estimates"}),
        ("wie viel ist noch offen?", {"list_invoices", "account_statement"}),
        ("was ist bei mir noch offen", {"list_invoices", "account_statement"}),
    ],
)
def test_once_misread_questions_are_understood(understand: Understand, said: str, tools: set[str]) -> None:
    meaning = understand(said)
    assert {call.tool for call in meaning.calls} <= tools, meaning
    assert meaning.calls, meaning


@pytest.mark.parametrize(
    "said",
    ["something about the visit and the money", "algo de la visita y el dinero", "quelque chose avec la visite",
     "irgendwas mit dem Termin und dem Geld", "algo sobre a visita e o dinheiro", "qualcosa con la visita e i soldi"],
)  # fmt: skip
def test_doubt_changes_nothing(understand: Understand, said: str) -> None:
    meaning = understand(said)
    assert not {call.tool for call in meaning.calls} & WRITING, meaning
    assert len(meaning.choices) <= 3
    assert meaning.act in {Act.CLARIFY, Act.TOOL}, meaning


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("cuando viene el tecnico", "cuándo viene el técnico"),
        ("necesito mas tiempo para pagar", "necesito más tiempo para pagar"),
        ("ou en est ma demande", "où en est ma demande"),
        ("wie hoch ist meine nachste Rechnung", "wie hoch ist meine nächste Rechnung"),
        ("nao recebi meu reembolso", "não recebi meu reembolso"),
        ("perche la bolletta e cosi alta", "perché la bolletta è così alta"),
    ],
)
def test_accents_may_be_left_out(understand: Understand, said: str, plain: str) -> None:
    bare, full = understand(said), understand(plain)
    assert [call.tool for call in bare.calls] == [call.tool for call in full.calls], (bare, full)
    assert bare.calls

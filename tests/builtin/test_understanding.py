"""Understanding: arguments, follow-ups, several questions, doubt, and texts that mean nothing."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict

import numpy as np
import pytest

from bot.builtin.intents import INTENTS, WRITING
from bot.builtin.understanding import BuiltinUnderstanding
from bot.builtin.weights import EncoderMismatchError, load_weights
from bot.meaning import Act, Call, Understanding
from bot.messages import Mention

Understand = Callable[..., Understanding]
_INVOICE = (Mention("invoice", "INV-1042"),)
_ASKED = (Call("explain_invoice", {"invoice": "1042"}, "invoice_purpose"),)


def _only(meaning: Understanding) -> Call:
    assert meaning.act is Act.TOOL, meaning
    assert len(meaning.calls) == 1, meaning
    return meaning.calls[0]


@pytest.mark.parametrize(
    ("said", "tool", "args"),
    [
        ("change my email to x@y.example", "update_contact", {"field": "email", "value": "x@y.example"}),
        ("what is invoice 1042 for", "explain_invoice", {"invoice": "1042"}),
        ("what does INV-1042 cover", "explain_invoice", {"invoice": "INV-1042"}),
        ("what's the kitchen bill for", "explain_invoice", {"invoice": "kitchen"}),
        ("what is my last bill for", "explain_invoice", {"invoice": "last"}),
        ("I want to pay half of the kitchen invoice", "send_payment_link", {"invoice": "kitchen", "amount": "half"}),
        ("pay 500 on 1042", "send_payment_link", {"invoice": "1042", "amount": "500"}),
        ("can i pay $250 now", "send_payment_link", {"amount": "$250"}),
        ("ill pay next friday", "promise_to_pay", {"date": "next friday"}),
        ("my new email is dana@example.com", "update_contact", {"field": "email", "value": "dana@example.com"}),
        ("i moved to 12 Elm Street", "update_contact", {"field": "address", "value": "12 Elm Street"}),
        ("hows the deck coming along", "project_status", {"project": "deck"}),
        ("can i get a copy of the contract", "find_file", {"query": "contract"}),
        ("write to me in spanish", "set_preference", {"name": "language", "value": "es"}),
        ("de qué es la factura de la cocina", "explain_invoice", {"invoice": "cocina"}),
        ("where can i see my statement for last year", "account_statement", {"period": "last year"}),
    ],
)
def test_arguments_are_the_persons_words(understand: Understand, said: str, tool: str, args: dict[str, str]) -> None:
    call = _only(understand(said))
    assert (call.tool, dict(call.args)) == (tool, args)


@pytest.mark.parametrize(
    ("said", "tool", "args"),
    [
        ("what invoices does Okafor have open", "list_invoices", {"client": "Okafor", "status": "open"}),
        ("did alvarez pay?", "payment_status", {"client": "alvarez"}),
        ("how much does Green Valley School owe", "list_invoices", {"client": "Green Valley School", "status": "open"}),
        ("who owes us more than $1000", "outstanding_balances", {"minimum": "$1000"}),
        ("who is over 30 days", "outstanding_balances", {"overdue_days": "30"}),
        ("revenue last month", "revenue_report", {"period": "last month"}),
        ("assign request R-7 to Marco", "update_request", {"request": "R-7", "assignee": "Marco"}),
        ("add a note for Okafor: prefers mornings", "add_note", {"client": "Okafor", "text": "prefers mornings"}),
        ("send okafor dental a link for half", "propose_payment_link", {"client": "okafor dental", "amount": "half"}),
        ("text the nguyens that it's late", "propose_message", {"client": "nguyens", "text": "it's late"}),
        ("when is Alvarez's kitchen invoice due", "explain_invoice", {"client": "Alvarez", "invoice": "kitchen"}),
        ("find dana lee", "find_client", {"query": "dana lee"}),
    ],
)  # fmt: skip
def test_staff_name_their_clients(understand: Understand, said: str, tool: str, args: dict[str, str]) -> None:
    call = _only(understand(said, kind="staff"))
    assert (call.tool, dict(call.args)) == (tool, args)


def test_story_of_dana_is_followed(understand: Understand) -> None:
    first = _only(understand("what's this invoice for?"))
    assert first == Call("explain_invoice", {"invoice": "this"}, "invoice_purpose")
    due = _only(understand("and when is it due?", mentions=_INVOICE, last_calls=(first,)))
    assert due == Call("explain_invoice", {"invoice": "this"}, "invoice_due_date")
    link = _only(understand("ok send me the link", mentions=_INVOICE, last_calls=(due,)))
    assert link.tool == "send_payment_link"
    got = _only(understand("did you get it?", mentions=_INVOICE, last_calls=(link,)))
    assert got.tool == "payment_status"


def test_story_of_priya_is_followed(understand: Understand) -> None:
    first = _only(understand("who owes us money?", kind="staff"))
    assert first.tool == "outstanding_balances"
    about = _only(understand("what about Okafor Dental?", kind="staff", last_calls=(first,)))
    assert about == Call("client_overview", {"client": "Okafor Dental"}, "client_overview")
    link = _only(understand("send them a link", kind="staff", last_calls=(about,), client_focus="Okafor Dental"))
    assert link == Call("propose_payment_link", {"client": "Okafor Dental"}, "link_propose")


@pytest.mark.parametrize(
    ("said", "invoice"),
    [("and the other one?", "other"), ("and the deck?", "deck"), ("what about 1043?", "1043"), ("y la otra?", "other")],
)
def test_last_question_is_asked_of_another(understand: Understand, said: str, invoice: str) -> None:
    call = _only(understand(said, mentions=_INVOICE, last_calls=_ASKED))
    assert call == Call("explain_invoice", {"invoice": invoice}, "invoice_purpose")


@pytest.mark.parametrize(
    ("said", "intent"),
    [
        ("when?", "invoice_due_date"), ("why so much", "invoice_why_high"),
        ("how much?", "invoice_amount"), ("send it", "pay_link"),
    ],
)  # fmt: skip
def test_short_follow_up_keeps_its_record(understand: Understand, said: str, intent: str) -> None:
    call = _only(understand(said, mentions=_INVOICE, last_calls=_ASKED))
    assert (call.intent, call.args["invoice"]) == (intent, "1042")


def test_same_question_about_another_client(understand: Understand) -> None:
    last = (Call("payment_status", {"client": "Okafor"}, "payment_received"),)
    call = _only(understand("and Alvarez?", kind="staff", last_calls=last))
    assert call == Call("payment_status", {"client": "Alvarez"}, "payment_received")


@pytest.mark.parametrize(
    ("said", "tools"),
    [
        ("did you get my payment and when do you come?", ["payment_status", "upcoming_appointments"]),
        ("How much do I owe? And what is the next step?", ["list_invoices", "project_status"]),
        ("what are your hours, and can you send me the contract", ["search_knowledge", "find_file"]),
        ("¿Recibieron mi pago y cuándo vienen?", ["payment_status", "upcoming_appointments"]),
        ("c'est quoi cette facture et vous avez recu mon paiment ?", ["explain_invoice", "payment_status"]),
        ("cette facture c'est pour quoi et vous avez bien reçu mon paiement ?", ["explain_invoice", "payment_status"]),
    ],
)
def test_two_questions_are_both_answered(understand: Understand, said: str, tools: list[str]) -> None:
    assert [call.tool for call in understand(said).calls] == tools


@pytest.mark.parametrize(
    "said",
    ["tell me how and when to pay", "Hi, this is Dana. You sent me a bill yesterday. What is it for?",
     "the sink and the tub are leaking", "how do I pay, send me a link"],
)  # fmt: skip
def test_conjunctions_alone_do_not_split(understand: Understand, said: str) -> None:
    assert len(understand(said).calls) == 1


def test_later_it_is_the_named_record(understand: Understand) -> None:
    meaning = understand("about invoice 1042: what's it for and when is it due")
    assert [(call.intent, call.args["invoice"]) for call in meaning.calls] == [
        ("invoice_purpose", "1042"),
        ("invoice_due_date", "1042"),
    ]


@pytest.mark.parametrize(
    ("said", "act", "kind"),
    [
        ("hello", Act.SMALLTALK, "greeting"), ("thanks a lot!", Act.SMALLTALK, "thanks"),
        ("are you a robot?", Act.SMALLTALK, "identity"), ("how r u", Act.SMALLTALK, "how_are_you"),
        ("hola buenas", Act.SMALLTALK, "greeting"), ("adiós", Act.SMALLTALK, "bye"),
        ("what's the weather like in Boston", Act.OUT_OF_SCOPE, ""), ("tell me a joke pls", Act.OUT_OF_SCOPE, ""),
        ("cuéntame un chiste", Act.OUT_OF_SCOPE, ""), ("best pizza recipe?", Act.OUT_OF_SCOPE, ""),
        ("STOP", Act.OPT_OUT, ""), ("please stop texting me", Act.OPT_OUT, ""),
        ("yes", Act.CLARIFY, ""), ("no", Act.CLARIFY, ""), ("sí", Act.CLARIFY, ""),
    ],
)  # fmt: skip
def test_talk_calls_no_tool(understand: Understand, said: str, act: Act, kind: str) -> None:
    meaning = understand(said)
    assert (meaning.act, meaning.smalltalk, meaning.calls) == (act, kind, ())


@pytest.mark.parametrize(
    "said", ["", "   ", "\x00\x00", "🙂🙂", "?!?", "\u202e\u200f", "asdkjh qwlkejh", "...", "zzzz"]
)
def test_meaningless_text_asks_back(understand: Understand, said: str) -> None:
    meaning = understand(said)
    assert meaning.act is Act.CLARIFY
    assert meaning.calls == ()
    assert meaning.text == said


def test_long_text_is_read_at_its_ends(understand: Understand) -> None:
    meaning = understand("did my check get to your office? " + "lorem ipsum dolor " * 4000)
    assert len(meaning.text) > 64_000
    assert all(call.tool not in WRITING for call in meaning.calls)


def test_nul_and_marks_change_nothing(understand: Understand) -> None:
    assert _only(understand("what is \x00invoice\u200f 1042 for")).args["invoice"] == "1042"


@pytest.mark.parametrize(
    "said",
    ["maybe the thing about money and the visit", "invoice and kitchen and next week", "change", "payment",
     "i think so about the estimate", "something with the date"],
)  # fmt: skip
def test_doubt_never_writes(understand: Understand, said: str) -> None:
    meaning = understand(said)
    assert all(call.tool not in WRITING for call in meaning.calls), meaning
    if meaning.act is Act.CLARIFY:
        assert len(meaning.choices) <= 3
        assert all(choice.tool for choice in meaning.choices)


@pytest.mark.parametrize("kind", ["client", "staff"])
def test_sessions_use_their_own_tools_only(understand: Understand, kind: str) -> None:
    own = {intent.tool for intent in INTENTS.values() if kind in intent.kinds}
    for said in ("who owes us money", "send me a payment link", "record a payment of 500", "accept the estimate"):
        assert {call.tool for call in understand(said, kind=kind).calls} <= own


def test_clients_say_no_client_argument(understand: Understand) -> None:
    for said in ("what about Okafor Dental?", "what does Okafor owe", "send Alvarez a link", "did Tom Becker pay"):
        assert all("client" not in call.args for call in understand(said).calls)


def test_same_words_mean_the_same(understand: Understand) -> None:
    said = "did you get my payment and when do you come?"
    assert json.dumps(asdict(understand(said)), default=str) == json.dumps(asdict(understand(said)), default=str)


@pytest.mark.parametrize(
    ("said", "prior", "language"),
    [
        ("what is this invoice for", "es", "en"), ("cuanto debo", "en", "es"), ("quand dois-je payer", "en", "fr"),
        ("wann ist meine Rechnung fällig", "en", "de"), ("quanto falta pagar na minha fatura", "en", "pt"),
        ("quando scade la mia fattura", "en", "it"), ("ok", "es", "es"), ("1042", "fr", "fr"), ("link pls", "en", "en"),
    ],
)  # fmt: skip
def test_language_is_that_of_the_message(understand: Understand, said: str, prior: str, language: str) -> None:
    assert understand(said, language=prior).language == language


class _OtherEncoder:
    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        row = np.zeros(512)
        row[0] = 1.0
        return [row.tolist() for _ in texts]


def test_foreign_encoder_is_refused() -> None:
    with pytest.raises(EncoderMismatchError):
        BuiltinUnderstanding(_OtherEncoder(), load_weights())

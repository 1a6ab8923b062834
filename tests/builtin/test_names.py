"""Whose name is said does not matter: taking a client over, giving one back, and saying who writes."""

import pytest

from bot.builtin.intents import WRITING
from bot.builtin.normalizing import introduction_in, names_alike
from bot.builtin.understanding import BuiltinUnderstanding
from bot.builtin.utterance_files import known_words
from bot.meaning import Act, TurnContext, Understanding
from tests.builtin.conftest import NOW

_TAKEN = (
    "take over Grace Kim",
    "I'll take the conversation with Grace Kim",
    "let me handle Dana Lee",
    "take over Dana Lee",
    "let me handle Nora Vance please",
    "I'll take over from here with Yusuf Demir",
    "I'm taking Ines Moreau over",
    "put me on the chat with Ingrid Solberg",
    "let me talk to Oluwaseun Ade myself",
    "yo me encargo de Grace Kim",
    "tomo yo la conversación con Nora Vance",
    "quiero atender yo a Yusuf Demir",
    "je prends la conversation avec Grace Kim",
    "je m'occupe moi-même de Nora Vance",
    "laisse-moi gérer Ines Moreau",
    "ich übernehme Grace Kim",
    "ich kümmere mich selbst um Nora Vance",
    "lass mich das Gespräch mit Ines Moreau übernehmen",
    "eu assumo a Grace Kim",
    "deixa que eu atendo a Nora Vance",
    "eu cuido da conversa com o Yusuf Demir",
    "prendo io Grace Kim",
    "me ne occupo io di Nora Vance",
    "lascia che gestisca io Yusuf Demir",
)
_GIVEN_BACK = (
    "give Grace Kim back to the assistant",
    "Nora Vance can go back to the bot",
    "let the assistant handle Grace Kim again",
    "I'm done with Yusuf Demir, assistant can continue",
    "devuelve a Grace Kim al asistente",
    "que el asistente siga con Nora Vance",
    "rends Grace Kim à l'assistant",
    "l'assistant peut reprendre avec Nora Vance",
    "gib Grace Kim an den Assistenten zurück",
    "der Assistent kann Nora Vance wieder übernehmen",
    "devolve a Grace Kim ao assistente",
    "o assistente pode continuar com a Nora Vance",
    "ridai Grace Kim all'assistente",
    "l'assistente può riprendere con Nora Vance",
)
_INTRODUCED = (
    "I'm Nora Vance",
    "this is Nora Vance",
    "Nora Vance here",
    "hi, this is Grace Kim",
    "my name is Yusuf Demir",
    "it's Ines Moreau",
    "im dana lee",
    "hello, Ingrid Solberg speaking",
    "soy Grace Kim",
    "me llamo Yusuf Demir",
    "habla Nora Vance",
    "bonjour, c'est Nora Vance",
    "ici Ines Moreau",
    "je m'appelle Grace Kim",
    "hier ist Yusuf Demir",
    "mein Name ist Grace Kim",
    "Nora Vance hier",
    "aqui é a Nora Vance",
    "o meu nome é Grace Kim",
    "mi chiamo Yusuf Demir",
    "qui Nora Vance",
)
_ASKED = (
    ("quiero poner una queja con un superior", {"hand_to_person", "create_request"}),
    ("is there a contact form in my files", {"find_file", "search_knowledge"}),
    ("which invoice covers the consultant's hours", {"explain_invoice"}),
    ("which bill has the electrician's hours on it", {"explain_invoice"}),
    ("ich möchte meinen Vertrag kündigen", {"create_request"}),
    ("mon devis, c'est pour quand ?", {"list_estimates"}),
    ("send me the link for INV-1042", {"send_payment_link"}),
    ("the link for 1042 please", {"send_payment_link"}),
    ("I don't agree with INV-1042", {"report_payment_problem"}),
    ("I don't agree with INV-1042 for the kitchen", {"report_payment_problem"}),
    ("i disagree with invoice INV-1042", {"report_payment_problem"}),
    ("ich bin mit INV-1042 nicht einverstanden", {"report_payment_problem"}),
)
# As common in their countries as can be, a word elsewhere ("kim", "grace"), or rarely met with.
_NAMES = ("Grace Kim", "Dana Lee", "Nora Vance", "Siobhan Okonkwo", "Jiří Dvořák", "yusuf demir")


def _meaning(builtin: BuiltinUnderstanding, said: str, kind: str) -> Understanding:
    return builtin.understand(said, TurnContext(kind, "en", "en", "UTC", NOW))


@pytest.mark.parametrize("said", _TAKEN)
def test_client_is_taken_over(builtin: BuiltinUnderstanding, said: str) -> None:
    assert [call.tool for call in _meaning(builtin, said, "staff").calls] == ["take_conversation"]


@pytest.mark.parametrize("said", _GIVEN_BACK)
def test_client_is_given_back(builtin: BuiltinUnderstanding, said: str) -> None:
    assert [call.tool for call in _meaning(builtin, said, "staff").calls] == ["hand_back"]


@pytest.mark.parametrize("name", _NAMES)
def test_any_name_is_taken_over(builtin: BuiltinUnderstanding, name: str) -> None:
    (call,) = _meaning(builtin, f"take over {name}", "staff").calls
    assert (call.tool, call.args["client"]) == ("take_conversation", name)
    (call,) = _meaning(builtin, f"give {name} back to the assistant", "staff").calls
    assert (call.tool, call.args["client"]) == ("hand_back", name)


@pytest.mark.parametrize("said", _INTRODUCED)
def test_saying_who_writes_is_a_greeting(builtin: BuiltinUnderstanding, said: str) -> None:
    meaning = _meaning(builtin, said, "client")
    assert (meaning.act, meaning.smalltalk) == (Act.SMALLTALK, "greeting")


@pytest.mark.parametrize("name", _NAMES)
def test_introductions_write_nothing(builtin: BuiltinUnderstanding, name: str) -> None:
    for said in ("I'm {}", "this is {}", "{} here", "hello, {} speaking", "soy {}", "je suis {}", "ich bin {}"):
        meaning = _meaning(builtin, said.format(name), "client")
        assert not {call.tool for call in meaning.calls} & (WRITING | {"hand_to_person"}), meaning


@pytest.mark.parametrize(("said", "tools"), _ASKED)
def test_words_of_people_are_no_wish_for_one(builtin: BuiltinUnderstanding, said: str, tools: set[str]) -> None:
    (call,) = _meaning(builtin, said, "client").calls
    assert call.tool in tools


def test_names_are_made_alike() -> None:
    words = frozenset(known_words())
    assert names_alike("take over Grace Kim", words) == names_alike("take over nora vance", words)
    assert names_alike("Nora Vance's bill", words).endswith("'s bill")
    assert names_alike("write to eva.stolz@example.com tanaka", words) == "write to eva.stolz@example.com tanaka"
    assert names_alike("I am very angry", words) == "I am very angry"


def test_only_introductions_are_told() -> None:
    words = frozenset(known_words())
    assert introduction_in("Hello, this is Grace Kim again.", words)
    assert not introduction_in("I'm Grace Kim and my bill is wrong", words)
    assert not introduction_in("I'm very angry", words)

"""What a button says in the person's name is understood as the question that the button offers."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import bot
from bot.builtin.intents import INTENTS
from bot.meaning import Act, Understanding
from bot.messages import Mention

Understand = Callable[..., Understanding]
_PHRASEBOOK = Path(bot.__file__).parent / "phrasebook"
_LANGUAGES = ("en", "es", "fr", "de", "pt", "it")
_FILLED = {
    "number": "INV-1042", "name": "warranty.pdf", "client": "Okafor Dental", "amount": "$1,200.00",
    "method": "check",
}  # fmt: skip
# What a pressed label asks for: the tools any of which is right, by whom, and of which record it speaks.
_CLIENT_LABELS = {
    "say_invoice": {"explain_invoice"},
    "say_pay": {"send_payment_link"},
    "say_pay_half": {"send_payment_link"},
    "say_pdf": {"find_file"},
    "say_person": {"hand_to_person"},
    "say_plan": {"payment_plan", "create_request", "hand_to_person"},
    "say_plan_any": {"who_to_contact", "payment_plan"},
    "say_plan_of": {"payment_plan"},
    "say_payment": {"payment_status"},
    "say_refund": {"refund_status", "report_payment_problem"},
    "say_problem": {"report_payment_problem"},
    "say_promise": {"promise_to_pay", "payment_plan"},
    "say_estimate": {"list_estimates"},
    "say_accept": {"accept_estimate"},
    "say_file": {"find_file"},
    "say_project": {"project_status"},
    "say_request": {"request_status"},
}
_STAFF_LABELS = {
    "offer_link_say": {"propose_payment_link"},
    "offer_conversation_say": {"conversation_history"},
    "about_client_say": {"client_overview"},
    "say_send_link": {"propose_payment_link"},
    "say_record": {"record_payment"},
    "say_record_by": {"record_payment"},
    "say_take": {"take_conversation"},
    "say_give_back": {"hand_back"},
}
_NUMBERS = {
    "say_estimate": "EST-1031",
    "say_accept": "EST-1031",
    "say_request": "REQ-204",
    "say_project": "the kitchen",
}


def _words(language: str, page: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((_PHRASEBOOK / language / page).read_text(encoding="utf-8"))
    return found


def _choices() -> Iterator[Any]:
    for language in _LANGUAGES:
        for name, words in _words(language, "choices.yaml").items():
            for kind in sorted(INTENTS[name].kinds if name in INTENTS else {"client"}):
                yield pytest.param(language, kind, name, words["say"], id=f"{language}-{kind}-{name}")


def _labels() -> Iterator[Any]:
    for language in _LANGUAGES:
        words = _words(language, "labels.yaml")
        for kind, labels in (("client", _CLIENT_LABELS), ("staff", _STAFF_LABELS)):
            for name, tools in labels.items():
                yield pytest.param(language, kind, name, words[name], tools, id=f"{language}-{name}")


@pytest.mark.parametrize(("language", "kind", "name", "said"), list(_choices()))
def test_choice_is_understood_as_offered(
    understand: Understand, language: str, kind: str, name: str, said: str
) -> None:
    meaning = understand(said, kind=kind, language=language, client_focus="Okafor Dental" if kind == "staff" else "")
    assert meaning.act is Act.TOOL, meaning
    assert {call.tool for call in meaning.calls} == {INTENTS[name].tool}, meaning


@pytest.mark.parametrize(("language", "kind", "name", "said", "tools"), list(_labels()))
def test_label_is_understood_as_pressed(
    understand: Understand, language: str, kind: str, name: str, said: str, tools: set[str]
) -> None:
    number = _NUMBERS.get(name, "INV-1042")
    mentions = (Mention("invoice", "INV-1042"),)
    meaning = understand(said.format(**{**_FILLED, "number": number}), kind=kind, language=language, mentions=mentions)
    assert meaning.act is Act.TOOL, meaning
    assert len(meaning.calls) == 1, meaning
    assert meaning.calls[0].tool in tools, meaning
    if "{number}" in said and number[0].isupper() and name != "say_estimate":
        assert any(number in value for value in meaning.calls[0].args.values()), meaning


def test_every_spoken_label_is_checked() -> None:
    checked = {*_CLIENT_LABELS, *_STAFF_LABELS, "say_yes"}
    for language in _LANGUAGES:
        spoken = {name for name in _words(language, "labels.yaml") if name.startswith("say_") or name.endswith("_say")}
        assert spoken == checked

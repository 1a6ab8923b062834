"""What is said on the way to a proof, in every language of the phrasebook."""

from dataclasses import replace

import pytest

from bot.codes import Proof
from bot.evidence import Answer, Fact, FactKind
from bot.replies import about_code, base_facts, fixed
from bot.tools.context import BusinessCard
from bot.turn import TurnWork
from bot.wording import label
from tests.bot.proof_work import CARD, work_of
from tests.bot.test_phrasebook_languages import LOCALES, must_read_well, spoken

KINDS = ("unrecognised", "prove_first", "code_sent", "code_perhaps", "code_wrong", "code_ended", "codes_locked",
         "codes_spent", "proved")  # fmt: skip
SHOWN = Proof(left=3, to="d***@mail.example", record="contact:1", is_reachable=True)


@pytest.mark.parametrize("language", sorted(LOCALES))
@pytest.mark.parametrize("kind", KINDS)
def test_each_step_reads_well(language: str, kind: str) -> None:
    for proof in (SHOWN, replace(SHOWN, left=1), replace(SHOWN, to="", is_reachable=False)):
        if kind == "code_sent" and not proof.to:
            continue
        for card in (CARD, replace(CARD, phone="", hours={})):
            text = spoken(about_code(kind, work_of(proof, card=card)), language)
            must_read_well(text, language, kind)
            assert len(text) <= 306, text  # two parts of a text message


@pytest.mark.parametrize("language", sorted(LOCALES))
def test_colleague_asked_to_vouch_reads_well(language: str) -> None:
    number = Fact("REQ-7", "number", FactKind.NUMBER, "REQ-7", "request:7")
    data = {**about_code("x", work_of(SHOWN)).data, "number": number, "helper": "", "phone": ""}
    must_read_well(spoken(Answer("vouch_asked", data), language), language, "vouch_asked")


@pytest.mark.parametrize("language", sorted(LOCALES))
def test_news_for_staff_and_for_the_old_address_reads_well(language: str) -> None:
    address = Fact("address", "address", FactKind.PHONE, "+12125550199", "address:1")
    anna = Fact("Anna Keller", "name", FactKind.NAME, "Anna Keller", "contact:1")
    for person in ("", anna):
        must_read_well(spoken(Answer("guessing", {"address": address, "person": person}), language), language, "x")
    for is_phone in (True, False):
        text = spoken(fixed("contact_point_changed", CARD, is_phone=is_phone), language)
        must_read_well(text, language, "contact_point_changed")
    assert "482913" in label(language, "code_text", business="Harbor & Pine", code="482913", minutes="10")


def test_web_chat_still_asks_to_sign_in() -> None:
    answer = about_code("prove_first", work_of(None))
    assert "sign in" in spoken(answer, "en")


def test_facts_of_the_business_are_at_hand() -> None:
    assert {fact.name for fact in base_facts(CARD)} == {"name", "phone"}
    assert isinstance(CARD, BusinessCard)
    assert isinstance(work_of(None), TurnWork)

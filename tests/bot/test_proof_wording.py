"""What is said on the way to a proof, in every language of the phrasebook."""

from dataclasses import replace

import pytest

from billing.principal import Principal, PrincipalKind
from bot.codes import Proof
from bot.evidence import Answer, Fact, FactKind, calculated
from bot.identity import Asker, Party
from bot.messages import AttachmentKind
from bot.replies import about_code, base_facts, fixed, known_as
from bot.tools.context import BusinessCard
from bot.turn import TurnWork
from bot.wording import label
from tests.bot.proof_work import CARD, work_of
from tests.bot.test_phrasebook_languages import LOCALES, must_read_well, spoken

KINDS = ("unrecognised", "prove_first", "code_sent", "code_perhaps", "code_wrong", "code_ended", "codes_locked",
         "codes_spent", "proved", "number_shared", "number_unknown", "start", "start_over")  # fmt: skip
VOUCHED = Proof(is_vouched=True)
SHOWN = Proof(left=3, to="d***@mail.example", record="contact:1", is_reachable=True)


@pytest.mark.parametrize("language", sorted(LOCALES))
@pytest.mark.parametrize("kind", KINDS)
def test_each_step_reads_well(language: str, kind: str) -> None:
    for proof in (SHOWN, replace(SHOWN, left=1), replace(SHOWN, to="", is_reachable=False), VOUCHED):
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


@pytest.mark.parametrize("language", sorted(LOCALES))
def test_being_known_elsewhere_reads_well(language: str) -> None:
    who = Principal(1, PrincipalKind.CLIENT, 2, client_id=1, contact_id=1)
    for parties in ((), (Party(1, "Keller & Sons", 1),)):
        must_read_well(spoken(known_as(Asker(who, CARD, "Anna Keller", "", "", parties)), language), language, "x")
    staff = Asker(Principal(1, PrincipalKind.STAFF, 2, staff_id=1), CARD, "Priya Raman", "", "")
    must_read_well(spoken(known_as(staff), language), language, "known_as")
    days = calculated("link", "days", FactKind.COUNT, 7, what="days it is good for")
    for kind in ("started_here", "started_by_other", "start_link", "start_invite"):
        for card in (CARD, replace(CARD, phone="")):
            text = spoken(fixed(kind, card, channel="telegram", days=days), language)
            must_read_well(text, language, kind)
            assert len(text) <= 306, text
    anna = Fact("Anna Keller", "name", FactKind.NAME, "Anna Keller", "client:1")
    for why in ("opted_out", "blocked", "empty", "proof", "other"):
        for client in (anna, ""):
            must_read_well(spoken(Answer("relay_failed", {"client": client, "why": why}), language), language, why)


def test_number_is_asked_for_where_it_is_vouched_for() -> None:
    for kind in ("unrecognised", "prove_first", "start", "start_over"):
        (share,) = about_code(kind, work_of(VOUCHED)).attachments
        assert share.kind is AttachmentKind.OWN_NUMBER
        assert about_code(kind, work_of(SHOWN)).attachments == ()

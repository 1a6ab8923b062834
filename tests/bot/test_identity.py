"""For whom a contact of several clients speaks, and when a message is about switching."""

import pytest

from billing.principal import Principal, PrincipalKind
from bot.identity import Asker, Party, asks_to_switch, chosen_party
from bot.tools.context import BusinessCard

CARD = BusinessCard(1, "x", "X", "", "UTC", "en_US", "USD", {}, "", "", "", 1)
MARC = Asker(
    principal=Principal(1, PrincipalKind.CLIENT, 2, client_id=None, contact_id=3),
    business=CARD,
    name="Marc Dubois",
    language="fr",
    locale="fr_FR",
    parties=(Party(7, "Famille Dubois", 1), Party(8, "SCI Les Tilleuls", 1)),
)


@pytest.mark.parametrize(("text", "party"), [("famille", 7), ("SCI Les Tilleuls", 8), ("for the tilleuls one", 8)])
def test_client_is_chosen_by_name(text: str, party: int) -> None:
    found = chosen_party(text, MARC)
    assert found is not None
    assert found.id == party


@pytest.mark.parametrize("text", ["yes", "what do I owe?", "Famille Dubois and SCI Les Tilleuls", ""])
def test_unclear_words_choose_nobody(text: str) -> None:
    assert chosen_party(text, MARC) is None


@pytest.mark.parametrize("text", ["switch", "switch to SCI Les Tilleuls", "pour la SCI", "for famille"])
def test_switching_is_asked_for(text: str) -> None:
    assert asks_to_switch(text, MARC)


@pytest.mark.parametrize("text", ["what is this for?", "for how long is the estimate valid?", "pay it"])
def test_other_questions_do_not_switch(text: str) -> None:
    assert not asks_to_switch(text, MARC)


def test_unproved_contact_is_not_asked() -> None:
    nobody = Asker(Principal(1, PrincipalKind.CLIENT, 0), CARD, "", "en", "en_US")
    assert not nobody.must_choose

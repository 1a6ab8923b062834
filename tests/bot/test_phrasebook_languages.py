"""The phrasebook in every language: the same kinds, labels and data, no figure, and what each language asks of type."""

import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jinja2 import Environment, nodes

from bot.evidence import Answer, Fact, FactKind
from bot.grounding import Grounded, ground
from bot.showing import Reader
from bot.wording import PHRASEBOOK, elided, euphonic, kinds, label, languages, on_day, plural, render
from tests.bot.shop import ZONE
from tests.fakes.clock import NOW

LOCALES = {"en": "en_US", "es": "es_US", "fr": "fr_FR", "de": "de_DE", "pt": "pt_BR", "it": "it_IT"}
OTHERS = [language for language in LOCALES if language != "en"]
PLAIN = Environment(autoescape=False)


def words_of(language: str, page: str) -> dict[str, Any]:
    """A page of labels, read."""
    read: dict[str, Any] = yaml.safe_load((PHRASEBOOK / language / page).read_text("utf-8"))
    return read


def test_these_languages_are_written() -> None:
    assert set(languages()) == set(LOCALES)


@pytest.mark.parametrize("language", OTHERS)
def test_every_kind_is_written(language: str) -> None:
    assert kinds(language) == kinds("en")


@pytest.mark.parametrize("page", ["labels.yaml", "choices.yaml"])
@pytest.mark.parametrize("language", OTHERS)
def test_every_label_is_written(language: str, page: str) -> None:
    assert set(words_of(language, page)) == set(words_of("en", page))


@pytest.mark.parametrize("language", OTHERS)
def test_labels_ask_for_the_same_values(language: str) -> None:
    spoken, english = words_of(language, "labels.yaml"), words_of("en", "labels.yaml")
    wanted = re.compile(r"\{\w+\}")
    for key, words in english.items():
        assert sorted(wanted.findall(spoken[key])) == sorted(wanted.findall(words)), key
    assert all(set(choice) == {"label", "say"} for choice in words_of(language, "choices.yaml").values())


@pytest.mark.parametrize("language", OTHERS)
def test_no_label_is_left_in_english(language: str) -> None:
    spoken, english = words_of(language, "choices.yaml"), words_of("en", "choices.yaml")
    assert not [key for key in english if spoken[key] == english[key]]


@pytest.mark.parametrize("language", sorted(LOCALES))
def test_no_page_holds_a_figure_or_a_shout(language: str) -> None:
    for path in (PHRASEBOOK / language).iterdir():
        text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", path.read_text("utf-8"), flags=re.DOTALL)
        assert not re.search(r"\d|!", text), path.name
        assert not re.search(r"certainly|happy to|as an AI|claro que sí|con gusto", text, re.IGNORECASE), path.name


@cache
def tree_of(path: Path) -> nodes.Template:
    """A page, parsed once."""
    return PLAIN.parse(path.read_text("utf-8"))


def parsed(language: str, name: str) -> Iterator[nodes.Template]:
    """A template and the shared macros it uses."""
    tree = tree_of(PHRASEBOOK / language / name)
    yield tree
    for used in tree.find_all(nodes.FromImport):
        assert isinstance(used.template, nodes.Const)
        yield from parsed(language, used.template.value)


def data_names(language: str, kind: str) -> set[str]:
    """The data a template reads, by the names of attributes; `each` is given them as words."""
    found: set[str] = set()
    for tree in parsed(language, f"{kind}.j2"):
        found |= {node.attr for node in tree.find_all(nodes.Getattr)}
        for call in tree.find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name == "each":
                found |= {word.value for word in call.args if isinstance(word, nodes.Const)}
    return found - {"append"}


@pytest.mark.parametrize("language", OTHERS)
def test_templates_read_the_same_data(language: str) -> None:
    # A language may need the kind of paper or a status that English does not say.
    for kind in kinds("en"):
        assert data_names(language, kind) - data_names("en", kind) <= {"quote", "status"}, kind


@pytest.mark.parametrize("language", OTHERS)
def test_templates_tell_the_same_intents_apart(language: str) -> None:
    intents = re.compile(r'intent == "(\w+)"')
    for kind in kinds("en"):
        theirs, english = (
            set(intents.findall((PHRASEBOOK / each / f"{kind}.j2").read_text("utf-8"))) for each in (language, "en")
        )
        assert theirs == english, kind


@pytest.mark.parametrize("language", OTHERS)
def test_shared_words_cover_the_same_states(language: str) -> None:
    """A status, channel or kind that English words is worded here too: a missing one would be an error at night."""
    english, theirs = (
        {state for path in (PHRASEBOOK / each).glob("_*.j2") for state in states_in(each, path.name)}
        for each in ("en", language)
    )
    assert english <= theirs


def states_in(language: str, page: str) -> set[str]:
    """The keys of a page's tables of words."""
    keys = [pair.key for tree in parsed(language, page) for pair in tree.find_all(nodes.Pair)]
    return {key.value for key in keys if isinstance(key, nodes.Const)}


def must_read_well(text: str, language: str, kind: str) -> None:
    """The signs and spaces of a text stand as its language sets them."""
    assert text, kind
    shown = text.replace("…", "")
    assert "  " not in text, text
    assert ".." not in shown, text
    assert not re.search(r"[,;:][.,;:]|\.[A-ZÀÁÉÍÓÚÄÖÜ¿]", shown), text
    assert not re.search(r"\s[.,]" if language == "fr" else r"\s[.,;:?]", shown), text
    assert text[0].isupper() or not text[0].isalpha() or kind == "choose", text
    if language == "fr":
        assert "« " not in text, text
        assert " »" not in text, text
        own = re.sub("«\u202f.*?\u202f»", "", text, flags=re.DOTALL)  # what is quoted keeps its own spaces
        assert not re.search(r"[^\s\d][:;?](?!\d)| [:;?]|'", own), text


def spoken(answer: Answer, language: str, intent: str = "") -> str:
    """What the person reads, with its spaces as they are set."""
    draft = render(answer, intent=intent, language=language)
    grounded = ground(draft, answer.facts(), Reader(language, LOCALES[language], ZONE, NOW), answers=(answer,))
    assert isinstance(grounded, Grounded), (draft, grounded)
    return grounded.text


@pytest.mark.parametrize(
    ("language", "text"),
    [("fr", "Je ne peux parler ici que de votre propre compte."),
     ("de", "Ich kann hier nur über Ihr eigenes Konto sprechen."),
     ("pt", "Aqui só posso falar da sua própria conta."),
     ("it", "Qui posso parlare solo della sua posizione.")],
)  # fmt: skip
def test_refusals_are_short_and_plain(language: str, text: str) -> None:
    assert spoken(Answer("no_permission"), language) == text
    assert label(language, "pay") != label("en", "pay")


def test_french_sets_narrow_spaces() -> None:
    assert spoken(Answer("request_unclear"), "fr").startswith("Que dois-je transmettre\u202f?")


def test_french_elides_by_what_is_read() -> None:
    anna, bruno = (Fact("client", name.lower(), FactKind.NAME, name) for name in ("Émile", "Bruno"))
    assert elided("de", anna) == "d’{client.émile}"
    assert elided("de", bruno) == "de {client.bruno}"
    assert elided("de", "l’équipe") == "de l’équipe"
    assert elided("de", "Hôtel Belleville") == "d’Hôtel Belleville"
    assert elided("de", "Harbor & Pine") == "de Harbor & Pine"


def test_italian_parts_equal_vowels() -> None:
    anna, elena = (Fact("client", name.lower(), FactKind.NAME, name) for name in ("Anna", "Elena"))
    assert euphonic("a", anna) == "ad {client.anna}"
    assert euphonic("a", elena) == "a {client.elena}"
    there = Answer("staff_unknown", {"there": [anna, elena]})
    assert spoken(there, "it") == "Chi intende? Qui lavorano Anna ed Elena."


def test_spanish_avoids_two_sounds_of_i() -> None:
    ana, ines = (Fact("client", name.lower(), FactKind.NAME, name) for name in ("Ana", "Inés"))
    there = Answer("staff_unknown", {"there": [ana, ines]})
    assert spoken(there, "es") == "¿A quién se refiere? Aquí trabajan Ana e Inés."


def test_portuguese_article_follows_the_weekday() -> None:
    friday, saturday = (Fact("x", f"day{day}", FactKind.DATE, date(2026, 11, day)) for day in (27, 28))
    assert on_day(friday) == "na {x.day27}"
    assert on_day(saturday) == "no {x.day28}"


def test_french_counts_nothing_as_one() -> None:
    assert plural(0, "facture", "factures", zero_is_one=True) == "facture"
    assert plural(0, "Rechnung", "Rechnungen") == "Rechnungen"
    assert plural(2, "facture", "factures", zero_is_one=True) == "factures"

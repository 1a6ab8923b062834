"""The pay page's words in each language, and its colours."""

from string import Formatter

import pytest

from channels.pay.colour import accents_of, contrast
from channels.pay.wording import ENGLISH, LANGUAGES, Said, Words, choose_language


@pytest.mark.parametrize("words", LANGUAGES.values(), ids=LANGUAGES.keys())
def test_each_language_fills_the_same_places(words: Words) -> None:
    for name in Words.__dataclass_fields__:
        said, english = getattr(words, name), getattr(ENGLISH, name)
        assert places(said) == places(english), name
        assert "!" not in str(said), name


def places(said: str | Said) -> set[str]:
    """The figures a sentence has places for."""
    text = said if isinstance(said, str) else said.heading + said.text
    assert text.strip()
    return {field for _, field, _, _ in Formatter().parse(text) if field}


def test_best_accepted_language_is_chosen() -> None:
    assert choose_language([], "") == "en"
    assert choose_language([], "nl, fr;q=0.3, de-AT;q=0.7, *;q=0.1") == "de"
    assert choose_language(["xx_YY", "es_US"], "fr") == "es"
    assert choose_language([], "de;q=zero, ;q=,,") == "en"


@pytest.mark.parametrize("colour", ["#000000", "#ffffff", "#ffcc00", "#2f5d50", "#7f7f7f", "#0000ff", "red;}", ""])
def test_every_colour_becomes_readable(colour: str) -> None:
    accents = accents_of(colour)
    shades = [tuple(int(accent[at : at + 2], 16) for at in (1, 3, 5)) for accent in (accents.light, accents.dark)]
    light, dark = ((red, green, blue) for red, green, blue in shades)
    assert contrast(light, (255, 255, 255)) >= 4.5
    assert contrast(dark, (0x14, 0x13, 0x11)) >= 4.5

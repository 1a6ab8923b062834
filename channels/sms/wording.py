"""The words that a text has where a page has buttons, in each language."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """One language's words. `{choices}` is a list of `number`; `{one}` and `{two}` are words to answer with."""

    choose: str
    number: str
    either: str
    rest: str


_WORDS = {
    "en": Words("Reply {choices}.", "{number} for {label}", "Reply {one} or {two}.", "The rest:"),
    "es": Words("Responda {choices}.", "{number} para {label}", "Responda {one} o {two}.", "El resto:"),
    "fr": Words("Répondez {choices}.", "{number} pour {label}", "Répondez {one} ou {two}.", "La suite :"),
    "de": Words("Antworten Sie {choices}.", "{number} für {label}", "Antworten Sie {one} oder {two}.", "Der Rest:"),
    "pt": Words("Responda {choices}.", "{number} para {label}", "Responda {one} ou {two}.", "O resto:"),
    "it": Words("Risponda {choices}.", "{number} per {label}", "Risponda {one} o {two}.", "Il resto:"),
}


def words_of(language: str) -> Words:
    """The words in a language, in English where it has none."""
    return _WORDS.get(language.partition("_")[0].partition("-")[0], _WORDS["en"])

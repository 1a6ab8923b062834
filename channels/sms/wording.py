"""The words that a text has where a page has buttons, in each language."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """One language's words. `{choices}`: words to answer with and `number`s, the last two joined by `either`."""

    choose: str
    number: str
    either: str
    rest: str


_WORDS = {
    "en": Words("Reply {choices}.", "{number} for {label}", "{one} or {two}", "The rest:"),
    "es": Words("Responda {choices}.", "{number} para {label}", "{one} o {two}", "El resto:"),
    "fr": Words("Répondez {choices}.", "{number} pour {label}", "{one} ou {two}", "La suite :"),
    "de": Words("Antworten Sie {choices}.", "{number} für {label}", "{one} oder {two}", "Der Rest:"),
    "pt": Words("Responda {choices}.", "{number} para {label}", "{one} ou {two}", "O resto:"),
    "it": Words("Risponda {choices}.", "{number} per {label}", "{one} o {two}", "Il resto:"),
}


def words_of(language: str) -> Words:
    """The words in a language, in English where it has none."""
    return _WORDS.get(language.partition("_")[0].partition("-")[0], _WORDS["en"])

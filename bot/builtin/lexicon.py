"""Words by their use, one data file per language: slang, referents, dates, rooms, client pronouns."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

LANGUAGES = ("en", "es", "fr", "de", "pt", "it")
_FOLDER = Path(__file__).parent / "lexicon"


@dataclass(frozen=True)
class Lexicon:
    """The words of one language. `any_of(name)` is one regular expression for a list of the data file."""

    language: str
    words: Mapping[str, Any]
    patterns: Mapping[str, re.Pattern[str]]
    tables: Mapping[str, Mapping[str, re.Pattern[str]]]
    slang: Mapping[str, str]

    def any_of(self, name: str) -> re.Pattern[str]:
        """One pattern that matches any entry of the list `name`, longest first."""
        return self.patterns[name]

    def list(self, name: str) -> tuple[str, ...]:
        """The entries of the list `name`, as written."""
        return tuple(str(entry) for entry in self.words.get(name, ()))

    def table(self, name: str) -> Mapping[str, re.Pattern[str]]:
        """A table of the data file: value → pattern of the words that mean it."""
        return self.tables.get(name, {})


_REGEX_LISTS = {"this", "other", "last", "date_patterns", "period_patterns", "send_it_patterns", "polite"}
_WHOLE = {"send_it_patterns", "polite", "ask_when", "ask_why", "ask_amount"}


@cache
def load_lexicon(language: str) -> Lexicon:
    """The lexicon of `language`, English where there is none."""
    path = _FOLDER / f"{language if language in LANGUAGES else 'en'}.yaml"
    words: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    patterns: dict[str, re.Pattern[str]] = {}
    tables: dict[str, dict[str, re.Pattern[str]]] = {}
    for name, entry in words.items():
        if isinstance(entry, list):
            patterns[name] = _pattern(entry, literal=name not in _REGEX_LISTS | _WHOLE, whole=name in _WHOLE)
        elif isinstance(entry, dict) and name not in {"slang", "languages"}:
            tables[name] = {str(value): _pattern(items, literal=True, whole=False) for value, items in entry.items()}
    slang = {str(key): str(value) for key, value in words.get("slang", {}).items()}
    return Lexicon(language, words, patterns, tables, slang)


def lexicons_for(language: str) -> tuple[Lexicon, ...]:
    """The language's own lexicon and, behind it, English (people mix the two)."""
    own = load_lexicon(language)
    return (own,) if own.language == "en" else (own, load_lexicon("en"))


def _pattern(entries: list[Any], *, literal: bool, whole: bool) -> re.Pattern[str]:
    texts = sorted((str(entry) for entry in entries), key=len, reverse=True)
    body = "|".join(re.escape(text) if literal else f"(?:{text})" for text in texts) or r"(?!)"
    return re.compile(body if whole else rf"(?<!\w)(?:{body})(?!\w)", re.IGNORECASE)

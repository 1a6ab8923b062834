"""The words of six languages in which figures, days and promises are told, read once from words/*.yaml."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from babel import Locale

WORDS = Path(__file__).parent / "words"
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the one in C is ten times as fast
WHOLE = r"(?!\w)"
FALLBACK = "en"
LANGUAGES = ("en", "es", "fr", "de", "pt", "it")


@dataclass(frozen=True)
class Forms:
    """Ways of saying one thing. starts: first letters of words of which at least one is in every way."""

    pattern: re.Pattern[str]
    starts: frozenset[str]


@dataclass(frozen=True)
class Vocabulary:
    """One language's words. Names map to values in lower case: months 1–12, weekdays 0 (Monday) – 6."""

    months: Mapping[str, int]
    weekdays: Mapping[str, int]  # full names: a claim wherever they stand
    short_weekdays: Mapping[str, int]  # only beside a day's number
    relative: Mapping[str, int]  # "tomorrow" → 1
    units: Mapping[str, str]  # "days" → "day"
    currencies: Mapping[str, str]  # "dollars" → "$"
    nouns: Mapping[str, str]  # "invoice" → "invoice"
    halves: frozenset[str]
    coming: frozenset[str]  # "next"
    gone: frozenset[str]  # "last"
    of: tuple[str, ...]  # what may stand between a day and its month
    events: re.Pattern[str]
    said: re.Pattern[str]
    example: re.Pattern[str]
    asking: re.Pattern[str]
    absent: re.Pattern[str]
    denied: re.Pattern[str]
    conditions: re.Pattern[str]
    promises: Mapping[str, Forms]
    introduced: re.Pattern[str] | None


def vocabulary_of(language: str) -> Vocabulary:
    """The words of `language`, or English."""
    return _read(language if language in LANGUAGES else FALLBACK)


@cache
def _read(language: str) -> Vocabulary:
    page: dict[str, Any] = yaml.load((WORDS / f"{language}.yaml").read_text("utf-8"), Loader=LOADER)  # noqa: S506 - a safe loader
    locale = Locale(language)
    short = _numbered(locale.days["format"]["abbreviated"]) | _table(page.get("short_weekdays", {}))
    months = _numbered(locale.months["format"]["abbreviated"]) | _numbered(locale.months["format"]["wide"])
    return Vocabulary(
        months=months | _table(page.get("months", {})),
        weekdays=_numbered(locale.days["format"]["wide"]) | _table(page.get("weekdays", {})),
        short_weekdays=short,
        relative=_table(page["relative"]),
        units=_table(page["units"]),
        currencies=_table(page["currencies"]),
        nouns=_table(page["nouns"]),
        halves=frozenset(page["halves"]),
        coming=frozenset(page["next"]),
        gone=frozenset(page["last"]),
        of=tuple(page["of"]),
        events=_any(page["events"]),
        said=_any(page["said"]),
        example=_any(page["example"]),
        asking=_any(page["asking"]),
        absent=_any(page["absent"]),
        conditions=_any(page["conditions"], whole=True),
        denied=_any(page["denied"], whole=True),
        promises={kind: _forms(forms, page["parts"], language) for kind, forms in page["promises"].items()},
        introduced=_introduced(page),
    )


def _forms(forms: Iterable[str], parts: Mapping[str, str], language: str) -> Forms:
    letters = re.findall(r"[^\W\d_]{3,}", re.sub(r"<\w+>|\\\w", " ", " ".join(forms)))
    return Forms(_any(_filled(forms, parts), whole=language == FALLBACK), frozenset(_start(each) for each in letters))


def _start(word: str) -> str:
    return word[:4].casefold()


def starts_of(text: str) -> frozenset[str]:
    """The first letters of the words of `text`, as Forms.starts has them."""
    words = re.findall(r"[^\W\d_]{3,}", text.casefold())
    return frozenset((*(word[:4] for word in words), *(word[:3] for word in words)))


def _introduced(page: Mapping[str, Any]) -> re.Pattern[str] | None:
    """What stands before a person's name; the name itself is matched with its capitals."""
    before = "|".join(page.get("introduced", ()))
    name = r"(?P<name>[A-ZÀ-ÖØ-Þ][\w’'-]+(?: [A-ZÀ-ÖØ-Þ][\w’'-]+)*)"
    return re.compile(rf"\b(?:(?i:{before})) {name}") if before else None


def _numbered(names: Mapping[int, str]) -> dict[str, int]:
    return {name.rstrip(".").casefold(): number for number, name in names.items()}


def _table(values: Mapping[Any, Iterable[str]]) -> dict[str, Any]:
    return {word: value for value, words in values.items() for word in words}


def _any(forms: Iterable[str], *, whole: bool = False) -> re.Pattern[str]:
    """Any of the forms, from the beginning of a word; whole: to the end of one. Other languages need stems."""
    return re.compile(rf"(?<!\w)(?:{'|'.join(forms)}){WHOLE if whole else ''}", re.IGNORECASE)


def _filled(forms: Iterable[str], parts: Mapping[str, str]) -> list[str]:
    """Each form with the parts it names in angle brackets."""
    filled = []
    for form in forms:
        for name, words in parts.items():
            form = form.replace(f"<{name}>", words)  # noqa: PLW2901 - one part after the other
        filled.append(form)
    return filled

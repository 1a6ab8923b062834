"""The phrasebook: an answer's data → words with handles in the reader's language, and labels of buttons."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateNotFound

from bot.evidence import Answer, Fact

PHRASEBOOK = Path(__file__).parent / "phrasebook"
FALLBACK = "en"
AND = {"en": "and", "es": "y", "fr": "et", "de": "und", "pt": "e", "it": "e"}
SPACES = re.compile(r"[ \t\r\n]+")  # not the spaces that hold words together
# A vowel, or the silent h of "hôtel", "Hélène", "Henri"; other names with h ("Harbor") are left whole.
ELIDES = re.compile("[aàâäeéèêëiîïoôöuùûüœæ]|h[ôé]|henri|hubert|hervé")
SOUNDS_AS_I = re.compile("[ií]|h[ií](?![ae])")  # "hierro" begins with another sound
# Where a language sets a narrow space that does not break; templates are written with plain ones.
NARROW = {"fr": re.compile(r" (?=[:;?!»])|(?<=«) ")}
SATURDAY = 5  # as date.weekday() counts
BREAK = "⏎"  # a line break in a template; its other line ends are spaces, so that sentences can be laid out


class UnknownKindError(LookupError):
    """An answer of a kind for which no template is written."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"the phrasebook has no words for {kind!r}")
        self.kind = kind


def render(answer: Answer, *, intent: str, language: str) -> str:
    """The words for `answer`, with handles in place of figures; `intent` decides what comes first.

    A template sees the data by name, the whole of it as `it`, and `intent` and `kind`.

    Raises UnknownKindError when neither the language nor English has a template of that kind.
    """
    spoken = language_of(language)
    template = _template(spoken, answer.kind)
    text = template.render(dict(answer.data), it=answer.data, intent=intent, kind=answer.kind)
    return _typeset(_laid_out(text), spoken)


def kinds(language: str = FALLBACK) -> tuple[str, ...]:
    """The answer kinds that have words in `language`."""
    return tuple(sorted(path.stem for path in (PHRASEBOOK / language).glob("[!_]*.j2")))


def languages() -> tuple[str, ...]:
    """The languages that have a phrasebook, English first."""
    found = {path.name for path in PHRASEBOOK.iterdir() if (path / "labels.yaml").is_file()}
    return (FALLBACK, *sorted(found - {FALLBACK}))


def label(language: str, key: str, **said: str) -> str:
    """A short fixed wording (a button, a card's row, what a button says) in the reader's language."""
    words = _labels(language_of(language))
    return (words[key] if key in words else _labels(FALLBACK)[key]).format(**said)


def language_of(language: str) -> str:
    """The phrasebook's language for an ISO 639-1 code: itself, or English."""
    return language if language in languages_known() else FALLBACK


@cache
def languages_known() -> frozenset[str]:
    """As `languages`, read once."""
    return frozenset(languages())


@cache
def _labels(language: str) -> Mapping[str, str]:
    words: dict[str, str] = yaml.safe_load((PHRASEBOOK / language / "labels.yaml").read_text("utf-8"))
    return words


@cache
def _book(language: str) -> Environment:
    book = Environment(
        loader=FileSystemLoader([PHRASEBOOK / language, PHRASEBOOK / FALLBACK]),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - the text is plain; pages escape it where they show it
        lstrip_blocks=True,
    )
    counted = partial(plural, zero_is_one=language == "fr")  # "zéro facture"
    before = euphonic if language == "it" else elided
    book.globals.update(plural=counted, listing=_lister(language), each=each, elided=before, on=on_day)
    return book


def _template(language: str, kind: str) -> Any:
    try:
        return _book(language).get_template(f"{kind}.j2")
    except TemplateNotFound as missing:
        raise UnknownKindError(kind) from missing


def plural(count: Fact | int, one: str, many: str, *, zero_is_one: bool = False) -> str:
    """`one` for a count of exactly one (and of nothing, where the language counts so), else `many`."""
    value = count.value if isinstance(count, Fact) else count
    return one if value in {1, -1} or (zero_is_one and value == 0) else many


def elided(word: str, said: Fact | str) -> str:
    """French "de" or "que" before `said`: "d’Anna", "de Bruno". What is read decides, not the handle."""
    return f"{word[:-1]}’{said}" if ELIDES.match(_read(said)) else f"{word} {said}"


def euphonic(word: str, said: Fact | str) -> str:
    """Italian "a" or "e" before `said`: "ad Anna", "a Bruno", "ed Elena". What is read decides, not the handle."""
    return f"{word}d {said}" if unicodedata.normalize("NFD", _read(said))[:1] == word else f"{word} {said}"


def _read(said: object) -> str:
    """What stands there once handles are written out, without case."""
    return unicodedata.normalize("NFC", str(said.value if isinstance(said, Fact) else said)).casefold()


def on_day(day: Fact) -> str:
    """Portuguese "on" before a day: "no sábado", "no domingo", else "na sexta"."""
    is_weekend = isinstance(day.value, date) and day.value.weekday() >= SATURDAY
    return f"{'no' if is_weekend else 'na'} {day}"


def each(items: Sequence[Mapping[str, Any]], *names: str) -> list[str]:
    """Of each item the named values, joined by a space; values that are empty are left out."""
    return [" ".join(str(item[name]) for name in names if str(item[name])) for item in items]


def _lister(language: str) -> Any:
    word = AND.get(language, AND[FALLBACK])

    def listing(items: Iterable[Any]) -> str:
        """Join as people do: "a", "a and b", "a, b and c"."""
        said = list(items)
        if len(said) < 2:
            return "".join(map(str, said))
        return f"{', '.join(map(str, said[:-1]))} {_joined(language, word, said[-1])}"

    return listing


def _joined(language: str, word: str, last: Any) -> str:
    if language == "it":
        return euphonic(word, last)
    # Spanish says "e" before the sound of i.
    return f"e {last}" if language == "es" and SOUNDS_AS_I.match(_read(last)) else f"{word} {last}"


def _laid_out(text: str) -> str:
    lines = (SPACES.sub(" ", line).strip() for line in text.split(BREAK))
    return "\n".join(line for line in lines if line)


def _typeset(text: str, language: str) -> str:
    narrow = NARROW.get(language)
    return narrow.sub("\u202f", text) if narrow else text

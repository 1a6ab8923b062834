"""Numbers written as words, in six languages: "twenty-one", "vingt et un", "einundzwanzig"."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

WORD = re.compile(r"[^\W\d_]+")
HUNDRED, THOUSAND = 100, 1000
GAPS = {" ", "-", "\u00a0", "‑"}


@dataclass(frozen=True)
class NumberWords:
    """One language's numerals. single: "seven" → 7. joiners: words that may stand inside, as "and"."""

    single: Mapping[str, int]
    joiners: frozenset[str]


def numbers_in(text: str, language: str) -> Iterator[tuple[int, int, int]]:
    """(start, end, value) of each number written as words; a lone "one" is an article too and is left out."""
    words = _words_of(language)
    if words is None:
        return
    run: list[tuple[int, int, int]] = []
    pending = False
    for match in WORD.finditer(text):
        word = match.group().casefold()
        value = words.single.get(word)
        gap = text[run[-1][1] : match.start()] if run else ""
        if value is None:
            pending = bool(run) and word in words.joiners
            if not pending:
                yield from _whole(run)
                run = []
            continue
        if run and not (_goes_on(run[-1][2], value) and (pending or gap in GAPS)):
            yield from _whole(run)
            run = []
        run.append((match.start(), match.end(), value))
        pending = False
    yield from _whole(run)


def _goes_on(before: int, value: int) -> bool:
    """Whether two numerals are one number: "twenty one", "two hundred", "quatre-vingt"; not "two three"."""
    joined = {(4, 20), (10, 7), (10, 8), (10, 9)}  # quatre-vingt, dix-sept, dix-huit, dix-neuf
    return value in {HUNDRED, THOUSAND} or (before, value) in joined or (before >= 20 and value < before)


def _whole(run: list[tuple[int, int, int]]) -> Iterator[tuple[int, int, int]]:
    if not run:
        return
    value = _value([part[2] for part in run])
    if value > 1:
        yield run[0][0], run[-1][1], value


def _value(parts: list[int]) -> int:
    total = current = 0
    for part in parts:
        if part == THOUSAND:
            total, current = total + max(current, 1) * THOUSAND, 0
        elif part == HUNDRED:
            current = max(current, 1) * HUNDRED
        elif part == 20 and current % HUNDRED == 4:  # quatre-vingt
            current += 76
        else:
            current += part
    return total + current


@cache
def _words_of(language: str) -> NumberWords | None:
    build = {"en": _english, "es": _spanish, "fr": _french, "de": _german, "pt": _portuguese, "it": _italian}
    return build[language]() if language in build else None


def _listed(first: int, words: str) -> dict[str, int]:
    return {word: first + place for place, word in enumerate(words.split())}


def _tens(words: str) -> dict[str, int]:
    return {word: 20 + 10 * place for place, word in enumerate(words.split())}


def _english() -> NumberWords:
    upto = _listed(1, "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
                      "sixteen seventeen eighteen nineteen")  # fmt: skip
    tens = _tens("twenty thirty forty fifty sixty seventy eighty ninety")
    more = {"hundred": HUNDRED, "thousand": THOUSAND, "dozen": 12, "couple": 2}
    return NumberWords({**upto, **tens, **more}, frozenset({"and"}))


def _spanish() -> NumberWords:
    upto = _listed(1, "uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis "
                      "diecisiete dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro veinticinco "
                      "veintiséis veintisiete veintiocho veintinueve")  # fmt: skip
    tens = {"treinta": 30, "cuarenta": 40, "cincuenta": 50, "sesenta": 60, "setenta": 70, "ochenta": 80, "noventa": 90}
    hundreds = {"doscient": 200, "trescient": 300, "cuatrocient": 400, "quinient": 500, "seiscient": 600,
                "setecient": 700, "ochocient": 800, "novecient": 900}  # fmt: skip
    gendered = {stem + end: value for stem, value in hundreds.items() for end in ("os", "as")}
    more = {"cien": 100, "ciento": 100, "mil": THOUSAND, "docena": 12, "veintiún": 21, "veintiuna": 21,
            "dieciseis": 16, "veintidos": 22, "veintitres": 23, "veintiseis": 26}  # fmt: skip
    return NumberWords({**upto, **tens, **gendered, **more}, frozenset({"y"}))


def _french() -> NumberWords:
    upto = _listed(1, "un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize")
    tens = {"vingt": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60, "septante": 70, "huitante": 80,
            "nonante": 90}  # fmt: skip
    more = {"cent": HUNDRED, "cents": HUNDRED, "mille": THOUSAND, "vingts": 20, "douzaine": 12, "une": 1}
    return NumberWords({**upto, **tens, **more}, frozenset({"et"}))


GERMAN = "eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn"  # noqa: E501 - one list


def _german() -> NumberWords:
    single = _listed(1, GERMAN)
    ones = {**{word: value for word, value in single.items() if value < 10}, "ein": 1}
    tens = _tens("zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig") | {"dreissig": 30}
    single |= tens | {f"{one}und{ten}": a + b for one, a in ones.items() for ten, b in tens.items() if one != "eins"}
    below = {word: value for word, value in single.items() if value < HUNDRED}
    for one, value in {**ones, "": 1}.items():
        single[f"{one}hundert"] = value * HUNDRED
        single |= {f"{one}hundert{word}": value * HUNDRED + less for word, less in below.items()}
    single |= {f"{word}tausend": value * THOUSAND for word, value in below.items()}
    return NumberWords({**single, "tausend": THOUSAND, "dutzend": 12, "zwo": 2}, frozenset({"und"}))


def _portuguese() -> NumberWords:
    upto = _listed(1, "um dois três quatro cinco seis sete oito nove dez onze doze treze catorze quinze dezesseis "
                      "dezessete dezoito dezenove")  # fmt: skip
    tens = _tens("vinte trinta quarenta cinquenta sessenta setenta oitenta noventa")
    hundreds = {"duzent": 200, "trezent": 300, "quatrocent": 400, "quinhent": 500, "seiscent": 600, "setecent": 700,
                "oitocent": 800, "novecent": 900}  # fmt: skip
    gendered = {stem + end: value for stem, value in hundreds.items() for end in ("os", "as")}
    more = {"cem": 100, "cento": 100, "mil": THOUSAND, "duas": 2, "dúzia": 12, "quatorze": 14, "dezasseis": 16,
            "dezassete": 17, "dezanove": 19, "tres": 3}  # fmt: skip
    return NumberWords({**upto, **tens, **gendered, **more}, frozenset({"e"}))


def _italian() -> NumberWords:
    single = _listed(1, "uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici "
                        "quindici sedici diciassette diciotto diciannove")  # fmt: skip
    ones = {word: value for word, value in single.items() if value < 10}
    tens = _tens("venti trenta quaranta cinquanta sessanta settanta ottanta novanta")
    single |= tens
    for ten, high in tens.items():
        for one, low in ones.items():
            stem = ten[:-1] if one in {"uno", "otto"} else ten
            single[stem + ("tré" if one == "tre" else one)] = high + low
            single[stem + one] = high + low
    below = dict(single)
    for one, value in {**ones, "": 1}.items():
        if one != "uno":
            single[f"{one}cento"] = value * HUNDRED
            single |= {f"{one}cento{word}": value * HUNDRED + less for word, less in below.items()}
    single |= {f"{word}mila": value * THOUSAND for word, value in below.items() if value > 1}
    return NumberWords({**single, "mille": THOUSAND, "dozzina": 12, "paio": 2}, frozenset())

"""What a person typed → the plain text that is read and embedded: no control signs, slang written out."""

import re
import unicodedata
from itertools import groupby

from bot.builtin.lexicon import load_lexicon

MAX_READ = 1600  # characters of a message that are read at all
MAX_EMBEDDED = 200  # characters of one question that are embedded: longer ones say what they want early
_INVISIBLE = re.compile(r"[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_ELONGATED = re.compile(r"([^\W\d_])\1{2,}")
_SPACES = re.compile(r"[^\S\n]+")
_WORD = re.compile(r"(?<![\w-])[\w']+(?![\w-])")
_QUOTES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "“": '"', "”": '"', "´": "'", "`": "'"})
_CONSONANTS = re.compile(r"[bcdfghjklmnpqrstvwxz]{4}|^[bcdfghjklmnpqrstvwxz]{3,}$")
_EMAIL = re.compile(r"\S+@\S+\.\w+")
_ADDRESS = re.compile(r"(\S+@\S+\.\w+|(?:https?://|www\.)\S+)", re.IGNORECASE)
_URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_CODE = re.compile(r"(?<![\w-])(inv|fac|est|dev|req)(?:-|[ .#]{1,2}|(?=\d))(?:\d{4}-)?\d{1,7}\b", re.IGNORECASE)
# What a record's printed number says about its kind, and the number that stands for all of that kind.
_KINDS = {
    "inv": ("invoice_nouns", "1042"), "fac": ("invoice_nouns", "1042"),
    "est": ("estimate_nouns", "1042"), "dev": ("estimate_nouns", "1042"), "req": ("request_nouns", "12"),
}  # fmt: skip
# The name that stands for all names of two words and more; runs of words in small letters and in capitals, in which
# names are looked for; and how people say who they are.
_STAND_IN = "Maria Lopez"
_SMALL = re.compile(r"(?<![\w'-])[^\W\d_]{2}[^\W\d_]+(?: [^\W\d_]{2}[^\W\d_]+)+(?![\w@]|\.\w)")
_TITLED = re.compile(r"[^\W\d_a-zß-ÿ][\w'-]*[^\W\d_A-ZÀ-Þ](?: [^\W\d_a-zß-ÿ][\w'-]*[^\W\d_A-ZÀ-Þ])+")
_INTRODUCES = re.compile(
    r"\W*(?:(?:hi|hello|hey|good (?:morning|afternoon|evening)|hola|buenas|buenos días|bonjour|salut|hallo|moin|"
    r"guten tag|olá|oi|bom dia|boa tarde|ciao|salve|buongiorno)\W+)*"
    r"(?:(?:i ?'? ?a?m|this is|it'?s|(?:my|the) name(?:'?s| is)|(?:yo )?soy|me llamo|mi nombre es|(?:le )?habla|aquí|"
    r"je suis|moi c'est|c'est|ici|je m'appelle|mon nom est|ich bin(?: es|'s)?,?|hier (?:ist|spricht|schreibt)|"
    r"mein name ist|ich hei(?:ß|ss)e|(?:eu |aqui )?(?:sou|é|fala)|(?:o )?meu nome é|chamo-me|me chamo|(?:io )?sono|"
    r"mi chiamo|il mio nome è|qui|parla) (?:[ao] )?maria lopez|maria lopez,? (?:here|speaking|hier|ici|aquí|aqui|"
    r"am apparat|à l'appareil|qui))\W*(?:here|speaking|again)?\W*",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?<![\w.,])(?:inv[-\s]?)?#?\d{4,}\b", re.IGNORECASE)


def read_text(text: str) -> str:
    """The message without invisible signs, quotes made plain, at most MAX_READ characters.

    The end is kept as well as the beginning: long messages often ask at the end.
    """
    text = _ends_of(text)
    # One sign may stand for eighteen (U+FDFA), so what was cut to length is cut again.
    text = _ends_of(_INVISIBLE.sub(" ", unicodedata.normalize("NFKC", text)).translate(_QUOTES))
    return _SPACES.sub(" ", text).strip()


def _ends_of(text: str) -> str:
    return text if len(text) <= MAX_READ else f"{text[: MAX_READ * 3 // 4]}\n{text[-MAX_READ // 4 :]}"


def write_out(text: str, language: str) -> str:
    """Slang and drawn-out letters written out: "plsss send me teh link 4 it" → "please send me teh link for it"."""
    slang = load_lexicon(language).slang
    parts = _ADDRESS.split(text)  # every second part is an address, which is kept to the letter
    parts[::2] = [
        _WORD.sub(lambda found: slang.get(found[0].lower(), found[0]), _ELONGATED.sub(r"\1", part))
        for part in parts[::2]
    ]
    return "".join(parts)


def embeddable(text: str, language: str) -> str:
    """The form of one question that is embedded: lower case, slang written out, numbers and codes made alike."""
    text = _URL.sub("link", _EMAIL.sub("me@example.com", text[: MAX_EMBEDDED * 2]))
    lexicon = load_lexicon(language)

    def spoken(code: re.Match[str]) -> str:
        nouns, number = _KINDS[code[1].lower()]
        return f"{lexicon.list(nouns)[0]} {number}"

    text = _CODE.sub(spoken, text)
    text = _NUMBER.sub("1042", write_out(text, language).lower())
    return " ".join(text[:MAX_EMBEDDED].split()).strip(" .!,;:")


def names_alike(text: str, vocabulary: frozenset[str]) -> str:
    """`text` with names of two words or more, which no word list knows, made one: who it is does not matter."""

    def alike(found: re.Match[str]) -> str:
        words = found[0].split(" ")
        known = next((at for at, word in enumerate(words) if word.lower() not in vocabulary), len(words))
        name = words[known:]
        if len(name) < 2 or any(word.removesuffix("'s").lower() in vocabulary for word in name):
            return found[0]
        ending = "'s" if name[-1].endswith("'s") else ""
        return " ".join((*words[:known], _STAND_IN + ending))

    def alike_in_small(found: re.Match[str]) -> str:
        said: list[str] = []
        for is_known, words in groupby(found[0].split(" "), key=lambda word: word.lower() in vocabulary):
            run = list(words)
            said += run if is_known or len(run) != 2 else [_STAND_IN]
        return " ".join(said)

    return _SMALL.sub(alike_in_small, _TITLED.sub(alike, text))


def introduction_in(text: str, vocabulary: frozenset[str]) -> str:
    """`text` with its name made alike where it says who writes and nothing else, in capitals or not; "" elsewhere."""
    alike = names_alike(text, vocabulary)
    return alike if _INTRODUCES.fullmatch(alike) else ""


def is_gibberish(text: str, vocabulary: frozenset[str]) -> bool:
    """True for letters that form no word: nothing known in it, and mostly runs of consonants."""
    words = _WORD.findall(text.lower())
    if not words or any(word in vocabulary for word in words):
        return False
    return sum(1 for word in words if _CONSONANTS.search(word)) * 2 >= len(words)


def has_words(text: str) -> bool:
    """False for emoji, punctuation or nothing at all."""
    return any(sign.isalnum() for sign in text)

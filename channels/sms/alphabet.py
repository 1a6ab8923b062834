"""How a text travels: in the GSM alphabet where it can, else in UCS-2, and in how many parts."""

import re

# GSM 03.38: the default alphabet, and what costs two places because it is written with an escape before it.
BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("^{}\\[~]|€\f")
GSM_ALONE, GSM_JOINED = 160, 153  # places of a text in one part, and of each part of a longer one
UCS_ALONE, UCS_JOINED = 70, 67

_FOLDS = {
    **dict.fromkeys("‘’‚‛′ʼ", "'"),
    **dict.fromkeys("“”„‟″«»", '"'),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    **dict.fromkeys("•·▪◦‣", "-"),
    **dict.fromkeys("\u00a0\u2002\u2003\u2007\u2008\u2009\u200a\u202f\t", " "),
    **dict.fromkeys("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\u2066\u2067\u2068\u2069\ufeff", ""),
    "…": "...",
    "→": "->",
    "×": "x",
    "‹": "<",
    "›": ">",
}
_FOLDING = str.maketrans(_FOLDS)
# Control characters but the line feed, and halves of characters that stand alone.
_UNSENDABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def sendable(text: str) -> str:
    """The text as it is handed over: typographic characters folded where that makes it GSM, else left alone.

    Accented letters that the GSM alphabet lacks stay: a text that has one goes out in UCS-2.
    """
    clean = _UNSENDABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    folded = clean.translate(_FOLDING)
    return folded if is_gsm(folded) else clean


def is_gsm(text: str) -> bool:
    """Whether every character is in the GSM alphabet."""
    return all(sign in BASIC or sign in EXTENDED for sign in text)


def count_parts(text: str) -> int:
    """In how many parts a text goes out; 0 for none. A character is never split between two parts."""
    if is_gsm(text):
        return _packed([2 if sign in EXTENDED else 1 for sign in text], GSM_ALONE, GSM_JOINED)
    return _packed([2 if ord(sign) > 0xFFFF else 1 for sign in text], UCS_ALONE, UCS_JOINED)


def _packed(places: list[int], alone: int, joined: int) -> int:
    if sum(places) <= alone:
        return int(bool(places))
    parts, left = 1, joined
    for need in places:
        if need > left:
            parts, left = parts + 1, joined
        left -= need
    return parts

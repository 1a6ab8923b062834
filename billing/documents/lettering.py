"""Text as the PDF's own fonts can print it."""

import unicodedata

# Letters that have no decomposition, and signs that cp1252 lacks but people write.
_NEAREST = str.maketrans(
    {
        "\u202f": "\u00a0", "\u2009": "\u00a0", "\u2007": "\u00a0", "\u2011": "-", "\u2212": "-",
        "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i", "ħ": "h", "Ħ": "H", "ŧ": "t", "Ŧ": "T",
    }
)  # fmt: skip
_CANNOT = "?"


def printable(text: str) -> str:
    """The text with every character that cp1252 lacks replaced by its nearest: "Łukasz" prints as "Lukasz".

    The core fonts of PDF need no font file and know é, ü, ñ, € and typographic quotes, but not all letters.
    """
    text = unicodedata.normalize("NFC", text).translate(_NEAREST)
    if text.isprintable() and _fits(text):  # nearly always
        return text
    return "".join(_nearest(sign) for sign in text)


def _nearest(sign: str) -> str:
    if unicodedata.category(sign) in {"Mn", "Cf", "Cc"}:  # marks and controls have no sign of their own
        return sign if sign == "\n" else ""
    if _fits(sign):
        return sign
    plain = "".join(part for part in unicodedata.normalize("NFKD", sign) if _fits(part))
    return plain or _CANNOT


def _fits(text: str) -> bool:
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True

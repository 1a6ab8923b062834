"""Bytes and a media type → text: Markdown and plain text in whatever encoding they come."""

import codecs
import re
import unicodedata

READABLE = frozenset({"text/markdown", "text/x-markdown", "text/plain"})

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with the same two bytes
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\x80-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_LINE_ENDS = re.compile(r"\r\n|[\r\x0c\x85\u2028\u2029]")


class UnsupportedTextError(Exception):
    """No text can be read from this media type."""

    def __init__(self, media_type: str) -> None:
        super().__init__(f"no text can be read from {media_type!r}")
        self.media_type = media_type


class NotTextError(Exception):
    """The media type promises text, the bytes are something else."""

    def __init__(self, media_type: str) -> None:
        super().__init__(f"declared as {media_type!r}, but the bytes are not text")
        self.media_type = media_type


def text_from(data: bytes, media_type: str) -> str:
    """The text of `data` in NFC, each line ended by one newline, without control and direction characters.

    `media_type` may carry a charset, which is believed only where the bytes do not say otherwise.
    Raises UnsupportedTextError for other media types and NotTextError for bytes that are no text.
    """
    kind, _, parameters = media_type.partition(";")
    if kind.strip().lower() not in READABLE:
        raise UnsupportedTextError(media_type)
    text = _decoded(data, _declared_charset(parameters))
    if _is_noise(text):
        raise NotTextError(media_type)
    return unicodedata.normalize("NFC", _CONTROL.sub("", _LINE_ENDS.sub("\n", text)))


def _declared_charset(parameters: str) -> str | None:
    found = re.search(r"charset\s*=\s*[\"']?([\w.:-]+)", parameters, re.IGNORECASE)
    if not found:
        return None
    try:
        return codecs.lookup(found[1]).name
    except LookupError:
        return None


def _decoded(data: bytes, declared: str | None) -> str:
    for mark, marked in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(marked, "replace")
    # UTF-8 comes before the declaration: text in another encoding is hardly ever valid UTF-8,
    # while a wrong "iso-8859-1" is common and accepts any bytes.
    for name in filter(None, (_wide_encoding(data), "utf-8", declared, "cp1252")):
        try:
            return data.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
    return data.decode("latin-1")


def _wide_encoding(data: bytes) -> str | None:
    """UTF-16 without a mark: in western text every second byte is zero."""
    sample = data[:4096]
    half = len(sample) // 2
    if half < 2:
        return None
    if sample[1::2].count(0) > 0.6 * half and sample[0::2].count(0) < 0.1 * half:
        return "utf-16-le"
    if sample[0::2].count(0) > 0.6 * half and sample[1::2].count(0) < 0.1 * half:
        return "utf-16-be"
    return None


def _is_noise(text: str) -> bool:
    sample = text[:4096]
    odd = sum(1 for char in sample if char == "\ufffd" or (char < " " and char not in "\t\n\r\f\v"))
    return odd > max(2, 0.05 * len(sample))

"""What bytes that somebody sent really are, whatever their name or header says, and whether they are taken."""

LARGEST = 5 * 1024 * 1024
_M4A = (b"M4A ", b"M4B ")
_HEIF = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")
ENDINGS = {
    "image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp", "image/heic": "heic",
    "application/pdf": "pdf", "audio/ogg": "ogg", "audio/mpeg": "mp3", "audio/mp4": "m4a",
}  # fmt: skip
VOICES = frozenset({"audio/ogg", "audio/mpeg", "audio/mp4"})


class RefusedContentError(Exception):
    """It is not stored, and trying again would not help; `why` is the state that its attachment gets."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def type_of(content: bytes) -> str | None:
    """The media type that the bytes themselves show; None for what is not taken. Names and headers are not trusted."""
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if content[4:8] == b"ftyp" and content[8:12] in _HEIF:
        return "image/heic"
    return "application/pdf" if content.startswith(b"%PDF-") else _voice_type(content)


def _voice_type(content: bytes) -> str | None:
    """What is heard: Ogg as voice notes are, MP3 by its tag or its first frame, MPEG-4 that says it is audio."""
    if content.startswith(b"OggS"):
        return "audio/ogg"
    if content[4:8] == b"ftyp" and content[8:12] in _M4A:
        return "audio/mp4"
    is_frame = content[:1] == b"\xff" and content[1:2] in {b"\xfb", b"\xfa", b"\xf3", b"\xf2"}
    return "audio/mpeg" if content.startswith(b"ID3") or is_frame else None


def taken_type(content: bytes, *, hears: bool = False) -> str:
    """The media type of what is taken. hears: voices too. Raises RefusedContentError for anything else."""
    found = type_of(content)
    if found is None or (found in VOICES and not hears):
        raise RefusedContentError("refused_type")
    return found

"""What bytes that somebody sent really are, whatever their name or header says, and whether they are taken."""

LARGEST = 5 * 1024 * 1024
_HEIF = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")
ENDINGS = {
    "image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp", "image/heic": "heic",
    "application/pdf": "pdf",
}  # fmt: skip


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
    return "application/pdf" if content.startswith(b"%PDF-") else None


def taken_type(content: bytes) -> str:
    """The media type of what is taken. Raises RefusedContentError for anything else."""
    found = type_of(content)
    if found is None:
        raise RefusedContentError("refused_type")
    return found

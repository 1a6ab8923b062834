"""Stored bytes, addressed by their SHA-256: put once, never changed."""

import hashlib
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

_SHA256 = re.compile(r"[0-9a-f]{64}")


class FileNotStoredError(Exception):
    """No bytes are stored under this SHA-256."""

    def __init__(self, sha256: str) -> None:
        super().__init__(f"nothing is stored under {sha256!r}")
        self.sha256 = sha256


@dataclass(frozen=True)
class FileStore:
    """A folder of files named by the SHA-256 of their bytes, in 256 subfolders."""

    root: Path

    def put(self, content: bytes) -> str:
        """Store `content` whole or not at all; returns its SHA-256 in lower-case hex."""
        sha256 = hashlib.sha256(content).hexdigest()
        place = self._place(sha256)
        if place.is_file():
            return sha256
        place.parent.mkdir(parents=True, exist_ok=True)
        # A reader must never meet half a file: it is written beside its place and moved there in one step.
        handle, name = tempfile.mkstemp(dir=place.parent, prefix=".arriving-")
        try:
            with os.fdopen(handle, "wb") as arriving:
                arriving.write(content)
                arriving.flush()
                os.fsync(arriving.fileno())
            Path(name).replace(place)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        return sha256

    def open(self, sha256: str) -> Path:
        """Where the bytes are; FileNotStoredError when there are none, or `sha256` is not one."""
        if not self.has(sha256):
            raise FileNotStoredError(sha256)
        return self._place(sha256)

    def has(self, sha256: str) -> bool:
        """Whether bytes are stored under this SHA-256."""
        return bool(_SHA256.fullmatch(sha256)) and self._place(sha256).is_file()

    def _place(self, sha256: str) -> Path:
        return self.root / sha256[:2] / sha256

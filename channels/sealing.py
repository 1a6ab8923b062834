"""Secrets of providers, sealed for their rows with a key derived from the installation's own."""

import base64
import hashlib
import hmac
from dataclasses import dataclass, field

from cryptography.fernet import Fernet, InvalidToken


class SealBrokenError(Exception):
    """A stored secret cannot be opened: the installation's key is not the one it was sealed with."""


@dataclass(frozen=True)
class Sealing:
    """Seals secrets with a key derived from the installation's own."""

    secret: bytes = field(repr=False)

    def seal(self, token: str) -> str:
        """The secret, encrypted for its row."""
        return self._fernet().encrypt(token.encode()).decode()

    def open(self, sealed: str) -> str:
        """The secret again. Raises SealBrokenError."""
        try:
            return self._fernet().decrypt(sealed.encode()).decode()
        except (InvalidToken, ValueError) as error:
            raise SealBrokenError from error

    def _fernet(self) -> Fernet:
        derived = hmac.new(self.secret, b"frontdesk: secrets of connections", hashlib.sha256).digest()
        return Fernet(base64.urlsafe_b64encode(derived))

"""Links and their tokens: 128 random bits, stored only as a hash."""

import hashlib
import secrets
from dataclasses import dataclass


@dataclass(frozen=True)
class Links:
    """Makes the addresses under which our pages are opened. `address` has no slash at its end."""

    address: str

    def new_token(self) -> str:
        """128 random bits, URL-safe."""
        return secrets.token_urlsafe(16)

    def hash_token(self, token: str) -> str:
        """The SHA-256 under which a token is stored, in hex."""
        return hashlib.sha256(token.encode()).hexdigest()

    def pay_url(self, token: str) -> str:
        """The pay page behind a payment link."""
        return f"{self.address}/pay/{token}"

    def file_url(self, token: str) -> str:
        """Where a stored file is fetched."""
        return f"{self.address}/files/{token}"

"""The installation's secret: made once, kept beside the data for its owner only, or given in the settings."""

import contextlib
import secrets
from pathlib import Path

from channels.settings import Settings


def secret_of(settings: Settings) -> bytes:
    """The installation's secret: from the settings, else made once and kept beside the data, for its owner only."""
    place = _place(settings)
    if find_secret(settings) is None:
        settings.data.mkdir(parents=True, exist_ok=True)
        made = settings.data / f"secret.key.{secrets.token_hex(4)}"
        made.touch(mode=0o600)
        made.write_text(secrets.token_urlsafe(32))
        with contextlib.suppress(FileExistsError):
            place.hardlink_to(made)
        made.unlink()
    return find_secret(settings) or b""


def find_secret(settings: Settings) -> bytes | None:
    """The installation's secret, None where there is none yet."""
    given = settings.secret_key.get_secret_value()
    if given:
        return given.encode()
    place = _place(settings)
    return place.read_text().strip().encode() if place.exists() else None


def _place(settings: Settings) -> Path:
    return settings.data / "secret.key"

"""Calls to Twilio: the SDK's client, at the address of the settings, with timeouts and no second try of its own."""

from typing import Any
from urllib.parse import urlsplit

from requests import RequestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from channels.outgoing import TryLaterError
from channels.sms.accounts import TWILIO_API, Account


class CallsElsewhere(TwilioHttpClient):  # type: ignore[misc]  # the SDK has no types
    """The SDK's HTTP client with another base address: a proxy, the demo's local form, or a peer in tests."""

    def __init__(self, api_base: str, timeout: float) -> None:
        super().__init__(timeout=timeout, max_retries=0)
        self._base = api_base.rstrip("/")
        if self.session is not None:
            self.session.trust_env = False  # a .netrc must not answer for the account

    def request(self, method: str, url: str, *args: Any, **more: Any) -> Response:
        """One request. Raises TryLaterError where Twilio is not reached, or says that it is too busy."""
        try:
            answer = super().request(method, address_of(url, self._base), *args, **more)
        except RequestException as error:
            raise TryLaterError(f"Twilio is not reached: {type(error).__name__}") from None
        if answer.status_code == 429 or answer.status_code >= 500:
            raise TryLaterError(f"Twilio is too busy (status {answer.status_code})", _seconds(answer.headers))
        return answer


def address_of(url: str, base: str) -> str:
    """The URL at another base: api.twilio.com at its root, other products under their name."""
    if base == TWILIO_API:
        return url
    asked = urlsplit(url)
    product = (asked.hostname or "").partition(".")[0]
    prefix = "" if product == "api" else f"/{product}"
    return f"{base}{prefix}{asked.path}" + (f"?{asked.query}" if asked.query else "")


def open_client(account: Account, timeout: float) -> Client:
    """The SDK's client of an account."""
    return Client(account.sid, account.token, http_client=CallsElsewhere(account.api_base, timeout))


def _seconds(headers: Any) -> float | None:
    said = str((headers or {}).get("Retry-After", ""))
    return min(float(said), 3600.0) if said.isascii() and said.isdigit() else None

"""Pictures and papers that were texted: fetched from Twilio, whose token goes nowhere else."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlsplit

import httpx

from billing.changes.media import Waiting
from channels.content import LARGEST, RefusedContentError
from channels.fetching import MediaFetcher, UnfetchedError
from channels.sms.accounts import CHANNEL, Account, Accounts

MOST_REDIRECTS = 3
TIMEOUT = 20.0


@dataclass
class TextMedia(MediaFetcher):
    """Fetches what waits on connections of texts. transport: how HTTP is spoken, None for the network."""

    channel: ClassVar[str] = CHANNEL

    accounts: Accounts
    transport: httpx.AsyncBaseTransport | None = None

    async def content_of(self, waiting: Waiting, attachment: Mapping[str, Any]) -> bytes | None:
        """The bytes behind an attachment's address, by the account of its connection."""
        try:
            account = await self.accounts.find_by_key(waiting.connection)
            return None if account is None else await self.fetch(account, str(attachment["value"]))
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise UnfetchedError(type(error).__name__) from None

    async def fetch(self, account: Account, url: str) -> bytes:
        """The bytes behind a media URL. Raises RefusedContentError, httpx.HTTPError.

        The account's token goes to Twilio alone. Twilio answers with a redirect to its store: that is followed by
        https only, or within the settings' base address, and without the token.
        """
        async with httpx.AsyncClient(
            transport=self.transport, timeout=TIMEOUT, trust_env=False, follow_redirects=False
        ) as http:
            for _ in range(MOST_REDIRECTS + 1):
                if not may_fetch(url, account):
                    raise RefusedContentError("refused_address")
                auth = httpx.BasicAuth(account.sid, account.token) if is_twilios(url, account) else None
                async with http.stream("GET", url, auth=auth) as answer:
                    if answer.is_redirect:
                        url = str(answer.url.join(answer.headers.get("location", "")))
                        continue
                    if answer.status_code in {404, 410}:
                        raise RefusedContentError("gone")
                    answer.raise_for_status()
                    return await _read(answer)
        raise RefusedContentError("refused_address")


async def _read(answer: httpx.Response) -> bytes:
    """The body, never holding more of it than may be stored."""
    body = bytearray()
    async for part in answer.aiter_bytes():
        body += part
        if len(body) > LARGEST:
            raise RefusedContentError("too_large")
    return bytes(body)


def is_twilios(url: str, account: Account) -> bool:
    """Whether an address is the account's API, or Twilio's own by https."""
    asked, base = urlsplit(url), urlsplit(account.api_base)
    if (asked.scheme, asked.netloc) == (base.scheme, base.netloc):
        return True
    host = asked.hostname or ""
    return asked.scheme == "https" and (host == "twilio.com" or host.endswith(".twilio.com"))


def may_fetch(url: str, account: Account) -> bool:
    """Whether an address may be asked at all: by https, or where the settings' base address is."""
    return urlsplit(url).scheme == "https" or is_twilios(url, account)

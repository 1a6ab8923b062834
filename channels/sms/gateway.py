"""TwilioGateway: hands a message to Twilio's REST API, and finds one that was handed over before."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import structlog

from channels.outgoing import RefusedError, Sent, ToSend, TryLaterError
from channels.sms.accounts import Account
from channels.sms.fitting import Fitted, fit
from channels.sms.refusals import ACCOUNT_TROUBLE, Meaning, refusal_of

if TYPE_CHECKING:
    from twilio.base.exceptions import TwilioRestException
    from twilio.rest import Client

log = structlog.get_logger()

TIMEOUT = 10.0  # seconds; a turn's answer must not hang on a provider
RECENT = 50  # messages looked through for one that was sent before
CLOCKS_APART = timedelta(seconds=10)
ACCOUNT_PAUSE = 60.0  # seconds until a message is tried again that only the account's owner can help
_PICTURES = "+1"  # Canada and the United States: elsewhere carriers take no pictures


@dataclass(frozen=True)
class TwilioGateway:
    """One account. status_url: where Twilio reports; rest_url(message): the page that shows all of it."""

    account: Account
    status_url: str
    rest_url: Callable[[ToSend], str]
    timeout: float = TIMEOUT
    _cache: dict[str, Any] = field(default_factory=dict, repr=False)

    async def send(self, message: ToSend) -> Sent:
        """Hand a message over, fitted to a text. Raises TryLaterError, RefusedError."""
        fitted = self.fitted(message)
        if not fitted.text and not fitted.media:
            raise RefusedError("empty", "there is nothing to send")
        return await asyncio.to_thread(self._create, message, fitted)

    async def find_sent(self, message: ToSend) -> Sent | None:
        """The message among the last RECENT to its number: same words, made since it was queued.

        Twilio has no key that would make a repeated request one message. This errs towards silence: where the same
        words went to the same number a moment before (two equal replies), the second counts as sent. It errs
        towards a repeat only where Twilio lists the first too late, or 50 newer messages to that number hide it.
        """
        fitted = self.fitted(message)
        return await asyncio.to_thread(self._find, message, fitted)

    def fitted(self, message: ToSend) -> Fitted:
        """The words as they are sent: the same at every attempt."""
        return fit(
            message.text,
            message.attachments,
            language=message.language,
            rest=self.rest_url(message),
            takes_pictures=message.address.startswith(_PICTURES),
        )

    def _create(self, message: ToSend, fitted: Fitted) -> Sent:
        account = self.account
        sender = {"messaging_service_sid": account.sender} if account.is_service else {"from_": account.sender}
        reported = f"{self.status_url}?{urlencode({'m': message.public_id})}"
        wanted: dict[str, Any] = {"to": message.address, "status_callback": reported, **sender}
        if fitted.text:
            wanted["body"] = fitted.text
        if fitted.media:
            wanted["media_url"] = list(fitted.media)
        made = self._asked(lambda client: client.messages.create(**wanted))
        counted = str(made.num_segments or "")
        return Sent(str(made.sid), (int(counted) if counted.isdigit() else 0) or fitted.parts)

    def _find(self, message: ToSend, fitted: Fitted) -> Sent | None:
        since = message.created_at.replace(microsecond=0) - CLOCKS_APART
        asked: dict[str, Any] = {"to": message.address, "limit": RECENT, "page_size": RECENT}
        if not self.account.is_service:
            asked["from_"] = self.account.sender
        for found in self._asked(lambda client: client.messages.list(**asked)):
            made: datetime | None = found.date_created
            is_ours = str(found.direction or "").startswith("outbound")
            # A trial account writes a sentence of its own before ours.
            if is_ours and made is not None and _aware(made) >= since and str(found.body or "").endswith(fitted.text):
                return Sent(str(found.sid), fitted.parts)
        return None

    def _asked(self, ask: Callable[["Client"], Any]) -> Any:
        from twilio.base.exceptions import TwilioException, TwilioRestException

        try:
            return ask(self._client)
        except TwilioRestException as error:
            raise self._told(error) from None  # its text names the account
        except TwilioException as error:
            raise TryLaterError(f"Twilio's answer cannot be read: {type(error).__name__}") from None

    def _told(self, error: "TwilioRestException") -> TryLaterError | RefusedError:
        code = error.code or 0
        if error.status in {401, 403} or code in ACCOUNT_TROUBLE:
            log.error("twilio_account_trouble", connection=self.account.key, status=error.status, code=code)
            return TryLaterError(f"the account is refused ({error.status}, error {code})", ACCOUNT_PAUSE)
        refusal = refusal_of(code)
        return RefusedError(
            str(code or error.status),
            refusal.why,
            blocks_address=refusal.meaning in {Meaning.GONE, Meaning.GIVEN_UP},
            opted_out=refusal.meaning is Meaning.OPTED_OUT,
        )

    @property
    def _client(self) -> "Client":
        if "client" not in self._cache:
            from channels.sms.calling import open_client

            self._cache["client"] = open_client(self.account, self.timeout)
        client: Client = self._cache["client"]
        return client


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

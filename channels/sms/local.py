"""The demo's own form of Twilio: made-up accounts that take and post texts in the real forms, over real HTTP."""

import asyncio
import hashlib
import hmac
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from ssl import PROTOCOL_TLS_CLIENT, SSLContext
from typing import Any

import structlog

from billing.tables.people import Business
from channels.sms.accounts import Account, key_of
from channels.sms.alphabet import count_parts
from channels.sms.parsing import sign
from channels.sms.texting import webhook_url

log = structlog.get_logger()

PREFIX = "/demo/twilio"
# What Twilio itself does with these words, unless its opt-out handling was turned off.
STOPS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
STARTS = frozenset({"START", "UNSTOP", "YES"})
STOPPED = (
    "You have successfully been unsubscribed. You will not receive any more messages from this number. Reply START to"
    " resubscribe."
)
STARTED = (
    "You have successfully been re-subscribed to messages from this number. Reply HELP for help. Reply STOP to"
    " unsubscribe."
)
KEPT = 2000  # texts; the oldest are forgotten
_DEFAULT_NUMBER = "+12025550100"

Post = Callable[[str, Mapping[str, str], str], Awaitable[int]]


@dataclass
class Text:
    """One text that went through. way: "out" from us, "in" from a phone. media: addresses of pictures."""

    number: int
    sid: str
    account: Account
    way: str
    phone: str
    body: str
    at: datetime
    media: tuple[str, ...] = ()
    status: str = "queued"

    def as_json(self) -> dict[str, Any]:
        """As Twilio's REST API shows a message."""
        stamp, is_out = format_datetime(self.at), self.way == "out"
        ours, path = self.account.sender, f"/2010-04-01/Accounts/{self.account.sid}/Messages/{self.sid}"
        return {
            "sid": self.sid, "account_sid": self.account.sid, "api_version": "2010-04-01", "body": self.body,
            "to": self.phone if is_out else ours, "from": ours if is_out else self.phone,
            "direction": "outbound-api" if is_out else "inbound", "status": self.status,
            "num_segments": str(count_parts(self.body)), "num_media": str(len(self.media)),
            "date_created": stamp, "date_updated": stamp, "date_sent": stamp, "error_code": None,
            "error_message": None, "messaging_service_sid": None, "price": None, "price_unit": "USD",
            "uri": f"{path}.json", "subresource_uris": {"media": f"{path}/Media.json"},
        }  # fmt: skip


@dataclass
class LocalTwilio:
    """The made-up accounts and what went through them, in memory. post(url, fields, signature): a request over HTTP.

    address: ours as webhooks are signed for it. loopback: where this very process listens.
    """

    secret: bytes = field(repr=False)
    address: str
    loopback: str
    clock: Callable[[], datetime]
    post: Post
    texts: list[Text] = field(default_factory=list, repr=False)
    pictures: dict[str, tuple[str, bytes]] = field(default_factory=dict, repr=False)
    opted_out: set[tuple[str, str]] = field(default_factory=set, repr=False)  # account and phone
    _count: int = 0
    _tasks: set["asyncio.Task[None]"] = field(default_factory=set, repr=False)

    def account_of(self, business: Business, path: str) -> Account:
        """The made-up account of a demo business."""
        key = key_of(business.slug)
        number = re.sub(r"[^\d+]", "", business.phone or "") or _DEFAULT_NUMBER
        return Account(
            business_id=business.id, key=key, path=path, sid="AC" + self._made_up(f"sid {key}"), sender=number,
            api_base=f"{self.loopback}{PREFIX}", token=self._made_up(f"token {key}"), is_local=True,
        )  # fmt: skip

    def take(self, account: Account, to: str, body: str, media: Sequence[str], callback: str) -> Text:
        """Take a text from us to a phone; its statuses are posted back."""
        text = self._keep(account, "out", to, body, tuple(media))
        if callback:
            self._later(self._report(text, callback))
        return text

    async def text_in(self, account: Account, phone: str, body: str, photo: tuple[str, bytes] | None = None) -> int:
        """A phone texts the business; the status that its webhook answered. photo: media type and bytes."""
        media: tuple[str, ...] = ()
        if photo is not None:
            name = self._made_up(f"photo {self._count} {self.clock()}")
            self.pictures[name] = photo
            media = (f"{account.api_base}/media/{name}",)
        text = self._keep(account, "in", phone, body, media)
        self._opt(account, phone, body.strip().upper())
        fields = {
            "ToCountry": "US", "MessageSid": text.sid, "SmsMessageSid": text.sid, "SmsSid": text.sid,
            "AccountSid": account.sid, "SmsStatus": "received", "Body": body, "From": phone, "To": account.sender,
            "NumMedia": str(len(media)), "NumSegments": str(count_parts(body)), "ApiVersion": "2010-04-01",
        }  # fmt: skip
        if photo is not None:
            fields |= {"MediaUrl0": media[0], "MediaContentType0": photo[0]}
        return await self._signed(account, webhook_url(self.address, "sms", account.path), fields)

    def _opt(self, account: Account, phone: str, word: str) -> None:
        """Twilio's own answer to STOP and START."""
        whose = (account.sid, phone)
        if word in STOPS and whose not in self.opted_out:
            self.opted_out.add(whose)
            self._keep(account, "out", phone, STOPPED, ()).status = "delivered"
        elif word in STARTS and whose in self.opted_out:
            self.opted_out.discard(whose)
            self._keep(account, "out", phone, STARTED, ()).status = "delivered"

    def between(self, account: Account, phone: str, after: int) -> list[Text]:
        """What went between a phone and the business since a number."""
        return [
            text for text in self.texts
            if text.number > after and text.phone == phone and text.account.key == account.key
        ]  # fmt: skip

    async def _report(self, text: Text, callback: str) -> None:
        """What a carrier reports: the text was sent, then delivered."""
        for status in ("sent", "delivered"):
            text.status = status
            fields = {
                "MessageSid": text.sid, "SmsSid": text.sid, "MessageStatus": status, "SmsStatus": status,
                "AccountSid": text.account.sid, "From": text.account.sender, "To": text.phone,
                "ApiVersion": "2010-04-01",
            }  # fmt: skip
            await self._signed(text.account, callback, fields)

    async def _signed(self, account: Account, url: str, fields: dict[str, str]) -> int:
        """Post to our own webhook: signed for the address that Twilio would call, sent to where we listen."""
        path = url.removeprefix(self.address)
        return await self.post(f"{self.loopback}{path}", fields, sign(account.token, url, fields))

    def _keep(self, account: Account, way: str, phone: str, body: str, media: tuple[str, ...]) -> Text:
        self._count += 1
        sid = ("MM" if media else "SM") + self._made_up(f"text {self._count} {self.clock()}")
        text = Text(self._count, sid, account, way, phone, body, self.clock(), media)
        text.status = "queued" if way == "out" else "received"
        self.texts.append(text)
        del self.texts[:-KEPT]
        return text

    def _made_up(self, what: str) -> str:
        """32 hexadecimal digits that nobody without the installation's key can tell."""
        return hmac.new(self.secret, f"frontdesk: local twilio {what}".encode(), hashlib.sha256).hexdigest()[:32]

    def _later(self, work: Any) -> None:
        async def watched() -> None:
            try:
                await work
            except Exception:
                log.exception("local_status_not_posted")

        task = asyncio.ensure_future(watched())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def post_form(url: str, fields: Mapping[str, str], signature: str) -> int:
    """Post a signed form over HTTP, to this machine only; the status it was answered with, 0 where nobody answers."""
    import httpx

    # A context without authorities costs nothing, and what listens on this machine speaks plain HTTP.
    plain = SSLContext(PROTOCOL_TLS_CLIENT)
    try:
        async with httpx.AsyncClient(timeout=10, trust_env=False, verify=plain) as http:
            answer = await http.post(url, data=dict(fields), headers={"X-Twilio-Signature": signature})
    except httpx.HTTPError as error:
        log.warning("local_form_not_posted", error=type(error).__name__)
        return 0
    return answer.status_code

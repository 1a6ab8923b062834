"""Updates of a made-up bot: posted to its webhook in order per chat and tried again, or kept until they are polled."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ssl import PROTOCOL_TLS_CLIENT, SSLContext
from typing import Any

import structlog

from channels.telegram.local_values import Json, RefusedByBotAPIError, bad_request

log = structlog.get_logger()

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name
# Given: address, update, secret; the status that the webhook answered, 0 where nobody did.
Post = Callable[[str, Json, str], Awaitable[int]]
WAITS = (0.5, 1.0, 2.0, 5.0, 15.0, 60.0)  # seconds between tries, the last one again and again
KEPT_FOR = timedelta(hours=24)
LONGEST_POLL = 50  # seconds
MOST_AT_ONCE = 100


@dataclass(frozen=True)
class Waiting:
    """An update that nobody has taken yet."""

    chat: int
    update: Json
    since: datetime

    @property
    def number(self) -> int:
        """Its update_id."""
        return int(self.update["update_id"])


@dataclass
class Hook:
    """Where updates are posted. url: as it was set; target: the same place on this machine."""

    url: str
    target: str
    secret: str = field(default="", repr=False)
    allowed: tuple[str, ...] = ()


@dataclass
class Mailbag:
    """The updates of one bot. `number` is the newest update_id."""

    clock: Callable[[], datetime]
    post: Post
    number: int
    hook: Hook | None
    waits: Sequence[float] = WAITS
    pending: list[Waiting] = field(default_factory=list)
    error: tuple[datetime, str] | None = None
    _news: asyncio.Event = field(default_factory=asyncio.Event, repr=False)
    _tasks: dict[int, "asyncio.Task[None]"] = field(default_factory=dict, repr=False)
    _polls: int = 0

    def put(self, chat: int, kind: str, content: Mapping[str, Any]) -> int:
        """Take an update of a kind ("message", "callback_query"); its id."""
        self.number += 1
        update = {"update_id": self.number, kind: dict(content)}
        if self.hook is None or not self.hook.allowed or kind in self.hook.allowed:
            self.pending.append(Waiting(chat, update, self.clock()))
            self._wake()
        return self.number

    def point_at(self, hook: Hook | None, *, drops: bool = False) -> None:
        """Set the webhook, or with None go over to polling. drops: what waits is forgotten."""
        self.hook, self.error = hook, None
        if drops:
            self.pending.clear()
        for task in self._tasks.values():
            task.cancel()
        self._tasks = {}
        self._wake()

    async def poll(self, offset: int, limit: int, seconds: int) -> list[Json]:
        """What is new from an update on; what came before is done with.

        Refused while a webhook is set, and when a newer poll begins.
        """
        if self.hook is not None:
            why = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
            raise RefusedByBotAPIError(409, f"Conflict: {why}")
        self._polls += 1
        mine = self._polls
        self._wake()  # an older poll looks up, and sees that it is not the newest
        self.pending = [each for each in self.pending if each.number >= offset]
        until = asyncio.get_running_loop().time() + min(max(seconds, 0), LONGEST_POLL)
        while not self.pending and (left := until - asyncio.get_running_loop().time()) > 0:
            self._news.clear()
            try:
                await asyncio.wait_for(self._news.wait(), left)
            except TimeoutError:
                break
            if mine != self._polls or self.hook is not None:
                why = "terminated by other getUpdates request; make sure that only one bot instance is running"
                raise RefusedByBotAPIError(409, f"Conflict: {why}")
        return [each.update for each in self.pending[: min(max(limit, 1), MOST_AT_ONCE)]]

    def about(self) -> Json:
        """As getWebhookInfo tells it."""
        told: Json = {
            "url": self.hook.url if self.hook else "", "has_custom_certificate": False,
            "pending_update_count": len(self.pending),
        }  # fmt: skip
        if self.hook is not None:
            told |= {"max_connections": 40, "ip_address": "127.0.0.1"}
            told |= {"allowed_updates": list(self.hook.allowed)} if self.hook.allowed else {}
        if self.error is not None:
            told |= {"last_error_date": int(self.error[0].timestamp()), "last_error_message": self.error[1]}
        return told

    async def empty(self) -> None:
        """Until every task that posts has ended."""
        while self._tasks:
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def _wake(self) -> None:
        self._news.set()
        if self.hook is None:
            return
        for chat in {each.chat for each in self.pending} - set(self._tasks):
            self._tasks[chat] = asyncio.ensure_future(self._watched(chat))

    async def _watched(self, chat: int) -> None:
        try:
            await self._deliver(chat)
        except Exception:
            log.exception("local_update_not_posted")
        finally:
            # At once, not when the task is seen to have ended: what is put meanwhile must begin a new one.
            if self._tasks.get(chat) is asyncio.current_task():
                del self._tasks[chat]

    async def _deliver(self, chat: int) -> None:
        """Post what waits in a chat, each until it is taken: the next one of a chat never overtakes."""
        tries = 0
        while self.hook is not None and (first := next((one for one in self.pending if one.chat == chat), None)):
            status = await self.post(self.hook.target, first.update, self.hook.secret)
            is_taken = 200 <= status < 300
            if is_taken or self.clock() - first.since > KEPT_FOR:
                self.pending.remove(first)
                tries = 0
                continue
            said = f"Wrong response from the webhook: {status}" if status else "Connection refused"
            self.error = (self.clock(), said)
            await asyncio.sleep(self.waits[min(tries, len(self.waits) - 1)])
            tries += 1


def read_hook(url: str, secret: str, allowed: Sequence[str], address: str, loopback: str) -> Hook:
    """A webhook that leads to this very machine; anywhere else is refused, since the demo calls nobody."""
    if not url.startswith(f"{address}/"):
        raise bad_request(f"bad webhook: this local form of Telegram posts to {address} only")
    return Hook(url, f"{loopback}{url.removeprefix(address)}", secret, tuple(allowed))


async def post_update(url: str, update: Json, secret: str) -> int:
    """Post an update over HTTP, to this machine only; the status it was answered with, 0 where nobody answers."""
    import httpx

    # A context without authorities costs nothing, and what listens on this machine speaks plain HTTP.
    plain = SSLContext(PROTOCOL_TLS_CLIENT)
    try:
        async with httpx.AsyncClient(timeout=30, trust_env=False, verify=plain) as http:
            answer = await http.post(url, json=update, headers={SECRET_HEADER: secret})
    except httpx.HTTPError as error:
        log.warning("local_update_not_posted", error=type(error).__name__)
        return 0
    return answer.status_code

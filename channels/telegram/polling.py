"""Polling: updates are fetched by ourselves, bot by bot, where nobody outside can reach us."""

import asyncio
import contextlib
from dataclasses import dataclass, field

import structlog
from sqlalchemy.exc import SQLAlchemyError

from channels.outgoing import RefusedError, TryLaterError
from channels.sealing import SealBrokenError
from channels.telegram.accounts import BotAccount
from channels.telegram.calling import BadTokenError, Calls, ConflictError
from channels.telegram.intake import Intake
from channels.telegram.parsing import ALLOWED_UPDATES
from channels.telegram.reading import id_of

log = structlog.get_logger()

WAIT = 25  # seconds that Telegram holds a request open for
LOOK_EVERY = 15.0  # between looks for bots that were connected or ended
FIRST_REST, LONGEST_REST = 1.0, 60.0
MOST_TRIES = 5  # of an update that cannot be taken in though the database answers: then the others go on
PLAIN: dict[type[Exception], str] = {
    ConflictError: "Updates cannot be fetched: another process fetches this bot's updates, or a webhook is set. Only"
    " one may. Stop the other one, or run `frontdesk connect telegram`. It is tried again.",
    BadTokenError: "Telegram does not know the bot's token. Copy it again from @BotFather.",
}


@dataclass
class Polling:
    """Fetches the updates of every bot that is set to it. rest: seconds after the first failure, doubled each time."""

    intake: Intake
    wait: int = WAIT
    rest: float = FIRST_REST
    _bots: dict[BotAccount, "asyncio.Task[None]"] = field(default_factory=dict)
    _looking: "asyncio.Task[None] | None" = None

    async def start(self) -> None:
        """Fetch, and go on."""
        self._looking = asyncio.ensure_future(self._look_on())

    async def stop(self) -> None:
        """Stop; what is not stored is fetched after the next start."""
        for task in [*([self._looking] if self._looking else []), *self._bots.values()]:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._bots.clear()

    async def look(self) -> None:
        """Begin with bots that were connected, and leave those that are no longer."""
        try:
            wanted = {bot for bot in await self.intake.desk.bots.listed() if bot.polls and bot.token}
        except SealBrokenError:
            log.exception("connection_sealed_with_another_key")
            return
        for account in [bot for bot in self._bots if bot not in wanted]:
            self._bots.pop(account).cancel()
        for account in wanted:
            if account not in self._bots:
                self._bots[account] = asyncio.ensure_future(self._poll(account))

    async def _look_on(self) -> None:
        while True:
            try:
                await self.look()
            except Exception:
                log.exception("bots_not_looked_at")
            await asyncio.sleep(LOOK_EVERY)

    async def _poll(self, account: BotAccount) -> None:
        fetching = Fetching(self.intake, account, self.intake.desk.calls_of(account), self.wait)
        rest, said = self.rest, ""
        while True:
            try:
                await fetching.once()
            except (TryLaterError, RefusedError) as trouble:
                said = _say(account, trouble, said)
                asked = trouble.after if isinstance(trouble, TryLaterError) else None
                await asyncio.sleep(max(rest, asked or 0.0))
                rest = min(rest * 2, LONGEST_REST)
            except Exception:
                log.exception("updates_not_stored", connection=account.key)
                await asyncio.sleep(rest)
                rest = min(rest * 2, LONGEST_REST)
            else:
                rest, said = self.rest, ""


@dataclass
class Fetching:
    """One bot's place in its updates. after: the first that is not stored yet; 0: what Telegram still keeps."""

    intake: Intake
    account: BotAccount
    calls: Calls
    wait: int
    after: int = 0
    tries: int = 0

    async def once(self) -> int:
        """Fetch a batch and store all of it; only then the next begins behind it. How many there were."""
        batch = await self.calls.updates(self.after, self.wait, ALLOWED_UPDATES)
        for update in batch:
            try:
                await self.intake.take(self.account, update)
            except (SQLAlchemyError, OSError):
                raise
            except Exception:
                # Known ones are stored once, so a batch may be fetched again; one that never goes must not stop all.
                self.tries += 1
                if self.tries < MOST_TRIES:
                    raise
                log.exception("update_passed_by", connection=self.account.key, update=id_of(update, "update_id"))
            self.tries = 0
        self.after = max([self.after, *(id_of(update, "update_id") + 1 for update in batch)])
        return len(batch)


def _say(account: BotAccount, trouble: Exception, said: str) -> str:
    """Say what is wrong plainly, once for as long as it stays the same."""
    words = PLAIN.get(type(trouble), str(trouble))
    if words != said:
        log.warning("updates_not_fetched", connection=account.key, why=words)
    return words

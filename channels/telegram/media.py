"""Photos, papers and voice notes of Telegram: fetched by their id, so that no address with a token is ever kept."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from billing.changes.media import Waiting
from channels.content import LARGEST, RefusedContentError
from channels.fetching import MediaFetcher, UnfetchedError
from channels.outgoing import RefusedError, TryLaterError
from channels.sealing import SealBrokenError
from channels.telegram.accounts import CHANNEL, BotAccount, Bots
from channels.telegram.calling import Calls


@dataclass
class TelegramMedia(MediaFetcher):
    """Fetches what waits on connections of Telegram, voices too."""

    channel: ClassVar[str] = CHANNEL
    hears: ClassVar[bool] = True

    bots: Bots
    calls_of: Callable[[BotAccount], Calls]

    async def content_of(self, waiting: Waiting, attachment: Mapping[str, Any]) -> bytes | None:
        """The bytes of a file, by the bot of its connection."""
        said = str((attachment.get("extra") or {}).get("size", ""))
        if said.isascii() and said.isdigit() and int(said) > LARGEST:
            raise RefusedContentError("too_large")
        try:
            account = await self.bots.find_by_key(waiting.connection)
            return None if account is None else await self.calls_of(account).fetch(str(attachment["value"]), LARGEST)
        except SealBrokenError:
            return None
        except TryLaterError as later:
            raise UnfetchedError(later.why) from None
        except RefusedError:
            raise RefusedContentError("gone") from None

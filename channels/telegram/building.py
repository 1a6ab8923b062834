"""Telegram from the settings: the bot of the settings, further ones from rows, or the demo's where none is set."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from fastapi import APIRouter

from billing.access import Door
from billing.filestore import FileStore
from channels.sealing import SealBrokenError, Sealing
from channels.secret import secret_of
from channels.settings import Settings
from channels.telegram.accounts import Bots, OwnBot
from channels.telegram.demo_chat import chat_router
from channels.telegram.desk import Inbox, TelegramDesk
from channels.telegram.intake import Intake
from channels.telegram.local import LocalTelegram
from channels.telegram.local_api import DemoBots, bot_router
from channels.telegram.local_updates import Post, post_update
from channels.telegram.media import TelegramMedia
from channels.telegram.papers import Papers
from channels.telegram.polling import Polling
from channels.telegram.webhook import webhook_router
from channels.web.loopback import is_loopback

log = structlog.get_logger()


@dataclass(frozen=True)
class Telegrams:
    """Telegram in one process: what is served, what sends, what is fetched."""

    desk: TelegramDesk
    intake: Intake
    media: TelegramMedia
    polling: Polling
    router: APIRouter
    _started: list[bool] = field(default_factory=list, repr=False)

    async def start(self, *, keeps_house: bool) -> None:
        """Show answers while they grow; where this process keeps house, fetch updates and files too."""
        self._started.append(keeps_house)
        await self.desk.growing.start()
        if keeps_house:
            await self.media.start()
            await self.polling.start()

    async def warm(self) -> None:
        """Import what the first call needs, where a bot that is not the demo's own is connected."""
        try:
            listed = await self.desk.bots.listed()
        except SealBrokenError:
            log.exception("connection_sealed_with_another_key")
            return
        for account in listed:
            if not account.is_local:
                await self.desk.calls_of(account).warm()

    async def stop(self) -> None:
        """Take no more in. Answers may still be sent until `close`."""
        if any(self._started):
            await self.polling.stop()
            await self.media.stop()
        if self._started:
            await self.desk.growing.stop()
        await self.intake.settle()

    async def close(self) -> None:
        """Let go of every connection."""
        await self.desk.close()


def own_bot(settings: Settings) -> OwnBot:
    """The bot that the settings name."""
    token, secret = settings.telegram_token.get_secret_value(), settings.telegram_secret.get_secret_value()
    return OwnBot(token, secret, settings.telegram_api_base.rstrip("/"), settings.telegram_mode == "polling")


def build_telegrams(
    settings: Settings,
    door: Door,
    files: FileStore,
    inbox: Inbox,
    clock: Callable[[], datetime],
    hash_token: Callable[[str], str],
    post: Post = post_update,
) -> Telegrams:
    """All of it on the settings. hash_token: as links of files are stored. post: how the local form reaches us."""
    secret, own = secret_of(settings), own_bot(settings)
    loopback = f"http://{settings.host}:{settings.port}"
    is_local = not own.token and is_loopback(settings.host)
    local = LocalTelegram(secret, settings.address, loopback, clock, post) if is_local else None
    bots = Bots(door, own, Sealing(secret), local)
    desk = TelegramDesk(door, bots, inbox, Papers(door, files, hash_token, clock), clock)
    media = TelegramMedia(door, files, clock, bots, desk.calls_of)
    intake = Intake(desk, media.wake)
    router = APIRouter()
    router.include_router(webhook_router(intake))
    if local is not None:
        made_up = DemoBots(door, local)
        router.include_router(bot_router(local, made_up, settings.host))
        router.include_router(chat_router(local, made_up, door, settings.host))
    return Telegrams(desk, intake, media, Polling(intake), router)

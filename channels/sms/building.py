"""Texts from the settings: the account of the settings, or the demo's local form where none is set."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from fastapi import APIRouter

from billing.access import Door
from billing.filestore import FileStore
from channels.sealing import Sealing
from channels.secret import secret_of
from channels.settings import Settings
from channels.sms.accounts import Accounts, OwnAccount
from channels.sms.local import LocalTwilio, Post, post_form
from channels.sms.media import TextMedia
from channels.sms.phone import local_router
from channels.sms.rest import Rest, rest_router
from channels.sms.texting import Inbox, Texting
from channels.sms.webhook import webhook_router
from channels.web.loopback import is_loopback


@dataclass(frozen=True)
class Texts:
    """Texts in one process: what is served, what sends, and what is fetched."""

    texting: Texting
    media: TextMedia
    router: APIRouter
    local: LocalTwilio | None = field(default=None, repr=False)


def own_account(settings: Settings) -> OwnAccount:
    """The account that the settings name."""
    token = settings.twilio_auth_token.get_secret_value()
    base = settings.twilio_api_base.rstrip("/")
    return OwnAccount(settings.twilio_account_sid, settings.twilio_from, base, token)


def build_texts(
    settings: Settings,
    door: Door,
    files: FileStore,
    inbox: Inbox,
    clock: Callable[[], datetime],
    post: Post = post_form,
) -> Texts:
    """All of it on the settings. post: how the local form reaches our own webhooks."""
    secret, own = secret_of(settings), own_account(settings)
    loopback = f"http://{settings.host}:{settings.port}"
    is_local = not own.sid and is_loopback(settings.host)
    local = LocalTwilio(secret, settings.address, loopback, clock, post) if is_local else None
    accounts = Accounts(door, own, Sealing(secret), local)
    media = TextMedia(door, files, clock, accounts)
    rest = Rest(settings.address, secret)
    texting = Texting(door, accounts, inbox, rest, settings.address, clock, media.wake)
    router = APIRouter()
    router.include_router(webhook_router(texting))
    router.include_router(rest_router(door, rest, clock))
    if local is not None:
        router.include_router(local_router(local, texting, settings.host))
    return Texts(texting, media, router, local)

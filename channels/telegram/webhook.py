"""Where Telegram posts updates. The secret is checked before anything is read, and all is stored before we say yes."""

import hmac
from typing import Annotated

import structlog
from fastapi import APIRouter, Header, Request, Response

from channels.pay.form import read_body
from channels.sealing import SealBrokenError
from channels.telegram.accounts import BotAccount
from channels.telegram.intake import Intake
from channels.telegram.reading import read_json

log = structlog.get_logger()

MOST_BYTES = 512 * 1024
MOST_SECRET = 256


class NotFromTelegramError(Exception):
    """The request does not carry the secret of the bot that its address belongs to, or there is none."""


class UpdateTooLargeError(Exception):
    """More than Telegram ever posts."""


def webhook_router(intake: Intake) -> APIRouter:
    """POST /webhooks/telegram, with a further business's path behind it."""
    router = APIRouter()
    Secret = Annotated[str, Header(alias="X-Telegram-Bot-Api-Secret-Token")]  # noqa: N806 - a type

    @router.post("/webhooks/telegram")
    @router.post("/webhooks/telegram/{connection}")
    async def update_came_in(request: Request, connection: str = "", secret: Secret = "") -> Response:
        account = await check(intake, connection, secret)
        body = await read_body(request, MOST_BYTES)
        if body is None:
            raise UpdateTooLargeError
        await intake.take(account, read_json(body))
        return Response(status_code=200)

    return router


async def check(intake: Intake, path: str, secret: str) -> BotAccount:
    """The bot whose secret this is, by the path alone; nothing else was read. Raises NotFromTelegramError."""
    said = secret[: MOST_SECRET + 1].encode("utf-8", "replace")
    for is_new in (False, True):  # another process may just have been given a new secret for it
        account = await _find_account(intake, path, is_new=is_new)
        known = account.secret if account is not None else ""
        if hmac.compare_digest(known.encode(), said) and account is not None and known:
            return account
    raise NotFromTelegramError


async def _find_account(intake: Intake, path: str, *, is_new: bool) -> BotAccount | None:
    try:
        return await intake.desk.bots.find_by_path(path, is_new=is_new)
    except SealBrokenError:
        log.exception("connection_sealed_with_another_key", path=path)
        return None

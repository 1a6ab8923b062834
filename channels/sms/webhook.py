"""Where Twilio posts: texts that come in, and what became of ours. The signature is checked before anything is read."""

from typing import Annotated

import structlog
from fastapi import APIRouter, Header, Request, Response

from billing.changes.deliveries import News, apply_news
from billing.principal import Scope
from billing.tables.talk import Delivery
from bot.messages import Channel, Inbound
from channels.pay.form import read_body
from channels.sealing import SealBrokenError
from channels.sms.accounts import Account
from channels.sms.choices import chosen
from channels.sms.parsing import (
    MOST_BYTES,
    Fields,
    FormTooLargeError,
    NotSignedError,
    Reported,
    Texted,
    is_signed,
    pending,
    read_form,
    read_reported,
    read_texted,
)
from channels.sms.refusals import Meaning, refusal_of
from channels.sms.texting import Texting

log = structlog.get_logger()

NOTHING_TO_SAY = '<?xml version="1.0" encoding="UTF-8"?><Response/>'  # replies go by the REST API
MOST_SIGNED = 200
_DELIVERIES = {
    "delivered": Delivery.DELIVERED,
    "read": Delivery.DELIVERED,
    "undelivered": Delivery.FAILED,
    "failed": Delivery.FAILED,
    "canceled": Delivery.FAILED,
}
_ON_ITS_WAY = {"accepted", "scheduled", "queued", "sending", "sent", "delivery_unknown"}


def webhook_router(texting: Texting) -> APIRouter:
    """POST /webhooks/twilio/sms and /status, each with a further business's path behind it."""
    router = APIRouter()
    Signed = Annotated[str, Header(alias="X-Twilio-Signature")]  # noqa: N806 - a type

    @router.post("/webhooks/twilio/sms")
    @router.post("/webhooks/twilio/sms/{connection}")
    async def text_came_in(request: Request, connection: str = "", x_twilio_signature: Signed = "") -> Response:
        account, fields = await check(texting, request, "sms", connection, x_twilio_signature)
        await take_in(texting, account, read_texted(fields))
        return Response(NOTHING_TO_SAY, media_type="text/xml")

    @router.post("/webhooks/twilio/status")
    @router.post("/webhooks/twilio/status/{connection}")
    async def status_changed(request: Request, connection: str = "", x_twilio_signature: Signed = "") -> Response:
        account, fields = await check(texting, request, "status", connection, x_twilio_signature)
        await note(texting, account, read_reported(fields), request.query_params.get("m", ""))
        return Response(NOTHING_TO_SAY, media_type="text/xml")

    return router


async def check(
    texting: Texting, request: Request, kind: str, connection: str, signature: str
) -> tuple[Account, Fields]:
    """The account and the fields of a signed request. Raises NotSignedError, BadFormError, FormTooLargeError.

    The secret is the one of the account that the path names. The URL is put together from our own address, not
    from the request's headers, which a stranger or a proxy may have written.
    """
    account = await _find_account(texting, connection)
    if account is None or not 0 < len(signature) <= MOST_SIGNED:
        raise NotSignedError
    body = await read_body(request, MOST_BYTES)
    if body is None:
        raise FormTooLargeError
    fields = read_form(request.headers.get("content-type", ""), body)
    query = request.scope.get("query_string", b"").decode("latin-1")
    url = texting.webhook_url(kind, account) + (f"?{query}" if query else "")
    if not is_signed(account.token, url, fields, signature):
        # Another process may just have been given a new token for it.
        account = await _find_account(texting, connection, is_new=True)
        if account is None or not is_signed(account.token, url, fields, signature):
            raise NotSignedError
    return account, fields


async def _find_account(texting: Texting, path: str, *, is_new: bool = False) -> Account | None:
    try:
        return await texting.accounts.find_by_path(path, is_new=is_new)
    except SealBrokenError:
        log.exception("connection_sealed_with_another_key", path=path)
        return None


async def take_in(texting: Texting, account: Account, texted: Texted) -> None:
    """Store a text once. One without words and pictures says nothing, and is not kept."""
    if not texted.text and not texted.media:
        log.info("empty_text", connection=account.key, sid=texted.sid)
        return
    inbound = Inbound(
        connection=account.key,
        provider_id=texted.sid,
        channel=Channel.SMS,
        address=texted.sender,
        text=texted.text,
        received_at=texting.clock(),
    )
    choose = chosen if not texted.media else None
    await texting.inbox.accept_from(inbound, account.business_id, pending(texted.media), choose)
    if texted.media:
        texting.arrived()


async def note(texting: Texting, account: Account, reported: Reported, public_id: str) -> None:
    """Write what became of a message onto its row. A status that nobody knows changes nothing."""
    delivery = _DELIVERIES.get(reported.status, Delivery.SENT if reported.status in _ON_ITS_WAY else None)
    if delivery is None:
        log.info("unknown_status", connection=account.key, status=reported.status[:40])
        return
    refusal = refusal_of(reported.code) if delivery is Delivery.FAILED and reported.code else None
    news = News(
        connection=account.key,
        provider_id=reported.sid,
        public_id=public_id[:64],
        delivery=delivery,
        at=texting.clock(),
        error=f"{reported.code}: {refusal.why}" if refusal else reported.status,
        blocks=refusal is not None and refusal.meaning in {Meaning.GONE, Meaning.GIVEN_UP},
        is_given_up=refusal is not None and refusal.meaning is Meaning.GIVEN_UP,
        is_silent=refusal is not None and refusal.meaning is Meaning.SILENT,
        opted_out=refusal is not None and refusal.meaning is Meaning.OPTED_OUT,
    )
    if not await texting.door.system(Scope.SEND).write(lambda session: apply_news(session, news)):
        log.info("status_of_unknown_message", connection=account.key, sid=reported.sid)

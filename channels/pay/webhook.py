"""Where the sandbox provider reports, as a provider outside would: a signed event over HTTP."""

from fastapi import APIRouter, Request, Response

from billing.gateway import SignatureError, UnreadableEventError
from billing.payment_events import take_in
from channels.pay.desk import PayDesk
from channels.pay.form import read_body

SIGNATURE_HEADER = "Frontdesk-Sandbox-Signature"
LARGEST_EVENT = 65_536  # bytes


def webhook_router(desk: PayDesk) -> APIRouter:
    """POST /webhooks/sandbox: 200 once it is stored, 403 for a wrong signature, and then nothing is written."""
    router = APIRouter()

    @router.post("/webhooks/sandbox")
    async def sandbox_event(request: Request) -> Response:
        body = await read_body(request, LARGEST_EVENT)
        if body is None:
            return Response(status_code=413)
        return Response(status_code=await receive(desk, body, request.headers.get(SIGNATURE_HEADER, "")))

    return router


async def receive(desk: PayDesk, body: bytes, signature: str) -> int:
    """Take in one event of the desk's gateway; answers the HTTP status."""
    read = desk.gateway.read_event
    try:
        await take_in(desk.door, read, desk.announce, body=body, signature=signature, now=desk.clock())
    except SignatureError:
        return 403
    except UnreadableEventError:
        return 400
    return 200

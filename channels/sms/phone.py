"""The demo's phone: the local form of Twilio's REST API, and what the phone on the page reads and sends."""

import base64
import binascii
import hmac
import json
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.principal import Scope
from billing.tables.addresses import Address, AddressLink
from billing.tables.people import Business, Contact, Staff
from channels.pay.form import read_body
from channels.sms.accounts import Account
from channels.sms.alphabet import count_parts
from channels.sms.local import PREFIX, LocalTwilio, Text
from channels.sms.parsing import MOST_BYTES, BadFormError, Fields, FormTooLargeError, read_form
from channels.sms.texting import Texting
from channels.web.loopback import require_loopback
from channels.web.pages import NothingHereError

UNKNOWN = {"US": "+12025550199", "FR": "+33639980199"}
MOST_BODY = 8 * 1024 * 1024  # a photo of 5 MB as base64, and the words
_SHOWN = 60


@dataclass(frozen=True)
class LocalForm:
    """The local form of Twilio's REST API. host: what the server is bound to."""

    local: LocalTwilio
    texting: Texting
    host: str

    async def account(self, request: Request, sid: str) -> Account:
        """The account that a request on this machine carries the token of; NothingHereError for any other."""
        require_loopback(request, self.host)
        for account in await self.texting.accounts.listed():
            if account.is_local and account.sid == sid and _knows(request, account):
                return account
        raise NothingHereError

    async def create(self, request: Request, sid: str) -> JSONResponse:
        """POST Messages.json: take a text."""
        account = await self.account(request, sid)
        fields = read_form(request.headers.get("content-type", ""), await read_body(request, MOST_BYTES) or b"")
        refusal = _refused(fields, account)
        if (account.sid, fields.get("To", "")) in self.local.opted_out:
            refusal = _error(400, 21610, "Attempt to send to unsubscribed recipient")
        if refusal is not None:
            return refusal
        media, callback = fields.getlist("MediaUrl"), fields.get("StatusCallback", "")
        text = self.local.take(account, fields["To"], fields.get("Body", ""), media, callback)
        return JSONResponse(text.as_json(), 201)

    async def listed(self, request: Request, sid: str) -> dict[str, Any]:
        """GET Messages.json: the newest texts, to or from a number where one is given."""
        account, asked = await self.account(request, sid), request.query_params
        found = [text.as_json() for text in reversed(self.local.texts) if text.account.sid == account.sid]
        for name, field in (("To", "to"), ("From", "from")):
            found = [text for text in found if asked.get(name, text[field]) == text[field]]
        return {"messages": found[:50], "page": 0, "page_size": 50, "next_page_uri": None, "uri": request.url.path}

    async def one(self, request: Request, sid: str, message: str) -> JSONResponse:
        """GET Messages/{sid}.json: one text."""
        account = await self.account(request, sid)
        found = [text for text in self.local.texts if text.sid == message and text.account.sid == account.sid]
        if not found:
            return _error(404, 20404, "The requested resource was not found")
        return JSONResponse(found[0].as_json())

    async def picture(self, request: Request, name: str) -> Response:
        """GET media/{name}: what a phone sent along."""
        require_loopback(request, self.host)
        kind, content = self.local.pictures.get(name) or ("", b"")
        if not kind:
            raise NothingHereError
        return Response(content, media_type=kind, headers={"Content-Security-Policy": "sandbox"})


def local_router(local: LocalTwilio, texting: Texting, host: str) -> APIRouter:
    """The local form of Twilio and the demo's phone, on this machine only. host: what the server is bound to."""
    router, form = APIRouter(), LocalForm(local, texting, host)
    messages = f"{PREFIX}/2010-04-01/Accounts/{{sid}}/Messages"
    router.add_api_route(f"{messages}.json", form.create, methods=["POST"], response_model=None)
    router.add_api_route(f"{messages}.json", form.listed, methods=["GET"])
    router.add_api_route(f"{messages}/{{message}}.json", form.one, methods=["GET"], response_model=None)
    router.add_api_route(f"{PREFIX}/media/{{name}}", form.picture, methods=["GET"], response_model=None)
    router.include_router(phone_router(local, texting, host))
    return router


def phone_router(local: LocalTwilio, texting: Texting, host: str) -> APIRouter:
    """GET /demo/phone/people and /messages, POST /demo/phone/send: the phone of the demo's page."""
    router = APIRouter()

    @router.get("/demo/phone/people")
    async def people(request: Request) -> dict[str, Any]:
        require_loopback(request, host)
        return {"phones": await list_phones(texting)}

    @router.get("/demo/phone/messages")
    async def messages(request: Request, phone: str, connection: str, after: int = 0) -> dict[str, Any]:
        require_loopback(request, host)
        return {"messages": [_bubble(text) for text in local.between(await _of(connection), phone, after)]}

    @router.post("/demo/phone/send")
    async def send(request: Request) -> JSONResponse:
        require_loopback(request, host)
        asked = await _read(request)
        account = await _of(asked["connection"])
        status = await local.text_in(account, asked["phone"], asked["text"], _photo(asked.get("photo", "")))
        return JSONResponse({"status": status}, 202 if status == 200 else 502)

    async def _of(connection: str) -> Account:
        account = await texting.accounts.find_by_key(connection)
        if account is None or not account.is_local:
            raise NothingHereError
        return account

    return router


async def list_phones(texting: Texting) -> list[dict[str, str]]:
    """The phones that the demo's people have, those of strangers after them."""

    async def work(session: AsyncSession) -> list[dict[str, str]]:
        found: list[dict[str, str]] = []
        for business in await session.scalars(select(Business).where(Business.is_demo).order_by(Business.id)):
            about = {"business": business.name, "connection": f"sms:{business.slug}"}
            found += [about | each for each in await phones_of(session, business)]
            stranger = UNKNOWN.get(business.locale.rpartition("_")[2], UNKNOWN["US"])
            found.append(about | {"phone": stranger, "name": "An unknown number", "kind": "stranger"})
        return found

    # The doctor's scope reads every table; this list exists for demo data alone.
    return await texting.door.system(Scope.DOCTOR).read(work)


async def phones_of(session: AsyncSession, business: Business) -> list[dict[str, str]]:
    """The phones on file at a business, with who has each."""
    rows = await session.execute(
        select(Address.address, Contact.name, Staff.name)
        .join(AddressLink, AddressLink.address_id == Address.id)
        .outerjoin(Contact, Contact.id == AddressLink.contact_id)
        .outerjoin(Staff, Staff.id == AddressLink.staff_id)
        .where(Address.connection == f"sms:{business.slug}", AddressLink.ended_at.is_(None))
        .order_by(AddressLink.staff_id.is_not(None), AddressLink.id)
        .limit(_SHOWN)
    )
    names: defaultdict[str, list[str]] = defaultdict(list)
    staff = set()
    for phone, contact, colleague in rows:
        names[phone].append(contact or colleague or "")
        staff |= {phone} if colleague else set()
    return [
        {"phone": phone, "name": " and ".join(called), "kind": _kind(called, phone in staff)}
        for phone, called in names.items()
    ]


def _kind(called: list[str], is_staff: bool) -> str:
    if len(called) > 1:
        return "shared"
    return "staff" if is_staff else "client"


def _bubble(text: Text) -> dict[str, Any]:
    return {
        "number": text.number, "way": text.way, "text": text.body, "parts": count_parts(text.body),
        "status": text.status, "at": text.at.isoformat(),
        "media": [each.removeprefix(text.account.api_base.removesuffix(PREFIX)) for each in text.media],
    }  # fmt: skip


async def _read(request: Request) -> dict[str, str]:
    body = await read_body(request, MOST_BODY)
    if body is None:
        raise FormTooLargeError
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadFormError from error
    wanted = ("connection", "phone", "text")
    if not isinstance(asked, dict) or not all(isinstance(asked.get(name), str) for name in wanted):
        raise BadFormError
    return {name: str(value) for name, value in asked.items()}


def _photo(data_url: str) -> tuple[str, bytes] | None:
    """The media type and bytes of a data: URL."""
    if not data_url:
        return None
    head, _, coded = data_url.partition(";base64,")
    try:
        return head.removeprefix("data:")[:80], base64.b64decode(coded, validate=True)
    except binascii.Error as error:
        raise BadFormError from error


def _knows(request: Request, account: Account) -> bool:
    """Whether the request carries the account's id and token."""
    given = request.headers.get("authorization", "").removeprefix("Basic ")
    right = base64.b64encode(f"{account.sid}:{account.token}".encode()).decode()
    return hmac.compare_digest(given.encode(), right.encode())


def _refused(said: Fields, account: Account) -> JSONResponse | None:
    if not said.get("To", "").startswith("+"):
        return _error(400, 21211, "The 'To' number is not a valid phone number.")
    if said.get("From") != account.sender:
        return _error(400, 21606, "The 'From' number is not owned by this account.")
    if not said.get("Body") and not said.get("MediaUrl"):
        return _error(400, 21602, "Message body is required.")
    if len(said.get("Body", "")) > 1600:
        return _error(400, 21617, "The concatenated message body exceeds the 1600 character limit.")
    return None


def _error(status: int, code: int, message: str) -> JSONResponse:
    about = f"https://www.twilio.com/docs/errors/{code}"
    return JSONResponse({"code": code, "message": message, "more_info": about, "status": status}, status)

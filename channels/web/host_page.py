"""The demo's website: a page of a demo business that carries the chat by one script tag, and signs who is signed in."""

import secrets
from html import escape
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import jwt
from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from billing.tables.sites import Signature
from channels.web.desk import Desk, TheDesk
from channels.web.loopback import NotOnLoopbackError, host_name, require_loopback
from channels.web.pages import NothingHereError
from channels.web.people import NoSuchPersonError, find_person
from channels.web.sites import NotAllowedHereError, Website

_TEMPLATE = Path(__file__).parent / "templates" / "website.html"
_SHOWN = "client:dana-lee"
_LASTS = 120  # seconds for which a token is good: the page is read at once
# As strict as a site's policy may be: its own styles, and of the desk only what the README asks for.
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src {desk}; connect-src {desk}; img-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'"
)
router = APIRouter()


@router.get("/demo/website", response_class=HTMLResponse)
async def website(
    request: Request, desk: TheDesk, signed_in: Annotated[str, Query(alias="as", max_length=120)] = ""
) -> Response:
    """The page of a business, at the other name of this machine, so that the chat there is a stranger to the desk.

    as: whom the website's server says is signed in, such as client:dana-lee; empty for nobody.
    """
    try:
        require_loopback(request, desk.settings.host)
        person = await find_person(desk, signed_in or _SHOWN)
    except (NotOnLoopbackError, NoSuchPersonError) as error:
        raise NothingHereError from error
    port = request.url.port
    if host_name(request.headers.get("host", "")) == "127.0.0.1":
        asked = f"?as={quote(signed_in)}" if signed_in else ""
        return RedirectResponse(f"http://localhost{f':{port}' if port else ''}/demo/website{asked}", 307)
    address = f"http://127.0.0.1{f':{port}' if port else ''}"
    site = await _site(desk, person.business_slug, f"http://{request.headers['host']}")
    name = person.name if signed_in else ""
    token = _token(desk, site, person.key.partition(":")[2]) if signed_in else ""
    return HTMLResponse(
        _page(address, site, name, token), headers={"Content-Security-Policy": _POLICY.format(desk=address)}
    )


async def _site(desk: Desk, slug: str, origin: str) -> Website:
    try:
        site = await desk.sites.find(slug, origin)
    except NotAllowedHereError as error:
        raise NothingHereError from error
    if site.signature is not Signature.HS256:
        raise NothingHereError  # its own server signs, with a key that we do not have
    return site


def _token(desk: Desk, site: Website, subject: str) -> str:
    """What a business's server does, in one call."""
    now = int(desk.clock().timestamp())
    claims = {"sub": subject, "aud": site.slug, "iat": now, "exp": now + _LASTS, "jti": secrets.token_hex(16)}
    return jwt.encode(claims, site.key, algorithm="HS256")


def _page(address: str, site: Website, name: str, token: str) -> str:
    whom = f"Signed in as {name}" if name else "Not signed in"
    filled = {
        "DESK": address,
        "BUSINESS": site.slug,
        "NAME": site.name,
        "WHOM": whom,
        "SIGNED": f' data-token="{escape(token)}"' if token else "",
        "OTHER": "/demo/website" if name else f"/demo/website?as={quote(_SHOWN)}",
        "SWITCH": "Sign out" if name else "Sign in as Dana Lee",
    }
    page = _TEMPLATE.read_text("utf-8")
    for word, value in filled.items():
        page = page.replace("{" + word + "}", value if word == "SIGNED" else escape(value))
    return page

"""Paying a link as a browser does: open the page, press its button with a test card."""

import html
import re

import httpx
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncSession

from billing.payment_events import PaymentNews
from bot.announcements import announce_payment
from channels.pay.desk import sandbox_desk
from channels.pay.page import pay_router
from tests.fakes.desk_at_work import DeskAtWork

GOOD = "4242 4242 4242 4242"


async def pay_link(desk: DeskAtWork, url: str, card: str = GOOD) -> httpx.Response:
    """Pay behind `url`; the sandbox tells of it, and the receipt is announced, as when it is served."""

    async def announce(session: AsyncSession, news: PaymentNews) -> None:
        await announce_payment(session, news)

    app = FastAPI()
    app.include_router(pay_router(sandbox_desk(desk.door, desk.clock, announce, "a secret of the tests")))
    path = url.removeprefix("http://127.0.0.1:8000")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1:8000") as http:
        page = await http.get(path)
        assert page.status_code == 200, page.text
        found = re.search(r'name="proof" value="([^"]+)"', page.text)
        assert found is not None, page.text
        return await http.post(path, data={"proof": html.unescape(found[1]), "card": card})

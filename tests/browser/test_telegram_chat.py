"""The demo's Telegram chat in a real browser, with a small bot on aiogram behind it, over real HTTP."""

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import APIRouter, Request
from playwright.sync_api import Browser, FilePayload, Locator, Page, expect
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing.principal import Scope
from billing.tables.people import Contact, Staff
from channels.sealing import Sealing
from channels.sms.accounts import Accounts, OwnAccount
from channels.sms.local import LocalTwilio, post_form
from channels.sms.phone import local_router
from channels.sms.rest import Rest
from channels.sms.texting import Texting
from channels.sms.webhook import webhook_router
from channels.telegram.demo_chat import chat_router
from channels.telegram.local import LocalTelegram
from channels.telegram.local_api import DemoBots, bot_router
from channels.telegram.local_updates import post_update
from channels.wiring import wall_clock
from tests.browser.conftest import Served
from tests.browser.real import free_port
from tests.browser.test_accessibility import found_by_axe
from tests.factories.people import make_address
from tests.fakes.desk import FakeDesk, fake_app, fake_desk
from tests.fakes.telegram_bot import DOT, SmallBot, open_bot
from tests.fakes.twilio_shop import PlainInbox

pytestmark = pytest.mark.browser

PHONES = {"dana-lee": "+12125550101", "amara-okafor": "+12125550102", "priya": "+12125550190"}
PHOTO: FilePayload = {"name": "a.png", "mimeType": "image/png", "buffer": DOT}


class TelegramPage:
    """The demo's page with Telegram on it."""

    def __init__(self, desk: FakeDesk) -> None:
        port = free_port()
        self.desk, here = desk, f"http://127.0.0.1:{port}"
        self.local = LocalTelegram(b"a secret", here, here, wall_clock, post_update)
        bots = DemoBots(desk.door, self.local)
        desk.texts.include_router(bot_router(self.local, bots, "127.0.0.1"))
        desk.texts.include_router(chat_router(self.local, bots, desk.door, "127.0.0.1"))
        desk.texts.add_api_route("/webhooks/telegram", self._webhook, methods=["POST"])
        desk.texts.include_router(phone_on(desk, here))
        self.server = Served(fake_app(desk), port)
        self.server.open()
        self.url = here
        desk.wait(self._fill())
        self.small = SmallBot(open_bot(desk.wait(bots.listed())[0]))

    def close(self) -> None:
        self.desk.wait(self.small.bot.session.close())
        self.server.close()

    async def _webhook(self, request: Request) -> dict[str, Any]:
        await self.small.take(await request.json())
        return {}

    async def _fill(self) -> None:
        async def work(session: AsyncSession) -> None:
            found = [*await session.scalars(select(Contact)), *await session.scalars(select(Staff))]
            for person in found:
                if person.key in PHONES:
                    await make_address(session, person=person, connection="sms:harbor-pine", address=PHONES[person.key])

        await self.desk.door.system(Scope.IMPORT).write(work)


def phone_on(desk: FakeDesk, here: str) -> APIRouter:
    """The demo's phone, whose texts are stored and not answered."""
    local = LocalTwilio(b"a secret", here, here, wall_clock, post_form)
    accounts = Accounts(desk.door, OwnAccount(), Sealing(b"a secret"), local)
    rest = Rest(here, b"a secret")
    texting = Texting(desk.door, accounts, PlainInbox(desk.door), rest, here, wall_clock)
    router = webhook_router(texting)
    router.include_router(local_router(local, texting, "127.0.0.1"))
    return router


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TelegramPage]:
    """One page for this file: each test is somebody else, or goes on."""
    page = TelegramPage(fake_desk(tmp_path_factory.mktemp("telegram")))
    yield page
    page.close()


def chat(page: Page) -> Locator:
    return page.locator("front-telegram")


def be(page: Page, name: str) -> None:
    """Choose who to be."""
    who = chat(page).get_by_label("In Telegram you are")
    expect(who.locator("option")).not_to_have_count(0)
    label = who.locator("option", has_text=name).first.text_content()
    who.select_option(label=label)


def say(page: Page, text: str) -> None:
    chat(page).get_by_label("Message to the bot").fill(text)
    chat(page).get_by_label("Message to the bot").press("Enter")


def bubbles(page: Page) -> Locator:
    """What the bot wrote."""
    return chat(page).locator("li.out")


def test_words_buttons_and_edits(page: Page, served: TelegramPage) -> None:
    page.goto(f"{served.url}/?telegram=harbor_pine_bot")
    be(page, "Dana Lee")
    expect(chat(page).get_by_role("button", name="Start")).to_be_visible()
    say(page, "hi <there> & $x")
    expect(bubbles(page).last).to_contain_text("You wrote hi <there> & $x")
    assert bubbles(page).last.locator("b").text_content() == "hi <there> & $x"
    expect(chat(page).get_by_role("button", name="Start")).to_be_hidden()
    say(page, "pay")
    expect(bubbles(page).last).to_contain_text("$1,840.00 is due")
    link = bubbles(page).last.get_by_role("link", name="Pay INV-1042")
    assert link.get_attribute("href") == "http://127.0.0.1:8000/pay/x"
    bubbles(page).last.get_by_role("button", name="Talk to a person").click()
    expect(bubbles(page).last).to_contain_text("You pressed b:person.")
    expect(chat(page).locator(".toast")).to_have_text("One moment")
    expect(chat(page).get_by_role("button", name="Talk to a person")).to_have_count(0)
    say(page, "grow")
    expect(bubbles(page).last).to_contain_text("the oldest is Okafor Dental")
    expect(bubbles(page).last).to_contain_text("edited")
    expect(bubbles(page)).to_have_count(4)
    expect(chat(page).locator("[aria-live=polite]")).to_have_text(
        "4 clients owe $12,480.00; the oldest is Okafor Dental."
    )


def test_files_numbers_and_replies(page: Page, served: TelegramPage) -> None:
    page.goto(f"{served.url}/?telegram=harbor_pine_bot")
    be(page, "Priya Shah")
    say(page, "number")
    chat(page).get_by_role("button", name="Share my phone number").click()
    expect(bubbles(page).last).to_contain_text("Thank you.")
    expect(chat(page).locator("li.in").last).to_contain_text("+12125550190")
    expect(chat(page).get_by_role("button", name="Share my phone number")).to_have_count(0)
    say(page, "paper")
    with page.expect_download() as saved:
        bubbles(page).last.get_by_role("link", name="INV-1042.pdf").click()
    assert saved.value.suggested_filename == "INV-1042.pdf"
    say(page, "chart")
    picture = bubbles(page).last.get_by_role("img")
    expect(picture).to_be_visible()
    assert picture.evaluate("node => node.complete && node.naturalWidth > 0")
    chat(page).locator("input[type=file]").set_input_files(PHOTO)
    chat(page).get_by_role("button", name="Send").click()
    expect(bubbles(page).last).to_contain_text("We have your photo.")
    chat(page).locator("input[type=file]").set_input_files(PHOTO)
    chat(page).get_by_label("Send as a file").check()
    chat(page).get_by_role("button", name="Send").click()
    expect(bubbles(page).last).to_contain_text("We have your document.")
    chat(page).get_by_role("button", name="Reply to: To know you").click()
    expect(chat(page).locator(".above")).to_contain_text("Answering: To know you")
    say(page, "tell her yes")
    expect(bubbles(page).last).to_contain_text("Passed on to: To know you, we need your number.")


def test_link_opens_telegram_with_its_token(page: Page, served: TelegramPage) -> None:
    page.goto(f"{served.url}/demo/t.me/harbor_pine_bot?start=abc_123")
    start = chat(page).get_by_role("button", name="Start (opened from a link)")
    expect(start).to_be_visible()
    be(page, "Amara Okafor")
    expect(chat(page).locator("li")).to_have_count(0)
    start.click()
    expect(bubbles(page).last).to_contain_text("You wrote /start abc_123")
    assert "start=" not in page.url
    chat(page).get_by_role("button", name="Block").click()
    expect(chat(page).locator(".state")).to_have_text("blocked by you")
    chat(page).get_by_role("button", name="Unblock").click()
    expect(chat(page).locator(".state")).to_contain_text("@harbor_pine_bot")


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (360, "dark"), (1800, "light")])
def test_chat_has_no_violation(browser: Browser, served: TelegramPage, axe: str, width: int, scheme: str) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 780}, reduced_motion="reduce",
        color_scheme="dark" if scheme == "dark" else "light",
    )  # fmt: skip
    page = context.new_page()
    page.goto(f"{served.url}/?telegram=harbor_pine_bot")
    be(page, "Stranger")
    for text, answer in SAID.items():
        say(page, text)
        expect(bubbles(page).last).to_contain_text(answer)
    if pictures := os.environ.get("PICTURES"):  # noqa: TID251 - the test run's own
        page.screenshot(path=f"{pictures}/telegram-{width}-{scheme}.png")
    assert found_by_axe(page, axe) == []
    wide = """node => [...node.shadowRoot.querySelectorAll('*')]
        .filter(one => one.getBoundingClientRect().right > innerWidth + 1).map(one => one.className || one.tagName)"""
    assert chat(page).evaluate(wide) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert json.loads(page.evaluate(SMALL)) == []
    context.close()


@pytest.mark.parametrize(("width", "scheme"), [(1440, "dark"), (360, "light")])
def test_phone_has_no_violation(browser: Browser, served: TelegramPage, axe: str, width: int, scheme: str) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 780}, reduced_motion="reduce",
        color_scheme="dark" if scheme == "dark" else "light",
    )  # fmt: skip
    page = context.new_page()
    page.goto(served.url)
    ways = page.get_by_role("group", name="Where to write")
    ways.get_by_role("button", name="Phone").click()
    expect(page.locator("front-phone select option")).not_to_have_count(0)
    for text in (LONG, f"look at http://127.0.0.1/{width}"):
        expect(page.locator("front-phone").get_by_role("button", name="Send")).to_be_enabled()  # the one before is sent
        page.get_by_label("Text message").fill(text)
        page.get_by_label("Text message").press("Enter")
        expect(page.locator("front-phone li.in").last).to_contain_text(text)
    if pictures := os.environ.get("PICTURES"):  # noqa: TID251 - the test run's own
        page.screenshot(path=f"{pictures}/phone-{width}-{scheme}.png")
    assert found_by_axe(page, axe) == []
    expect(page.locator("front-telegram")).to_be_hidden()
    ways.get_by_role("button", name="Telegram").click()
    expect(page.locator("front-telegram")).to_be_visible()
    expect(page.locator("front-phone")).to_be_hidden()
    expect(page.locator("front-desk")).to_be_visible(visible=width > 1239)
    context.close()


LONG = "Donaudampfschifffahrtsgesellschaftskapitän" * 3
SAID = {"number": "To know you", "pay": "is due Fri", "paper": "INV-1042.pdf", LONG: LONG}
SMALL = """() => JSON.stringify([...document.querySelector('front-telegram').shadowRoot
    .querySelectorAll('button, .keys a, select, textarea')]
    .filter(one => one.offsetParent && one.getBoundingClientRect().height < 44)
    .map(one => one.outerHTML.slice(0, 80)))"""

"""The story in a real browser on the real application: Dana asks, pays and is told so; Priya sends on her own yes."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from channels.app import create_app
from channels.setting_up import make_demo
from channels.settings import Settings
from channels.wiring import build_frontdesk
from tests.browser.chatting import all_words, answers, open_as, own, write
from tests.browser.conftest import Served
from tests.browser.real import PATIENCE, as_somebody, ask, days_late, in_thread, said, settings_on_copy
from tests.browser.test_accessibility import found_by_axe

pytestmark = pytest.mark.browser

DANA, PRIYA, AMARA = "client:dana-lee", "staff:priya", "client:amara-okafor"
CLOCK = re.compile(r"\b\d{1,2}:\d\d\b")


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder as `frontdesk demo` leaves it, made once."""
    folder = tmp_path_factory.mktemp("real") / "data"
    in_thread(make_demo(Settings(data=folder)))
    return folder


def serve_on(settings: Settings) -> Served:
    """A running server on a data folder."""
    server = Served(create_app(build_frontdesk(settings)), settings.port)
    server.open()
    return server


@pytest.fixture(scope="module")
def real_url(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of one real Frontdesk, which the tests of this file share: each is somebody else in it."""
    server = serve_on(settings_on_copy(demo_folder, tmp_path_factory.mktemp("shared") / "data"))
    yield server.url
    server.close()


def test_dana_asks_pays_and_gets_her_receipt(page: Page, real_url: str) -> None:
    open_as(page, real_url, "client:ben-okafor")
    page.get_by_role("radio", name="Dana Lee").check()
    expect(page).to_have_url(re.compile("dana-lee"))
    expect(page.get_by_text("Hello Dana.")).to_be_visible()
    page.evaluate("window.isSamePage = true")

    about = said(ask(page, "what's this invoice for?"))
    for words in ("INV-1042", "6 oak doors $1,440.00", "8 h fitting $400.00", "EST-88", "Kitchen renovation"):
        assert words in about
    expect(page.locator("front-desk .card .lead dd")).to_have_text("$1,840.00")
    assert re.search(r"INV-1042 is due \w+", said(ask(page, "and when is it due?")))
    expect(page.locator("front-desk .card")).to_have_count(1)

    ask(page, "ok send me the link")
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Pay $1,840.00").click()
    pay = opened.value
    expect(pay.get_by_role("heading", name="$1,840.00")).to_be_visible()
    pay.get_by_label("Card number").fill("4242 4242 4242 4242")
    pay.get_by_role("button", name="Pay $1,840.00").click()
    expect(pay.get_by_role("heading")).to_contain_text(re.compile("paid|received", re.IGNORECASE))

    receipt = page.locator("front-desk article.system")
    expect(receipt).to_contain_text("We received $1,840.00", timeout=PATIENCE)
    expect(receipt).to_contain_text("INV-1042 is paid in full")
    assert page.evaluate("window.isSamePage") is True
    got = said(ask(page, "did you get it?"))
    assert got.startswith("Yes")
    assert "$1,840.00" in got
    assert CLOCK.search(got)


def test_priya_reads_balances_and_sends_only_on_yes(page: Page, browser: Browser, real_url: str) -> None:
    open_as(page, real_url, PRIYA)
    owing = said(ask(page, "who owes us money?"))
    assert re.match(r"\d+ clients owe \$[\d,.]+", owing)
    assert len(days_late(owing)) > 3
    assert days_late(owing) == sorted(days_late(owing), reverse=True)
    assert "$6,200.00" in said(ask(page, "what about Okafor Dental?"))

    elsewhere = browser.new_context(reduced_motion="reduce")
    amara = as_somebody(elsewhere, real_url, AMARA)
    proposed = said(ask(page, "send them a link"))
    assert "Amara Okafor" in proposed
    assert "$6,200.00" in proposed
    amara.wait_for_timeout(1500)
    assert all_words(amara) == []
    yes = page.get_by_role("button", name="Yes", exact=True)
    yes.click()
    expect(answers(page)).to_have_count(4, timeout=PATIENCE)
    expect(yes).to_be_hidden()
    expect(amara.get_by_role("link", name="Pay $6,200.00")).to_be_visible()
    assert len([words for words in all_words(amara) if "INV-1014" in words]) == 1
    elsewhere.close()


def test_person_takes_the_conversation(page: Page, browser: Browser, real_url: str) -> None:
    open_as(page, real_url, "client:grace-kim")
    ask(page, "how much do I owe?")
    elsewhere = browser.new_context(reduced_motion="reduce")
    staff = as_somebody(elsewhere, real_url, "staff:elena")
    ask(staff, "take the conversation with Grace Kim")
    status = page.locator("front-desk header [role=status]")
    expect(status).to_contain_text("Elena")
    expect(status).to_contain_text("is answering")
    write(page, "what's this invoice for?")
    page.wait_for_timeout(2000)
    expect(answers(page)).to_have_count(1)
    expect(page.get_by_text("Looking it up")).to_have_count(0)
    ask(staff, "hand the conversation with Grace Kim back")
    expect(status).to_have_text("Answers from the records")
    elsewhere.close()


def test_level_decides_what_is_told(page: Page, real_url: str) -> None:
    open_as(page, real_url, "client:omar-haddad")
    assert "$2,030.00" in said(ask(page, "how much do I owe?"))
    page.get_by_role("radio", name="Known", exact=True).check()
    expect(page.locator("#meaning")).to_contain_text("the number on file")
    expect(answers(page)).to_have_count(1)
    assert "sure it's you" in said(ask(page, "change my email to omar@new.example"))
    page.get_by_role("radio", name="Unknown", exact=True).check()
    expect(page.locator("#meaning")).to_contain_text("nothing about any account")
    expect(answers(page)).to_have_count(2)
    unknown = said(ask(page, "how much do I owe?"))
    assert "who you are" in unknown
    assert "$" not in unknown


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)])
def test_real_answers_have_no_violation(scheme: str, width: int, browser: Browser, real_url: str, axe: str) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 844},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
    )
    page = as_somebody(context, real_url, "client:fiona-walsh")
    for text in ("what's this invoice for?", "which documents do you have?", "send me the link"):
        ask(page, text)
    page.locator("front-desk details.from summary").last.click()
    assert found_by_axe(page, axe) == []
    open_as(page, real_url, "staff:tom")
    ask(page, "who owes us money?")
    ask(page, "send Hudson Yoga Studio a payment link")
    assert found_by_axe(page, axe) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()


def test_server_is_started_again_under_an_open_page(page: Page, demo_folder: Path, tmp_path: Path) -> None:
    settings = settings_on_copy(demo_folder, tmp_path / "data")
    first = serve_on(settings)
    open_as(page, first.url, DANA)
    page.evaluate("window.isSamePage = true")
    ask(page, "what's this invoice for?")
    before = all_words(page)
    first.close()
    write(page, "and when is it due?")
    expect(page.get_by_text("Not sent yet")).to_be_visible()
    expect(page.get_by_text("The line broke.")).to_be_visible()
    again = serve_on(settings)
    try:
        expect(answers(page)).to_have_count(2, timeout=PATIENCE)
        expect(page.get_by_text("The line broke.")).to_have_count(0)
        assert all_words(page)[: len(before)] == before
        expect(own(page)).to_have_count(2)
        assert "INV-1042 is due" in said(answers(page).last)
        page.reload()
        expect(answers(page)).to_have_count(2)
        expect(own(page)).to_have_count(2)
    finally:
        again.close()

"""Takes docs/telegram.png of a running demo: `python -m tests.browser.picture ADDRESS docs/telegram.png`."""

import sys

from playwright.sync_api import Page, expect, sync_playwright

from tests.browser.conftest import CHROMIUM
from tests.browser.real import PATIENCE

WHO, BOT = "Dana Lee", "harbor_and_pine_bot"
ASKED = ("what's this invoice for?", "ok send me the link")


def take(page: Page, url: str, path: str) -> None:
    """Dana opens Telegram, shares her number, asks and wants to pay."""
    page.goto(f"{url}/?telegram={BOT}")
    chat = page.locator("front-telegram")
    who = chat.get_by_label("In Telegram you are")
    expect(who.locator("option")).not_to_have_count(0)
    who.select_option(label=who.locator("option", has_text=WHO).first.text_content())
    begin = chat.get_by_role("button", name="Start", exact=True)
    page.wait_for_timeout(1500)  # what was said before is there
    if begin.is_visible():
        begin.click()
    share = chat.locator(".board button").first
    share.click(timeout=PATIENCE)
    for text in ASKED:
        before = chat.locator("li.out").count()
        expect(chat.locator(".state.busy")).to_have_count(0, timeout=PATIENCE)
        chat.get_by_label("Message to the bot").fill(text)
        chat.get_by_label("Message to the bot").press("Enter")
        expect(chat.locator("li.out")).not_to_have_count(before, timeout=PATIENCE)
    page.wait_for_timeout(2000)
    page.screenshot(path=path)


def main() -> None:
    """Take it at 1,440 by 900 dots."""
    url, path = sys.argv[1:]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = chromium.new_page(viewport={"width": 1440, "height": 900})
        take(page, url.rstrip("/"), path)
        chromium.close()


if __name__ == "__main__":
    main()

"""How a test uses the page: opens it as somebody, writes, and reads what stands there."""

from playwright.sync_api import Locator, Page, expect


def open_as(page: Page, url: str, who: str = "client:dana-lee") -> None:
    """The demo page as one of its people, when the thread is there."""
    page.goto(f"{url}/?as={who}")
    expect(page.locator("front-desk header [role=status]")).not_to_have_text("Connecting")
    expect(field(page)).to_be_enabled()
    expect(page.locator("front-desk .ghost")).to_have_count(0)


def field(page: Page) -> Locator:
    """Where one writes."""
    return page.locator("front-desk textarea")


def write(page: Page, text: str) -> None:
    """Write a message and send it with Enter."""
    field(page).fill(text)
    field(page).press("Enter")


def answers(page: Page) -> Locator:
    """The committed messages of the assistant."""
    return page.locator("front-desk article.assistant:not(.draft)")


def own(page: Page) -> Locator:
    """What the person wrote."""
    return page.locator("front-desk article.you")


def all_words(page: Page) -> list[str]:
    """The words of every message, from top to bottom."""
    return page.locator("front-desk article .words").all_text_contents()

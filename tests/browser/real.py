"""The real application for browser tests: a copy of the demo's folder, built as `frontdesk demo` builds it."""

import asyncio
import re
import shutil
import socket
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, expect

from channels.settings import Settings
from tests.browser.chatting import answers, open_as, write

PATIENCE = 30_000  # milliseconds for an answer: the first one waits for the model to be loaded


def in_thread(coroutine: Coroutine[Any, Any, object]) -> None:
    """Run a coroutine beside playwright, whose own loop counts as running in the test's thread."""
    thread = threading.Thread(target=asyncio.run, args=(coroutine,))
    thread.start()
    thread.join()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def settings_on_copy(template: Path, folder: Path) -> Settings:
    """Settings of a Frontdesk on its own copy of a demo folder, with links that carry its own address."""
    shutil.copytree(template, folder)
    return Settings(data=folder, host="127.0.0.1", port=free_port())


def ask(page: Page, text: str) -> Locator:
    """Write a message and wait for the whole answer to it."""
    before = answers(page).count()
    write(page, text)
    expect(answers(page)).to_have_count(before + 1, timeout=PATIENCE)
    return answers(page).last


def as_somebody(context: BrowserContext, url: str, who: str) -> Page:
    """Another page, as another person."""
    page = context.new_page()
    open_as(page, url, who)
    return page


def said(answer: Locator) -> str:
    """The words of one message."""
    return answer.locator(".words").text_content() or ""


def days_late(text: str) -> list[int]:
    """How late each line of a list of balances is, in the order of the list."""
    return [int(days) for days in re.findall(r"(\d+) days late", text)]

"""The story of a phone, the whole way over HTTP: signed webhook, inbox, turn, outbox, Twilio's API, and back."""

import base64
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from channels.app import create_app
from channels.server import Server
from channels.wiring import build_frontdesk
from tests.browser.real import settings_on_copy
from tests.fakes.served import NO_CERTIFICATES

DANA, HADDADS, PRIYA, STRANGER = "+12125550101", "+12125550177", "+12125550141", "+12025550199"
HARBOR = "sms:harbor-and-pine"
PATIENCE = 60.0  # seconds for an answer: the first one waits for the model to be loaded


class Phones:
    """A served demo, its phones, and the letters that it wrote."""

    def __init__(self, url: str, data: Path) -> None:
        self.url, self.data = url, data
        self.seen: dict[str, int] = {}

    def send(self, phone: str, text: str, photo: bytes = b"") -> None:
        """Text as this phone."""
        asked: dict[str, Any] = {"connection": HARBOR, "phone": phone, "text": text}
        if photo:
            asked["photo"] = "data:image/png;base64," + base64.b64encode(photo).decode()
        answer = httpx.post(f"{self.url}/demo/phone/send", json=asked, timeout=30, verify=NO_CERTIFICATES)
        assert answer.status_code == 202, answer.text

    def received(self, phone: str) -> list[dict[str, Any]]:
        """Every text that came to this phone."""
        asked = {"connection": HARBOR, "phone": phone}
        told = httpx.get(f"{self.url}/demo/phone/messages", params=asked, timeout=30, verify=NO_CERTIFICATES)
        return [each for each in told.json()["messages"] if each["way"] == "out"]

    def answer(self, phone: str) -> str:
        """The next text that comes to this phone, waited for."""
        before = self.seen.get(phone, 0)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            found = self.received(phone)
            if len(found) > before:
                self.seen[phone] = before + 1
                return str(found[before]["text"])
            time.sleep(0.1)
        raise AssertionError(f"no answer to {phone}")

    def ask(self, phone: str, text: str, photo: bytes = b"") -> str:
        """Text and wait for the answer."""
        self.send(phone, text, photo)
        return self.answer(phone)

    def newest_code(self) -> str:
        """The digits of the newest letter."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            letters = sorted((self.data / "mailbox").glob("*.eml"), key=lambda each: each.stat().st_mtime)
            found = re.search(r"\b\d{6}\b", letters[-1].read_text("utf-8")) if letters else None
            if found is not None:
                return found.group()
            time.sleep(0.1)
        raise AssertionError("no letter with a code")


@pytest.fixture
def phones(demo_files: Path, tmp_path: Path) -> Iterator[Phones]:
    settings = settings_on_copy(demo_files, tmp_path / "data")
    frontdesk = build_frontdesk(settings)
    server = Server(create_app(frontdesk), frontdesk.live, host="127.0.0.1", port=settings.port)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    yield Phones(settings.address, settings.data)
    server.should_exit = True
    thread.join(30)


def photo_of(folder: Path) -> bytes:
    """A small picture."""
    path = folder / "leak.png"
    Image.new("RGB", (8, 8), "navy").save(path)
    return path.read_bytes()


def test_phones_tell_the_story(phones: Phones, tmp_path: Path) -> None:
    paid = phones.ask(DANA, "did u get my payment")
    assert "$1,150.00" in paid
    for words in ("hi,", "one more thing and", "what's INV-1042 for?"):
        phones.send(DANA, words)
    assert "INV-1042" in phones.answer(DANA)
    assert re.search(r"REQ-\d+", phones.ask(DANA, "", photo_of(tmp_path)))
    assert "$" not in phones.ask(STRANGER, "what do I owe?")
    assert "$" not in phones.ask(HADDADS, "what do I owe?")
    assert "code" in phones.ask(HADDADS, "Leila Haddad")
    shared = phones.ask(HADDADS, phones.newest_code())
    assert "INV-1044" in shared
    assert "INV-1034" not in shared
    assert "$" in phones.ask(PRIYA, "who owes us money?")
    assert "CODE" in phones.ask(PRIYA, "send okafor dental a payment link")
    assert len(phones.received(DANA)) == 3  # a burst was one answer, and nothing came twice

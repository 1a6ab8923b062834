"""The chat in a terminal: Dana's story by lines and numbers, with the pages served beside it."""

import html
import io
import re
import shutil
import socket
import time
from collections.abc import Callable
from pathlib import Path

import httpx
from rich.console import Console

from billing.tables.talk import Author, Message
from channels.settings import Settings
from channels.terminal import Screen, chat, show_message
from channels.web.people import find_person
from channels.wiring import build_frontdesk, wall_clock
from tests.browser.real import free_port
from tests.conftest import Run
from tests.fakes.clock import NOW
from tests.fakes.served import NO_CERTIFICATES

PATIENCE = 30.0  # seconds


class Typist:
    """Types lines one after the other into a chat, and sees what stands on its screen."""

    def __init__(self, *lines: str | Callable[["Typist"], str]) -> None:
        self._lines = list(lines)
        self._screen = io.StringIO()
        self.console = Console(file=self._screen, width=100)

    def __call__(self) -> str | None:
        if not self._lines:
            return None
        line = self._lines.pop(0)
        typed = line if isinstance(line, str) else line(self)
        self._screen.write(f"> {typed}\n")
        return typed

    @property
    def sees(self) -> str:
        """All that was shown and typed."""
        return self._screen.getvalue()

    def wait_for(self, words: str) -> None:
        """Until something stands on the screen."""
        deadline = time.monotonic() + PATIENCE
        while words not in self.sees:
            assert time.monotonic() < deadline, f"{words!r} never came:\n{self.sees}"
            time.sleep(0.05)


async def talk(folder: Path, who: str, typist: Typist, *, port: int) -> None:
    """One chat on a Frontdesk of its own, whose clock begins at NOW."""
    began = wall_clock()
    frontdesk = build_frontdesk(Settings(data=folder, port=port), lambda: NOW + (wall_clock() - began))
    try:
        person = await find_person(frontdesk, who)
        await chat(frontdesk, person, level=2, name="", console=typist.console, read=typist)
    finally:
        await frontdesk.close()


def pay_what_is_offered(screen: str) -> None:
    """Open the last link on the screen and pay with the good card."""
    url = re.findall(r"http://\S+/pay/\S+", screen)[-1]
    page = httpx.get(url, verify=NO_CERTIFICATES)
    assert page.status_code == 200
    found = re.search(r'name="proof" value="([^"]+)"', page.text)
    assert found is not None
    filled = {"proof": html.unescape(found[1]), "card": "4242 4242 4242 4242"}
    assert httpx.post(url, data=filled, verify=NO_CERTIFICATES).status_code == 303


def pay_then_ask(typist: Typist) -> str:
    """Pay while nothing is typed; the receipt comes by itself."""
    pay_what_is_offered(typist.sees)
    typist.wait_for("We received $1,840.00")
    return "did you get it?"


def test_story_runs_by_lines_and_numbers(run: Run, demo_files: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(demo_files, tmp_path / "data")
    dana = Typist("what's this invoice for?", "and when is it due?", "1", pay_then_ask, "/why", "/quit", "never read")
    run(talk(folder, "client:dana-lee", dana, port=free_port()))
    told = dana.sees
    assert told.index("6 oak doors $1,440.00") < told.index("INV-1042 is due") < told.index("Pay $1,840.00:")
    assert told.count("─ INV-1042 Kitchen cabinets") == 1, "the card is shown once"
    notice = told[told.index("Notice") :]
    assert "INV-1042 is paid in full" in notice
    assert notice[notice.index("> did you get it?") :].splitlines()[1].startswith("Yes")
    assert "looked up payment_status" in notice
    assert "never read" not in told


def test_terminal_says_when_links_cannot_be_opened(run: Run, demo_files: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(demo_files, tmp_path / "data")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        omar = Typist("send me the link")
        run(talk(folder, "client:omar-haddad", omar, port=taken.getsockname()[1]))
    assert "Links to pay or to files open only while `frontdesk demo` runs." in omar.sees
    assert "/pay/" in omar.sees


def a_message(text: str, *labels: str, author: Author = Author.ASSISTANT) -> Message:
    buttons = [{"kind": "button", "label": label, "value": label, "rows": [], "extra": {}} for label in labels]
    return Message(id=1, public_id="m", text=text, author=author, attachments=buttons)


def a_console(width: int) -> Console:
    return Console(file=io.StringIO(), width=width)


def test_yes_by_number_stands_once() -> None:
    screen = Screen(a_console(80))
    screen.show([a_message("Send this?", "Yes", "No")])
    assert screen.meant("1") == "Yes"
    assert screen.meant("1") == "1"


def test_number_that_was_not_offered_stays_a_number() -> None:
    screen = Screen(a_console(80))
    screen.show([a_message("Which one?", "The kitchen", "The deck")])
    assert screen.meant("3") == "3"


def test_long_words_are_wrapped_and_addresses_are_not() -> None:
    address = "http://127.0.0.1:8000/pay/" + "x" * 60
    message = a_message("word " * 60)
    message.attachments = [{"kind": "link", "label": "Pay", "value": address, "rows": [], "extra": {}}]
    console = a_console(40)
    show_message(message, console)
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined] # it is the StringIO given above
    assert address in lines
    assert all(len(line) <= 40 for line in lines if line != address)


def test_markup_of_others_is_only_words() -> None:
    console = a_console(80)
    show_message(a_message("[red]not red[/red] [link=http://x]x[/link]", "[bold]Yes"), console)
    shown = console.file.getvalue()  # type: ignore[attr-defined] # it is the StringIO given above
    assert "[red]not red[/red] [link=http://x]x[/link]" in shown
    assert "[bold]Yes" in shown

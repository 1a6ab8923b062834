"""What a page loads with the chat: little at first, little more when it is opened, and nothing from elsewhere."""

import re
from pathlib import Path

import channels.web.pages

STATIC = Path(channels.web.pages.__file__).parent / "static"
MOST_BYTES = 40_000  # uncompressed
STATIC_IMPORT = re.compile(r'^import [^"]*"([^"]+)";$', re.MULTILINE)


def always_loaded(name: str, known: frozenset[str] = frozenset()) -> frozenset[str]:
    """The files that a script's static imports bring with it, itself among them."""
    known |= {name}
    for address in STATIC_IMPORT.findall((STATIC / name).read_text("utf-8")):
        other = address.rpartition("/")[2]
        if other not in known:
            known |= always_loaded(other, known)
    return known


def weight(files: frozenset[str]) -> int:
    """How many bytes files have."""
    return sum((STATIC / name).stat().st_size for name in files)


FIRST = always_loaded("chat-door.js", frozenset({"chat.js"}))


def test_page_of_a_website_loads_little() -> None:
    assert {"chat.js", "chat-door.js", "chat-visit.js", "chat-parts.js", "chat-words.js"} == FIRST
    assert weight(FIRST) < MOST_BYTES


def test_opening_the_chat_loads_little_more() -> None:
    opened = always_loaded("chat-desk.js")
    assert {"chat-desk.js", "chat-line.js", "chat-look.js", "chat-cards.js"} <= opened
    assert weight(opened - FIRST) < MOST_BYTES


def test_scripts_ask_nobody_else() -> None:
    for path in [*STATIC.glob("*.js"), *STATIC.glob("*.css")]:
        addresses = re.findall(r"https?://[^\s\"'`)<]+", path.read_text("utf-8"))
        found = [one for one in addresses if "[" not in one and "w3.org" not in one and "desk.example" not in one]
        assert found == [], path.name

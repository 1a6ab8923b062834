"""What a page loads with the chat component: little, and nothing from elsewhere."""

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


def test_component_is_light() -> None:
    files = always_loaded("chat.js")
    assert {"chat.js", "chat-line.js", "chat-look.js", "chat-parts.js"} <= files
    assert sum((STATIC / name).stat().st_size for name in files) < MOST_BYTES


def test_scripts_ask_nobody_else() -> None:
    for path in [*STATIC.glob("*.js"), *STATIC.glob("*.css")]:
        addresses = re.findall(r"https?://[^\s\"'`)<]+", path.read_text("utf-8"))
        assert [one for one in addresses if "[" not in one and "w3.org" not in one] == [], path.name

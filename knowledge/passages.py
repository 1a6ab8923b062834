"""Markdown → passages: pieces of a page small enough to find and to quote. Pure."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

LONGEST = 700  # characters; longer passages blur in the encoder and are too much to quote
SHORTEST = 160  # a block below this is joined with the next one of its section

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)\n---[ \t]*(?:\n|\Z)", re.DOTALL)
_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*\Z")
_UNDERLINE = re.compile(r" {0,3}(=+|-{2,})[ \t]*\Z")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_BULLET = re.compile(r"^[ \t]*(?:[-*+]|\d{1,3}[.)])[ \t]+")
_TABLE_RULE = re.compile(r"\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?\Z")
_INLINE = (
    (re.compile(r"!\[([^\]]*)\]\([^)]*\)"), r"\1"),
    (re.compile(r"\[([^\]]+)\]\([^)]*\)"), r"\1"),
    (re.compile(r"<((?:https?://|mailto:)?[^\s<>]+@?[^\s<>]*\.[^\s<>]+)>"), r"\1"),
    (re.compile(r"<!--.*?-->|</?[a-zA-Z][^<>]*>"), ""),
    (re.compile(r"(?<![\w*])(\*{1,3})(?=\S)(.+?)(?<=\S)\1(?![\w*])"), r"\2"),
    (re.compile(r"(?<![\w_])(_{1,3})(?=\S)(.+?)(?<=\S)\1(?![\w_])"), r"\2"),
    (re.compile(r"`+([^`]+)`+"), r"\1"),
    (re.compile(r"\\([\\`*_{}\[\]()#+\-.!>|~])"), r"\1"),
)
# A sentence ends at . ! ? … when what follows begins like a new one. Abbreviations that a figure or a name
# follows ("no. 4", "Mr. Lee") and initials ("U.S. Bank") do not end one.
_SENTENCE_END = re.compile(
    r"(?<=[.!?…])(?<![\s.][B-Z]\.)(?<!\b(?:Mr|Ms|Dr|St|Nr|No|bd|av|vs)\.)(?<!\b(?:Mrs|art|Art|tél|Tel|tel|Str|bzw)\.)"
    r"[\"'”’»)]*\s+(?=[\"'“‘«(¿¡]?\s?[A-ZÀ-ÖØ-Þ0-9+])"
)


@dataclass(frozen=True)
class Passage:
    """A piece of one page. `headings` leads from the page's sections down to it, outermost first.

    `source` names the page within its business ("deposits.md"); `language` is an ISO 639-1 code or "";
    `ordinal` counts passages within the page from 0.
    """

    source: str
    title: str
    headings: tuple[str, ...]
    text: str
    language: str
    ordinal: int

    @property
    def id(self) -> str:
        """32 hex digits of what the passage says and where; its place on the page does not count."""
        said = "\x1f".join((self.source, self.title, *self.headings, "", self.text, self.language))
        return hashlib.sha256(said.encode()).hexdigest()[:32]

    @property
    def citation(self) -> str:
        """How a reply names the source: "Deposits › How much deposit we ask"."""
        return " › ".join((self.title, *self.headings))


def cut_passages(markdown: str, *, source: str, language: str = "") -> tuple[Passage, ...]:
    """Cut a Markdown page into passages of at most LONGEST characters, in reading order.

    Front matter may set `title` and `language`; else the first level-one heading, then the file name, is the
    title. Every word of the page outside front matter, headings and mark-up is in exactly one passage; a
    paragraph repeated under one heading is kept once.
    """
    matter, body = _front_matter(markdown.replace("\r\n", "\n"))
    sections = list(_sections(body))
    title = matter.get("title") or _first_title(sections) or _named(source)
    passages: dict[str, Passage] = {}
    for trail, lines in sections:
        # A heading that only repeats the title tells the reader of a citation nothing.
        headings = tuple(heading for heading in trail if heading and heading != title)
        for text in _sized(_blocks(lines)):
            passage = Passage(source, title, headings, text, matter.get("language", language), len(passages))
            passages.setdefault(passage.id, passage)
    return tuple(passages.values())


def split_sentences(text: str) -> tuple[str, ...]:
    """The sentences of `text` word for word; each list item is one or more of its own, without its bullet."""
    found: list[str] = []
    for line in text.splitlines():
        found += (part.strip() for part in _SENTENCE_END.split(_BULLET.sub("", line, count=1)))
    return tuple(part for part in found if part)


def _front_matter(markdown: str) -> tuple[dict[str, str], str]:
    found = _FRONT_MATTER.match(markdown)
    if not found:
        return {}, markdown
    matter = {}
    for line in found[1].splitlines():
        key, colon, value = line.partition(":")
        if colon and value.strip():
            matter[key.strip().lower()] = value.strip().strip("\"'")
    return matter, markdown[found.end() :]


def _first_title(sections: list[tuple[tuple[str, ...], list[str]]]) -> str:
    return next((trail[0] for trail, _ in sections if trail and trail[0]), "")


def _named(source: str) -> str:
    return PurePosixPath(source).stem.replace("-", " ").replace("_", " ").strip().capitalize() or source


def _sections(body: str) -> Iterator[tuple[tuple[str, ...], list[str]]]:
    """(trail of headings, lines) for each section; the trail keeps "" for levels that were skipped."""
    trail: tuple[str, ...] = ()
    lines: list[str] = []
    fence = ""
    for line in body.splitlines():
        heading = None if fence else _heading(line, lines)
        if heading:
            yield trail, lines
            level, words = heading
            trail = (*(trail + ("",) * 6)[: level - 1], words)
            lines = []
            continue
        fence = _fence_after(line, fence)
        lines.append(line)
    yield trail, lines


def _heading(line: str, before: list[str]) -> tuple[int, str] | None:
    """Level and words when `line` is a heading, or underlines the one line of text before it."""
    if found := _HEADING.match(line):
        return len(found[1]), plain(found[2] or "")
    if (found := _UNDERLINE.match(line)) and before and before[-1].strip():
        above_is_text = not _BULLET.match(before[-1]) and "|" not in before[-1]
        if above_is_text and (len(before) == 1 or not before[-2].strip()):
            return (1 if found[1][0] == "=" else 2), plain(before.pop())
    return None


def _fence_after(line: str, fence: str) -> str:
    found = _FENCE.match(line)
    if not found:
        return fence
    if not fence:
        return found[1]
    closes = found[1].startswith(fence) and not line.strip().strip(fence[0])
    return "" if closes else fence


def _blocks(lines: list[str]) -> list[str]:
    """Paragraphs on one line each; a list or table stays one block with a line for each item or row."""
    blocks: list[str] = []
    fresh = True
    for raw in lines:
        line = raw.strip()
        if not line or _FENCE.match(raw) or _is_rule(line):
            fresh = fresh or not line
            continue
        words = plain(_row(line) if line.startswith("|") else line.lstrip("> "))
        if not words:
            continue
        if fresh or not blocks:
            blocks.append(words)
        else:
            joint = "\n" if _BULLET.match(raw) or line.startswith("|") else " "
            blocks[-1] += joint + words
        fresh = False
    return blocks


def _is_rule(line: str) -> bool:
    return bool(_TABLE_RULE.match(line)) or (len(line) > 2 and not line.replace(" ", "").strip("*_"))


def _row(line: str) -> str:
    first, *rest = (cell.strip() for cell in line.strip("|").split("|"))
    return f"{first}: {', '.join(rest)}" if rest else first


def plain(words: str) -> str:
    """One line of Markdown without its inline mark-up, spaces tidied."""
    for pattern, kept in _INLINE:
        words = pattern.sub(kept, words)
    return " ".join(words.split(" ")).strip() if "  " not in words else re.sub(r"[ \t]+", " ", words).strip()


def _sized(blocks: list[str]) -> Iterator[str]:
    """Blocks joined while small, cut while large."""
    held = ""
    for piece in (piece for block in blocks for piece in _cut(block)):
        if held and (len(held) >= SHORTEST or len(held) + 1 + len(piece) > LONGEST):
            yield held
            held = ""
        held = f"{held}\n{piece}" if held else piece
    if held:
        yield held


def _cut(block: str) -> Iterator[str]:
    """`block` in pieces of at most LONGEST: between sentences, else between words, else anywhere."""
    held = ""
    for unit, joint in _units(block):
        if held and len(held) + len(joint) + len(unit) > LONGEST:
            yield held
            held = ""
        held = f"{held}{joint}{unit}" if held else unit
    if held:
        yield held


def _units(block: str) -> Iterator[tuple[str, str]]:
    """(unit, what joins it to the one before)."""
    for line in block.splitlines():
        joint = "\n"
        for sentence in _SENTENCE_END.split(line):
            for word in [sentence] if len(sentence) <= LONGEST else sentence.split():
                for start in range(0, len(word), LONGEST):
                    yield word[start : start + LONGEST], "" if start else joint
                    joint = " "

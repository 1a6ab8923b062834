"""What a provider may see: card numbers never, and in strict privacy placeholders for names and figures."""

import re
from collections.abc import Mapping
from typing import Any

from bot.cards.redacting import redact
from bot.evidence import Fact, FactKind
from bot.showing import Reader, show_fact

HANDLE = re.compile(r"\{([^{}\n]+)\}")
PLACEHOLDER = r"(?:name|phone|email|address|number|link)_\d+"
TOKEN = re.compile(rf"\{{({PLACEHOLDER})(\.[^{{}}\n]+)?\}}|\b({PLACEHOLDER})\b")
FIGURE = r"\d(?:[\d.,’']*\d)?(?:[\s\u00a0\u202f]\d{3})*(?:[.,]\d+)?"
WORD = re.compile(r"\w+")
STREETS_BEFORE = r"rue|avenue|boulevard|place|chemin|allée|impasse|calle|avenida|plaza|paseo|rua|via|viale|piazza"
STREETS_AFTER = (
    r"street|st|avenue|ave|road|rd|lane|ln|drive|dr|court|ct|boulevard|blvd|way|place|pl|square|sq|terrace|close"
)
PATTERNS = {
    "link": re.compile(r"https?://\S+"),
    "email": re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    "address": re.compile(
        rf"\b\d+\w?,?\s+(?:[\w'’.-]+\s+){{1,4}}(?:{STREETS_AFTER})\b\.?"
        rf"|\b\d+,?\s+(?:bis\s+|ter\s+)?(?:{STREETS_BEFORE})\s+(?:(?:de|du|des|la|le|les|del|do|da)\s+)*[\w'’-]+(?:\s+[A-Z][\w'’-]+)*"
        rf"|\b(?:{STREETS_BEFORE})\s+(?:[\w'’.-]+\s+){{1,4}}\d+\w?\b"
        r"|\b[\w-]+(?:straße|strasse|str\.|gasse|weg|platz|allee)\s+\d+\w?\b",
        re.IGNORECASE,
    ),
    "phone": re.compile(r"(?<![\w-])\+?\(?\d(?:[\s\u00a0().\-/]{0,2}\d){6,14}(?!\w)"),
    # With a currency beside it, or of three digits and more. The digits of INV-1042 are part of a record's name.
    "number": re.compile(
        rf"(?:[A-Z]{{1,3}})?[$€£¥]\s?{FIGURE}"
        rf"|(?<![\w-]){FIGURE}[\s\u00a0\u202f]?"
        r"(?:[$€£¥]|(?:USD|EUR|GBP|CHF|dollars?|dólares|euros?|bucks|pounds?)\b)"
        r"|(?<![\w-])\d{1,3}(?:[.,’'\u00a0\u202f ]\d{3})+(?:[.,]\d{1,2})?(?!\w)"
        r"|(?<![\w-])\d{3,}(?:[.,]\d{1,2})?(?!\w)"
        r"|(?<![\w-])\d+[.,]\d{2}(?!\w)",
        re.IGNORECASE,
    ),
}
HIDDEN_KINDS = {
    FactKind.MONEY: "number",
    FactKind.NAME: "name",
    FactKind.PHONE: "phone",
    FactKind.EMAIL: "email",
    FactKind.LINK: "link",
}
PLACES = {"place", "postal", "address"}  # facts that are text and say where somebody is
# Words that are a name in one text and no name in the next: hidden only where they are written as names.
AMBIGUOUS = frozenset({
    "will", "may", "mark", "bill", "art", "grace", "hope", "joy", "rose", "rich", "pat", "sue", "drew", "chase",
    "grant", "miles", "penny", "summer", "april", "june", "august", "dawn", "faith", "frank", "guy", "the", "and",
    "dental", "house", "home", "van", "den", "des", "los", "las",
})  # fmt: skip


class Veil:
    """Hides what a provider must not see, and puts it back. One for each turn: its placeholders are the turn's own.

    Placeholders read as handles do, {name_1}, {number_2}; a handle whose subject is somebody's name is written
    {name_1.balance}.
    """

    def __init__(self, *, is_strict: bool = False) -> None:
        self.is_strict = is_strict
        self._value_of: dict[str, str] = {}
        self._token_of: dict[tuple[str, str], str] = {}
        self._known: dict[str, dict[str, str]] = {}  # by first word, in lower case: value → kind

    def learn(self, kind: str, value: str) -> None:
        """Hide this value from now on; of a person's or client's name its parts too."""
        parts = [value]
        if kind == "name":
            parts += [word for word in WORD.findall(value) if len(word) > 2 and word[0].isupper()]
        elif kind == "address":
            parts += [part.strip() for part in re.split(r"[,\n]", value) if len(part.strip()) > 5]
        for part in parts:
            words = WORD.findall(part.casefold())
            if words:
                self._known.setdefault(words[0], {})[part.strip()] = kind

    def hide(self, text: str, *, has_handles: bool = False) -> str:
        """`text` as a provider may see it. has_handles: it was written by us or the model, and handles stay."""
        text = redact(text)
        if not self.is_strict:
            return text
        if not has_handles:
            return self._hide(text)
        parts, at = [], 0
        for match in HANDLE.finditer(text):
            parts += [self._hide(text[at : match.start()]), "{", self._aliased(match.group(1)), "}"]
            at = match.end()
        return "".join((*parts, self._hide(text[at:])))

    def reveal(self, text: str) -> str:
        """Placeholders as what they stand for; what is none stays."""
        if not self._value_of:
            return text
        return TOKEN.sub(self._shown, text)

    def line(self, fact: Fact, reader: Reader) -> str:
        """A fact for the model: its value and its handle, or the handle alone."""
        handle = "{" + (self._aliased(fact.handle) if self.is_strict else fact.handle) + "}"
        if fact.kind is FactKind.LINK:  # the link is attached to the reply; its token is nobody's business
            return handle
        shown = show_fact(fact, reader)
        if not self.is_strict:
            return f"{self.hide(shown)} {handle}"
        if fact.kind in HIDDEN_KINDS or fact.name in PLACES:
            return handle
        return f"{self.hide(shown) if fact.kind is FactKind.TEXT else shown} {handle}"

    def hide_args(self, args: Mapping[str, Any]) -> dict[str, Any]:
        """A tool call's arguments as the provider may read them again."""
        return {name: self.hide(value) if isinstance(value, str) else value for name, value in args.items()}

    def reveal_args(self, args: Mapping[str, Any]) -> dict[str, Any]:
        """A tool call's arguments with what their placeholders stand for."""
        revealed = {name: self.reveal(value) if isinstance(value, str) else value for name, value in args.items()}
        if not self.is_strict:
            return revealed
        # What still is a placeholder stands for nothing: the model made it up, and the tool asks back without it.
        return {name: value for name, value in revealed.items() if not TOKEN.search(str(value))}

    def _hide(self, text: str) -> str:
        for kind in ("link", "email"):
            text = self._substitute(PATTERNS[kind], kind, text)
        text = self._hide_known(text)
        for kind in ("address", "phone", "number"):
            text = self._substitute(PATTERNS[kind], kind, text)
        return text

    def _substitute(self, pattern: re.Pattern[str], kind: str, text: str) -> str:
        def each(part: str) -> str:
            return pattern.sub(lambda match: "{" + self._token(kind, match.group(0)) + "}", part)

        return self._outside(text, each)

    def _hide_known(self, text: str) -> str:
        words = set(WORD.findall(text.casefold()))
        values = {value: kind for word in words & self._known.keys() for value, kind in self._known[word].items()}
        for value in sorted(values, key=len, reverse=True):
            is_ambiguous = value.casefold() in AMBIGUOUS
            pattern = re.compile(rf"(?<!\w){re.escape(value)}(?!\w)", 0 if is_ambiguous else re.IGNORECASE)
            text = self._substitute(pattern, values[value], text)
        return text

    @staticmethod
    def _outside(text: str, each: Any) -> str:
        """`text` with the parts between placeholders changed."""
        parts, at = [], 0
        for match in TOKEN.finditer(text):
            parts += [each(text[at : match.start()]), match.group(0)]
            at = match.end()
        return "".join((*parts, each(text[at:])))

    def _aliased(self, handle: str) -> str:
        if handle in self._value_of:
            return handle
        subject, dot, name = handle.rpartition(".")
        if not dot or (subject in self._value_of) or self._hide(subject) == subject:
            return handle
        return f"{self._token('name', subject)}.{name}"

    def _token(self, kind: str, value: str) -> str:
        known = self._token_of.get((kind, value))
        if known is None:
            number = 1 + sum(each == kind for each, _ in self._token_of)
            known = self._token_of[kind, value] = f"{kind}_{number}"
            self._value_of[known] = value
        return known

    def _shown(self, match: re.Match[str]) -> str:
        value = self._value_of.get(match.group(1) or match.group(3))
        if value is None:
            return match.group(0)
        return "{" + value + match.group(2) + "}" if match.group(2) else value

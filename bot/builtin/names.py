"""Names of clients and staff in what staff write: known mentions, then runs of words that are no vocabulary."""

import re

from bot.builtin.reading import Reading

_TOKEN = re.compile(r"[\w&.'-]*\w|&")
_POSSESSIVE = re.compile(r"'s?$")
_LINKS = {"&", "and", "de", "la", "del", "van", "von", "y", "et"}
_GIVEN_TO = re.compile(r"\b(?:to|for|a|de|à|pour|für|an)\s+(me|myself|mí|mi|moi|mich|[^\W\d_][\w-]+)\b", re.IGNORECASE)
_TITLES = {"mr", "mrs", "ms", "dr", "señora", "señor", "familie", "family"}
_CUT_AFTER = re.compile(
    r"(?:\b(?:that|saying|know)\b|\bque\b|\bdiciendo\b|\bdass\b|:|\bwe(?:'ll|'re| are| will)\b).*$", re.IGNORECASE
)
# "tell them …": what follows is what shall be said, and names in it are not whom it is said to.
_TOLD = re.compile(
    r"^\W*(?:(?:please|ok|and|now|can you|could you) )*(?:tell|text|message|write|send|let|ask|remind|inform|e-?mail|"
    r"reply to|answer|say to|give|shoot|drop)(?: to)? (?:them|him|her)\b|"
    r"^\W*(?:(?:ok|y|por favor) )*(?:diles|av[ií]sales|escr[ií]beles|m[aá]ndales|env[ií]ales)\b|"
    r"^\W*(?:dis|écris|envoie)-leur\b|^\W*(?:sag|schreib|schick) ihnen\b",
    re.IGNORECASE,
)


def find_told(reading: Reading) -> re.Match[str] | None:
    """The beginning "tell them", "avísales" of a message that speaks of its addressee by pronoun alone."""
    return _TOLD.match(reading.said)


def find_client(reading: Reading) -> str | None:
    """The client a staff member names, in their words; the one spoken of last for "them"."""
    if find_told(reading):
        return reading.context.client_focus or None
    head = _CUT_AFTER.sub("", reading.plain) or reading.plain
    for mention in reading.context.mentions:
        if mention.kind == "client" and mention.key and mention.key.lower() in reading.plain.lower():
            return mention.key
    if name := find_name(head, reading):
        return name
    if reading.context.client_focus and reading.said_any("client_pronouns"):
        return reading.context.client_focus
    return None


def find_name(text: str, reading: Reading) -> str | None:
    """The longest run of name-like words in `text`, possessive taken off; None where all words are known."""
    runs: list[list[str]] = []
    current: list[str] = []
    for place, token in enumerate(_TOKEN.findall(text)):
        word = _POSSESSIVE.sub("", token)
        goes_on = bool(current) and (word.lower() in _LINKS or (word[:1].isupper() and not _is_taken(word, reading)))
        if goes_on or _is_name(word, reading, starts=place == 0):
            current.append(word)
        else:
            runs.append(current)
            current = [word] if word.lower() in _TITLES else []
        if token != word and current:
            runs.append(current)
            current = []
    runs.append(current)
    best = max((_trimmed(run) for run in runs), key=len, default=[])
    return " ".join(best) or None


def find_thing(reading: Reading) -> str | None:
    """What no word list knows, as said behind an article: "front railing" of "how is the front railing going"."""
    tokens = _TOKEN.findall(reading.plain)
    for place, token in enumerate(tokens):
        if not any(lexicon.any_of("articles").fullmatch(token) for lexicon in reading.lexicons):
            continue
        behind = tokens[place + 1 : place + 4]
        unknown = [at for at, word in enumerate(behind) if _is_name(word, reading, starts=True) and len(word) > 3]
        if unknown and not any(_is_taken(word, reading) for word in behind[: unknown[0]]):
            end = next((at for at in range(unknown[0], len(behind)) if at not in unknown), len(behind))
            return " ".join(behind[:end])
    return None


def find_assignee(reading: Reading) -> str | None:
    """Whom work or a request is given to: "me", or a name after "to", "for" or the like."""
    if found := _GIVEN_TO.search(reading.plain):
        word = found[1]
        if word.lower() in {"me", "myself", "mí", "moi", "mich"}:
            return "me"
        if not _is_taken(word, reading) and (word[0].isupper() or word.lower() not in reading.vocabulary):
            return word
    return find_name(reading.plain, reading)


def _is_name(word: str, reading: Reading, *, starts: bool) -> bool:
    lower = word.lower()
    if not any(sign.isalpha() for sign in word) or any(sign.isdigit() for sign in word) or _is_taken(word, reading):
        return False
    known = lower in reading.vocabulary or lower in reading.lexicons[0].slang
    return not known or (word[0].isupper() and not starts and len(word) > 1 and lower != "i")


def _is_taken(word: str, reading: Reading) -> bool:
    """Words that mean something else here: rooms, files, days, articles, pronouns."""
    lists = (
        "rooms", "file_nouns", "articles", "invoice_nouns", "estimate_nouns", "project_nouns", "not_names",
        "function_words", "currency_words", "client_pronouns", "starters", "date_patterns", "period_patterns",
        "joiners",
    )  # fmt: skip
    return any(lexicon.any_of(name).fullmatch(word) for lexicon in reading.lexicons for name in lists)


def _trimmed(run: list[str]) -> list[str]:
    while run and run[-1].lower() in _LINKS:
        run = run[:-1]
    return [] if len(run) == 1 and run[0].lower() in _TITLES else run

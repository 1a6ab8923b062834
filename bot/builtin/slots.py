"""Arguments of a call, in the person's own words: records meant, amounts, dates, periods, details."""

import re
from collections.abc import Callable, Mapping
from functools import cache

from bot.builtin.intents import Intent
from bot.builtin.lexicon import load_lexicon
from bot.builtin.names import find_assignee, find_client, find_name, find_thing, find_told
from bot.builtin.reading import Reading

_NUMBERED = re.compile(
    r"(?:\b(?:invoice|inv|bill|factura|facture|rechnung|fatura|fattura|estimate|quote|devis|request|req|solicitud|demande|anfrage|ticket|"
    r"no|nº|nr|number|número|numéro)\b[\s.:#-]*|#\s?)([a-z]{0,4}-?\d[\d-]*)(?![\d.,]*\s?(?:\$|€|dollars|bucks|euros?))",
    re.IGNORECASE,
)
_WORDS_OF = r"((?:[^\W\d_][\w'&-]*\s){0,2}[^\W\d_][\w'&-]*)"
_CODE = re.compile(r"\b[a-z]{1,5}-\d[\d-]*\b", re.IGNORECASE)
_BARE = re.compile(r"(?<![\w$€.,/:-])\d{4,7}(?![\w€%/:-]|[.,]\d)")
_MONEY = re.compile(
    r"(?:[$€£]\s?\d[\d.,]*k?|\d[\d.,]*k?\s?(?:[$€£]|dollars?\b|bucks\b|usd\b|eur(?:os?)?\b|pesos\b|dólares\b|dolares\b|reais\b)|"
    r"\d{1,3}\s?%)",
    re.IGNORECASE,
)
_PLAIN_AMOUNT = re.compile(r"(?<![\w$€#-])(\d{1,3}(?:[.,]\d{3})+(?:[.,]\d{2})?|\d+[.,]\d{2}|\d{1,3})(?![\w%]|[.,/-]\d)")
_PAYING_NUMBER = re.compile(
    r"\b(?:pay|pagar|payer|zahlen|abonar|put|paid|pagó|record|log|registra)\s+(\d{3,6})\b(?=.*\d{4})", re.IGNORECASE
)
# "the overdue one", "the first invoice", "the $620 bill": told apart by state, place or amount.
_SORTED_OUT = re.compile(
    r"\b(?:the|my|la|el|mi|ma|le|die|der|das|meine)\s+((?:first|oldest|next|overdue|unpaid|open|late|primera|próxima|vencida|abierta|"
    r"première|prochaine|erste|nächste|offene|überfällige|[$€]\s?\d[\d.,]*|\d[\d.,]*\s?(?:dollars?|€|euros?)))\s+"
    r"(?:one|invoice|bill|estimate|quote|factura|facture|rechnung)\b|\bla\s+(vencida|primera|abierta)\b",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"my|the|our|la|mi|le|ma|die|das|meine|el|a|o|il|minha", re.IGNORECASE)
_OVER = re.compile(
    r"\b(?:over|above|more than|at least|más de|mas de|plus de|über|mehr als)\s+([$€]?\d[\d.,]*k?)", re.IGNORECASE
)
_AT_LEAST = re.compile(r"([$€]?\d[\d.,]*k?)\s*(?:\+|or more\b|and up\b|o más\b|ou plus\b|oder mehr\b)", re.IGNORECASE)
_GROUPED = re.compile(
    r"\b(?:by|per|on each|for each|each|por|par|pro|nach)\s+(project|job|client|customer|currency|proyecto|obra|"
    r"cliente|moneda|projet|chantier|client|devise|projekt|kunde|währung)",
    re.IGNORECASE,
)
# What stands between whom a message is for and what it says; and beginnings that only say what it is about.
_LEADING = re.compile(
    r"^(?:[\s:,-]|'s\b|(?:(?:a|an|the|another) )?(?:message|text|note|line|e-?mail|file)\b|"
    r"(?:that|saying|to say|know|back|que|diciendo|qu'|dass)\b)+",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"^(?:(?:a |an )?reminder|about|for|to|if|whether|which|what|when|how|"
    r"sobre|para|si|qué|cuándo|cuál|de|ob|wegen|welche|pour)\b",
    re.IGNORECASE,
)
_ENDING = re.compile(
    r"\b(?:close|resolve|finish|complete|cierra|resuelve|ferme|schließe|chiudi|feche)\b", re.IGNORECASE
)
_ITS_OWN_FIELD = re.compile(r"(?:my|mi|mon|a different|otro|spelled|wrong|incorrect|not|different)\b")
_NAMED_REQUEST = re.compile(rf"\b(?:the|my|la|mi)\s+{_WORDS_OF}\s+(?:request|ticket|complaint)\b", re.IGNORECASE)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"\+?\(?\d[\d\s().-]{5,}\d")
_DAYS = re.compile(r"(\d{1,3})\s*(?:\+\s*)?(?:days?|días|dias|jours|tagen?|giorni)\b", re.IGNORECASE)
_NEW_VALUE = re.compile(
    r"\b(?:to|is(?: now)?|es|a|est|ist|in|auf|por|é|è)\s+(?:now\s+|ahora\s+)?(.{2,120})$", re.IGNORECASE
)
_URGENCY = re.compile(
    r"\b(urgent|high|low|normal|urgente|alta|baja|dringend|hoch|niedrig|haute|basse)\b", re.IGNORECASE
)
_LEVELS = {"urgente": "urgent", "dringend": "urgent", "alta": "high", "hoch": "high", "haute": "high", "baja": "low",
           "niedrig": "low", "basse": "low"}  # fmt: skip
Finder = Callable[[Reading, Intent], str | None]


# "no more reminders", in the words of each language; "ne … plus" and "pas" are how French refuses.
_REFUSED = re.compile(
    r"\b(?:stop|no|off|don'?t|dont|do not|without|never|quiten|quita|desactiva|dej[ae]n?|sin|nunca|arr[eê]tez|"
    r"n['’e]\w*\b.*\b(?:plus|pas|jamais)|plus de|pas de|sans|keine?n?|nicht|nie|ohne|n[aã]o|sem|non|senza)\b",
    re.IGNORECASE,
)


def arguments_of(intent: Intent, reading: Reading) -> dict[str, str]:
    """The call's arguments: those its class decides, then those that were said. What was not said is absent."""
    found = dict(intent.fixed)
    for name in intent.arguments:
        key, finder = _FINDERS[name]
        if value := finder(reading, intent):
            found[key] = value
    if intent.tool == "list_invoices" and (status := reading.value_of("statuses")) in {"overdue", "all"}:
        found["status"] = str(status)
    return found


def find_record(reading: Reading, nouns: str) -> str | None:
    """Which record is meant: its number, "last", "other", what it is about ("kitchen"), or "this"."""
    if number := find_number(reading):
        return number
    if reading.first("other"):
        return "other"
    if _is_last(reading):
        return "last"
    if found := _SORTED_OUT.search(reading.plain):
        return (found[1] or found[2]).strip()
    return find_about(reading, nouns) or ("this" if reading.said_any("this") else None)


def find_number(reading: Reading) -> str | None:
    """A record's printed number as it was said, never an amount."""
    if found := _CODE.search(reading.plain):
        return found[0]
    if found := _NUMBERED.search(reading.plain):
        return found[1]
    amount = _amount_span(reading)
    for found in _BARE.finditer(reading.plain):
        is_year = re.fullmatch(r"20[1-3]\d", found[0]) is not None
        if not is_year and (amount is None or not amount[0] <= found.start() < amount[1]):
            return found[0]
    return None


def find_about(reading: Reading, nouns: str) -> str | None:
    """What a record is about: "kitchen" of "the kitchen one", "the bill for the kitchen" or just "the kitchen"."""
    for lexicon in reading.lexicons:
        for pattern in _about(lexicon.language, nouns):
            found = pattern.search(reading.plain)
            if found and (words := _meaningful(found[1], reading)):
                return words
    return reading.first("rooms")


@cache
def _about(language: str, nouns: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    lexicon = load_lexicon(language)
    articles, things = lexicon.any_of("articles").pattern, lexicon.any_of(nouns).pattern
    between = "for|from|about|on|of|de|del|para|pour|für|von|da|do|per|di"
    return (
        re.compile(rf"{articles}\s+{_WORDS_OF}\s+{things}", re.IGNORECASE),
        re.compile(rf"{things}\s+(?:{between})\s+(?:{articles}\s+)?{_WORDS_OF}", re.IGNORECASE),
    )


def find_amount(reading: Reading) -> str | None:
    """How much, as said: "half", "$500", "500"."""
    span = _amount_span(reading)
    return reading.plain[span[0] : span[1]].strip(" .,") if span else None


def find_date(reading: Reading) -> str | None:
    """When, as said: "next friday"."""
    return _longest(reading, "date_patterns")


def find_period(reading: Reading) -> str | None:
    """Which stretch of time, as said: "last month", "this year"."""
    return _longest(reading, "period_patterns")


def clean_words(reading: Reading) -> str:
    """The person's words without greeting and thanks, first letter large: the summary of a request."""
    text = reading.said.strip()
    for lexicon in reading.lexicons:
        text = lexicon.any_of("polite").sub("", text).strip()
    text = text or reading.said.strip()
    return (text[:1].upper() + text[1:])[:500]


def _longest(reading: Reading, name: str) -> str | None:
    found = [match[0].strip() for lexicon in reading.lexicons for match in lexicon.any_of(name).finditer(reading.plain)]
    return max(found, key=len, default=None)


def _amount_span(reading: Reading) -> tuple[int, int] | None:
    for pattern in (_MONEY, _PAYING_NUMBER):
        if found := pattern.search(reading.plain):
            return found.span(found.lastindex or 0)
    for lexicon in reading.lexicons:
        if found := lexicon.any_of("amount_words").search(reading.plain):
            return found.span()
    for found in _PLAIN_AMOUNT.finditer(reading.plain):
        dated = any(
            day.start() <= found.start() < day.end()
            for lexicon in reading.lexicons
            for day in lexicon.any_of("date_patterns").finditer(reading.plain)
        )
        if not dated:
            return found.span(1)
    return None


def _is_last(reading: Reading) -> bool:
    for lexicon in reading.lexicons:
        for found in lexicon.any_of("last").finditer(reading.plain):
            rest = reading.plain[found.end() :].strip(" .?!")
            words = found[0].split()
            if len(words) > 2 or not rest or (len(words) == 2 and not _ARTICLE.fullmatch(words[0])):
                return True
    return False


def _meaningful(words: str, reading: Reading) -> str | None:
    """The words that say what a record is about, without articles and words like "new" or "open"."""
    kept = [
        word
        for word in words.split()
        if not any(
            lexicon.any_of(name).fullmatch(word)
            for lexicon in reading.lexicons
            for name in ("articles", "not_names", "function_words", "invoice_nouns", "estimate_nouns", "starters")
        )
    ]
    room = next((word for word in [reading.first("rooms")] if word and word.lower() in words.lower()), None)
    return room or " ".join(kept) or None


def _invoice(reading: Reading, _intent: Intent) -> str | None:
    return find_record(reading, "invoice_nouns")


def _estimate(reading: Reading, _intent: Intent) -> str | None:
    return find_record(reading, "estimate_nouns")


def _project(reading: Reading, _intent: Intent) -> str | None:
    named = find_about(reading, "project_nouns") or find_thing(reading)
    return named or ("this" if reading.said_any("this") else None)


def _request(reading: Reading, _intent: Intent) -> str | None:
    if number := find_number(reading):
        return number
    if found := re.search(r"\b(?:request|ticket|solicitud|demande|anfrage)\s+#?(\w*\d+)", reading.plain, re.IGNORECASE):
        return found[1]
    if found := _NAMED_REQUEST.search(reading.plain):
        return _meaningful(found[1], reading)
    return "this" if reading.said_any("this") else None


def _query(reading: Reading, _intent: Intent) -> str | None:
    """What file: its kind, its invoice's number and its project, as said."""
    noun = reading.first("file_nouns") or reading.first("estimate_nouns") or reading.first("invoice_nouns")
    words = [word for word in (noun, find_number(reading), reading.first("rooms")) if word]
    return " ".join(dict.fromkeys(words)) or clean_words(reading)


def _amount_over(reading: Reading, _intent: Intent) -> str | None:
    money = _DAYS.sub("", reading.plain)
    found = _OVER.search(money) or _AT_LEAST.search(money)
    return found[1] if found else None


def _group(reading: Reading, _intent: Intent) -> str | None:
    found = _GROUPED.search(reading.plain)
    return found[1].lower() if found else None


def _paid_invoice(reading: Reading, intent: Intent) -> str | None:
    """Which bill was paid: its number or what it is for; else the words that name who paid, which resolve to it."""
    return _invoice(reading, intent) or find_name(reading.plain, reading)


def _days(reading: Reading, _intent: Intent) -> str | None:
    found = _DAYS.search(reading.plain)
    return found[1] if found else None


def _estimate_status(reading: Reading, _intent: Intent) -> str | None:
    status = reading.value_of("statuses")
    return status if status in {"open", "accepted", "declined", "expired", "all"} else None


def _request_state(reading: Reading, intent: Intent) -> str | None:
    status = reading.value_of("statuses")
    if intent.tool == "list_requests":
        return status if status in {"open", "done", "all"} else None
    if re.search(r"\b(?:reopen|reabre)\b", reading.plain, re.IGNORECASE):
        return "reopen"
    if _ENDING.search(reading.plain):
        return "done"
    return {"done": "done", "in_progress": "in progress", "waiting": "waiting", "declined": "declined"}.get(
        status or ""
    )


def _urgency(reading: Reading, _intent: Intent) -> str | None:
    found = _URGENCY.search(reading.plain)
    return _LEVELS.get(found[1].lower(), found[1].lower()) if found else None


def _priority(reading: Reading, _intent: Intent) -> str | None:
    return "urgent" if reading.said_any("urgent") else None


def _field(reading: Reading, _intent: Intent) -> str | None:
    if _EMAIL.search(reading.plain):
        return "email"
    named = reading.value_of("fields")
    return named or ("phone" if _PHONE.search(reading.plain) else None)


def _value(reading: Reading, intent: Intent) -> str | None:
    if intent.tool == "set_preference":
        return _preference_value(reading)
    for pattern in (_EMAIL, _PHONE):
        if found := pattern.search(reading.plain):
            return found[0].strip()
    found = _NEW_VALUE.search(reading.said.strip(" .!?"))
    if not found or _ITS_OWN_FIELD.match(found[1]):
        return None
    return found[1].strip()


def _preference_value(reading: Reading) -> str | None:
    languages = {name: code for lexicon in reading.lexicons for name, code in lexicon.words["languages"].items()}
    for name, code in languages.items():
        if re.search(rf"\b{name}\b", reading.plain, re.IGNORECASE):
            return str(code)
    name = reading.value_of("preferences")
    if name == "reminders":
        return "off" if _REFUSED.search(reading.plain) else "on"
    return clean_words(reading)


def _text(reading: Reading, _intent: Intent) -> str | None:
    """What a note or message shall say: the words after whom it is for; None where only its subject was said."""
    end = _addressee_end(reading)
    if end is None:
        for lexicon in reading.lexicons:
            if found := re.search(rf"{lexicon.any_of('text_after').pattern}[:,]?\s+(.+)$", reading.said, re.IGNORECASE):
                return found[1].strip()
        return None
    rest = reading.said[end:]
    if rest.startswith("'s") and (found := re.search(r"\b(?:that|que)\b[:,]?\s+(.+)$", rest, re.IGNORECASE)):
        return found[1].strip()
    leading = _LEADING.match(rest)
    words = rest[leading.end() if leading else 0 :].strip(' "')
    is_dictated = (
        leading is not None and re.search(r":|\b(?:that|saying|que|diciendo|dass|qu)\b", leading[0]) is not None
    )
    return words if words and (is_dictated or not _ABOUT.match(words)) else None


def _addressee_end(reading: Reading) -> int | None:
    """Where in the words the one whom a note or message is for has been named; None where nobody was."""
    if told := find_told(reading):
        return told.end()
    name = find_client(reading)
    place = reading.said.lower().find(name.lower()) if name else -1
    if name and place >= 0:
        return place + len(name)
    for lexicon in reading.lexicons:
        if found := lexicon.any_of("client_pronouns").search(reading.said):
            return found.end()
    return None


def _search(reading: Reading, _intent: Intent) -> str | None:
    for pattern in (_EMAIL, _PHONE):
        if found := pattern.search(reading.plain):
            return found[0].strip()
    return find_name(reading.plain, reading) or find_client(reading)


_FINDERS: Mapping[str, tuple[str, Finder]] = {
    "invoice": ("invoice", _invoice),
    "estimate": ("estimate", _estimate),
    "project": ("project", _project),
    "request": ("request", _request),
    "query": ("query", _query),
    "search": ("query", _search),
    "client": ("client", lambda reading, _: find_client(reading)),
    "assignee": ("assignee", lambda reading, _: find_assignee(reading)),
    "amount": ("amount", lambda reading, _: find_amount(reading)),
    "date": ("date", lambda reading, _: find_date(reading)),
    "period": ("period", lambda reading, _: find_period(reading)),
    "paid_invoice": ("invoice", _paid_invoice),
    "group": ("group", _group),
    "minimum": ("minimum", _amount_over),
    "overdue_days": ("overdue_days", _days),
    "estimate_status": ("status", _estimate_status),
    "request_state": ("status", _request_state),
    "urgency": ("priority", _urgency),
    "priority": ("priority", _priority),
    "field": ("field", _field),
    "value": ("value", _value),
    "name": ("name", lambda reading, _: reading.value_of("preferences")),
    "topic": ("topic", lambda reading, _: reading.value_of("topics") or reading.first("rooms")),
    "method": ("method", lambda reading, _: reading.value_of("methods")),
    "question": ("question", lambda reading, _: reading.said.strip()[:500]),
    "summary": ("summary", lambda reading, _: clean_words(reading)),
    "problem": ("problem", lambda reading, _: clean_words(reading)),
    "reason": ("reason", lambda reading, _: clean_words(reading)),
    "text": ("text", _text),
}

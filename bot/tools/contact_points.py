"""What people say of their own phone, e-mail, name, address and preferences → checked values."""

import re
from dataclasses import dataclass
from typing import Literal

import phonenumbers

from billing.changes.contacts import Field
from bot.evidence import FactKind
from bot.tools.resolving import plain

_EMAIL = re.compile(r"[A-Za-z0-9._%+'-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}")
_FIELDS: tuple[tuple[Field, str], ...] = (
    ("phone", r"phone|number|mobile|cell|telefon|movil|numero|telephone|portable|handy|telemovel"),
    ("email", r"e-?mail|mail|correo|courriel|correio|posta elettronica"),
    ("name", r"name|nombre|nom|apellido|sobrenome|apelido|cognome"),
    ("address", r"address|postal|street|direccion|domicilio|adresse|anschrift|endereco|morada|indirizzo"),
)
KINDS: dict[Field, FactKind] = {
    "phone": FactKind.PHONE,
    "email": FactKind.EMAIL,
    "name": FactKind.NAME,
    "address": FactKind.TEXT,
}
Preference = Literal["language", "channel", "reminders", "receipts", "quiet_hours"]
_PREFERENCES: tuple[tuple[Preference, str], ...] = (
    ("quiet_hours", r"quiet|night|silenc|silenz|noche|nuit|nacht|noite|notte|horas|ruhe"),
    ("reminders", r"remind|recordator|rappel|erinner|lembrete|promemoria|sollecit"),
    ("receipts", r"receipt|recibo|recu\b|quittung|beleg|ricevut"),
    ("channel", r"channel|canal|kanal|contact|sms|text|telegram|e-?mail|chat|correo|canale|contat"),
    ("language", r"languag|idioma|langue|sprache|lengua|lingua"),
)
_LANGUAGES = {
    "en": r"english|ingles|anglais|englisch|inglese|^en$",
    "es": r"spanish|espanol|castellano|espagnol|spanisch|espanhol|spagnolo|^es$",
    "fr": r"french|frances|francais|franzosisch|^fr$",
    "de": r"german|aleman|alemao|allemand|deutsch|tedesco|^de$",
    "pt": r"portugu|portug(?:ais|iesisch)|portoghese|^pt$",
    "it": r"italian|italien|^it$",
}
_CHANNELS = {
    "sms": r"sms|text|mensaje de texto",
    "telegram": r"telegram",
    "email": r"e-?mail|correo|courriel|mail",
    "web": r"web|chat",
}
_OFF = re.compile(
    r"\b(off|no|stop|none|never|without|disable|don.?t|nunca|sin|desactiv\w*|nein|kein\w*|aus|non|pas|"
    r"nao|sem|desativ\w*|senza|niente|disattiv\w*)\b"
)
_ON = re.compile(
    r"\b(on|yes|start|always|enable|si|siempre|activ\w*|ja|an|oui|with|con|want|quiero|send|sim|"
    r"ativ\w*|quero|attiv\w*|voglio)\b"
)
_TIME = r"(\d{1,2})(?::(\d{2}))?\s*(am|pm)?"
_HOURS = re.compile(
    rf"{_TIME}\s*(?:-|–|to|until|till|a|hasta|and|y|bis|à|as|ate|alle)\s*(?:(?:las|as|alle)\s*)?{_TIME}"
)


@dataclass(frozen=True)
class Said:
    """A checked value of one field: phone in E.164, the rest as it will be stored."""

    field: Field
    value: str


def field_of(said: str, value: str) -> Field | None:
    """Which field is meant: as said, else by the look of the value."""
    words = plain(said)
    for field, pattern in _FIELDS:
        if words and re.search(rf"\b({pattern})", words):
            return field
    if "@" in value:
        return "email"
    if len(re.sub(r"\D", "", value)) >= 7 and not re.search(r"[A-Za-z]{3}", value):
        return "phone"
    return None


def parse_value(field: Field, said: str, region: str) -> str | None:
    """The value as it is stored, or None when it is no such thing. region: ISO 3166, for national phone numbers."""
    if field == "phone":
        return _phone(said, region)
    if field == "email":
        found = _EMAIL.search(said)
        return found.group(0) if found and ".." not in found.group(0) else None
    words = " ".join(said.split()).strip(" .,;")
    if field == "name":
        is_name = 2 <= len(words) <= 80 and re.search(r"[^\W\d_]", words) and not re.search(r"[\d@<>{}/\\]", words)
        return words if is_name else None
    is_address = 8 <= len(words) <= 200 and re.search(r"[^\W\d_]{2}", words) and not re.search(r"[<>{}]", words)
    return words if is_address else None


def _phone(said: str, region: str) -> str | None:
    for match in phonenumbers.PhoneNumberMatcher(said, region):
        return phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)
    return None


def preference_of(name: str, value: str) -> Preference | None:
    """Which preference is meant: as said, else by the look of the value."""
    for text in (plain(name), plain(value)):
        for preference, pattern in _PREFERENCES:
            if re.search(rf"\b({pattern})", text):
                return preference
    return "language" if _named(plain(value), _LANGUAGES) else None


def parse_preference(preference: Preference, said: str) -> str | bool | None:
    """The value as it is stored: a language code, a channel, True or False, "22:00-08:00"; None when unclear."""
    words = plain(said)
    if preference == "language":
        return _named(words, _LANGUAGES)
    if preference == "channel":
        return _named(words, _CHANNELS)
    if preference == "quiet_hours":
        return _quiet_hours(words)
    if _OFF.search(words):
        return False
    return True if _ON.search(words) else None


def _named(words: str, patterns: dict[str, str]) -> str | None:
    return next((name for name, pattern in patterns.items() if re.search(pattern, words)), None)


def _quiet_hours(words: str) -> str | None:
    match = _HOURS.search(words)
    if not match:
        return None
    first, last = _clock(*match.group(1, 2, 3)), _clock(*match.group(4, 5, 6))
    return f"{first}-{last}" if first and last and first != last else None


def _clock(hour: str, minute: str | None, half: str | None) -> str | None:
    hours, minutes = int(hour), int(minute or 0)
    if half:
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + (12 if half == "pm" else 0)
    return f"{hours:02d}:{minutes:02d}" if hours < 24 and minutes < 60 else None

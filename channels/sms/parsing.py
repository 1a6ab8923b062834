"""Twilio's form bodies: checked, signed, and read into what came in or what became of a message."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import phonenumbers
from starlette.datastructures import ImmutableMultiDict

MOST_BYTES = 128 * 1024
MOST_FIELDS = 300
MOST_MEDIA = 10
_SID = re.compile(r"(SM|MM|CH|IM)[0-9a-fA-F]{32}")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")

Fields = ImmutableMultiDict[str, str]


class NotSignedError(Exception):
    """The request does not carry the signature of the account that its address belongs to, or there is none."""


class BadFormError(Exception):
    """Not the form that Twilio sends: the wrong type, encoding, or a field missing."""


class FormTooLargeError(Exception):
    """More than Twilio ever sends."""


@dataclass(frozen=True)
class Texted:
    """A text that came in. sender: E.164 where it is a phone's. media: (address, claimed type), nothing fetched."""

    sid: str
    sender: str
    text: str
    media: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Reported:
    """What Twilio says became of a message of ours. code: its error, 0 for none."""

    sid: str
    status: str
    code: int


def read_form(content_type: str, body: bytes) -> Fields:
    """The fields of a body, repeated ones included. Raises BadFormError, FormTooLargeError."""
    if content_type.partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise BadFormError
    if len(body) > MOST_BYTES:
        raise FormTooLargeError
    try:
        text = body.decode("utf-8")
        pairs = parse_qsl(text, keep_blank_values=True, encoding="utf-8", errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise BadFormError from error
    return ImmutableMultiDict(pairs)


def is_signed(token: str, url: str, fields: Fields, signature: str) -> bool:
    """Whether Twilio, or who else has the account's token, signed this body for this URL."""
    from twilio.request_validator import RequestValidator

    return bool(token and signature) and bool(RequestValidator(token).validate(url, fields, signature))


def sign(token: str, url: str, fields: Mapping[str, str]) -> str:
    """The signature that Twilio sends with a body."""
    from twilio.request_validator import RequestValidator

    return str(RequestValidator(token).compute_signature(url, fields))


def read_texted(fields: Fields) -> Texted:
    """The text in an inbound webhook. Raises BadFormError."""
    return Texted(_sid(fields), _sender(fields.get("From", "")), _clean(fields.get("Body", "")), tuple(_media(fields)))


def read_reported(fields: Fields) -> Reported:
    """The news in a status callback. Raises BadFormError."""
    status, code = fields.get("MessageStatus") or fields.get("SmsStatus", ""), fields.get("ErrorCode", "")
    if not status:
        raise BadFormError
    return Reported(_sid(fields), status.lower(), int(code) if code.isascii() and code.isdigit() else 0)


def _sid(fields: Fields) -> str:
    sid = fields.get("MessageSid") or fields.get("SmsSid", "")
    if not _SID.fullmatch(sid):
        raise BadFormError
    return sid


def _sender(said: str) -> str:
    """A phone in E.164; a short code or a name as it stands."""
    said = _clean(said)
    if not said or len(said) > 64 or "\n" in said:
        raise BadFormError
    try:
        number = phonenumbers.parse(said)
    except phonenumbers.NumberParseException:
        return said
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _media(fields: Fields) -> Sequence[tuple[str, str]]:
    said = fields.get("NumMedia", "0")
    count = min(int(said), MOST_MEDIA) if said.isascii() and said.isdigit() else 0
    found = [(fields.get(f"MediaUrl{place}", ""), fields.get(f"MediaContentType{place}", "")) for place in range(count)]
    return [(url, kind) for url, kind in found if url.startswith(("https://", "http://"))]


def _clean(text: str) -> str:
    whole = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "ignore").decode("utf-8")
    return _CONTROL.sub("", whole).strip()


def pending(media: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    """Media as the message's row keeps it until it was fetched (channels/sms/media.py)."""
    return [
        {"kind": "media", "state": "pending", "label": "", "value": url, "rows": [], "extra": {"claimed": claimed[:80]}}
        for url, claimed in media
    ]

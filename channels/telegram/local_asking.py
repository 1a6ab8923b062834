"""A call of the Bot API as it is asked: JSON, a form or parts with files, read into one set of arguments."""

import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from channels.pay.form import read_body
from channels.telegram.local_values import Json, Kept, RefusedByBotAPIError, bad_request

MOST_BYTES = 52 * 1024 * 1024  # a file of 50 MB, and the words
MOST_DATA, MOST_BUTTONS = 64, 100
_WIDEST = 8


@dataclass(frozen=True)
class Asked:
    """The arguments of a call, and the files that came with it by the names of their parts."""

    said: Json
    parts: dict[str, tuple[str, str, bytes]]

    def text(self, name: str) -> str:
        """Words; empty where there are none. Refused where it is something else."""
        value = self.said.get(name, "")
        if not isinstance(value, (str, int, float)):
            raise bad_request(f'field "{name}" must be of type String')
        return str(value)

    def number(self, name: str, usual: int = 0) -> int:
        """A whole number, as JSON or as text."""
        value = self.text(name).strip()
        if not value:
            return usual
        digits = value.removeprefix("-")
        if not (digits.isascii() and digits.isdecimal() and len(digits) < 19):
            raise bad_request(f'field "{name}" must be a valid Number')
        return int(value)

    def chat(self) -> int:
        """The chat's id; a name (@channel) is no private chat."""
        value = self.text("chat_id").strip()
        if not value:
            raise bad_request("chat_id is empty")
        if not value.removeprefix("-").isdecimal():
            raise bad_request("chat not found")
        return self.number("chat_id")

    def is_set(self, name: str) -> bool:
        """Whether a switch is on."""
        return str(self.said.get(name, "")).lower() in {"true", "1"}

    def structure(self, name: str) -> Any:
        """An object or list: as it is in JSON, or as text in a form."""
        value = self.said.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except (ValueError, RecursionError) as error:
            raise bad_request(f"can't parse {name} JSON object") from error

    def file(self, name: str) -> tuple[str, str, bytes] | str:
        """A part's name, media type and bytes, or the id of a file that is known already."""
        said = self.text(name)
        part = self.parts.get(said.removeprefix("attach://") if said.startswith("attach://") else name)
        if part is not None:
            return part
        if not said or said.startswith("attach://"):
            raise bad_request(f"there is no {name} in the request")
        if "://" in said:
            raise bad_request("wrong HTTP URL specified: this local form of Telegram fetches nothing")
        return said


async def read_asked(request: Request) -> Asked:
    """The arguments of a request. Raises RefusedByBotAPIError."""
    body = await read_body(request, MOST_BYTES)
    if body is None:
        raise RefusedByBotAPIError(413, "Request Entity Too Large")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return await _parts(request, body)
    try:
        said = (
            json.loads(body)
            if kind == "application/json" and body
            else dict(parse_qsl(body.decode(), keep_blank_values=True))
        )
        require_writable(said)
    except (ValueError, RecursionError) as error:
        raise bad_request("can't parse JSON object") from error
    if not isinstance(said, dict):
        raise bad_request("can't parse JSON object")
    return Asked({**dict(request.query_params), **said}, {})


def require_writable(said: Any) -> None:
    """ValueError for what can be read as JSON, but not written again: half characters, NaN."""
    json.dumps(said, ensure_ascii=False, allow_nan=False).encode()


async def _parts(request: Request, body: bytes) -> Asked:
    async def whole() -> AsyncGenerator[bytes, None]:
        yield body

    said: Json = dict(request.query_params)
    parts: dict[str, tuple[str, str, bytes]] = {}
    try:
        form = await MultiPartParser(request.headers, whole(), max_files=10, max_fields=100).parse()
    except (MultiPartException, ValueError, KeyError) as error:
        raise bad_request("can't parse the form") from error
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            kind = value.content_type or "application/octet-stream"
            parts[name] = (value.filename or "file", kind, await value.read())
        else:
            said[name] = value
    await form.close()
    return Asked(said, parts)


def read_markup(markup: Any) -> tuple[Json | None, Json | None]:
    """The inline buttons and the reply keyboard of a reply_markup; at most one of them is there."""
    if markup is None:
        return None, None
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in markup:
        rows = [[_inline(each) for each in row] for row in _rows(markup["inline_keyboard"])]
        return ({"inline_keyboard": rows} if rows else None), None
    if "keyboard" in markup:
        rows = [[_key(each) for each in row] for row in _rows(markup["keyboard"])]
        return None, {**markup, "keyboard": rows}
    if markup.get("remove_keyboard") or markup.get("force_reply"):
        return None, {name: markup[name] for name in ("remove_keyboard", "force_reply") if markup.get(name)}
    raise bad_request("object expected as reply markup")


def _rows(rows: Any) -> list[list[Any]]:
    if not isinstance(rows, list) or not all(isinstance(row, list) and len(row) <= _WIDEST for row in rows):
        raise bad_request("field of the reply markup must be an Array of Arrays")
    if sum(map(len, rows)) > MOST_BUTTONS:
        raise bad_request("REPLY_MARKUP_TOO_LONG")
    return [row for row in rows if row]


def _inline(button: Any) -> Json:
    text = button.get("text") if isinstance(button, dict) else None
    if not isinstance(text, str) or not text.strip():
        raise bad_request("inline keyboard button text is empty")
    data, url = button.get("callback_data"), button.get("url")
    if isinstance(data, str) and url is None:
        if not 1 <= len(data.encode()) <= MOST_DATA:
            raise bad_request("BUTTON_DATA_INVALID")
        return {"text": text, "callback_data": data}
    if isinstance(url, str) and data is None:
        if not url.startswith(("http://", "https://", "tg://")):
            raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong port number specified in the URL")
        return {"text": text, "url": url}
    raise bad_request("Text buttons are unallowed in the inline keyboard")


def _key(button: Any) -> Json:
    if isinstance(button, str):
        button = {"text": button}
    if not isinstance(button, dict) or not isinstance(button.get("text"), str) or not button["text"].strip():
        raise bad_request("keyboard button text must be non-empty")
    return {"text": button["text"]} | ({"request_contact": True} if button.get("request_contact") else {})


def new_file(asked: Asked, name: str, largest: int) -> tuple[str, str, bytes] | str:
    """As Asked.file, with Telegram's limit on its size."""
    found = asked.file(name)
    if not isinstance(found, str):
        if not found[2]:
            raise bad_request("file must be non-empty")
        if len(found[2]) > largest:
            raise RefusedByBotAPIError(413, "Request Entity Too Large")
    return found


def same_file(kept: Kept | None) -> Kept:
    """A file that is known by its id."""
    if kept is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    return kept

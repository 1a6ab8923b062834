"""An update of Telegram's → what came in: words, files, an own number, a start link, a pressed button, or nothing."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import phonenumbers

from channels.telegram.reading import clean, id_of, part_of, parts_of, text_of

# What is asked of Telegram. Edits are not: what was said and answered stays what it was.
ALLOWED_UPDATES = ("message", "callback_query", "my_chat_member")
MOST_TEXT = 4096
_FILES = ("document", "voice", "audio", "video_note", "video")
_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@([A-Za-z0-9_]{1,64}))?(?=\s|$)")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,64}")
_GONE = frozenset({"kicked", "left"})
_HELP = frozenset({"start", "help"})


@dataclass(frozen=True)
class Media:
    """A file that came with a message: Telegram's id of it, its claimed type, and its size, 0 where not said."""

    file_id: str
    claimed: str
    size: int


@dataclass(frozen=True)
class Written:
    """A message to the bot. user: who wrote, which is also their private chat. chat: where it was written.

    is_group: written in a group, to the bot. replied_to: the message of that chat that it answers, 0 for none.
    """

    user: int
    chat: int
    message_id: int
    text: str
    media: tuple[Media, ...] = ()
    own_number: str = ""
    start_token: str = ""
    replied_to: int = 0
    is_group: bool = False


@dataclass(frozen=True)
class Pressed:
    """A button of ours that was pressed. data: what we gave the button."""

    callback_id: str
    user: int
    data: str


@dataclass(frozen=True)
class Reached:
    """Whether the bot may still write to somebody: they blocked it, or let it in again."""

    user: int
    is_blocked: bool


Came = Written | Pressed | Reached | None


def read_update(update: Mapping[str, Any], bot_id: int, username: str) -> Came:
    """What came in; None for all that is not for us. username: the bot's, by which groups address it."""
    if message := part_of(update, "message"):
        return _message(message, bot_id, username)
    if pressed := part_of(update, "callback_query"):
        return _pressed(pressed)
    return _reached(part_of(update, "my_chat_member"))


def is_group_message(update: Mapping[str, Any]) -> bool:
    """Whether it was written where others are too, so that the bot's name matters."""
    return part_of(part_of(update, "message"), "chat").get("type") in {"group", "supergroup"}


def pending(media: Sequence[Media]) -> list[dict[str, Any]]:
    """Media as the message's row keeps it until it was fetched (channels/telegram/media.py): no address, an id."""
    return [
        {
            "kind": "media", "state": "pending", "label": "", "value": each.file_id, "rows": [],
            "extra": {"claimed": each.claimed, "size": str(each.size)},
        }
        for each in media
    ]  # fmt: skip


def _message(message: Mapping[str, Any], bot_id: int, username: str) -> Written | None:
    user, chat, message_id = _person(message), id_of(part_of(message, "chat")), id_of(message, "message_id")
    if not user or not chat or message_id <= 0:
        return None
    words = (text_of(message, "text") or text_of(message, "caption"))[:MOST_TEXT]
    reply = part_of(message, "reply_to_message")
    written = Written(
        user, chat, message_id, words, tuple(_media(message)),
        replied_to=max(id_of(reply, "message_id"), 0) if id_of(part_of(reply, "from")) == bot_id else 0,
    )  # fmt: skip
    kind = part_of(message, "chat").get("type")
    if kind == "private" and chat == user:
        return _private(written, message)
    return _addressed(written, username) if kind in {"group", "supergroup"} else None


def _person(message: Mapping[str, Any]) -> int:
    """Who wrote; 0 where it was a bot, or somebody who hides behind a channel."""
    sender = part_of(message, "from")
    is_person = sender.get("is_bot") is not True and not message.get("sender_chat")
    return max(id_of(sender), 0) if is_person else 0


def _private(written: Written, message: Mapping[str, Any]) -> Written | None:
    if contact := part_of(message, "contact"):
        written = _with_card(written, contact, is_direct=not _is_passed_on(message))
    elif command := _COMMAND.match(written.text):
        written = _commanded(written, command)
    is_something = written.text or written.media or written.own_number or written.start_token
    return written if is_something else None


def _with_card(written: Written, contact: Mapping[str, Any], *, is_direct: bool) -> Written:
    """A card is the sender's own where Telegram says so, and they sent it themselves; another's is only words."""
    number = _e164(text_of(contact, "phone_number", 32))
    if is_direct and number and id_of(contact, "user_id") == written.user:
        return replace(written, own_number=number, text="")
    names = (text_of(contact, "first_name", 64), text_of(contact, "last_name", 64), number)
    return replace(written, text=" ".join(name for name in names if name))


def _is_passed_on(message: Mapping[str, Any]) -> bool:
    return any(message.get(name) for name in ("forward_origin", "forward_from", "forward_date", "via_bot"))


def _commanded(written: Written, command: re.Match[str]) -> Written:
    """`/start TOKEN` opens a link, `/start` and `/help` ask for help; any other command is its words."""
    name, rest = command[1].lower(), written.text[command.end() :].strip()
    if name == "start" and _TOKEN.fullmatch(rest):
        return replace(written, text="", start_token=rest)
    if name in _HELP:
        return replace(written, text="help")
    return replace(written, text=clean(f"{command[1].replace('_', ' ')} {rest}"))


def _addressed(written: Written, username: str) -> Written | None:
    """What is said in a group, where it is said to the bot: by its name, by a command to it, or as an answer to it."""
    name = f"@{username.lower()}" if username else ""
    words = written.text
    is_to_us = bool(written.replied_to)
    if name and name in words.lower():
        pattern = re.compile(rf"{re.escape(name)}(?![A-Za-z0-9_])", re.IGNORECASE)
        is_to_us = is_to_us or bool(pattern.search(words))
        words = clean(pattern.sub("", words))
    if not is_to_us or not (words or written.media):
        return None
    if command := _COMMAND.match(words):
        words = _commanded(replace(written, text=words), command).text
    # A card or a link's token is a private matter: in a group neither counts.
    return replace(written, text=words, is_group=True) if words or written.media else None


def _media(message: Mapping[str, Any]) -> list[Media]:
    photos = [each for each in parts_of(message, "photo") if text_of(each, "file_id")]
    if photos:
        largest = max(photos, key=lambda each: (id_of(each, "width"), id_of(each, "file_size")))
        return [_file(largest, "image/jpeg")]
    found = [part_of(message, kind) for kind in _FILES]
    return [_file(each, text_of(each, "mime_type", 80)) for each in found if text_of(each, "file_id")][:1]


def _file(found: Mapping[str, Any], claimed: str) -> Media:
    return Media(text_of(found, "file_id", 200), claimed, max(id_of(found, "file_size"), 0))


def _pressed(query: Mapping[str, Any]) -> Pressed | None:
    callback_id, data, user = (
        text_of(query, "id", 64),
        text_of(query, "data", 64),
        max(id_of(part_of(query, "from")), 0),
    )
    return Pressed(callback_id, user, data) if callback_id and user else None


def _reached(change: Mapping[str, Any]) -> Reached | None:
    chat, status = part_of(change, "chat"), text_of(part_of(change, "new_chat_member"), "status", 32)
    if chat.get("type") != "private" or id_of(chat) <= 0 or not status:
        return None
    return Reached(id_of(chat), status in _GONE)


def _e164(said: str) -> str:
    """The number in E.164; Telegram leaves the + away. Empty where it is none."""
    try:
        number = phonenumbers.parse(said if said.startswith("+") else f"+{said}")
    except phonenumbers.NumberParseException:
        return ""
    is_one = phonenumbers.is_possible_number(number)
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)) if is_one else ""

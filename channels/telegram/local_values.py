"""What the demo's own form of Telegram keeps: made-up bots, people, bubbles and files, as the Bot API shows them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Json = dict[str, Any]


class RefusedByBotAPIError(Exception):
    """A call is refused as Telegram refuses it."""

    def __init__(self, code: int, why: str, **parameters: int) -> None:
        super().__init__(why)
        self.code, self.why, self.parameters = code, why, parameters


def bad_request(why: str) -> RefusedByBotAPIError:
    """The usual refusal."""
    return RefusedByBotAPIError(400, f"Bad Request: {why}")


@dataclass(frozen=True)
class MadeUpBot:
    """A demo business's bot. key: its connection ("telegram:harbor-and-pine"); path: what its webhook ends with.

    link: opens a chat with it, as https://t.me/NAME does for a real one. secret: what its webhook is called with.
    """

    business_id: int
    key: str
    path: str
    id: int
    username: str
    name: str
    api_base: str
    link: str
    token: str = field(repr=False)
    secret: str = field(repr=False)

    def as_user(self) -> Json:
        """As it shows in a message's `from`."""
        return {"id": self.id, "is_bot": True, "first_name": self.name, "username": self.username}


@dataclass(frozen=True)
class Person:
    """Somebody with a Telegram account; in a private chat the chat has the same id."""

    id: int
    first_name: str
    last_name: str = ""
    phone: str = ""  # E.164

    def as_user(self) -> Json:
        """As in a message's `from`."""
        return {"id": self.id, "is_bot": False, **self._called(), "language_code": "en"}

    def as_chat(self) -> Json:
        """As in a message's `chat`."""
        return {"id": self.id, **self._called(), "type": "private"}

    def as_contact(self) -> Json:
        """As a contact card."""
        return {"phone_number": self.phone, **self._called(), "user_id": self.id}

    def _called(self) -> Json:
        return {"first_name": self.first_name} | ({"last_name": self.last_name} if self.last_name else {})


@dataclass(frozen=True)
class Kept:
    """Stored bytes. id: the file_id, which is not guessable; path: as getFile tells it."""

    id: str
    path: str
    name: str
    media_type: str
    content: bytes = field(repr=False)

    def as_file(self) -> Json:
        """What every kind of file has."""
        return {"file_id": self.id, "file_unique_id": self.id[-16:], "file_size": len(self.content)}


@dataclass
class Bubble:
    """One message of a chat. way: "out" from the bot, "in" from the person. kind: what hangs on it ("" for words).

    number: of its newest change, so that who looks again finds what was edited. markup: the buttons under it.
    keyboard: the reply keyboard that it shows or takes away.
    """

    number: int
    message_id: int
    way: str
    bot: MadeUpBot
    person: Person
    at: datetime
    text: str = ""
    entities: list[Json] = field(default_factory=list)
    kind: str = ""
    file: Kept | None = None
    contact: Json | None = None
    markup: Json | None = None
    keyboard: Json | None = None
    reply_to: "Bubble | None" = None
    edited_at: datetime | None = None
    is_gone: bool = False

    def as_json(self, *, with_reply: bool = True) -> Json:
        """As the Bot API shows a message."""
        is_out = self.way == "out"
        shown: Json = {
            "message_id": self.message_id, "from": self.bot.as_user() if is_out else self.person.as_user(),
            "chat": self.person.as_chat(), "date": int(self.at.timestamp()), **self._content(),
        }  # fmt: skip
        if self.edited_at is not None:
            shown["edit_date"] = int(self.edited_at.timestamp())
        if self.reply_to is not None and with_reply:
            shown["reply_to_message"] = self.reply_to.as_json(with_reply=False)
        if self.markup is not None:
            shown["reply_markup"] = self.markup
        return shown

    def _content(self) -> Json:
        words, entities = ("caption", "caption_entities") if self.file is not None else ("text", "entities")
        said: Json = ({words: self.text} if self.text else {}) | ({entities: self.entities} if self.entities else {})
        if self.contact is not None:
            return {"contact": self.contact}
        return said | (self._hung(self.file) if self.file is not None else {})

    def _hung(self, file: Kept) -> Json:
        about = file.as_file()
        if self.kind == "photo":
            # Telegram makes smaller copies; here they are the same bytes, the largest last as always.
            return {"photo": [about | {"width": 320, "height": 240}, about | {"width": 1280, "height": 960}]}
        if self.kind == "voice":
            return {"voice": about | {"duration": 3, "mime_type": file.media_type}}
        return {"document": about | {"file_name": file.name, "mime_type": file.media_type}}

"""The demo's own form of Telegram: made-up bots whose chats are held in memory, over real HTTP in the real forms."""

import hashlib
import hmac
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from billing.tables.people import Business
from channels.telegram.accounts import BotAccount
from channels.telegram.local_text import commands_in
from channels.telegram.local_updates import WAITS, Hook, Mailbag, Post
from channels.telegram.local_values import Bubble, Json, Kept, MadeUpBot, Person, RefusedByBotAPIError, bad_request

PREFIX = "/demo/telegram"
LINKS = "/demo/t.me"
KEPT = 2000  # bubbles and files; the oldest are forgotten
TYPING = timedelta(seconds=5)
# Numbers go on from the time: after a restart, which forgets all chats, none comes again.
EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
_ENDINGS = {"photo": "photos/file_{}.jpg", "voice": "voice/file_{}.oga", "document": "documents/file_{}"}


@dataclass
class LocalTelegram:
    """The made-up bots and what went through them. post(address, update, secret): a request over HTTP.

    address: ours as webhooks are set for it. loopback: where this very process listens.
    """

    secret: bytes = field(repr=False)
    address: str
    loopback: str
    clock: Callable[[], datetime]
    post: Post
    waits: Sequence[float] = WAITS
    bubbles: list[Bubble] = field(default_factory=list, repr=False)
    files: dict[str, Kept] = field(default_factory=dict, repr=False)
    commands: dict[int, list[Json]] = field(default_factory=dict, repr=False)  # of a bot
    blocked: set[tuple[int, int]] = field(default_factory=set, repr=False)  # bot and person
    toasts: dict[tuple[int, int], Json] = field(default_factory=dict, repr=False)  # what an answered button says
    _typing: dict[tuple[int, int], datetime] = field(default_factory=dict, repr=False)
    _presses: dict[str, tuple[int, int]] = field(default_factory=dict, repr=False)
    _people: dict[int, Person] = field(default_factory=dict, repr=False)
    _bags: dict[int, Mailbag] = field(default_factory=dict, repr=False)
    _count: int = 0

    def bot_of(self, business: Business, path: str) -> MadeUpBot:
        """The made-up bot of a demo business."""
        key, username = f"telegram:{business.slug}", re.sub(r"\W", "_", business.slug) + "_bot"
        number = self._number(f"bot {key}")
        return MadeUpBot(
            business_id=business.id, key=key, path=path, id=number, username=username, name=business.name,
            api_base=f"{self.loopback}{PREFIX}", link=f"{self.address}{LINKS}/{username}",
            token=f"{number}:{self._made_up(f'token {key}')}", secret=self._made_up(f"secret {key}"),
        )  # fmt: skip

    def account_of(self, business: Business, path: str) -> BotAccount:
        """The same as an account: it posts its updates, as a real bot with a webhook does."""
        bot = self.bot_of(business, path)
        return BotAccount(
            bot.business_id, bot.key, path, bot.username, bot.api_base, bot.token, bot.secret,
            polls=False, is_local=True, link=bot.link,
        )  # fmt: skip

    def person_of(self, key: str, name: str, phone: str) -> Person:
        """The account that somebody made up has: the same one each time. key: the bot's connection."""
        first, _, last = name.partition(" ")
        person = Person(self._number(f"person {key} {name} {phone}"), first, last, phone)
        self._people[person.id] = person
        return person

    # What a person does

    def message_in(self, bot: MadeUpBot, person: Person, text: str, reply_to: int = 0, **hung: object) -> Bubble:
        """A person writes to the bot. hung: kind, and file or contact."""
        entities = commands_in(text)
        bubble = self._keep(bot, person, "in", text, entities, **hung)
        bubble.reply_to = self.find(bot, person.id, reply_to)
        self.bag_of(bot).put(person.id, "message", bubble.as_json())
        return bubble

    def press(self, bot: MadeUpBot, person: Person, message_id: int, data: str) -> None:
        """A person presses a button under a message of the bot's."""
        bubble = self.find(bot, person.id, message_id)
        if bubble is None or data not in buttons_of(bubble):
            raise bad_request("there is no such button")
        asked = str(int(self._made_up(f"press {self._next()} {self.clock()}")[:15], 16))
        self._presses[asked] = (bot.id, person.id)
        pressed = {
            "id": asked, "from": person.as_user(), "message": bubble.as_json(),
            "chat_instance": str(self._number(f"instance {bot.id} {person.id}")), "data": data,
        }  # fmt: skip
        self.bag_of(bot).put(person.id, "callback_query", pressed)

    def turn_away(self, bot: MadeUpBot, person: Person, *, is_blocked: bool) -> None:
        """A person blocks the bot, or lets it write again."""
        place = (bot.id, person.id)
        if is_blocked == (place in self.blocked):
            return
        (self.blocked.add if is_blocked else self.blocked.discard)(place)
        before, after = ("member", "kicked") if is_blocked else ("kicked", "member")
        about = {"chat": person.as_chat(), "from": person.as_user(), "date": int(self.clock().timestamp())}
        ways = {name: _member(bot, way) for name, way in (("old", before), ("new", after))}
        changed = {f"{name}_chat_member": way for name, way in ways.items()}
        self.bag_of(bot).put(person.id, "my_chat_member", about | changed)

    # What the bot does

    def take(self, bot: MadeUpBot, chat: int, text: str, entities: list[Json], **hung: object) -> Bubble:
        """Take a message from the bot. hung: kind, file, markup, keyboard. Refused where the bot is blocked."""
        person = self.reachable(bot, chat)
        self._typing.pop((bot.id, chat), None)
        return self._keep(bot, person, "out", text, entities, **hung)

    def reachable(self, bot: MadeUpBot, chat: int) -> Person:
        """Who a chat is with. A person who is not seen yet since the start has begun it before, as far as we know."""
        if chat <= 0:
            raise bad_request("chat not found")
        if (bot.id, chat) in self.blocked:
            raise RefusedByBotAPIError(403, "Forbidden: bot was blocked by the user")
        return self._people.get(chat) or Person(chat, "Somebody")

    def changed(self, bubble: Bubble) -> Bubble:
        """A bubble has changed: it is shown anew."""
        bubble.number = self._next()
        return bubble

    def edited(self, bubble: Bubble) -> Bubble:
        """A bubble was edited now."""
        bubble.edited_at = self.clock()
        return self.changed(bubble)

    def type_in(self, bot: MadeUpBot, chat: int) -> None:
        """The bot is typing: for five seconds, or until it sends."""
        self._typing[bot.id, self.reachable(bot, chat).id] = self.clock() + TYPING

    def answer_press(self, bot: MadeUpBot, asked: str, text: str, *, is_alert: bool) -> None:
        """The bot has seen a press; each once."""
        place = self._presses.get(asked)
        if place is None or place[0] != bot.id:
            raise bad_request("query is too old and response timeout expired or query ID is invalid")
        del self._presses[asked]
        if text:
            self.toasts[place] = {"number": self._next(), "text": text, "alert": is_alert}

    # What there is

    def find(self, bot: MadeUpBot, chat: int, message_id: int) -> Bubble | None:
        """A message of a chat that is not deleted."""
        return next((one for one in self._of(bot, chat) if one.message_id == message_id and not one.is_gone), None)

    def between(self, bot: MadeUpBot, chat: int, after: int) -> list[Bubble]:
        """What is new or changed in a chat since a number, the deleted included."""
        return [one for one in self._of(bot, chat) if one.number > after]

    def is_typing(self, bot: MadeUpBot, chat: int) -> bool:
        """Whether the bot is typing."""
        until = self._typing.get((bot.id, chat))
        return until is not None and until > self.clock()

    def keep_file(self, name: str, media_type: str, content: bytes, kind: str) -> Kept:
        """Bytes under an id of their own. kind: document, photo or voice."""
        made = self._made_up(f"file {self._next()} {self.clock()}")
        ending = "." + name.rpartition(".")[2] if kind == "document" and "." in name else ""
        path = _ENDINGS[kind].format(made[:12]) + re.sub(r"[^.\w]", "", ending)
        kept = self.files[made] = Kept(made, path, name, media_type, content)
        for old in list(self.files)[:-KEPT]:
            del self.files[old]
        return kept

    def bag_of(self, bot: MadeUpBot) -> Mailbag:
        """The bot's updates; at first its webhook is ours."""
        if bot.id not in self._bags:
            ending = f"/{bot.path}" if bot.path else ""
            path = f"/webhooks/telegram{ending}"
            hook = Hook(f"{self.address}{path}", f"{self.loopback}{path}", bot.secret)
            self._bags[bot.id] = Mailbag(self.clock, self.post, self._from_time(), hook, self.waits)
        return self._bags[bot.id]

    def _of(self, bot: MadeUpBot, chat: int) -> list[Bubble]:
        return [one for one in self.bubbles if one.person.id == chat and one.bot.id == bot.id]

    def _keep(
        self, bot: MadeUpBot, person: Person, way: str, text: str, entities: list[Json], **hung: object
    ) -> Bubble:
        number = self._next()
        bubble = Bubble(number, number, way, bot, person, self.clock(), text, entities, **hung)  # type: ignore[arg-type]  # the fields of Bubble by name
        self.bubbles.append(bubble)
        del self.bubbles[:-KEPT]
        return bubble

    def _next(self) -> int:
        self._count = self._count + 1 if self._count else self._from_time()
        return self._count

    def _from_time(self) -> int:
        return int((self.clock() - EPOCH).total_seconds())

    def _number(self, what: str) -> int:
        """An id of ten digits, as accounts have."""
        return 5_000_000_000 + int(self._made_up(what)[:12], 16) % 2_000_000_000

    def _made_up(self, what: str) -> str:
        """35 hexadecimal digits that nobody without the installation's key can tell."""
        return hmac.new(self.secret, f"frontdesk: local telegram {what}".encode(), hashlib.sha256).hexdigest()[:35]


def buttons_of(bubble: Bubble) -> list[str]:
    """The data of the buttons under a message."""
    rows = (bubble.markup or {}).get("inline_keyboard") or []
    return [str(each["callback_data"]) for row in rows for each in row if "callback_data" in each]


def _member(bot: MadeUpBot, status: str) -> Json:
    return {"user": bot.as_user(), "status": status} | ({"until_date": 0} if status == "kicked" else {})

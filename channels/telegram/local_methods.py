"""What the demo's own form of Telegram does for each method of the Bot API."""

from collections.abc import Awaitable, Callable
from typing import Any

from channels.telegram.local import LocalTelegram
from channels.telegram.local_asking import Asked, new_file, read_markup, same_file
from channels.telegram.local_text import LONGEST_CAPTION, LONGEST_TEXT, BadTextError, Entities, checked
from channels.telegram.local_updates import read_hook
from channels.telegram.local_values import Bubble, Json, Kept, MadeUpBot, RefusedByBotAPIError, bad_request

LARGEST_PHOTO, LARGEST_DOCUMENT, LARGEST_FETCHED = 10_000_000, 50_000_000, 20_000_000
_OTHER_ACTIONS = {f"{way}_{what}" for way in ("record", "upload") for what in ("video", "voice", "video_note")}
ACTIONS = {"typing", "upload_photo", "upload_document", "choose_sticker", "find_location", *_OTHER_ACTIONS}
Method = Callable[[LocalTelegram, MadeUpBot, Asked], Awaitable[Any]]


async def get_me(_local: LocalTelegram, bot: MadeUpBot, _asked: Asked) -> Json:
    """Who the bot is."""
    return bot.as_user() | {
        "can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False,
    }  # fmt: skip


async def send_message(local: LocalTelegram, bot: MadeUpBot, asked: Asked) -> Json:
    """Words, with buttons or a reply keyboard."""
    text, entities = _words(asked, "text", LONGEST_TEXT)
    if not text.strip():
        raise bad_request("message text is empty")
    markup, keyboard = read_markup(asked.structure("reply_markup"))
    return _sent(local, bot, asked, text, entities, markup=markup, keyboard=keyboard)


async def edit_text(local: LocalTelegram, bot: MadeUpBot, asked: Asked) -> Json:
    """Other words in a message that was sent; its buttons go unless they are given again."""
    bubble = _own(local, bot, asked, "edit")
    text, entities = _words(asked, "text", LONGEST_TEXT)
    markup, _ = read_markup(asked.structure("reply_markup"))
    if bubble.file is not None:
        raise bad_request("there is no text in the message to edit")
    if not text.strip():
        raise bad_request("message text is empty")
    _refuse_same((bubble.text, bubble.entities, bubble.markup), (text, entities, markup))
    bubble.text, bubble.entities, bubble.markup = text, entities, markup
    return local.edited(bubble).as_json()


async def edit_markup(local: LocalTelegram, bot: MadeUpBot, asked: Asked) -> Json:
    """Other buttons under a message that was sent, or none."""
    bubble = _own(local, bot, asked, "edit")
    markup, _ = read_markup(asked.structure("reply_markup"))
    _refuse_same(bubble.markup, markup)
    bubble.markup = markup
    return local.edited(bubble).as_json()


async def delete_message(local: LocalTelegram, bot: MadeUpBot, asked: Asked) -> bool:
    """A message is gone."""
    bubble = local.find(bot, asked.chat(), asked.number("message_id"))
    if bubble is None:
        raise bad_request("message to delete not found")
    bubble.is_gone = True
    local.changed(bubble)
    return True


async def send_document(local: LocalTelegram, bot: MadeUpBot, asked: Asked) -> Json:
    """A file under its name."""
    return _sent_file(local, bot, asked, "document", LARGEST_DOCUMENT)


async def send_photo(local: LocalTelegram, bot: MadeUpBot, asked: Asked) -> Json:
    """A picture, shown in the chat."""
    return _sent_file(local, bot, asked, "photo", LARGEST_PHOTO)


async def send_action(local: LocalTelegram, bot: MadeUpBot, asked: Asked) -> bool:
    """The bot is typing."""
    if asked.text("action") not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    local.type_in(bot, asked.chat())
    return True


async def answer_callback(local: LocalTelegram, bot: MadeUpBot, asked: Asked) -> bool:
    """The bot has seen that a button was pressed."""
    local.answer_press(
        bot, asked.text("callback_query_id"), asked.text("text")[:200], is_alert=asked.is_set("show_alert")
    )
    return True


async def get_file(local: LocalTelegram, _bot: MadeUpBot, asked: Asked) -> Json:
    """Where a file is fetched from."""
    kept = local.files.get(asked.text("file_id"))
    if kept is None:
        raise bad_request("invalid file_id")
    if len(kept.content) > LARGEST_FETCHED:
        raise bad_request("file is too big")
    return kept.as_file() | {"file_path": kept.path}


async def set_webhook(local: LocalTelegram, bot: MadeUpBot, asked: Asked) -> bool:
    """Updates are posted from now on; an empty address: they are polled."""
    url, allowed = asked.text("url"), asked.structure("allowed_updates") or []
    if not isinstance(allowed, list):
        raise bad_request("can't parse allowed_updates JSON object")
    hook = read_hook(url, asked.text("secret_token"), [*map(str, allowed)], local.address, local.loopback)
    local.bag_of(bot).point_at(hook if url else None, drops=asked.is_set("drop_pending_updates"))
    return True


async def delete_webhook(local: LocalTelegram, bot: MadeUpBot, asked: Asked) -> bool:
    """Updates are polled from now on."""
    local.bag_of(bot).point_at(None, drops=asked.is_set("drop_pending_updates"))
    return True


async def webhook_info(local: LocalTelegram, bot: MadeUpBot, _asked: Asked) -> Json:
    """How the webhook does."""
    return local.bag_of(bot).about()


async def get_updates(local: LocalTelegram, bot: MadeUpBot, asked: Asked) -> list[Json]:
    """What is new, waited for."""
    return await local.bag_of(bot).poll(asked.number("offset"), asked.number("limit", 100), asked.number("timeout"))


async def set_commands(local: LocalTelegram, bot: MadeUpBot, asked: Asked) -> bool:
    """What the menu offers."""
    commands = asked.structure("commands")
    if not isinstance(commands, list) or not all(isinstance(each, dict) for each in commands):
        raise bad_request("can't parse commands JSON object")
    local.commands[bot.id] = commands[:100]
    return True


async def get_chat(local: LocalTelegram, bot: MadeUpBot, asked: Asked) -> Json:
    """Who a chat is with."""
    person = local.reachable(bot, asked.chat())
    return person.as_chat() | {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": _GIFTS}


_GIFTS = dict.fromkeys(
    ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"), False
)
METHODS: dict[str, Method] = {
    "getme": get_me, "sendmessage": send_message, "editmessagetext": edit_text, "editmessagereplymarkup": edit_markup,
    "deletemessage": delete_message, "senddocument": send_document, "sendphoto": send_photo,
    "sendchataction": send_action, "answercallbackquery": answer_callback, "getfile": get_file,
    "setwebhook": set_webhook, "deletewebhook": delete_webhook, "getwebhookinfo": webhook_info,
    "getupdates": get_updates, "setmycommands": set_commands, "getchat": get_chat,
}  # fmt: skip


def find_method(name: str) -> Method:
    """A method by its name, in whatever case."""
    found = METHODS.get(name.lower())
    if found is None:
        raise RefusedByBotAPIError(404, "Not Found: method not found")
    return found


def _words(asked: Asked, name: str, longest: int) -> tuple[str, Entities]:
    try:
        text, entities = checked(asked.text(name), asked.text("parse_mode"), longest)
    except BadTextError as error:
        raise bad_request(error.why) from error
    given = asked.structure("entities" if name == "text" else "caption_entities")
    if isinstance(given, list) and not asked.text("parse_mode"):
        entities = [each for each in given if isinstance(each, dict)]
    return text, entities


def _sent(local: LocalTelegram, bot: MadeUpBot, asked: Asked, text: str, entities: Entities, **hung: object) -> Json:
    chat, reply = asked.chat(), asked.structure("reply_parameters")
    bubble = local.take(bot, chat, text, entities, **hung)
    wanted = reply.get("message_id") if isinstance(reply, dict) else None
    bubble.reply_to = local.find(bot, chat, wanted) if isinstance(wanted, int) else None
    return bubble.as_json()


def _sent_file(local: LocalTelegram, bot: MadeUpBot, asked: Asked, kind: str, largest: int) -> Json:
    text, entities = _words(asked, "caption", LONGEST_CAPTION)
    found = new_file(asked, kind, largest)
    markup, keyboard = read_markup(asked.structure("reply_markup"))
    local.reachable(bot, asked.chat())  # a refused message leaves no file behind
    kept = same_file(local.files.get(found)) if isinstance(found, str) else _kept(local, found, kind)
    return _sent(local, bot, asked, text, entities, kind=kind, file=kept, markup=markup, keyboard=keyboard)


def _kept(local: LocalTelegram, part: tuple[str, str, bytes], kind: str) -> Kept:
    name, media_type, content = part
    if kind == "photo" and not content.startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF")):
        raise bad_request("IMAGE_PROCESS_FAILED")
    return local.keep_file(name, media_type, content, kind)


def _own(local: LocalTelegram, bot: MadeUpBot, asked: Asked, what: str) -> Bubble:
    """A message of the bot's own that is still there."""
    bubble = local.find(bot, asked.chat(), asked.number("message_id"))
    if bubble is None:
        raise bad_request(f"message to {what} not found")
    if bubble.way != "out":
        raise bad_request(f"message can't be {what}ed")
    return bubble


def _refuse_same(before: object, after: object) -> None:
    if before == after:
        raise bad_request(
            "message is not modified: specified new message content and reply markup are exactly the same as a current"
            " content and reply markup of the message"
        )

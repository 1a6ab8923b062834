"""Updates as Telegram posts them."""

from itertools import count
from typing import Any

MARC, PRIYA, GROUP = 501234567, 501234999, -1001234567890
BOT_ID, BOT_NAME = 123456789, "harbor_bot"
TOKEN = f"{BOT_ID}:AAE-fake-token-for-tests_0123456789"
SECRET = "a-secret-of-the-tests"
_COUNT = count(1000)


def person(user: int = MARC, **more: Any) -> dict[str, Any]:
    """Who wrote."""
    return {"id": user, "is_bot": False, "first_name": "Marc", "language_code": "fr"} | more


def message(user: int = MARC, /, **what: Any) -> dict[str, Any]:
    """A private message's update; what: its text, photo, contact …"""
    number = next(_COUNT)
    chat = {"id": user, "type": "private", "first_name": "Marc"}
    dull = {"message_id": number, "date": 1796000000, "from": person(user), "chat": chat}
    return {"update_id": number, "message": dull | what}


def in_group(user: int = PRIYA, /, **what: Any) -> dict[str, Any]:
    """A message in a group."""
    return message(user, chat={"id": GROUP, "type": "supergroup", "title": "The workshop"}, **what)


def pressed(data: str, user: int = MARC, callback_id: str = "") -> dict[str, Any]:
    """A button that was pressed."""
    number = next(_COUNT)
    query = {"id": callback_id or f"77{number}", "from": person(user), "chat_instance": "1", "data": data}
    return {"update_id": number, "callback_query": query}


def reached(status: str, user: int = MARC) -> dict[str, Any]:
    """Somebody blocked the bot (kicked), or let it in again (member)."""
    number = next(_COUNT)
    change = {
        "chat": {"id": user, "type": "private"}, "from": person(user), "date": 1796000000,
        "old_chat_member": {"status": "member"}, "new_chat_member": {"status": status},
    }  # fmt: skip
    return {"update_id": number, "my_chat_member": change}

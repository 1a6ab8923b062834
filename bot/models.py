"""FRONTDESK_MODEL → a chat model."""

from langchain_core.language_models import BaseChatModel

from bot.builtin.chat_model import BuiltinChatModel

BUILTIN = "builtin"


class UnknownModelError(ValueError):
    """FRONTDESK_MODEL names a model that this installation cannot make."""


def make_model(name: str) -> BaseChatModel:
    """The model that `name` stands for; "" and "builtin" are the built-in one."""
    if name in {"", BUILTIN}:
        return BuiltinChatModel()
    raise UnknownModelError(f"FRONTDESK_MODEL={name!r} is not known; leave it empty for the built-in model")
